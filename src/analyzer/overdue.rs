//! Commands that wait for too long are judged while their connection is open: who comes back to a connection, and when.

use crate::model::{ConnectionId, Timestamp};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// What a connection has to do with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Overdue {
    /// Somebody will come back.
    pub scheduled: bool,
    /// The command that was found overdue, and the patience (ns) that was used. In a box: hardly any is.
    pub judged: Option<Box<(u64, i64)>>,
}

/// When, and to which connection: its number and its place.
type Deadline = (Timestamp, u64, u32);

/// Connections to come back to: one entry each at most.
///
/// Nearly all come in order of their time, and a queue keeps that without looking at others. What comes out of order waits in
/// a heap.
#[derive(Debug)]
pub(super) struct Deadlines {
    in_order: VecDeque<Deadline>,
    others: BinaryHeap<Reverse<Deadline>>,
    /// Nobody is due before this moment.
    next: Timestamp,
}

impl Default for Deadlines {
    fn default() -> Deadlines {
        Deadlines {
            in_order: VecDeque::new(),
            others: BinaryHeap::new(),
            next: Timestamp::MAX,
        }
    }
}

impl Deadlines {
    /// Come back at that time.
    pub(super) fn set(&mut self, at: Timestamp, slot: u32, id: ConnectionId) {
        let deadline = (at, id.0, slot);
        self.next = self.next.min(at);
        match self.in_order.back() {
            Some(last) if *last > deadline => self.others.push(Reverse(deadline)),
            _ => self.in_order.push_back(deadline),
        }
    }

    /// How many connections somebody comes back to.
    pub(super) fn len(&self) -> usize {
        self.in_order.len() + self.others.len()
    }

    /// Somebody may be due.
    #[inline]
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.next <= now
    }

    /// The next connection that is due.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<(u32, ConnectionId)> {
        let first = self.first();
        let due = first.filter(|(at, ..)| *at <= now);
        let queued = self.others.is_empty() || due == self.in_order.front().copied();
        if due.is_some() && queued {
            self.in_order.pop_front();
        } else if due.is_some() {
            self.others.pop();
        }
        self.next = self.first().map_or(Timestamp::MAX, |(at, ..)| at);
        due.map(|(_, id, slot)| (slot, ConnectionId(id)))
    }

    fn first(&self) -> Option<Deadline> {
        let first = self.in_order.front().copied();
        match (first, self.others.peek()) {
            (Some(first), Some(Reverse(other))) => Some(first.min(*other)),
            (first, other) => first.or(other.map(|Reverse(deadline)| *deadline)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_due_comes_in_order_of_time_however_it_was_set() {
        let mut deadlines = Deadlines::default();
        let at = Timestamp::from_nanos;
        for (id, ns) in (0..).zip([10, 30, 20, 30, 5, 40]) {
            deadlines.set(at(ns), 7, ConnectionId(id));
        }
        assert!(!deadlines.is_due(at(4)) && deadlines.is_due(at(5)));
        let due = std::iter::from_fn(|| deadlines.due(at(30)));
        let ids: Vec<u64> = due.map(|(_, id)| id.0).collect();
        assert_eq!(ids, [4, 0, 2, 1, 3]);
        assert_eq!((deadlines.len(), deadlines.is_due(at(39))), (1, false));
        assert!(deadlines.due(at(40)).is_some());
        assert!(!deadlines.is_due(at(50)), "nobody is asked for any more");
        assert!(deadlines.due(at(50)).is_none());
        assert!(!deadlines.is_due(at(50)), "nobody is left");
    }
}
