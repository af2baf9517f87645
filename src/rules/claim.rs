//! What a rule is: it looks at a case and claims it, and it finds the words for its claim.

use super::basis::Basis;
use super::boundary::Refusals;
use super::{Case, Losses, Show};
use crate::finding::{Confidence, Culprit, RuleInfo, Verdict, Words};
use crate::legs::ServerFacts;
use crate::model::Endpoint;

/// One rule. Pure: the same case and context give the same claim.
pub(crate) trait Rule: Sync {
    /// Its documentation.
    fn info(&self) -> &'static RuleInfo;

    /// Claims the case, or the part of it that `left` holds: the refused commands that no rule in front has explained.
    fn judge(&self, case: &Case<'_>, left: Refusals, context: &Context<'_>) -> Option<Claim>;

    /// The words for a claim of this rule.
    fn words(
        &self,
        case: &Case<'_>,
        claim: &Claim,
        context: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words>;

    /// What a claim of this rule lets the judge expect of the same server in other cases.
    fn teaches(&self, _claim: &Claim) -> Option<Lesson> {
        None
    }
}

/// What other connections and the rest of the capture show.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    /// The server of the case, as far as it is known.
    pub server: Option<&'c ServerFacts>,
    /// Known to be no proxy: each command is answered by who keeps the login.
    pub direct: bool,
    /// What the capture lost, and when.
    pub losses: &'c Losses,
    /// Nothing more can come in this case.
    pub closed: bool,
}

/// What a verdict shows of its server, beyond its own case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lesson {
    /// Logins are accepted there and not acted on.
    LoginsCountForNothing,
    /// The explained commands that were not blind are refused there by who is behind it.
    RefusesBehind,
}

/// The verdict of one rule on one case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub confidence: Confidence,
    pub affected: u64,
    pub culprit: Culprit,
    pub culprit_endpoint: Option<Endpoint>,
    pub basis: Basis,
    /// The refused commands that it explains.
    pub explains: Refusals,
    /// It holds back: what decides may still come.
    pub waits: bool,
}

impl Claim {
    pub(super) fn verdict(&self) -> Verdict {
        Verdict {
            confidence: self.confidence,
            affected: self.affected,
            culprit: self.culprit,
            culprit_endpoint: self.culprit_endpoint,
        }
    }
}
