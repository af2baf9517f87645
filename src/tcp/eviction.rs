//! Which connections are dropped before their end: the silent ones, those of which only a SYN was seen, and one of the
//! oldest when there are too many.

use super::Receiver;
use super::alarms::Kind;
use super::meta::End;
use super::table::Table;
use crate::model::ConnectionId;

/// How many slots one look covers.
const SAMPLE: usize = 64;

impl<T> Table<T> {
    /// Makes room: of the next few slots the one that has been silent for longest goes.
    pub(super) fn evict<R: Receiver<T>>(&mut self, receiver: &mut R) {
        let len = self.slots.len();
        let sample = (0..SAMPLE.min(len)).map(|i| (self.hand + i) % len);
        let last = |slot: usize| {
            self.slots
                .get(slot)
                .and_then(Option::as_ref)
                .map(|e| e.flow.last)
        };
        let victim = sample
            .filter_map(|slot| last(slot).map(|t| (t, slot)))
            .min();
        self.hand = (self.hand + SAMPLE) % len.max(1);
        if let Some((_, slot)) = victim {
            self.hits.connections += 1;
            self.give_up(u32::try_from(slot).unwrap_or(u32::MAX), receiver);
        }
    }

    /// Drops a connection that may go on: then it is joined in the middle, and Wireshark's numbers can not be followed
    /// any more.
    fn give_up<R: Receiver<T>>(&mut self, slot: u32, receiver: &mut R) {
        let entry = self.slots.get(slot as usize).and_then(Option::as_ref);
        let key = entry.map(|e| e.flow.meta.key);
        self.close(slot, Some(End::Idle), receiver);
        if let Some(key) = key {
            self.closed.forget(&key);
        }
        self.streams_unknown();
    }

    /// Drops connections that have been silent for very long: a look at a few slots. Called now and then.
    #[inline(never)]
    pub(super) fn drop_idle<R: Receiver<T>>(&mut self, receiver: &mut R) {
        let now = self.now();
        let len = self.slots.len();
        for _ in 0..SAMPLE.min(len) {
            self.hand = (self.hand + 1) % len;
            let idle = self
                .slots
                .get(self.hand)
                .and_then(Option::as_ref)
                .is_some_and(|e| now.since(e.flow.last) > self.limits.idle_ns);
            if idle {
                self.hits.idle += 1;
                self.give_up(u32::try_from(self.hand).unwrap_or(u32::MAX), receiver);
            }
        }
    }

    /// A connection begins with a SYN. Of those that nobody answered, only so many are kept, the latest.
    pub(super) fn note_half_open<R: Receiver<T>>(
        &mut self,
        slot: u32,
        id: ConnectionId,
        receiver: &mut R,
    ) {
        let due = self.now().plus(self.limits.half_open_ns);
        self.alarms.set(Kind::Patience, (due, slot, id));
        self.half_open += 1;
        while self.half_open > self.limits.half_open {
            let Some((_, slot, id)) = self.alarms.patience.pop() else {
                return;
            };
            let before = self.half_open;
            self.end_patience(slot, id, receiver);
            self.hits.half_open += (before - self.half_open) as u64;
        }
        // Connections that went on leave their places behind.
        while let Some((_, slot, id)) = self.alarms.patience.first() {
            let waits = self.flow(slot).filter(|flow| flow.meta.id == id);
            if waits.is_some_and(|flow| flow.half_open || flow.superseded) {
                return;
            }
            self.alarms.patience.pop();
        }
    }

    /// Nothing more was heard of a connection that is half open, or that a newer one has replaced.
    pub(super) fn end_patience<R: Receiver<T>>(
        &mut self,
        slot: u32,
        id: ConnectionId,
        receiver: &mut R,
    ) {
        let Some(flow) = self.flow(slot).filter(|flow| flow.meta.id == id) else {
            return;
        };
        if flow.half_open {
            self.close(slot, Some(End::Idle), receiver);
        } else if flow.superseded {
            self.close(slot, Some(End::Replaced), receiver);
        }
    }
}
