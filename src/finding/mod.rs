//! Findings as data: what one holds, how its texts are put together, and how it is told, revised and taken back.
//!
//! Knows no rule. What becomes a finding is decided in `rules`; when its text is made, it is made here.

mod build;
mod changes;
mod identity;
mod journal;
mod ladder;
mod model;
mod rule_info;
mod scene;
mod text;

pub(crate) use build::{Involved, Verdict, Words, build, withdrawn};
pub use changes::changes;
pub(crate) use identity::{Identity, digest};
pub(crate) use journal::Journal;
pub use ladder::{Mark, Row, command_text, ladder};
pub use model::{Confidence, Culprit, Finding, FindingExchange, Moment, Proof, Scope, Severity};
pub use rule_info::RuleInfo;
pub use scene::Scene;
pub(crate) use text::{ProofText, number_of, packet, some_commands};

/// A finding holds at most so many exchanges.
pub(crate) const EXCHANGES_MAX: usize = 10;
/// A finding names at most so many connections.
pub(crate) const CONNECTIONS_MAX: usize = 100;
