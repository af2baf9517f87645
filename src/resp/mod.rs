//! Bytes in, RESP frames out (RESP2, RESP3, inline commands).
//!
//! The only folder that names `redis-protocol`. The framer is iterative and resumable: it never recurses, never
//! buffers a value and keeps only the first bytes of strings, so that a frame may be cut anywhere and be of any size.
//! `redis-protocol` decodes the few whole frames that are quoted in full.
//! Grammar: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.

mod frame;

pub use frame::{Head, Malformed, NullForm, ReplyKind};
