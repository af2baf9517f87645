//! Pure observers: exchanges in, findings out. One rule, one file; rules that share a state machine share it.

mod auth_expired;
mod auth_missing;
mod auth_not_honoured;
mod auth_race;
mod auth_refused;
mod auth_service_failed;
mod auth_stranded;
mod capture_incomplete;
mod catalogue;
mod command_before_auth;
mod encrypted;
mod finding;
mod ladder;
mod malformed_resp;
mod markdown;
mod pipelined_past_auth;
mod proxy_error;
mod reauth_refused;
mod registry;
mod served_during_reauth;
mod slow_auth;
mod unanswered;
mod upstream_noauth;

pub use catalogue::RuleInfo;
pub use finding::{Confidence, Culprit, Finding, FindingExchange, Moment, Proof, Scope, Severity};
pub use ladder::{Mark, Row, command_text, ladder};
pub use markdown::markdown;
pub use registry::{CATALOGUE, RESERVED, rule};
