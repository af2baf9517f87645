//! What a rule is: it looks at a case and claims it, and it finds the words for its claim.

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

/// Why a claim holds: for the words, which have to be true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Basis {
    /// The case by itself.
    Itself,
    /// A refused command was served later, or is one that the answering end judges itself.
    Decided,
    /// Nothing decides between this and another explanation.
    Undecided,
    /// Other connections of the server show it.
    Siblings,
    /// The same command was refused later, though it was not blind.
    RefusedAgain,
    /// Some keys are always refused, others always served.
    Keys,
    /// Answered only with the next AUTH.
    Released,
    /// The same credential was accepted there.
    GoodCredential,
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
