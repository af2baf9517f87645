//! Room for commands in flight that is lent to the connections which have some. Most connections are idle most of the time.

use super::pending::Pending;

/// Room for so many is made for the first command.
const LINE: usize = 4;

/// So much of it is kept.
const LINES: usize = 64;

/// Room that nobody needs now. It is swapped in and out, so that nothing is let go where all is as usual.
#[derive(Debug)]
pub struct SpareLines {
    lines: [Vec<Pending>; LINES],
    /// So many of them are there, in front of those that were lent.
    here: usize,
}

impl Default for SpareLines {
    fn default() -> SpareLines {
        SpareLines {
            lines: std::array::from_fn(|_| Vec::new()),
            here: 0,
        }
    }
}

impl SpareLines {
    /// The line of a connection that becomes idle. A long one stays there: it will be needed again.
    #[inline]
    pub(super) fn take_back(&mut self, line: &mut Vec<Pending>) {
        if !(1..=LINE).contains(&line.capacity()) {
            return;
        }
        match self.lines.get_mut(self.here) {
            Some(place) => {
                std::mem::swap(place, line);
                self.here += 1;
            }
            None => *line = Vec::new(),
        }
    }

    /// A line for a connection that is idle no longer.
    #[inline]
    pub(super) fn lend(&mut self, line: &mut Vec<Pending>) {
        if line.capacity() == 0
            && let Some(last) = self.here.checked_sub(1)
            && let Some(place) = self.lines.get_mut(last)
        {
            std::mem::swap(place, line);
            self.here = last;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(room: usize) -> Vec<Pending> {
        Vec::with_capacity(room)
    }

    #[test]
    fn room_goes_to_whom_needs_it() {
        let mut spare = SpareLines::default();
        let (mut idle, mut other) = (line(LINE), line(0));
        spare.take_back(&mut idle);
        spare.lend(&mut other);
        assert_eq!((idle.capacity(), other.capacity()), (0, LINE));
        spare.lend(&mut idle);
        assert_eq!(idle.capacity(), 0, "there is no more");
    }

    #[test]
    fn only_so_much_is_kept_and_nothing_long() {
        let mut spare = SpareLines::default();
        let mut long = line(LINE + 1);
        spare.take_back(&mut long);
        assert_eq!((spare.here, long.capacity()), (0, LINE + 1));
        for _ in 0..=LINES {
            let mut idle = line(LINE);
            spare.take_back(&mut idle);
            assert_eq!(idle.capacity(), 0);
        }
        assert_eq!(spare.here, LINES);
    }
}
