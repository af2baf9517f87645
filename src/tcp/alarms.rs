//! What connections wait for, and when the next of it is due: most packets find out with one comparison that nothing is.

use crate::model::{ConnectionId, Timestamp};
use std::collections::VecDeque;

/// A moment, and who waits for it.
pub(super) type Alarm = (Timestamp, u32, ConnectionId);

/// Connections that wait for one kind of moment, the earliest first.
#[derive(Debug, Default)]
pub(super) struct Queue(VecDeque<Alarm>);

impl Queue {
    /// The first one, if its moment has come.
    pub(super) fn due(&self, now: Timestamp) -> Option<Alarm> {
        self.0.front().copied().filter(|(due, ..)| *due <= now)
    }

    pub(super) fn first(&self) -> Option<Alarm> {
        self.0.front().copied()
    }

    pub(super) fn pop(&mut self) -> Option<Alarm> {
        self.0.pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Which moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The end of a reordering grace.
    Grace,
    /// The end of a connection that was reset.
    Reset,
    /// The end of the patience with a connection that is half open or was replaced.
    Patience,
}

/// All that is waited for.
#[derive(Debug)]
pub(super) struct Alarms {
    pub(super) graces: Queue,
    pub(super) resets: Queue,
    pub(super) patience: Queue,
    /// Nothing is due before this moment.
    next: Timestamp,
}

impl Alarms {
    pub(super) fn new() -> Alarms {
        Alarms {
            graces: Queue::default(),
            resets: Queue::default(),
            patience: Queue::default(),
            next: Timestamp::MAX,
        }
    }

    /// Wakes this connection then. Of one kind, later calls name later moments.
    pub(super) fn set(&mut self, kind: Kind, alarm: Alarm) {
        let queue = match kind {
            Kind::Grace => &mut self.graces,
            Kind::Reset => &mut self.resets,
            Kind::Patience => &mut self.patience,
        };
        queue.0.push_back(alarm);
        self.next = self.next.min(alarm.0);
    }

    /// Something may be due.
    #[inline]
    pub(super) fn may_be_due(&self, now: Timestamp) -> bool {
        self.next <= now
    }

    /// All that was due was looked after.
    pub(super) fn look_ahead(&mut self) {
        let due = |queue: &Queue| queue.first().map_or(Timestamp::MAX, |(due, ..)| due);
        self.next = due(&self.graces)
            .min(due(&self.resets))
            .min(due(&self.patience));
    }
}
