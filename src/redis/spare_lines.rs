//! Room for commands in flight that is lent to the connections which have some. Most connections are idle most of the time.

use super::pending::Pending;
use std::collections::VecDeque;

/// Room for so many is made for the first command.
const LINE: usize = 4;

/// Room that nobody needs now.
#[derive(Debug, Default)]
pub struct SpareLines(Vec<VecDeque<Pending>>);

/// So many are kept.
const LINES: usize = 64;

impl SpareLines {
    /// The line of a connection that becomes idle. A long one stays there: it will be needed again.
    #[inline]
    pub(super) fn take_back(&mut self, line: &mut VecDeque<Pending>) {
        if (1..=LINE).contains(&line.capacity()) {
            let line = std::mem::take(line);
            if self.0.len() < LINES {
                self.0.push(line);
            }
        }
    }

    /// A line for a connection that is idle no longer.
    #[inline]
    pub(super) fn lend(&mut self, line: &mut VecDeque<Pending>) {
        if line.capacity() == 0
            && let Some(spare) = self.0.pop()
        {
            *line = spare;
        }
    }
}
