//! What of a reply is needed to show and to judge it.

use crate::resp::{Head, NullForm, ReplyKind};

/// What of a reply is needed to show and to judge it.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// Its type.
    pub kind: ReplyKind,
    /// Which null.
    pub null: Option<NullForm>,
    /// Text, or the beginning of a string.
    pub head: Head<'a>,
    /// Declared number of elements.
    pub elements: u64,
}
