//! The auth boundary of one connection as facts: what AUTH got, what was served and refused behind it, what was left
//! without an answer. Names no rule, makes no text, and knows no other connection.

mod absence;
mod auth_error;
mod burst;
mod closing;
mod connection;
mod exposure;
mod failures;
mod lock_step;
mod login;
mod mixture;
mod moments;
mod outcome;
mod served_before;
mod unauthenticated;
mod waiters;
mod window;

pub(crate) use absence::{Absence, Cut, Ended, Flight, Life};
pub(crate) use auth_error::AuthError;
pub(crate) use closing::Closing;
pub(crate) use connection::Boundary;
pub(crate) use exposure::{Exposed, Exposure, Exposures};
pub(crate) use failures::ProxyFailure;
pub(crate) use lock_step::{Abandoned, FOR_GOOD};
pub(crate) use mixture::{Refusal, Refusals};
pub(crate) use outcome::Outcome;
pub(crate) use served_before::ServedBefore;
pub(crate) use unauthenticated::{Sequel, Unauthenticated};
pub(crate) use window::{KeptCommand, Window};
