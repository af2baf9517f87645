//! Where closed connections ended, so that a late segment does not open a new one.

use super::flow::Flow;
use crate::model::{ConnectionId, FlowKey, Side};
use crate::packet::Segment;
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::collections::VecDeque;

/// A late segment this close to where a closed connection ended belongs to it.
const LATE_WINDOW: i32 = 1 << 24;

/// How a closed connection is recognised.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    id: ConnectionId,
    /// Sequence number of the first byte of each side, and where it would have gone on.
    base: [Option<u32>; 2],
    next: [Option<u32>; 2],
    /// Inputs that captured it.
    files: SmallVec<[u16; 2]>,
    /// Inputs of another clock that begin to show it only now.
    copies: SmallVec<[u16; 2]>,
}

impl Closed {
    pub(super) fn new(flow: &Flow) -> Closed {
        let sides = [Side::Low, Side::High];
        Closed {
            id: flow.meta.id,
            base: sides.map(|side| flow.half(side).base()),
            next: sides.map(|side| flow.next_seq(side)),
            files: flow.meta.vantages.iter().map(|(file, _)| *file).collect(),
            copies: SmallVec::new(),
        }
    }
}

/// The connections that closed last.
#[derive(Debug)]
pub(super) struct ClosedFlows {
    limit: usize,
    ends: HashMap<FlowKey, Closed>,
    order: VecDeque<(FlowKey, ConnectionId)>,
    forgotten: u64,
    /// An input has been found to lag behind another one.
    lags: bool,
}

/// A segment of a closed connection, captured at another point with another clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Copied {
    /// The first one of that point.
    First,
    /// One of the others.
    More,
}

impl ClosedFlows {
    /// Remembers up to `limit` connections.
    pub(super) fn new(limit: usize) -> ClosedFlows {
        ClosedFlows {
            limit,
            ends: HashMap::new(),
            order: VecDeque::new(),
            forgotten: 0,
            lags: false,
        }
    }

    /// How often `limit` made it forget one that no newer connection had replaced.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// A connection closed.
    pub(super) fn remember(&mut self, key: FlowKey, closed: Closed) {
        self.order.push_back((key, closed.id));
        self.ends.insert(key, closed);
        while self.order.len() > self.limit {
            self.forget_oldest();
        }
    }

    /// The connection may go on after all.
    pub(super) fn forget(&mut self, key: &FlowKey) {
        self.ends.remove(key);
    }

    /// The segment repeats, from the SYN on, what another input has shown of a closed connection. That both SYNs carry
    /// the same number within one input may be a coincidence, so there they are two connections.
    pub(super) fn copied(
        &mut self,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        file: u16,
    ) -> Option<Copied> {
        let syn = segment.flags.syn();
        if !syn && !self.lags {
            return None;
        }
        let closed = self.ends.get_mut(&key)?;
        let known = closed.copies.contains(&file);
        if !syn {
            return known.then_some(Copied::More);
        }
        let same = closed.base[side as usize] == Some(segment.first_byte());
        if !same || closed.files.contains(&file) {
            // The input has gone on to the next connection of these ports.
            closed.copies.retain(|copy| *copy != file);
            return None;
        }
        if known {
            return Some(Copied::More);
        }
        closed.copies.push(file);
        self.lags = true;
        Some(Copied::First)
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
