//! Where closed connections ended, so that a late segment does not open a new one.

use super::flow::Flow;
use super::twins::Alias;
use crate::model::{ConnectionId, FlowKey, Side};
use crate::packet::Segment;
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::collections::VecDeque;

/// A late segment this close to where a closed connection ended belongs to it.
const LATE_WINDOW: i32 = 1 << 24;
/// So many closed connections of the same ports are told apart.
const SAME_PORTS: usize = 4;

/// How a closed connection is recognised.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    id: ConnectionId,
    /// Sequence number of the first byte of each side, and where it would have gone on.
    base: [Option<u32>; 2],
    next: [Option<u32>; 2],
    /// Inputs that captured it, and its Wireshark number there.
    vantages: SmallVec<[(u16, Option<u32>); 1]>,
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
            vantages: flow.meta.vantages.clone(),
            copies: SmallVec::new(),
        }
    }

    /// The same connection under another name.
    pub(super) fn under(&self, alias: &Alias) -> Closed {
        let mut closed = self.clone();
        if alias.swapped {
            closed.base.reverse();
            closed.next.reverse();
        }
        closed
    }

    fn was_captured_by(&self, file: u16) -> bool {
        self.vantages.iter().any(|(f, _)| *f == file)
    }

    /// `seq` lies within what `side` sent, or a little behind it.
    fn holds(&self, side: Side, seq: u32) -> bool {
        let (base, next) = (self.base[side as usize], self.next[side as usize]);
        base.zip(next).is_some_and(|(base, next)| {
            // A keep-alive probe stands one byte too early.
            let start = base.wrapping_sub(1);
            let room = u64::from(next.wrapping_sub(start)) + u64::from(LATE_WINDOW.unsigned_abs());
            u64::from(seq.wrapping_sub(start)) <= room
        })
    }
}

/// The connections that closed last.
#[derive(Debug)]
pub(super) struct ClosedFlows {
    limit: usize,
    /// The latest few of each pair of ports, oldest first.
    ends: HashMap<FlowKey, SmallVec<[Closed; 1]>>,
    order: VecDeque<(FlowKey, ConnectionId)>,
    forgotten: u64,
    /// An input has been found to lag behind another one.
    lags: bool,
    /// Some of them were captured by another input than the first one.
    several_inputs: bool,
}

/// A segment of a closed connection, captured at another point with another clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Copied {
    /// The first one of that point.
    First,
    /// One of the others.
    More,
}

/// A segment behind the end of its connection, with nothing new in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Late {
    /// Its bytes were sent before.
    Repeats,
    /// It has none.
    Empty,
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
            several_inputs: false,
        }
    }

    /// How often `limit` made it forget one that no newer connection had replaced.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// An input lags behind another one: each of its segments may be a copy.
    #[inline]
    pub(super) fn lags(&self) -> bool {
        self.lags
    }

    /// A connection closed.
    pub(super) fn remember(&mut self, key: FlowKey, closed: Closed) {
        self.order.push_back((key, closed.id));
        self.several_inputs |= !matches!(closed.vantages[..], [(0, _)]);
        let same_ports = self.ends.entry(key).or_default();
        if same_ports.len() >= SAME_PORTS {
            same_ports.remove(0);
        }
        same_ports.push(closed);
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
    #[inline]
    pub(super) fn copied(
        &mut self,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        file: u16,
    ) -> Option<Copied> {
        // What the first input shows can not have been shown by another one.
        let alone = file == 0 && !self.several_inputs;
        if alone || !segment.flags.syn() && !self.lags {
            return None;
        }
        self.copied_before(key, side, segment, file)
    }

    fn copied_before(
        &mut self,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        file: u16,
    ) -> Option<Copied> {
        let syn = segment.flags.syn();
        let same_ports = self.ends.get_mut(&key)?;
        if !syn {
            let of_copy = |c: &Closed| c.copies.contains(&file) && c.holds(side, segment.seq);
            return same_ports.iter().any(of_copy).then_some(Copied::More);
        }
        let first_byte = Some(segment.first_byte());
        let mut found = None;
        for closed in same_ports {
            let known = closed.copies.contains(&file);
            let same = closed.base[side as usize] == first_byte && !closed.was_captured_by(file);
            if same && found.is_none() {
                found = Some(if known { Copied::More } else { Copied::First });
                if !known {
                    closed.copies.push(file);
                }
            }
        }
        self.lags |= found.is_some();
        found
    }

    /// Inputs and Wireshark numbers of the connection that closed last under this name.
    pub(super) fn vantages(&self, key: FlowKey) -> Option<&[(u16, Option<u32>)]> {
        let last = self.ends.get(&key)?.last()?;
        Some(&last.vantages)
    }

    /// A segment of a connection that is already closed, when nothing in it is new. New bytes behind an end are those of
    /// another connection: its handshake was not captured.
    pub(super) fn late(&self, key: FlowKey, side: Side, segment: &Segment<'_>) -> Option<Late> {
        if segment.flags.syn() {
            return None;
        }
        let same_ports = self.ends.get(&key)?;
        let len = segment.payload.len() as u32;
        let len = len.wrapping_add(segment.cut);
        same_ports.iter().rev().find_map(|closed| {
            let next = closed.next[side as usize]?;
            let begins = segment.seq.wrapping_sub(next) as i32;
            if begins.unsigned_abs() >= LATE_WINDOW.unsigned_abs() {
                return None;
            }
            match i64::from(begins) + i64::from(len) {
                _ if len == 0 => Some(Late::Empty),
                ..=0 => Some(Late::Repeats),
                _ => None,
            }
        })
    }

    fn forget_oldest(&mut self) {
        let Some((key, id)) = self.order.pop_front() else {
            return;
        };
        let Some(same_ports) = self.ends.get_mut(&key) else {
            return;
        };
        let before = same_ports.len();
        same_ports.retain(|closed| closed.id != id);
        self.forgotten += u64::from(same_ports.len() < before);
        if same_ports.is_empty() {
            self.ends.remove(&key);
        }
    }
}
