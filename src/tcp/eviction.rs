//! Which connections are dropped before their end: the silent ones, and one of the oldest when there are too many.

use super::Receiver;
use super::meta::End;
use super::table::Table;

/// How many slots one look covers.
const SAMPLE: usize = 64;
/// Packets between two looks for silent connections.
const SWEEP_EVERY: u64 = 4096;

impl<T> Table<T> {
    /// Makes room: of the next few slots the one that has been silent for longest goes.
    pub(super) fn evict<R: Receiver<T>>(&mut self, receiver: &mut R) {
        let len = self.slots.len();
        let sample = (0..SAMPLE.min(len)).map(|i| (self.hand + i) % len);
        let last = |slot: usize| {
            self.slots
                .get(slot)
                .and_then(Option::as_ref)
                .map(|e| e.flow.meta.last)
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

    /// Drops connections that have been silent for very long: now and then a look at a few slots.
    pub(super) fn drop_idle<R: Receiver<T>>(&mut self, receiver: &mut R) {
        self.pushed += 1;
        if !self.pushed.is_multiple_of(SWEEP_EVERY) {
            return;
        }
        let len = self.slots.len();
        for _ in 0..SAMPLE.min(len) {
            self.hand = (self.hand + 1) % len;
            let idle = self
                .slots
                .get(self.hand)
                .and_then(Option::as_ref)
                .is_some_and(|e| self.now.since(e.flow.meta.last) > self.limits.idle_ns);
            if idle {
                self.hits.idle += 1;
                self.give_up(u32::try_from(self.hand).unwrap_or(u32::MAX), receiver);
            }
        }
    }
}
