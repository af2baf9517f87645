//! A connection is over, or the capture is.

use super::Receiver;
use super::closed::Closed;
use super::flow::Flow;
use super::meta::End;
use super::table::{Bound, Table};
use crate::model::ConnectionId;

impl<T> Table<T> {
    /// The capture is over: everything held is handed on, every connection closed, in order of their numbers.
    pub fn finish<R: Receiver<T>>(&mut self, receiver: &mut R) {
        let mut order: Vec<(ConnectionId, u32)> = (0u32..)
            .zip(&self.slots)
            .filter_map(|(i, e)| e.as_ref().map(|e| (e.flow.meta.id, i)))
            .collect();
        order.sort_unstable();
        for (_, slot) in order {
            self.close(slot, None, receiver);
        }
    }

    pub(super) fn close<R: Receiver<T>>(&mut self, slot: u32, end: Option<End>, receiver: &mut R) {
        let Some(mut entry) = self.slots.get_mut(slot as usize).and_then(Option::take) else {
            return;
        };
        self.held -= entry.flow.held_bytes();
        let grace = self.limits.reorder_grace_ns;
        let now = self.now();
        let mut out = Bound {
            receiver,
            state: &mut entry.state,
        };
        entry.flow.settle(grace, &mut out);
        entry.flow.resolve(now, grace, true, &mut out);
        let replaced = entry.flow.superseded.then_some(End::Replaced);
        if let Some(end) = replaced
            .or(end)
            .filter(|_| entry.flow.meta.end == End::Open)
        {
            entry.flow.meta.end = end;
        }
        self.unlink(slot, &entry.flow);
        self.free.push(slot);
        if entry.flow.half_open {
            self.half_open -= 1;
        } else {
            self.remember(&entry.flow);
        }
        receiver.close(entry.state, &entry.flow.meta);
    }

    fn remember(&mut self, flow: &Flow) {
        let closed = Closed::new(flow);
        for alias in flow.kin.aliases() {
            self.closed.remember(alias.key, closed.under(alias));
        }
        self.closed.remember(flow.meta.key, closed);
    }
}
