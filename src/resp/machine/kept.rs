//! What is kept of a frame in progress: the beginnings of its first strings.

use super::super::frame::{Head, ReplyKind};
use super::super::limits::Limits;
use super::super::print::{Print, PrintKey};
use super::{Level, Machine, NestedPush};

/// A string of the frame, as far as it was kept.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Kept {
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
    pub(in super::super) fn new(kind: ReplyKind, text: &[u8]) -> Kept {
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
    pub(in super::super) fn with_print(mut self) -> Kept {
        self.printed = true;
        self
    }

    /// The print over all its bytes, if it was made.
    pub(in super::super) fn print(&self, key: &PrintKey) -> Option<u64> {
        self.wants_print().then(|| self.print.finish(key))
    }

    fn wants_print(&self) -> bool {
        self.printed || self.len <= PRINTED
    }

    pub(in super::super) fn kind(&self) -> ReplyKind {
        self.kind
    }

    /// The string is this much longer.
    pub(in super::super) fn lengthen(&mut self, by: u64) {
        self.len = self.len.saturating_add(by);
    }

    /// Stores what there is room for.
    pub(in super::super) fn extend(&mut self, text: &mut Vec<u8>, bytes: &[u8], limits: &Limits) {
        let room = limits.head_bytes.saturating_sub(self.stored);
        let stored = bytes.get(..room).unwrap_or(bytes);
        text.extend_from_slice(stored);
        self.stored += stored.len();
        if self.wants_print() {
            self.print.extend(&limits.key, bytes);
        }
    }

    /// Takes the stored bytes off the end of `text` again.
    pub(in super::super) fn give_back(&self, text: &mut Vec<u8>) {
        text.truncate(self.start);
    }

    pub(in super::super) fn head<'f>(&self, text: &'f [u8]) -> Head<'f> {
        let end = self.start.saturating_add(self.stored);
        Head {
            bytes: text.get(self.start..end).unwrap_or_default(),
            len: self.len,
        }
    }
}

impl Machine {
    /// A string of so many bytes starts. It is kept as the frame's head, or as one of its first elements.
    pub(super) fn begin_string(&mut self, kind: ReplyKind, len: u64) {
        let wanted = match self.levels.last() {
            None => {
                self.top = kind;
                true
            }
            Some(Level::Push(_, NestedPush::Unnamed)) => true,
            Some(Level::Counted(_) | Level::Streamed) if self.levels.len() == 1 => {
                self.kept.len() < self.kept_max
            }
            _ => false,
        };
        self.current_cut = false;
        self.current = wanted.then(|| {
            let mut kept = Kept::new(kind, &self.text);
            kept.lengthen(len);
            // The first argument of a command may be a key.
            match self.prints || self.kept.len() < 2 {
                true => kept.with_print(),
                false => kept,
            }
        });
    }

    /// The string is complete.
    pub(super) fn keep_current(&mut self) {
        let current = self.current.take();
        match (self.levels.last_mut(), current) {
            (None, kept) => self.head = kept,
            (Some(Level::Push(_, named @ NestedPush::Unnamed)), Some(kept)) => {
                *named = nested_push(kept.head(&self.text).bytes);
                kept.give_back(&mut self.text);
            }
            (Some(_), Some(kept)) => self.kept.push(kept),
            (Some(_), None) => {}
        }
    }

    /// An aggregate is a direct element.
    pub(super) fn keep_empty(&mut self, kind: ReplyKind) {
        let direct = matches!(
            self.levels.last(),
            Some(Level::Counted(_) | Level::Streamed)
        );
        if direct && self.levels.len() == 1 && self.kept.len() < self.kept_max {
            self.kept.push(Kept::new(kind, &self.text));
        }
    }
}

/// What a push with this first word is inside another frame.
fn nested_push(word: &[u8]) -> NestedPush {
    if word.to_ascii_lowercase().ends_with(b"subscribe") {
        NestedPush::Element
    } else {
        NestedPush::Between
    }
}
