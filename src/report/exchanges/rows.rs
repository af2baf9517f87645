//! Rows that wait, as they will be written. Tens of thousands may wait. They lie one behind the other in few pieces of memory,
//! and are written from where they were made.

use super::pile::{Pile, Spot};
use super::window::Window;
use crate::analyzer::ExchangeLine;
use std::io;

/// Where the second column of a row ends, and how wide that is; `None` where nothing is aligned.
pub(super) type Ends = Option<(u32, u32)>;

/// A row that waits.
#[derive(Debug)]
struct Row {
    ends: Ends,
    /// Where its bytes lie.
    spot: Spot,
    /// It was taken back.
    gone: bool,
}

/// Rows that wait for those that belong in front of them.
#[derive(Debug)]
pub(super) struct Rows {
    window: Window<Row>,
    pile: Pile,
}

impl Rows {
    /// `aligned`: to those that come behind them.
    pub(super) fn new(aligned: bool) -> Rows {
        Rows {
            window: Window::new(aligned),
            pile: Pile::default(),
        }
    }

    /// Puts the row of a line where it belongs. `make` writes it behind what is there.
    pub(super) fn put(
        &mut self,
        line: &ExchangeLine,
        make: impl FnOnce(&mut Vec<u8>) -> io::Result<Ends>,
    ) -> io::Result<()> {
        let (ends, spot) = self.pile.put(make)?;
        let gone = false;
        self.window.put(line, Row { ends, spot, gone });
        Ok(())
    }

    /// The row of this line was taken back. `false` where it waits no more.
    pub(super) fn take_back(&mut self, line: &ExchangeLine) -> bool {
        let row = self.window.waiting_for(line);
        row.map(|row| row.gone = true).is_some()
    }

    /// The next row that need not wait; at the end (`all`) none needs to.
    pub(super) fn next(&mut self, all: bool) -> Option<(Ends, &[u8])> {
        loop {
            let next = match all {
                true => self.window.pop(),
                false => self.window.next(),
            }?;
            if !next.gone {
                return Some((next.ends, self.pile.take(&next.spot)));
            }
            self.pile.take(&next.spot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::line;
    use super::*;

    fn put(rows: &mut Rows, line: &ExchangeLine, text: &str) {
        let write = |out: &mut Vec<u8>| {
            out.extend_from_slice(text.as_bytes());
            Ok(None)
        };
        rows.put(line, write).unwrap();
    }

    #[test]
    fn rows_come_back_in_order_with_their_bytes() {
        let mut rows = Rows::new(false);
        let mut want = Vec::new();
        // Every seventh is late; rows are of many lengths, so blocks end at odd places.
        for n in 0i64..500 {
            let sent = if n % 7 == 3 { n * 10 - 25 } else { n * 10 };
            let text = format!("{n}:").repeat(usize::try_from(n % 13).unwrap() + 1);
            put(&mut rows, &line(Some(sent), Some(sent + 5_000)), &text);
            want.push((sent, text));
        }
        want.sort();
        assert_eq!(rows.next(false), None, "all may still wait");
        for (_, text) in want {
            assert_eq!(rows.next(true), Some((None, text.as_bytes())));
        }
        assert_eq!(rows.next(true), None);
        assert!(rows.pile.is_empty());
    }

    #[test]
    fn a_row_that_is_taken_back_is_not_written() {
        let mut rows = Rows::new(false);
        let of = |index: u64| {
            let mut line = line(Some(1), Some(2));
            line.index = Some(index);
            line
        };
        for index in [0, 1, 3, 2] {
            put(&mut rows, &of(index), &format!("{index}"));
        }
        assert!(rows.take_back(&of(1)) && rows.take_back(&of(2)));
        assert!(!rows.take_back(&of(4)));
        put(&mut rows, &of(2), "again");
        for text in ["0", "again", "3"] {
            assert_eq!(rows.next(true), Some((None, text.as_bytes())));
        }
        assert_eq!(rows.next(true), None);
        assert!(rows.pile.is_empty());
    }
}
