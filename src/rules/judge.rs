//! Asks the rules, in order. A later one sees only what is not yet explained.

use super::boundary::Refusals;
use super::registry::ORDER;
use super::{Case, Claim, Context, Rule};
use crate::finding::Confidence;
use smallvec::SmallVec;

/// A rule with its claim.
pub(super) type Ruled = (&'static dyn Rule, Claim);

/// The claims on a case: none, one, or those that share its refused commands among them.
pub(super) fn judge(case: &Case<'_>, context: &Context<'_>) -> SmallVec<[Ruled; 2]> {
    let mut claims: SmallVec<[Ruled; 2]> = SmallVec::new();
    let mut left = match case {
        Case::Window(_, window) => window.mixture.set(|_| true),
        _ => Refusals::NONE,
    };
    let shared = !left.is_empty();
    let guessed = case.scene().is_some_and(|scene| scene.guessed);
    for rule in ORDER {
        let Some(mut claim) = rule.judge(case, left, context) else {
            continue;
        };
        if guessed {
            claim.confidence = Confidence::Possible;
        }
        left = left.without(claim.explains);
        match claims
            .iter_mut()
            .find(|(other, _)| std::ptr::eq(other.info(), rule.info()))
        {
            Some((_, same)) => join(same, &claim),
            None => claims.push((rule, claim)),
        }
        if !shared || left.is_empty() {
            break;
        }
    }
    claims
}

/// Two reasons of one rule for parts of one case are one claim.
fn join(claim: &mut Claim, more: &Claim) {
    claim.explains = claim.explains.or(more.explains);
    claim.affected += more.affected;
    claim.confidence = claim.confidence.min(more.confidence);
    claim.waits &= more.waits;
}
