//! `auth-stranded`: commands sent behind AUTH were taken in and never answered.

use crate::finding::{
    Confidence, Culprit, EXCHANGES_MAX, FindingExchange, Identity, ProofText, RuleInfo, Severity,
    Words, packet, some_commands,
};
use crate::model::span;
use crate::rules::boundary::{Absence, Flight, Refusals};
use crate::rules::replies::absence::{is_void, shown, weigh};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `auth-stranded`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-stranded",
    family: "auth",
    severity: Severity::Error,
    summary: "commands behind an accepted AUTH stay without an answer although others of the same flight were answered",
    explanation: "The server held back the commands that came behind AUTH until it knew the verdict, which is right. Then \
        it released some of them and forgot the rest. AUTH got its +OK, the first command or two got their answers, \
        and the connection went silent. What the client sends later waits behind the forgotten commands, because replies \
        keep their order.\n\n\
        Usually the client gives up after its own timeout. If it sends another AUTH on the same connection, the verdict \
        on that one releases everything in a burst. The held commands then run late, and may run after commands that \
        were sent long after them.",
    example: "\
client -> server   AUTH <secret>
client -> server   GET a                blind
client -> server   GET b                blind
server -> client   +OK
server -> client   $5 ...               answer to GET a
                   (silence)            GET b is never answered, nor is anything behind it",
    silent_when: "The connection was open for less than a second, or less than ten times the slowest usual latency of the \
        server, after the first command without an answer. A blocking command is in front of them, CLIENT PAUSE \
        holds the server, or an answer had begun to arrive. No command of the flight was answered at all (unanswered). The commands were seen in flight between proxy and Redis: then Redis is slow.",
    advice: "\
Envoy 1.32 to 1.39 with external_auth_provider: upgrade to 1.40.0.
Until then let the client wait for the reply of AUTH before it sends anything else.
Where writes were among the commands, check the data: a held write can run after a newer one.",
    references: &["envoyproxy/envoy#44936", "envoyproxy/envoy#35988"],
    file: file!(),
};

/// What one leg leaves open.
const SLOW_REDIS: &str =
    "A slow Redis looks the same on this leg; the leg behind the proxy would tell.";
/// An AUTH that is judged elsewhere takes at least so long, ns.
const ASYNCHRONOUS_NS: i64 = 1_000_000;

/// See [`INFO`].
pub(crate) struct AuthStranded;

impl Rule for AuthStranded {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Absence(scene, absence) = *case else {
            return None;
        };
        let (flight, first) = (absence.flight.as_ref()?, absence.first()?);
        let of_flight =
            flight.logged_in && flight.answered && first.blind && !first.auth && !first.blocked;
        let long = absence.waited_ns >= absence.patience_ns;
        if !of_flight || !long || absence.maybe_silent || is_void(absence, context) {
            return None;
        }
        let (asked, served) = context.server.map_or((false, false), |server| {
            server
                .activity
                .others(scene.connection, first.sent().time, absence.until.time)
        });
        let alone = !asked || served;
        let clear = flight.forwarded
            && flight.latency_ns >= ASYNCHRONOUS_NS
            && alone
            && absence.released.is_none()
            && absence.life.acknowledged;
        let weight = weigh(scene, absence, context);
        let likely = clear && weight.confidence == Confidence::Likely;
        Some(Claim {
            confidence: match likely {
                true => flight.cap.min(Confidence::Likely),
                false => Confidence::Possible,
            },
            affected: absence.free + flight.answered_late,
            culprit: if clear || absence.released.is_some() {
                Culprit::Server
            } else {
                Culprit::Unknown
            },
            culprit_endpoint: Some(scene.server),
            basis: if absence.released.is_some() {
                Basis::Released
            } else {
                Basis::Itself
            },
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
        let flight = absence.flight.as_ref()?;
        let waiting = shown(absence, show);
        let hit: Vec<&FindingExchange> = waiting.iter().collect();
        let commands = some_commands(&hit, claim.affected);
        let first = waiting.first()?;
        let (proof, tail) = match &absence.released {
            Some(_) => (
                prove_release(flight, absence, first),
                "answered only with the next AUTH",
            ),
            None => (prove_silence(flight, absence, first), "never answered"),
        };
        let mut measures = vec![("waited_ns", absence.waited_ns)];
        if absence.released.is_none() {
            measures.push(("threshold_ns", absence.patience_ns));
            measures.push(("auth_latency_ns", flight.latency_ns));
        }
        let answer = flight.answer.as_ref().map(|e| show.exchange(e, None));
        let answer = answer.filter(|a| !waiting.iter().any(|w| w.index == a.index));
        let auth = show.exchange(&flight.auth, None);
        let release = absence.released.as_ref();
        let releasing = release.map(|release| show.exchange(&release.auth, None));
        let mut not_seen = weigh(scene, absence, context).doubts;
        not_seen.push(SLOW_REDIS.to_owned());
        Some(Words {
            identity: Identity::Connection(flight.sent, flight.auth.command.index),
            title: format!("{commands} sent right behind AUTH {tail}"),
            advice: INFO.steps(),
            proof: proof.done(),
            measures,
            not_seen,
            notes: Vec::new(),
            first: flight.sent,
            last: release.map_or(first.sent, |release| release.reply),
            exchanges: std::iter::once(auth)
                .chain(answer)
                .chain(waiting)
                .take(EXCHANGES_MAX - usize::from(releasing.is_some()))
                .chain(releasing)
                .collect(),
        })
    }
}

fn prove_silence(flight: &Flight, absence: &Absence, first: &FindingExchange) -> ProofText {
    let mut proof = ProofText::default();
    proof.say(&format!(
        "AUTH ({}) was accepted and another command of its flight was answered. {} ({}) was sent before AUTH's reply \
         could have arrived and had no answer {} later.",
        packet(flight.sent.at),
        first.command,
        packet(first.sent.at),
        span(absence.waited_ns)
    ));
    for at in [flight.sent.at, flight.received.at, first.sent.at] {
        proof.packet(at);
    }
    proof
}

fn prove_release(flight: &Flight, absence: &Absence, first: &FindingExchange) -> ProofText {
    let mut proof = ProofText::default();
    let Some(release) = &absence.released else {
        return proof;
    };
    proof.say(&format!(
        "{} ({}) waited {} behind the AUTH in {}. Its answer came together with the reply of the next AUTH ({}), which \
         was sent while it waited.",
        first.command,
        packet(first.sent.at),
        span(absence.waited_ns),
        packet(flight.sent.at),
        packet(release.reply.at)
    ));
    for at in [
        flight.sent.at,
        first.sent.at,
        release.sent.at,
        release.reply.at,
    ] {
        proof.packet(at);
    }
    proof
}
