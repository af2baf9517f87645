//! The connection that will be closed next was last looked at a reordering grace ago, and a thousand others may have been
//! since: its memory has left the near caches. So parts of it are read one connection ahead. Nothing waits for what is
//! read here, and when the connection is closed it is near.
//!
//! What is read goes into a black box, or it would not be read at all.

use super::Receiver;
use super::flow::Flow;
use super::table::Table;
use std::hint::black_box;

impl<T> Table<T> {
    /// Reads ahead of the next connection that a timer will look after.
    pub(super) fn prefetch_next<R: Receiver<T>>(&self, receiver: &R) {
        let next = self.alarms.graces.first();
        let slot = next.and_then(|(_, slot, _)| self.slots.get(slot as usize));
        if let Some(Some(entry)) = slot {
            entry.flow.prefetch();
            receiver.prefetch(&entry.state);
        }
    }
}

impl Flow {
    fn prefetch(&self) {
        let (meta, ended) = (&self.meta, self.meta.liveness.first_end().is_some());
        black_box((meta.key, meta.end, meta.gaps, ended));
        black_box((self.last, self.is_handed_on()));
    }
}
