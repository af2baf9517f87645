//! Time passes: holes that are known for long enough become gaps, ended connections are closed.

use super::Receiver;
use super::alarms::Kind;
use super::table::{Bound, Table};
use crate::model::{ConnectionId, Timestamp};

/// Packets between two looks for silent connections.
const SWEEP_EVERY: u64 = 4096;

impl<T> Table<T> {
    /// Says what time it is: holes that are known for long enough become gaps, ended connections are closed.
    pub fn tick<R: Receiver<T>>(&mut self, time: Timestamp, receiver: &mut R) {
        self.clock.tick(time);
        self.let_time_pass(receiver);
    }

    #[inline(always)]
    pub(super) fn let_time_pass<R: Receiver<T>>(&mut self, receiver: &mut R) {
        if self.alarms.may_be_due(self.now()) {
            self.ring(receiver);
        }
        self.pushed += 1;
        if self.pushed.is_multiple_of(SWEEP_EVERY) {
            self.drop_idle(receiver);
        }
    }

    /// Looks after all that is due.
    #[inline(never)]
    fn ring<R: Receiver<T>>(&mut self, receiver: &mut R) {
        let now = self.now();
        // One turn for each: without a grace, a timer that is set again is due again at once.
        for _ in 0..self.alarms.graces.len() {
            let Some((_, slot, id)) = self.alarms.graces.due(now) else {
                break;
            };
            self.alarms.graces.pop();
            self.timer(slot, id, receiver);
        }
        self.prefetch_next(receiver);
        while let Some((_, slot, id)) = self.alarms.resets.due(now) {
            self.alarms.resets.pop();
            self.end_lingering(slot, id, receiver);
        }
        while let Some((_, slot, id)) = self.alarms.patience.due(now) {
            self.alarms.patience.pop();
            self.end_patience(slot, id, receiver);
        }
        self.alarms.look_ahead();
    }

    fn timer<R: Receiver<T>>(&mut self, slot: u32, id: ConnectionId, receiver: &mut R) {
        let now = self.now();
        let Some(entry) = self
            .slots
            .get_mut(slot as usize)
            .and_then(Option::as_mut)
            .filter(|e| e.flow.meta.id == id)
        else {
            return;
        };
        let grace = self.limits.reorder_grace_ns;
        let before = entry.flow.held_bytes();
        entry.flow.scheduled = false;
        let mut out = Bound {
            receiver,
            state: &mut entry.state,
        };
        if entry.flow.settling.as_ref().is_some_and(|s| s.until <= now) {
            entry.flow.settle(grace, &mut out);
        }
        if entry.flow.settling.is_none() {
            entry.flow.resolve(now, grace, false, &mut out);
        }
        self.held = self.held + entry.flow.held_bytes() - before;
        if entry.flow.closing.moment().is_some_and(|at| at <= now) {
            self.close(slot, None, receiver);
        } else {
            self.set_timer(slot);
        }
    }

    /// Comes back to a flow that waits for something, one grace from now.
    pub(super) fn set_timer(&mut self, slot: u32) {
        let due = self.now().plus(self.limits.reorder_grace_ns);
        let Some(flow) = self.flow_mut(slot) else {
            return;
        };
        let ends = flow.closing.moment().is_some_and(|at| at <= due);
        // At the end of time (a damaged clock) nothing is due later.
        if (flow.is_stuck() || ends) && !flow.scheduled && due < Timestamp::MAX {
            flow.scheduled = true;
            let id = flow.meta.id;
            self.alarms.set(Kind::Grace, (due, slot, id));
        }
        let Some(flow) = self.flow_mut(slot) else {
            return;
        };
        if let Some(at) = flow
            .closing
            .moment()
            .filter(|at| *at > due && !flow.lingers)
        {
            flow.lingers = true;
            let id = flow.meta.id;
            self.alarms.set(Kind::Reset, (at, slot, id));
        }
    }

    /// The time of a connection that was reset is over, unless it goes on.
    fn end_lingering<R: Receiver<T>>(&mut self, slot: u32, id: ConnectionId, receiver: &mut R) {
        let now = self.now();
        let Some(flow) = self.flow_mut(slot).filter(|flow| flow.meta.id == id) else {
            return;
        };
        flow.lingers = false;
        if flow.closing.moment().is_some_and(|at| at <= now) {
            self.close(slot, None, receiver);
        }
    }
}
