//! Which strings of a frame in progress are kept.

use super::super::frame::ReplyKind;
use super::super::kept::Kept;
use super::{Level, Machine, NestedPush};

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
            match self.kept.len() < self.printed {
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
