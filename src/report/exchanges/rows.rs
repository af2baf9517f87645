//! Rows that wait, as they will be written. Tens of thousands may wait, and nearly all leave in the order they came: those
//! lie one behind the other in one piece of memory, since a place of its own for each row costs more than making it.

use super::window::Window;
use crate::analyzer::ExchangeLine;
use std::collections::VecDeque;

/// Where the second column of a row ends, and how wide that is; `None` where nothing is aligned.
pub(super) type Ends = Option<(usize, usize)>;

/// A row that waits.
#[derive(Debug)]
struct Row {
    ends: Ends,
    /// It was taken back.
    gone: bool,
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    /// So many, in front of those of all rows that came later.
    InOrder(usize),
    /// Those of a row that belongs in front of others that were there before it.
    Late(Box<[u8]>),
}

/// Rows that wait for those that belong in front of them.
#[derive(Debug)]
pub(super) struct Rows {
    window: Window<Row>,
    bytes: VecDeque<u8>,
}

impl Rows {
    pub(super) fn new() -> Rows {
        Rows {
            window: Window::new(),
            bytes: VecDeque::new(),
        }
    }

    /// Puts the row of a line where it belongs.
    pub(super) fn put(&mut self, line: &ExchangeLine, row: &[u8], ends: Ends) {
        let all = &mut self.bytes;
        self.window.put(line, |in_order| {
            let bytes = match in_order {
                true => {
                    all.extend(row);
                    Bytes::InOrder(row.len())
                }
                false => Bytes::Late(row.into()),
            };
            let gone = false;
            Row { ends, gone, bytes }
        });
    }

    /// The row of this line was taken back. `false` where it waits no more.
    pub(super) fn take_back(&mut self, line: &ExchangeLine) -> bool {
        let row = self.window.waiting_for(line);
        row.map(|row| row.gone = true).is_some()
    }

    /// The next row that need not wait, into `row`; at the end (`all`) none needs to.
    pub(super) fn next(&mut self, row: &mut Vec<u8>, all: bool) -> Option<Ends> {
        loop {
            let next = match all {
                true => self.window.pop(),
                false => self.window.next(),
            }?;
            self.take_bytes(row, &next);
            if !next.gone {
                return Some(next.ends);
            }
        }
    }

    /// The bytes of a row that leaves, into `row`.
    fn take_bytes(&mut self, row: &mut Vec<u8>, next: &Row) {
        row.clear();
        match &next.bytes {
            Bytes::Late(bytes) => row.extend_from_slice(bytes),
            Bytes::InOrder(len) => {
                let len = *len;
                let (front, behind) = self.bytes.as_slices();
                let in_front = len.min(front.len());
                row.extend_from_slice(front.get(..in_front).unwrap_or_default());
                row.extend_from_slice(behind.get(..len - in_front).unwrap_or_default());
                self.bytes.drain(..row.len());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::line;
    use super::*;

    #[test]
    fn rows_come_back_in_order_with_their_bytes() {
        let mut rows = Rows::new();
        let mut want = Vec::new();
        // Every seventh is late; rows are of many lengths, so the ring wraps at odd places.
        for n in 0i64..500 {
            let sent = if n % 7 == 3 { n * 10 - 25 } else { n * 10 };
            let text = format!("{n}:").repeat(usize::try_from(n % 13).unwrap() + 1);
            rows.put(&line(Some(sent), Some(sent + 5_000)), text.as_bytes(), None);
            want.push((sent, text));
        }
        want.sort();
        let mut row = Vec::new();
        assert_eq!(rows.next(&mut row, false), None, "all may still wait");
        for (_, text) in want {
            assert_eq!(rows.next(&mut row, true), Some(None));
            assert_eq!(String::from_utf8_lossy(&row), text);
        }
        assert_eq!(rows.next(&mut row, true), None);
        assert!(rows.bytes.is_empty());
    }

    #[test]
    fn a_row_that_is_taken_back_is_not_written() {
        let mut rows = Rows::new();
        let of = |index: u64| {
            let mut line = line(Some(1), Some(2));
            line.index = Some(index);
            line
        };
        for index in [0, 1, 3, 2] {
            rows.put(&of(index), format!("{index}").as_bytes(), None);
        }
        // One that came in order, and one that was late.
        assert!(rows.take_back(&of(1)) && rows.take_back(&of(2)));
        assert!(!rows.take_back(&of(4)));
        rows.put(&of(2), b"again", None);
        let mut row = Vec::new();
        for text in ["0", "again", "3"] {
            assert_eq!(rows.next(&mut row, true), Some(None));
            assert_eq!(String::from_utf8_lossy(&row), text);
        }
        assert_eq!(rows.next(&mut row, true), None);
        assert!(rows.bytes.is_empty());
    }
}
