//! RESP2 and RESP3, both directions: from bytes to whole frames.
//!
//! [`Framer`] finds the frames without recursion and without buffering values; [`value`] decodes the few whose content
//! matters, and is the only place that names `redis-protocol`.

mod frame;
mod framer;
mod inline;
mod limits;
mod machine;
mod number;
mod starts;
mod step;
pub mod value;

#[cfg(test)]
mod tests;

pub use frame::{Head, Malformed, NullForm, ReplyKind};
pub use framer::Framer;
pub use limits::Limits;
pub use starts::{Start, starts_command, starts_reply};
pub use step::{ARGS_MAX, Command, Reply, Role, Step};
