//! Up to when all lines have been told. A line of `exchanges` stands where its command was sent, and is told when its reply is
//! there: it waits for those that may still come in front of it. What they can be is known here: commands without a reply,
//! exchanges that a broken order may take back, bytes that are not read yet, and packets that come a little late.

use super::connection::{Connection, Talk};
use crate::model::Timestamp;

/// Looked up again after so many lines at least; behind every packet with a line where what was found is checked.
const LINES: usize = if cfg!(debug_assertions) { 1 } else { 256 };

/// Up to when all lines have been told, and when that is looked up again.
#[derive(Debug)]
pub(super) struct Settled {
    pub until: Timestamp,
    /// Lines told since it was looked up.
    lines: usize,
    /// So many are told before it is looked up again: as many as there was to look at, so that it costs each line the same.
    next: usize,
}

impl Settled {
    pub(super) fn new() -> Settled {
        Settled {
            until: Timestamp::MIN,
            lines: 0,
            next: LINES,
        }
    }

    /// One more line is told.
    pub(super) fn told(&mut self) {
        self.lines += 1;
    }

    #[inline]
    pub(super) fn is_due(&self) -> bool {
        self.lines >= self.next
    }

    /// Looks it up. `to_come`: no packet that is still to come belongs in front of this moment, if that is known.
    #[inline(never)]
    pub(super) fn look<'c>(
        &mut self,
        to_come: Option<Timestamp>,
        live: impl Iterator<Item = &'c Connection>,
    ) {
        (self.lines, self.next) = (0, LINES);
        let Some(mut first) = to_come else {
            return;
        };
        let mut seen = 0;
        for connection in live {
            seen += 1;
            let mut note = |time| {
                seen += 1;
                first = first.min(time);
            };
            match &connection.talk {
                Talk::Redis(talk) => talk.session.each_open(&mut note),
                Talk::Probing(probe) => probe.each_kept(&mut note),
                _ => {}
            }
        }
        self.until = self.until.max(first);
        if !cfg!(debug_assertions) {
            self.next = LINES.max(seen);
        }
    }
}
