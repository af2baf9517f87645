//! What is kept of a frame in progress: the beginnings of its first strings.

use super::frame::{Head, ReplyKind};
use super::limits::Limits;
use super::print::{Print, PrintKey};

/// A string of the frame, as far as it was kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    kind: ReplyKind,
    start: usize,
    stored: usize,
    len: u64,
    print: Print,
    /// It gets its print, whatever its length.
    printed: bool,
}

/// Longer strings get a print only when somebody wants it (bytes).
const PRINTED: u64 = 4 << 10;

impl Kept {
    /// An empty string whose text will be at the end of `text`.
    pub(super) fn new(kind: ReplyKind, text: &[u8]) -> Kept {
        Kept {
            kind,
            start: text.len(),
            stored: 0,
            len: 0,
            print: Print::default(),
            printed: false,
        }
    }

    /// Gets a print, whatever its length.
    pub(super) fn with_print(mut self) -> Kept {
        self.printed = true;
        self
    }

    /// The print over all its bytes, if it was made.
    pub(super) fn print(&self, key: &PrintKey) -> Option<u64> {
        self.wants_print().then(|| self.print.finish(key))
    }

    fn wants_print(&self) -> bool {
        self.printed || self.len <= PRINTED
    }

    pub(super) fn kind(&self) -> ReplyKind {
        self.kind
    }

    /// The string is this much longer.
    pub(super) fn lengthen(&mut self, by: u64) {
        self.len = self.len.saturating_add(by);
    }

    /// Stores what there is room for.
    pub(super) fn extend(&mut self, text: &mut Vec<u8>, bytes: &[u8], limits: &Limits) {
        let room = limits.head_bytes.saturating_sub(self.stored);
        let stored = bytes.get(..room).unwrap_or(bytes);
        text.extend_from_slice(stored);
        self.stored += stored.len();
        if self.wants_print() {
            self.print.extend(&limits.key, bytes);
        }
    }

    /// Takes the stored bytes off the end of `text` again.
    pub(super) fn give_back(&self, text: &mut Vec<u8>) {
        text.truncate(self.start);
    }

    pub(super) fn head<'f>(&self, text: &'f [u8]) -> Head<'f> {
        let end = self.start.saturating_add(self.stored);
        Head {
            bytes: text.get(self.start..end).unwrap_or_default(),
            len: self.len,
        }
    }
}
