//! Commands that wait for too long are judged while their connection is open: who comes back to a connection, and when.

use crate::model::{ConnectionId, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What a connection has to do with it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Overdue {
    /// Somebody will come back.
    pub scheduled: bool,
    /// The command that was found overdue, and the patience (ns) that was used.
    pub judged: Option<(u64, i64)>,
}

/// Connections to come back to: one entry each at most.
#[derive(Debug, Default)]
pub(super) struct Deadlines(BinaryHeap<Reverse<(Timestamp, u64, u32)>>);

impl Deadlines {
    /// Come back at that time.
    pub(super) fn set(&mut self, at: Timestamp, slot: u32, id: ConnectionId) {
        self.0.push(Reverse((at, id.0, slot)));
    }

    /// How many connections somebody comes back to.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Somebody is due.
    #[inline]
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.0.peek().is_some_and(|Reverse((at, ..))| *at <= now)
    }

    /// The next connection that is due.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<(u32, ConnectionId)> {
        if !self.is_due(now) {
            return None;
        }
        let Reverse((_, id, slot)) = self.0.pop()?;
        Some((slot, ConnectionId(id)))
    }
}
