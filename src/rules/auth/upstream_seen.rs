//! `upstream-noauth` where the leg behind is in the capture: Redis' own refusal is read there.

use super::evidence::{Beside, Evidence, cap};
use super::upstream_noauth::INFO;
use crate::finding::{Confidence, Culprit, Proof, RuleInfo, Scene, Words, packet, some_commands};
use crate::legs::{Behind, Link};
use crate::redis::{Anchor, Answerer};
use crate::rules::boundary::{Outcome, Refusals, Seen, Window};
use crate::rules::{Basis, Case, Claim, Context, Lesson, Rule, Show};

/// See the module.
pub(crate) struct UpstreamNoauthSeen;

impl Rule for UpstreamNoauthSeen {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, left: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        let behind = window.behind.as_ref()?;
        let seen = seen(window).and(left);
        if window.outcome != Outcome::Accepted || seen.is_empty() {
            return None;
        }
        let explains = seen.or(beside(window).and(left));
        let confidence = match explains == seen && behind.link == Link::Behind {
            true => Confidence::Certain,
            false => Confidence::Likely,
        };
        let (culprit, culprit_endpoint) = culprit(scene, behind);
        Some(Claim {
            confidence: cap(window, scene, confidence).min(cap_of_leg(behind)),
            affected: window.mixture.size(explains),
            culprit,
            culprit_endpoint,
            basis: Basis::Behind,
            explains,
            waits: false,
        })
    }

    fn words(
        &self,
        case: &Case<'_>,
        claim: &Claim,
        _: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        let behind = window.behind.as_ref()?;
        let evidence = Evidence::of(window, claim, Beside::Around, show);
        let hit: Vec<_> = evidence.refused.iter().collect();
        let title = format!(
            "{} refused by the Redis behind the proxy, not by the proxy",
            some_commands(&hit, claim.affected)
        );
        let not_seen = not_seen(scene, window, claim, behind);
        let mut words = evidence.words(scene, claim, title, INFO.steps(), not_seen);
        say(&mut words.proof, behind);
        Some(words)
    }

    fn teaches(&self, _claim: &Claim) -> Option<Lesson> {
        Some(Lesson::RefusesBehind)
    }
}

/// Those that Redis refused before the eyes of the capture.
fn seen(window: &Window) -> Refusals {
    window.mixture.set(|r| r.seen == Seen::Refused)
}

/// Those that are forwarded as well, and are not seen there: what one Redis refuses it refuses for all.
fn beside(window: &Window) -> Refusals {
    let lost = |seen| matches!(seen, Seen::Nothing | Seen::Perhaps);
    window
        .mixture
        .set(|r| r.answerer == Answerer::Redis && lost(r.seen) && !r.served_later)
}

/// The proxy has no login there. Where it has one, it is Redis that does not honour it.
fn culprit(scene: &Scene, behind: &Behind) -> (Culprit, Option<crate::model::Endpoint>) {
    let there = behind.refused.passage.server;
    match behind.refused.login {
        Some(_) => (Culprit::Server, Some(there)),
        // A transparent proxy has no address of its own.
        None => (
            Culprit::Proxy,
            Some(scene.server).filter(|end| *end != there),
        ),
    }
}

/// The most that the leg behind allows. Which command was refused there is known better than by that leg alone: it is the
/// same that was refused in front.
fn cap_of_leg(behind: &Behind) -> Confidence {
    match behind.refused.anchor {
        Anchor::Weak => Confidence::Possible,
        Anchor::Start if behind.refused.whole => Confidence::Certain,
        _ => Confidence::Likely,
    }
}

fn say(proof: &mut Proof, behind: &Behind) {
    let passage = &behind.refused.passage;
    let (sent, received) = (passage.sent.1, passage.received.1);
    proof.text.push_str(&format!(
        " On the leg behind, connection {} from {} to {}, Redis itself gave that reply ({} and {}).",
        passage.connection.0,
        passage.client,
        passage.server,
        packet(sent),
        packet(received)
    ));
    for at in [sent, received] {
        if !proof.packets.contains(&at) {
            proof.packets.push(at);
        }
    }
}

fn not_seen(scene: &Scene, window: &Window, claim: &Claim, behind: &Behind) -> Vec<String> {
    let mut out = Vec::new();
    let passage = &behind.refused.passage;
    let beside = claim.explains.without(seen(window));
    if !beside.is_empty() {
        out.push(format!(
            "{} of these refusals on the leg behind: that Redis gave them as well follows from the others.",
            window.mixture.size(beside)
        ));
    }
    if cap_of_leg(behind) < Confidence::Certain {
        out.push(format!(
            "What was on the leg to {} before: it is not whole in these packets.",
            passage.server
        ));
    }
    if behind.link != Link::Behind {
        out.push(format!(
            "That {} is the proxy: both legs are on one host, and another client there would look the same.",
            passage.client
        ));
    }
    if out.is_empty() && claim.confidence < Confidence::Certain {
        out.push(format!("What was on the leg to {} before.", scene.server));
    }
    out
}
