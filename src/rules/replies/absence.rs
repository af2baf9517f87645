//! What all verdicts about a missing answer share: how sure an absence is, and how it is shown.
//!
//! A missing answer is a fault of the server only if it got the command, was allowed to answer, and nothing of the capture
//! is missing. What is not known to be so makes it possible at most.

use crate::finding::{Confidence, FindingExchange, Identity, ProofText, Scene, packet};
use crate::model::span;
use crate::rules::boundary::{Absence, Ended};
use crate::rules::{Context, Show};

/// How sure an absence is, and why it is not surer.
pub(crate) struct Weight {
    pub(crate) confidence: Confidence,
    pub(crate) doubts: Vec<String>,
}

/// Nothing may be said at all: TCP itself proves that packets are missing, or the server was told to make clients wait.
pub(crate) fn is_void(absence: &Absence, context: &Context<'_>) -> bool {
    let Some(first) = absence.first() else {
        return true;
    };
    let sent = first.sent().time;
    let until = absence.until.time;
    let paused = context.server.is_some_and(|server| {
        let wait = match absence.released {
            Some(_) => until.since(sent),
            None => absence.patience_ns,
        };
        server.waits.unpaused_ns(sent, until) < wait
    });
    absence.one_sided || absence.life.hole || paused
}

/// How sure it is.
pub(crate) fn weigh(scene: &Scene, absence: &Absence, context: &Context<'_>) -> Weight {
    let mut doubts = Vec::new();
    let mut doubt = |when: bool, why: &str| {
        if when {
            doubts.push(why.to_owned());
        }
    };
    if let Some(first) = absence.first() {
        let (sent, until) = (first.sent().time, absence.until.time);
        let busy = context
            .server
            .is_some_and(|server| server.waits.explain(sent, until));
        doubt(
            busy,
            "A command that keeps the whole server busy, or holds back writes, ran meanwhile: it explains the wait.",
        );
        let lost = context.losses.around(scene.connection, sent, until);
        doubt(
            lost,
            "The capture lost packets at that time: the answer may be among them.",
        );
        let made_wait = context.server.is_some_and(|s| !s.waits.is_empty());
        doubt(
            made_wait && context.losses.clock_set,
            "Whether a command that keeps the whole server busy ran meanwhile: the clock of the capture was set back.",
        );
        doubt(
            !first.known,
            "How long a command that is not known may take.",
        );
    }
    if absence.released.is_none() {
        let life = &absence.life;
        doubt(
            !life.acknowledged,
            "Whether the server got the command: its TCP never acknowledged it in this capture.",
        );
        doubt(
            life.window_closed,
            "Whether the server was allowed to answer: the client's receive window was closed.",
        );
        doubt(
            !life.went_on,
            "Whether the capture still saw this connection: nothing came on it later.",
        );
    }
    doubt(
        !scene.whole,
        "Bytes of this connection, or its start, are missing in the capture.",
    );
    let confidence = if doubts.is_empty() {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    Weight { confidence, doubts }
}

/// The commands that wait, as a finding shows them.
pub(crate) fn shown(absence: &Absence, show: &mut Show<'_>) -> Vec<FindingExchange> {
    let behind_auth = absence.flight.is_some();
    absence
        .left
        .iter()
        .map(|w| show.exchange(&w.exchange, behind_auth.then_some(w.blind)))
        .collect()
}

/// What names the finding: the oldest command that waits.
pub(crate) fn identity(absence: &Absence) -> Option<Identity> {
    let first = absence.first()?;
    Some(Identity::Connection(
        first.sent(),
        first.exchange.command.index,
    ))
}

/// `GET (packet 7) had no answer 3.05 s later. Then the client closed the connection.`
pub(crate) fn prove(absence: &Absence, first: &FindingExchange) -> ProofText {
    let mut proof = ProofText::default();
    let end = match absence.ended {
        Ended::ByClient => "Then the client closed the connection.",
        Ended::ByServer(..) => "Then the server closed the connection.",
        Ended::Open => "The connection was still open.",
    };
    proof.say(&format!(
        "{} ({}) had no answer {} later. {end}",
        first.command,
        packet(first.sent.at),
        span(absence.waited_ns)
    ));
    proof.packet(first.sent.at);
    proof
}
