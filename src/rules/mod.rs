//! Pure observers: exchanges in, findings out. One rule, one file; rules that share a state machine share it.

mod catalogue;
mod finding;
mod ladder;

pub use catalogue::RuleInfo;
pub use finding::{Confidence, Culprit, Finding, FindingExchange, Moment, Proof, Scope, Severity};
pub use ladder::{Mark, Row, command_text, ladder};

/// Every rule, in catalogue order.
pub fn catalogue() -> &'static [&'static RuleInfo] {
    // TODO-MERGE: the rules themselves.
    &[]
}
