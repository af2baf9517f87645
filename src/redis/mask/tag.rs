//! Strings that are compared and never shown.

use crate::resp::Head;
use foldhash::quality::RandomState;
use std::hash::BuildHasher;

/// How many bytes of a string take part in comparisons.
const COMPARED: usize = 64;

/// A string that is not shown: enough to compare it and to say how long it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tag {
    /// Keyed hash of its first bytes and its length.
    pub hash: u64,
    /// Length in bytes.
    pub len: u64,
}

/// Makes tags, with a random key of this run.
#[derive(Debug, Default)]
pub(super) struct Tagger(RandomState);

impl Tagger {
    /// The tag of a string.
    pub(super) fn tag(&self, head: &Head<'_>) -> Tag {
        let compared = head.bytes.get(..COMPARED).unwrap_or(head.bytes);
        Tag {
            hash: self.0.hash_one((compared, head.len)),
            len: head.len,
        }
    }
}
