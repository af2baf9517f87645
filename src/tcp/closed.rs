//! Where closed connections ended, so that a late segment does not open a new one.

use crate::model::{ConnectionId, FlowKey, Side};
use crate::packet::Segment;
use hashbrown::HashMap;
use std::collections::VecDeque;

/// A late segment this close to where a closed connection ended belongs to it.
const LATE_WINDOW: i32 = 1 << 24;

#[derive(Clone, Copy, Debug)]
struct Closed {
    id: ConnectionId,
    next: [Option<u32>; 2],
}

/// The connections that closed last.
#[derive(Debug)]
pub(super) struct ClosedFlows {
    limit: usize,
    ends: HashMap<FlowKey, Closed>,
    order: VecDeque<(FlowKey, ConnectionId)>,
    forgotten: u64,
}

impl ClosedFlows {
    /// Remembers up to `limit` connections.
    pub(super) fn new(limit: usize) -> ClosedFlows {
        ClosedFlows {
            limit,
            ends: HashMap::new(),
            order: VecDeque::new(),
            forgotten: 0,
        }
    }

    /// How often `limit` made it forget one that no newer connection had replaced.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// A connection closed. `next`: the sequence number that each side would have gone on with.
    pub(super) fn remember(&mut self, key: FlowKey, id: ConnectionId, next: [Option<u32>; 2]) {
        self.ends.insert(key, Closed { id, next });
        self.order.push_back((key, id));
        while self.order.len() > self.limit {
            self.forget_oldest();
        }
    }

    /// The connection may go on after all.
    pub(super) fn forget(&mut self, key: &FlowKey) {
        self.ends.remove(key);
    }

    /// True for a late segment of a connection that is already closed.
    pub(super) fn absorbs(&self, key: FlowKey, side: Side, segment: &Segment<'_>) -> bool {
        let end = self.ends.get(&key).and_then(|c| c.next[side as usize]);
        let near =
            end.is_some_and(|next| (segment.seq.wrapping_sub(next) as i32).abs() < LATE_WINDOW);
        near && !segment.flags.syn()
    }

    fn forget_oldest(&mut self) {
        if let Some((key, id)) = self.order.pop_front()
            && self.ends.get(&key).is_some_and(|c| c.id == id)
        {
            self.ends.remove(&key);
            self.forgotten += 1;
        }
    }
}
