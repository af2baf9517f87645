//! What may be shown of arguments and replies. Nothing reaches a finding or an output but through here.
//!
//! By default an argument is its kind, the ordinal of its first appearance and its length: `<key#3 12B>`. Equal
//! strings get equal tags. They are compared by a hash with a random key of this run; the hash itself is never shown.

mod arguments;
mod credentials;
mod error_text;
mod escape;
mod first_bytes;
mod ordinals;
mod redactor;
mod tag;

pub use arguments::{Argument, Arguments, Show};
pub use escape::escape;
pub(in crate::redis) use redactor::push_more;
pub use redactor::{Asked, Redactor};
pub use tag::{Tag, random_key};
