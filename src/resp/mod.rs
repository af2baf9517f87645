//! Bytes in, RESP frames out: RESP2, RESP3 and inline commands, both directions.
//!
//! [`Framer`] finds the frames. It is iterative and resumable: it never recurses, never holds a value and keeps only the
//! beginnings of strings, so a frame may be cut anywhere and be of any size. [`value`] decodes the few whole frames
//! whose content matters, and is the only place that names `redis-protocol`.
//! Grammar: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.

mod frame;
mod framer;
mod in_place;
mod inline;
mod kept;
mod limits;
mod machine;
mod number;
mod print;
mod starts;
mod step;
pub mod value;
mod whole;

#[cfg(test)]
mod tests;

pub use frame::{Head, Malformed, NullForm, ReplyKind};
pub use framer::Framer;
pub use inline::{behind_space, is_space};
pub use limits::{ARGS_MAX, Limits};
pub use print::PrintKey;
pub use starts::{Start, starts_command, starts_reply, starts_strings};
pub use step::{Command, Reply, Role, Step};
pub use whole::{PlainCommand, PlainReply, plain_command, plain_reply};
