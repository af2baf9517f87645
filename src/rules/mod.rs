//! What is reported, and why. One rule, one file: what it is called, when it holds, and the words it finds.
//!
//! A connection tells facts (`boundary`). The `Desk` joins those of all connections, asks the rules in the order of
//! `registry::ORDER`, and tells findings. A rule sees only what no rule in front of it has explained.

mod auth;
mod basis;
mod boundary;
mod capture;
mod case;
mod claim;
mod desk;
mod judge;
mod losses;
mod markdown;
mod news;
mod registry;
mod replies;
mod show;
mod told;

pub use crate::finding::{
    Confidence, Culprit, Finding, FindingExchange, Mark, Moment, Proof, Row, RuleInfo, Scene,
    Scope, Severity, changes, command_text, ladder,
};
pub(crate) use basis::Basis;
pub(crate) use boundary::{Boundary, Closing, Cut, Ended, Life, Outcome as AuthOutcome};
pub(crate) use capture::Missing;
pub(crate) use case::{BrokenStream, Case};
pub(crate) use claim::{Claim, Context, Lesson, Rule};
pub(crate) use desk::{Desk, Teller};
pub use desk::{DeskLimits, Unexplained};
pub(crate) use losses::Losses;
pub use markdown::markdown;
pub(crate) use news::News;
pub use registry::{CATALOGUE, RESERVED, rule};
pub(crate) use show::Show;
pub(crate) use told::Told;
