//! `closed-unanswered`: the server ended the connection while a command waited.

use super::absence::{identity, shown, weigh};
use crate::finding::{
    Confidence, Culprit, FindingExchange, ProofText, RuleInfo, Severity, Words, packet,
    some_commands,
};
use crate::model::span;
use crate::rules::boundary::{Cut, Ended, Refusals};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `closed-unanswered`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "closed-unanswered",
    family: "replies",
    severity: Severity::Warning,
    summary: "the server ended the connection while a command waited for its answer",
    explanation: "The client had sent a command and got FIN or RST instead of a reply. Whether the command took effect can \
        not be told from here: the server may have run it and lost the answer, or never have read it.\n\n\
        A RST to the first command after a long silence is the sign of a balancer, firewall or NAT that had forgotten the \
        connection. A FIN right behind a command that a proxy does not support is that proxy's way of saying no. A \
        server process that ends takes all its connections with it.",
    example: "\
client -> server   GET a                 after 901 s of silence
server -> client   (RST)",
    silent_when: "The client closed first. QUIT, SHUTDOWN, CLIENT KILL or the deletion of a user came in front, or another connection had just sent such an order and was not refused. The server \
        said why: a protocol error, protected mode, too many clients. The command gets no reply by rule. The commands \
        stand behind AUTH and others of their flight were answered (auth-stranded).",
    advice: "\
After a long silence: send keep-alives more often than the idle timeout of what stands between, or close idle connections in the client first.
Right behind one kind of command: look whether the proxy supports it.
All connections at the same moment: look whether the server process was restarted or killed.
Before you repeat a write, read the data back: it may have taken effect.",
    references: &[
        "https://redis.io/docs/latest/develop/reference/clients/",
        "https://www.rfc-editor.org/rfc/rfc9293",
    ],
    file: file!(),
};

/// An end that comes so soon is the answer to the command, ns.
const DIRECTLY_NS: i64 = 1_000_000_000;

/// See [`INFO`].
pub(crate) struct ClosedUnanswered;

impl Rule for ClosedUnanswered {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Absence(scene, absence) = *case else {
            return None;
        };
        let Ended::ByServer(_, cut) = absence.ended else {
            return None;
        };
        // Joined in the middle, the client may have said that it wants no replies.
        let unasked = absence.maybe_silent && absence.waited_ns > DIRECTLY_NS;
        let silent = unasked || absence.one_sided || absence.excused || absence.life.hole;
        if silent || absence.released.is_some() || absence.first()?.excuses {
            return None;
        }
        let lost = context.losses.around(
            scene.connection,
            absence.first()?.sent().time,
            absence.until.time,
        );
        let doubtful =
            lost || !scene.whole && !absence.served || absence.maybe_silent && absence.served;
        Some(Claim {
            confidence: match doubtful {
                true => Confidence::Possible,
                false => Confidence::Likely,
            },
            affected: absence.total,
            // A RST to a command that nobody acknowledged may come from anything on the path.
            culprit: match cut == Cut::Rst && !absence.life.acknowledged {
                true => Culprit::Unknown,
                false => Culprit::Server,
            },
            culprit_endpoint: Some(scene.server),
            basis: Basis::Itself,
            explains: Refusals::NONE,
            waits: false,
        })
    }

    fn words(
        &self,
        case: &Case<'_>,
        claim: &Claim,
        context: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        let Case::Absence(scene, absence) = *case else {
            return None;
        };
        let Ended::ByServer(end, cut) = absence.ended else {
            return None;
        };
        let waiting = shown(absence, show);
        let hit: Vec<&FindingExchange> = waiting.iter().collect();
        let first = waiting.first()?;
        let flag = match cut {
            Cut::Fin => "FIN",
            Cut::Rst => "RST",
        };
        let mut proof = ProofText::default();
        proof.say(&format!(
            "{} ({}) had no answer when the server sent {flag} ({}), {} later.",
            first.command,
            packet(first.sent.at),
            packet(end.at),
            span(absence.waited_ns)
        ));
        proof.packet(first.sent.at);
        proof.packet(end.at);
        if absence.idle_ns > 0 {
            proof.say(&format!(
                "Before it the connection had been silent for {}.",
                span(absence.idle_ns)
            ));
        }
        let ended = context
            .server
            .map_or(1, |server| server.closed_waiting.max(1));
        let mut not_seen = weigh(scene, absence, context).doubts;
        not_seen.push("Whether the command took effect, and why the connection ended.".to_owned());
        Some(Words {
            identity: identity(absence)?,
            title: format!(
                "the server ended the connection with {flag} while {} waited",
                some_commands(&hit, claim.affected.max(1))
            ),
            advice: INFO.steps(),
            proof: proof.done(),
            measures: vec![
                ("waited_ns", absence.waited_ns),
                ("idle_ns", absence.idle_ns),
                ("ended_waiting", ended as i64),
            ],
            not_seen,
            notes: Vec::new(),
            first: first.sent,
            last: end,
            exchanges: waiting,
        })
    }
}
