//! Strings that are compared and never shown.

use crate::resp::{Command, Head, PrintKey, Reply};
use foldhash::quality::RandomState;
use std::hash::BuildHasher;

/// A string that is not shown: enough to compare it and to say how long it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Tag {
    /// Keyed hash of all its bytes; of its first bytes and its length where no more of it was kept.
    pub hash: u64,
    /// Length in bytes.
    pub len: u64,
}

/// A key for the prints of one run.
pub fn random_key() -> PrintKey {
    let random = RandomState::default();
    PrintKey::new(random.hash_one(0), random.hash_one(1))
}

/// Makes tags, with the key of this run.
#[derive(Debug)]
pub(super) struct Tagger(PrintKey);

impl Tagger {
    pub(super) fn new(key: PrintKey) -> Tagger {
        Tagger(key)
    }

    /// The tag of a string of which perhaps only the beginning is there.
    pub(super) fn tag(&self, head: &Head<'_>) -> Tag {
        self.printed(None, head)
    }

    /// The tag of all bytes of a string.
    #[inline]
    pub(super) fn whole(&self, bytes: &[u8]) -> Tag {
        Tag {
            hash: self.0.of(bytes),
            len: bytes.len() as u64,
        }
    }

    /// The tag of the word at `i` of a command.
    #[inline]
    pub(super) fn word(&self, command: &Command<'_>, i: usize) -> Option<Tag> {
        let (head, print) = command.arg_and_print(i, &self.0)?;
        Some(self.printed(print, &head))
    }

    /// The tag of a reply's line or string. It is compared with another one, so the beginning of a string does not do.
    pub(super) fn reply(&self, reply: &Reply<'_>) -> Option<Tag> {
        let print = reply.print(&self.0);
        (print.is_some() || reply.head.is_whole()).then(|| self.printed(print, &reply.head))
    }

    #[inline]
    fn printed(&self, print: Option<u64>, head: &Head<'_>) -> Tag {
        let of_head = || match head.is_whole() {
            true => self.0.of(head.bytes),
            // Never equal to the print of a whole string by design, only by chance.
            false => self.0.of(head.bytes) ^ self.0.of(&head.len.to_le_bytes()),
        };
        Tag {
            hash: print.unwrap_or_else(of_head),
            len: head.len,
        }
    }
}
