//! Lines in the order of their commands. A line comes when the reply is there, so the line of a slow command comes behind
//! those of later ones: each waits here for those that may still belong in front of it.

use super::runs::Runs;
use crate::analyzer::ExchangeLine;
use crate::model::{ConnectionId, PacketRef, Timestamp};

/// So many lines wait at most.
pub(super) const LINES: usize = 65_536;
/// No line waits longer (ns of capture time).
pub(super) const WAIT_NS: i64 = 10_000_000_000;

/// Where a line belongs: commands of one packet in their order. The last number keeps apart what is alike.
type Place = (Timestamp, PacketRef, ConnectionId, u64, u64);

/// Lines that wait, `T` each.
#[derive(Debug)]
pub(super) struct Window<T> {
    waiting: Runs<Place, T>,
    /// When the last line was told.
    now: Timestamp,
    /// Nothing that comes later belongs in front of this moment.
    settled: Timestamp,
    /// All wait as long as they may: they are aligned to those behind them.
    aligned: bool,
    number: u64,
}

impl<T> Window<T> {
    pub(super) fn new(aligned: bool) -> Self {
        Window {
            waiting: Runs::new(),
            now: Timestamp::MIN,
            settled: Timestamp::MIN,
            aligned,
            number: 0,
        }
    }

    /// Puts a line where it belongs: at the last byte of its command; without one, at that of its reply.
    #[inline]
    pub(super) fn put(&mut self, line: &ExchangeLine, what: T) {
        self.now = self.now.max(line.told);
        self.settled = self.settled.max(line.settled);
        let at = line.sent.or(line.received).map(|(_, at)| at);
        let index = line.index.unwrap_or(u64::MAX);
        self.number += 1;
        let (at, number) = (at.unwrap_or_default(), self.number);
        let place = (line.place, at, line.connection, index, number);
        self.waiting.put(place, what);
    }

    /// What waits for the same command as this line, if anything does: the last of them.
    pub(super) fn waiting_for(&mut self, line: &ExchangeLine) -> Option<&mut T> {
        let (_, at) = line.sent?;
        let index = line.index.unwrap_or(u64::MAX);
        let place = |number| (line.place, at, line.connection, index, number);
        self.waiting.last_between(place(0), place(u64::MAX))
    }

    /// The next line that nothing can come in front of any more, that has waited long enough, or that there is no room for.
    #[inline]
    pub(super) fn next(&mut self) -> Option<T> {
        let full = self.waiting.len() > LINES;
        let (aligned, settled, now) = (self.aligned, self.settled, self.now);
        self.waiting.pop_if(|(first, ..)| {
            full || (!aligned && *first < settled) || now.since(*first) > WAIT_NS
        })
    }

    /// The next line, whatever may still come.
    pub(super) fn pop(&mut self) -> Option<T> {
        self.waiting.pop_if(|_| true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::line;
    use super::*;

    fn rest(window: &mut Window<u32>) -> Vec<u32> {
        std::iter::from_fn(|| window.pop()).collect()
    }

    #[test]
    fn a_slow_command_comes_where_it_was_sent() {
        let mut window = Window::new(false);
        window.put(&line(Some(2), Some(3)), 2);
        window.put(&line(Some(2), Some(3)), 3);
        window.put(&line(None, Some(4)), 4);
        window.put(&line(Some(1), Some(9_000)), 1);
        assert_eq!(window.next(), None);
        assert_eq!(rest(&mut window), [1, 2, 3, 4]);
    }

    #[test]
    fn commands_of_one_packet_keep_their_order() {
        let mut window = Window::new(false);
        for index in [2, 0, 1] {
            let mut line = line(Some(1), Some(2));
            line.index = Some(index);
            window.put(&line, u32::try_from(index).unwrap());
        }
        assert_eq!(rest(&mut window), [0, 1, 2]);
    }

    #[test]
    fn what_waits_for_a_command_is_found() {
        let mut window = Window::new(false);
        let of = |index, sent| {
            let mut line = line(Some(sent), Some(sent));
            line.index = Some(index);
            line
        };
        window.put(&of(1, 1), 1);
        window.put(&of(2, 1), 2);
        window.put(&of(3, 9), 3);
        window.put(&of(4, 5), 4);
        for (index, sent) in [(1, 1), (2, 1), (3, 9), (4, 5)] {
            let found = window.waiting_for(&of(index, sent)).copied();
            assert_eq!(found, u32::try_from(index).ok());
        }
        assert_eq!(window.waiting_for(&of(5, 5)), None);
        assert_eq!(window.waiting_for(&of(0, 1)), None);
        assert_eq!(window.waiting_for(&of(4, 9)), None);
        assert_eq!(window.waiting_for(&line(None, Some(5))), None);
        // The last one that was told.
        window.put(&of(2, 1), 5);
        assert_eq!(window.waiting_for(&of(2, 1)), Some(&mut 5));
    }

    #[test]
    fn nobody_waits_longer_than_ten_seconds() {
        let mut window = Window::new(false);
        window.put(&line(Some(1_000), Some(1_001)), 1);
        window.put(&line(Some(2_000), Some(11_000)), 2);
        assert_eq!(window.next(), None);
        window.put(&line(Some(11_001), None), 3);
        assert_eq!(window.next(), Some(1));
        assert_eq!(window.next(), None);
        // What waited too long itself comes at once.
        window.put(&line(Some(500), Some(20_000)), 4);
        assert_eq!([window.next(), window.next()], [Some(4), Some(2)]);
    }

    #[test]
    fn what_nothing_comes_in_front_of_does_not_wait() {
        let mut window = Window::new(false);
        let settled = |sent, until_ms: i64| {
            let mut line = line(Some(sent), Some(sent));
            line.settled = Timestamp::from_nanos(until_ms * 1_000_000);
            line
        };
        window.put(&settled(1, 0), 1);
        window.put(&settled(3, 2), 3);
        assert_eq!([window.next(), window.next()], [Some(1), None]);
        window.put(&settled(2, 3), 2);
        assert_eq!([window.next(), window.next()], [Some(2), None]);
        window.put(&settled(4, 4), 4);
        assert_eq!([window.next(), window.next()], [Some(3), None]);

        let mut window = Window::new(true);
        window.put(&settled(1, 9), 1);
        assert_eq!(window.next(), None, "aligned");
    }

    #[test]
    fn there_is_room_for_so_many() {
        let mut window = Window::new(false);
        for number in 0..LINES {
            window.put(&line(Some(5), Some(5)), number);
            assert_eq!(window.next(), None);
        }
        window.put(&line(Some(5), Some(5)), LINES);
        assert_eq!((window.next(), window.next()), (Some(0), None));
    }
}
