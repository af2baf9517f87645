//! `unanswered`: commands were left without a reply, and nothing better explains it.

use super::absence::{identity, is_void, prove, shown, weigh};
use crate::finding::{Culprit, FindingExchange, RuleInfo, Severity, Words, some_commands};
use crate::model::span;
use crate::rules::boundary::Refusals;
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `unanswered`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "unanswered",
    family: "replies",
    severity: Severity::Warning,
    summary: "commands had no answer for at least a second when the connection or the capture ended",
    explanation: "The client sent commands, waited for at least one second and for ten times the slowest usual latency of \
        that server, and got nothing. Then the connection or the capture ended.\n\n\
        One leg can not say why. The server may hang, Redis behind a proxy may be slow, or the network lost the way \
        back. The finding gives the age of the oldest command and which of the two ends closed.",
    example: "\
client -> server   GET a
server -> client   (TCP acknowledgement only)
                   (5 s)
client -> server   (FIN)",
    silent_when: "The client closed sooner: then it did not want the answer. A blocking command such as BLPOP is in front, \
        or CLIENT PAUSE holds the server. The reply had begun to arrive. The command gets no reply by rule (CLIENT REPLY \
        OFF), or may get none because the start of the connection was not captured. The capture of that connection ended. The commands stand behind AUTH and others of their flight \
        were answered (auth-stranded). The replies may be in a gap of the capture.",
    advice: "\
Look at the server at that moment: slow log, CPU, memory, a long script, a disk that stalls.
If it is a proxy, capture the leg to Redis as well: it shows whether the command was forwarded.
Compare the age of the oldest command with the timeout of the client: equal numbers mean that the client gave up.",
    references: &["https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct Unanswered;

impl Rule for Unanswered {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Absence(scene, absence) = *case else {
            return None;
        };
        let long = absence.waited_ns >= absence.patience_ns;
        let blocked = absence.first()?.blocked;
        let other = absence.released.is_some() || absence.maybe_silent || blocked;
        if !long || other || is_void(absence, context) {
            return None;
        }
        Some(Claim {
            confidence: weigh(scene, absence, context).confidence,
            affected: absence.free,
            culprit: Culprit::Unknown,
            culprit_endpoint: None,
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
        let waiting = shown(absence, show);
        let hit: Vec<&FindingExchange> = waiting.iter().collect();
        let first = waiting.first()?;
        let mut not_seen = weigh(scene, absence, context).doubts;
        not_seen.push(
            "Why nothing came: what the server did with the command is not on this leg.".to_owned(),
        );
        Some(Words {
            identity: identity(absence)?,
            title: format!(
                "{} without an answer for {}",
                some_commands(&hit, claim.affected.max(1)),
                span(absence.waited_ns)
            ),
            advice: INFO.steps(),
            proof: prove(absence, first).done(),
            measures: vec![
                ("waited_ns", absence.waited_ns),
                ("threshold_ns", absence.patience_ns),
            ],
            not_seen,
            notes: Vec::new(),
            first: first.sent,
            last: first.sent,
            exchanges: waiting,
        })
    }
}
