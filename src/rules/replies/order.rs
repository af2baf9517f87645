//! What the rules of a broken order share: how sure it is, and how its proof is told.

use crate::finding::{
    Confidence, Culprit, FindingExchange, Identity, Moment, ProofText, RuleInfo, Words, packet,
};
use crate::redis::{Fault, FaultKind};
use crate::rules::boundary::Refusals;
use crate::rules::{Basis, Case, Claim, Show};

/// Below this the next best explanation is too near.
const CLEAR: u16 = 3;
/// From here on no other explanation is worth a thought.
const SURE: u16 = 6;

/// The claim of the rule for faults of this kind.
pub(in crate::rules) fn claim(case: &Case<'_>, kind: FaultKind) -> Option<Claim> {
    let Case::Fault(scene, fault) = *case else {
        return None;
    };
    if fault.kind != kind {
        return None;
    }
    let cap = scene.cap(fault.anchor);
    let shifts = fault.shift != 0;
    let sure = match shifts {
        // Behind a reply too many at the end comes nothing that could tell.
        true => fault.margin >= SURE && (fault.discriminating > 0 || fault.onset.is_none()),
        // One reply from elsewhere may look like two in exchange, if the other one is not out of place.
        false if kind == FaultKind::Swapped => {
            fault.margin > SURE || fault.margin == SURE && fault.impossible
        }
        false => fault.margin >= CLEAR,
    };
    let evidence = match fault.margin {
        ..CLEAR => Confidence::Possible,
        _ if sure && fault.plain && fault.uncertain_by <= 1 => Confidence::Certain,
        _ => Confidence::Likely,
    };
    Some(Claim {
        confidence: cap.min(evidence),
        affected: fault.wrong,
        culprit: Culprit::Server,
        culprit_endpoint: Some(scene.server),
        basis: Basis::Itself,
        explains: Refusals::NONE,
        waits: false,
    })
}

/// What one rule says in its own words.
pub(in crate::rules) struct Said<'s> {
    pub title: String,
    /// The sentence of the proof behind the exchanges.
    pub why: &'s str,
    pub not_seen: &'s str,
}

/// The words for a fault: the commands that were hit, with the replies that stand in their place.
pub(in crate::rules) fn words(
    case: &Case<'_>,
    info: &'static RuleInfo,
    show: &mut Show<'_>,
    say: impl FnOnce(&Fault, &FindingExchange) -> Said<'static>,
) -> Option<Words> {
    let Case::Fault(_, fault) = *case else {
        return None;
    };
    let shown: Vec<FindingExchange> = fault
        .shown
        .iter()
        .map(|kept| show.exchange(kept, None))
        .collect();
    let first = shown.first()?.clone();
    let seen = Moment {
        time: fault.time,
        at: fault.at,
    };
    let said = say(fault, &first);
    let mut proof = ProofText::default();
    proof.say(&relation(fault, &first));
    proof.packet(first.sent.at);
    if let Some(received) = first.received {
        proof.packet(received.at);
    }
    proof.say(said.why);
    if fault.discriminating > 0 {
        proof.say(&format!(
            "{} later {} fit only if the replies are counted so.",
            fault.discriminating,
            if fault.discriminating == 1 {
                "reply"
            } else {
                "replies"
            }
        ));
    }
    proof.packet(seen.at);
    Some(Words {
        identity: Identity::Connection(first.sent, first.index),
        title: said.title,
        advice: info.steps(),
        proof: proof.done(),
        measures: measures(fault),
        not_seen: vec![said.not_seen.to_owned()],
        notes: Vec::new(),
        first: earliest(&first, seen),
        last: last(&shown, seen),
        exchanges: shown,
    })
}

fn relation(fault: &Fault, first: &FindingExchange) -> String {
    match (&first.reply, first.received) {
        (Some(reply), Some(received)) if fault.onset.is_none() => format!(
            "All commands had their replies, {} ({}) the last, when one more arrived: {reply} ({}).",
            first.command,
            packet(first.sent.at),
            packet(received.at)
        ),
        (Some(reply), Some(received)) => format!(
            "In the place of the reply to {} ({}) stands {reply} ({}).",
            first.command,
            packet(first.sent.at),
            packet(received.at)
        ),
        _ => format!(
            "{} ({}) has no reply of its own.",
            first.command,
            packet(first.sent.at)
        ),
    }
}

/// A reply too many may have come before the command in whose place it stands.
fn earliest(first: &FindingExchange, seen: Moment) -> Moment {
    let moments = [Some(seen), first.received];
    let moments = moments.into_iter().flatten();
    moments.fold(first.sent, |a, b| if b.at < a.at { b } else { a })
}

fn last(shown: &[FindingExchange], seen: Moment) -> Moment {
    let all = shown.iter().flat_map(|e| [Some(e.sent), e.received]);
    all.flatten()
        .chain([seen])
        .max_by_key(|moment| moment.at)
        .unwrap_or(seen)
}

fn measures(fault: &Fault) -> Vec<(&'static str, i64)> {
    let mut measures = vec![("discriminating", fault.discriminating as i64)];
    if fault.shift != 0 {
        measures.push(("shift", fault.shift));
        measures.push(("persistent", i64::from(fault.wrong > 1)));
    }
    measures
}
