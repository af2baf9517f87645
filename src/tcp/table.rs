//! All connections of a run: from a segment's addresses to its flow.

use super::closed::{Closed, ClosedFlows, Copied};
use super::flow::{Flow, Output};
use super::limits::{TcpLimitHits, TcpLimits};
use super::liveness::{Liveness, Seen};
use super::meta::{End, FlowMeta};
use super::settling::Settling;
use super::streams::StreamNumbers;
use super::{Chunk, Gap, Receiver};
use crate::model::{ConnectionId, FlowKey, PacketRef, Side, Timestamp};
use crate::packet::Segment;
use hashbrown::HashMap;
use smallvec::smallvec;
use std::collections::VecDeque;

/// What became of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PushOutcome {
    /// It was taken.
    Taken,
    /// The same packet had been captured before, at another point.
    Duplicate,
}

#[derive(Debug)]
pub(super) struct Entry<T> {
    pub(super) flow: Flow,
    state: T,
}

/// All live connections, each with the receiver's state `T` beside it.
#[derive(Debug)]
pub struct Table<T> {
    pub(super) limits: TcpLimits,
    index: HashMap<FlowKey, u32>,
    pub(super) slots: Vec<Option<Entry<T>>>,
    free: Vec<u32>,
    pub(super) closed: ClosedFlows,
    timers: VecDeque<(Timestamp, u32, ConnectionId)>,
    pub(super) now: Timestamp,
    next_id: u64,
    streams: StreamNumbers,
    held: usize,
    pub(super) hand: usize,
    pub(super) pushed: u64,
    pub(super) hits: TcpLimitHits,
}

struct Bound<'r, R, T> {
    receiver: &'r mut R,
    state: &'r mut T,
}

impl<T, R: Receiver<T>> Output for Bound<'_, R, T> {
    fn data(&mut self, meta: &FlowMeta, chunk: Chunk<'_>) {
        self.receiver.data(self.state, meta, chunk);
    }
    fn gap(&mut self, meta: &FlowMeta, gap: Gap) {
        self.receiver.gap(self.state, meta, gap);
    }
}

impl<T> Table<T> {
    /// An empty table.
    pub fn new(limits: TcpLimits) -> Table<T> {
        Table {
            limits,
            index: HashMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            closed: ClosedFlows::new(limits.closed_connections),
            timers: VecDeque::new(),
            now: Timestamp::MIN,
            next_id: 0,
            streams: StreamNumbers::default(),
            held: 0,
            hand: 0,
            pushed: 0,
            hits: TcpLimitHits::default(),
        }
    }

    /// Connections so far, live and closed.
    pub fn connections(&self) -> u64 {
        self.next_id
    }

    /// How often each bound was hit.
    pub fn limit_hits(&self) -> TcpLimitHits {
        TcpLimitHits {
            closed_connections: self.closed.forgotten(),
            ..self.hits
        }
    }

    /// Takes one segment; what becomes deliverable goes to `receiver`.
    pub fn push<R: Receiver<T>>(
        &mut self,
        segment: &Segment<'_>,
        time: Timestamp,
        at: PacketRef,
        receiver: &mut R,
    ) -> PushOutcome {
        self.tick(time, receiver);
        let (key, side) = FlowKey::of(segment.src, segment.dst);
        let seen = Seen { time, at };
        if let Some(copied) = self.closed.copied(key, side, segment, at.file()) {
            if copied == Copied::First {
                self.streams.pass(at.file());
            }
            return PushOutcome::Duplicate;
        }
        let slot = match self.slot_of(key, side, segment, receiver) {
            Some(slot) => slot,
            None if self.closed.absorbs(key, side, segment) => return PushOutcome::Taken,
            None => self.open(key, side, segment, seen, receiver),
        };
        let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else {
            return PushOutcome::Taken;
        };
        let meta = &mut entry.flow.meta;
        if meta.last <= time {
            (meta.last, meta.last_at) = (time, at);
        }
        self.streams.note(meta, at.file());
        let before = entry.flow.held_bytes();
        let grace = self.limits.reorder_grace_ns;
        let mut out = Bound {
            receiver,
            state: &mut entry.state,
        };
        let duplicate = entry.flow.push(segment, side, seen, grace, &mut out);
        if entry.flow.held_bytes() > self.limits.held_bytes_per_connection {
            self.hits.held_bytes_per_connection += 1;
            entry.flow.settle(grace, &mut out);
            entry.flow.resolve(time, grace, true, &mut out);
        }
        self.held = self.held + entry.flow.held_bytes() - before;
        if self.held > self.limits.held_bytes {
            self.hits.held_bytes += 1;
            let held = entry.flow.held_bytes();
            entry.flow.settle(grace, &mut out);
            entry.flow.resolve(time, grace, true, &mut out);
            self.held = self.held + entry.flow.held_bytes() - held;
        }
        self.set_timer(slot);
        if duplicate {
            PushOutcome::Duplicate
        } else {
            PushOutcome::Taken
        }
    }

    /// Lets time pass: holes that are known for long enough become gaps, ended connections are closed.
    pub fn tick<R: Receiver<T>>(&mut self, time: Timestamp, receiver: &mut R) {
        self.now = self.now.max(time);
        // One turn for each: without a grace, a timer that is set again is due again at once.
        for _ in 0..self.timers.len() {
            if self.timers.front().is_none_or(|(due, ..)| *due > self.now) {
                break;
            }
            if let Some((_, slot, id)) = self.timers.pop_front() {
                self.timer(slot, id, receiver);
            }
        }
        self.drop_idle(receiver);
    }

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

    fn timer<R: Receiver<T>>(&mut self, slot: u32, id: ConnectionId, receiver: &mut R) {
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
        if entry
            .flow
            .settling
            .as_ref()
            .is_some_and(|s| s.until <= self.now)
        {
            entry.flow.settle(grace, &mut out);
        }
        if entry.flow.settling.is_none() {
            entry.flow.resolve(self.now, grace, false, &mut out);
        }
        self.held = self.held + entry.flow.held_bytes() - before;
        if entry.flow.closing.is_some_and(|at| at <= self.now) {
            self.close(slot, None, receiver);
        } else {
            self.set_timer(slot);
        }
    }

    /// Comes back to a flow that waits for something, one grace from now.
    fn set_timer(&mut self, slot: u32) {
        let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else {
            return;
        };
        let flow = &mut entry.flow;
        let waits = flow.is_stuck() || flow.closing.is_some();
        let due = self.now.plus(self.limits.reorder_grace_ns);
        // At the end of time (a damaged clock) nothing is due later.
        if waits && !flow.scheduled && due < Timestamp::MAX {
            flow.scheduled = true;
            self.timers.push_back((due, slot, flow.meta.id));
        }
    }

    /// The live flow of a segment. A SYN that does not belong to it ends it first.
    fn slot_of<R: Receiver<T>>(
        &mut self,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        receiver: &mut R,
    ) -> Option<u32> {
        let slot = *self.index.get(&key)?;
        let Some(opener) = opener_of(segment, side) else {
            return Some(slot);
        };
        let entry = self.slots.get_mut(slot as usize)?.as_mut()?;
        let base = entry.flow.half(side).base();
        let fits = match base {
            Some(base) => base == segment.first_byte(),
            None => entry.flow.settling.is_none() && !segment.flags.rst(),
        };
        if fits {
            // The numbers in a SYN-ACK tell whether the other end's first bytes were captured.
            let other = entry.flow.half(side.peer()).base();
            let from_start = !segment.flags.ack() || other.is_none_or(|base| base == segment.ack);
            if from_start {
                entry.flow.meta.opener.get_or_insert(opener);
            }
            return Some(slot);
        }
        if base.is_none()
            && let Some(settling) = entry.flow.settling.take()
        {
            // Data overtook its SYN in the capture: both belong to one connection when the numbers say so.
            let start = settling.start_of(side, false);
            let close = start.is_none_or(|s| {
                (s.wrapping_sub(segment.seq) as i32).unsigned_abs() < super::settling::BYTES as u32
            });
            entry.flow.settling = Some(settling);
            if close {
                entry.flow.half_mut(side).set_base(segment.first_byte());
                entry.flow.meta.opener.get_or_insert(opener);
                return Some(slot);
            }
        }
        self.close(slot, Some(End::Idle), receiver);
        None
    }

    fn open<R: Receiver<T>>(
        &mut self,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> u32 {
        if self.index.len() >= self.limits.connections {
            self.evict(receiver);
        }
        let opener = opener_of(segment, side);
        let meta = FlowMeta {
            id: ConnectionId(self.next_id),
            slot: self
                .free
                .last()
                .copied()
                .unwrap_or(u32::try_from(self.slots.len()).unwrap_or(u32::MAX)),
            key,
            opener,
            opened: seen.time,
            last: seen.time,
            first_at: seen.at,
            last_at: seen.at,
            vantages: smallvec![],
            end: End::Open,
            liveness: Liveness::default(),
            segments: [0; 2],
            cut_bytes: 0,
            gaps: 0,
        };
        self.next_id += 1;
        let state = receiver.open(&meta);
        let mut flow = Flow::new(meta);
        if opener.is_none() {
            flow.settling = Some(Box::new(Settling::new(
                seen.time.plus(self.limits.reorder_grace_ns),
            )));
        }
        let entry = Some(Entry { flow, state });
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(None);
                u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
            }
        };
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = entry;
        }
        self.index.insert(key, slot);
        slot
    }

    pub(super) fn close<R: Receiver<T>>(&mut self, slot: u32, end: Option<End>, receiver: &mut R) {
        let Some(mut entry) = self.slots.get_mut(slot as usize).and_then(Option::take) else {
            return;
        };
        self.held -= entry.flow.held_bytes();
        let grace = self.limits.reorder_grace_ns;
        let mut out = Bound {
            receiver,
            state: &mut entry.state,
        };
        entry.flow.settle(grace, &mut out);
        entry.flow.resolve(self.now, grace, true, &mut out);
        if let Some(end) = end.filter(|_| entry.flow.meta.end == End::Open) {
            entry.flow.meta.end = end;
        }
        let key = entry.flow.meta.key;
        let closed = Closed::new(&entry.flow);
        receiver.close(entry.state, &entry.flow.meta);
        self.index.remove(&key);
        self.free.push(slot);
        self.closed.remember(key, closed);
    }

    /// Looks at one live connection, by its place and number (see [`FlowMeta`]).
    pub fn with(&mut self, slot: u32, id: ConnectionId, look: impl FnOnce(&mut T, &FlowMeta)) {
        let entry = self.slots.get_mut(slot as usize).and_then(Option::as_mut);
        if let Some(entry) = entry.filter(|e| e.flow.meta.id == id) {
            look(&mut entry.state, &entry.flow.meta);
        }
    }

    /// From now on connections get no Wireshark stream number: packets were left out.
    pub fn streams_unknown(&mut self) {
        self.streams.unknown();
    }
}

/// Who opened the connection, when `side` sent this segment: the SYN's sender, or who a SYN-ACK answers.
fn opener_of(segment: &Segment<'_>, side: Side) -> Option<Side> {
    let opener = if segment.flags.ack() {
        side.peer()
    } else {
        side
    };
    segment.flags.syn().then_some(opener)
}
