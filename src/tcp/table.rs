//! All connections of a run: from a segment's addresses to its flow.

use super::flow::{Flow, Output, Seen};
use super::meta::{End, FlowMeta};
use super::settling::Settling;
use super::{Chunk, Gap, Receiver};
use crate::model::{ConnectionId, FlowKey, PacketRef, Side, Timestamp};
use crate::packet::Segment;
use hashbrown::HashMap;
use smallvec::smallvec;
use std::collections::VecDeque;

/// A late segment this close to where a closed connection ended belongs to it.
const LATE_WINDOW: i32 = 1 << 24;
/// How many slots one eviction looks at.
const EVICTION_SAMPLE: usize = 64;
/// Packets between two looks for silent connections.
const SWEEP_EVERY: u64 = 4096;

/// Bounds of the table. Each is counted when hit.
#[derive(Clone, Copy, Debug)]
pub struct TcpLimits {
    /// Live connections.
    pub connections: usize,
    /// Closed connections remembered.
    pub closed_connections: usize,
    /// Held payload bytes per connection.
    pub held_bytes_per_connection: usize,
    /// Held payload bytes in all.
    pub held_bytes: usize,
    /// See [`super`]: how long a hole may last once it was acknowledged, ns.
    pub reorder_grace_ns: i64,
    /// Silence after which a connection is dropped, ns.
    pub idle_ns: i64,
}

/// What became of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PushOutcome {
    /// It was taken.
    Taken,
    /// The same packet had been captured before, at another point.
    Duplicate,
}

/// How often each bound was hit.
#[derive(Clone, Copy, Default, Debug)]
pub struct TcpLimitHits {
    /// Connections dropped because there were too many.
    pub connections: u64,
    /// Closed connections forgotten early.
    pub closed_connections: u64,
    /// Times a connection's held bytes had to be given up.
    pub held_bytes_per_connection: u64,
    /// Times all held bytes together were too many.
    pub held_bytes: u64,
    /// Connections dropped after long silence.
    pub idle: u64,
}

#[derive(Debug)]
struct Entry<T> {
    flow: Flow,
    state: T,
}

/// Where a closed connection ended, so that a late segment does not open a new one.
#[derive(Clone, Copy, Debug)]
struct Closed {
    id: ConnectionId,
    next: [Option<u32>; 2],
}

/// All live connections, each with the receiver's state `T` beside it.
#[derive(Debug)]
pub struct Table<T> {
    limits: TcpLimits,
    index: HashMap<FlowKey, u32>,
    slots: Vec<Option<Entry<T>>>,
    free: Vec<u32>,
    closed: HashMap<FlowKey, Closed>,
    closed_order: VecDeque<(FlowKey, ConnectionId)>,
    timers: VecDeque<(Timestamp, u32, ConnectionId)>,
    now: Timestamp,
    next_id: u64,
    streams: Vec<u32>,
    streams_known: bool,
    held: usize,
    hand: usize,
    pushed: u64,
    hits: TcpLimitHits,
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
    /// An empty table. Without `streams_known` connections get no Wireshark stream number (packets were left out).
    pub fn new(limits: TcpLimits, streams_known: bool) -> Table<T> {
        Table {
            limits,
            index: HashMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            closed: HashMap::new(),
            closed_order: VecDeque::new(),
            timers: VecDeque::new(),
            now: Timestamp::MIN,
            next_id: 0,
            streams: Vec::new(),
            streams_known,
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
        self.hits
    }

    /// The live connections with their states, oldest slot first. For judgements that need no packet.
    pub fn live_mut(&mut self) -> impl Iterator<Item = (&FlowMeta, &mut T)> {
        self.slots
            .iter_mut()
            .flatten()
            .map(|e| (&e.flow.meta, &mut e.state))
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
        let slot = match self.slot_of(key, side, segment, receiver) {
            Some(slot) => slot,
            None if self.absorbs(key, side, segment) => return PushOutcome::Taken,
            None => self.open(key, side, segment, seen, receiver),
        };
        let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else {
            return PushOutcome::Taken;
        };
        let meta = &mut entry.flow.meta;
        meta.last = meta.last.max(time);
        note_vantage(meta, at.file(), &mut self.streams, self.streams_known);
        let before = entry.flow.held_bytes();
        let grace = self.limits.reorder_grace_ns;
        let mut out = Bound {
            receiver,
            state: &mut entry.state,
        };
        let duplicate = take(&mut entry.flow, segment, side, seen, grace, &mut out);
        if entry.flow.held_bytes() > self.limits.held_bytes_per_connection {
            self.hits.held_bytes_per_connection += 1;
            settle(&mut entry.flow, grace, &mut out);
            entry.flow.resolve(time, grace, true, &mut out);
        }
        self.held = self.held + entry.flow.held_bytes() - before;
        if self.held > self.limits.held_bytes {
            self.hits.held_bytes += 1;
            let held = entry.flow.held_bytes();
            settle(&mut entry.flow, grace, &mut out);
            entry.flow.resolve(time, grace, true, &mut out);
            self.held = self.held + entry.flow.held_bytes() - held;
        }
        let wants_timer = entry.flow.is_stuck() || entry.flow.closing.is_some();
        if wants_timer && !entry.flow.scheduled {
            entry.flow.scheduled = true;
            self.timers
                .push_back((self.now.plus(grace), slot, entry.flow.meta.id));
        }
        if duplicate {
            PushOutcome::Duplicate
        } else {
            PushOutcome::Taken
        }
    }

    /// Lets time pass: holes that are known for long enough become gaps, ended connections are closed.
    pub fn tick<R: Receiver<T>>(&mut self, time: Timestamp, receiver: &mut R) {
        self.now = self.now.max(time);
        while self
            .timers
            .front()
            .is_some_and(|(due, ..)| *due <= self.now)
        {
            if let Some((_, slot, id)) = self.timers.pop_front() {
                self.timer(slot, id, receiver);
            }
        }
        self.pushed += 1;
        if self.pushed.is_multiple_of(SWEEP_EVERY) {
            self.sweep(receiver);
        }
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
            settle(&mut entry.flow, grace, &mut out);
        }
        if entry.flow.settling.is_none() {
            entry.flow.resolve(self.now, grace, false, &mut out);
        }
        self.held = self.held + entry.flow.held_bytes() - before;
        if entry.flow.closing.is_some_and(|at| at <= self.now) {
            self.close(slot, None, receiver);
        } else if entry.flow.closing.is_some() || entry.flow.is_stuck() {
            entry.flow.scheduled = true;
            self.timers.push_back((self.now.plus(grace), slot, id));
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
        if !segment.flags.syn() {
            return Some(slot);
        }
        let entry = self.slots.get_mut(slot as usize)?.as_mut()?;
        let opener = if segment.flags.ack() {
            side.peer()
        } else {
            side
        };
        let base = entry.flow.half(side).base();
        let fits = match base {
            Some(base) => base == segment.seq.wrapping_add(1),
            None => entry.flow.settling.is_none() && !segment.flags.rst(),
        };
        if fits {
            entry.flow.meta.opener.get_or_insert(opener);
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
                entry
                    .flow
                    .half_mut(side)
                    .set_base(segment.seq.wrapping_add(1));
                entry.flow.meta.opener.get_or_insert(opener);
                return Some(slot);
            }
        }
        self.close(slot, Some(End::Idle), receiver);
        None
    }

    /// A late segment of a connection that is already closed.
    fn absorbs(&self, key: FlowKey, side: Side, segment: &Segment<'_>) -> bool {
        let Some(closed) = self.closed.get(&key) else {
            return false;
        };
        let seq = if segment.flags.syn() {
            segment.seq.wrapping_add(1)
        } else {
            segment.seq
        };
        let near = closed.next[side as usize]
            .is_some_and(|next| (seq.wrapping_sub(next) as i32).abs() < LATE_WINDOW);
        near && !segment.flags.syn()
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
        let opener = segment.flags.syn().then_some(if segment.flags.ack() {
            side.peer()
        } else {
            side
        });
        let meta = FlowMeta {
            id: ConnectionId(self.next_id),
            key,
            opener,
            opened: seen.time,
            last: seen.time,
            first_at: seen.at,
            vantages: smallvec![],
            end: End::Open,
            closed_by: None,
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

    fn close<R: Receiver<T>>(&mut self, slot: u32, end: Option<End>, receiver: &mut R) {
        let Some(mut entry) = self.slots.get_mut(slot as usize).and_then(Option::take) else {
            return;
        };
        self.held -= entry.flow.held_bytes();
        let grace = self.limits.reorder_grace_ns;
        let mut out = Bound {
            receiver,
            state: &mut entry.state,
        };
        settle(&mut entry.flow, grace, &mut out);
        entry.flow.resolve(self.now, grace, true, &mut out);
        if let Some(end) = end.filter(|_| entry.flow.meta.end == End::Open) {
            entry.flow.meta.end = end;
        }
        let key = entry.flow.meta.key;
        let id = entry.flow.meta.id;
        let next = |side| {
            let half = entry.flow.half(side);
            half.base().map(|b| b.wrapping_add(half.next as u32))
        };
        let next = [next(Side::Low), next(Side::High)];
        receiver.close(entry.state, &entry.flow.meta);
        self.index.remove(&key);
        self.free.push(slot);
        self.closed.insert(key, Closed { id, next });
        self.closed_order.push_back((key, id));
        while self.closed_order.len() > self.limits.closed_connections {
            self.forget_oldest_closed();
        }
    }

    fn forget_oldest_closed(&mut self) {
        if let Some((key, id)) = self.closed_order.pop_front()
            && self.closed.get(&key).is_some_and(|c| c.id == id)
        {
            self.closed.remove(&key);
            self.hits.closed_connections += 1;
        }
    }

    /// Makes room: of the next few slots the one that has been silent for longest goes.
    fn evict<R: Receiver<T>>(&mut self, receiver: &mut R) {
        let len = self.slots.len();
        let sample = (0..EVICTION_SAMPLE.min(len)).map(|i| (self.hand + i) % len);
        let last = |slot: usize| {
            self.slots
                .get(slot)
                .and_then(Option::as_ref)
                .map(|e| e.flow.meta.last)
        };
        let victim = sample
            .filter_map(|slot| last(slot).map(|t| (t, slot)))
            .min();
        self.hand = (self.hand + EVICTION_SAMPLE) % len.max(1);
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
            self.closed.remove(&key);
        }
        self.streams_unknown();
    }

    /// From now on connections get no Wireshark stream number: packets were left out.
    pub fn streams_unknown(&mut self) {
        self.streams_known = false;
    }

    /// Drops connections that have been silent for very long, a few slots at a time.
    fn sweep<R: Receiver<T>>(&mut self, receiver: &mut R) {
        let len = self.slots.len();
        for _ in 0..EVICTION_SAMPLE.min(len) {
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

/// Hands a segment to its flow, by way of the settling buffer where there is one.
fn take(
    flow: &mut Flow,
    segment: &Segment<'_>,
    side: Side,
    seen: Seen,
    grace: i64,
    out: &mut impl Output,
) -> bool {
    if flow.wants_settling(segment) {
        // An acknowledgement overtook the other end's SYN: only that tells where its stream starts.
        flow.settling = Some(Box::new(Settling::new(seen.time.plus(grace))));
    }
    let Some(settling) = &mut flow.settling else {
        return flow.take(segment, side, seen, grace, out);
    };
    settling.keep(segment, side, seen);
    if settling.is_full() || segment.flags.syn() && flow.is_known() {
        settle(flow, grace, out);
    }
    false
}

/// Decides where both directions start and hands on what was kept.
fn settle(flow: &mut Flow, grace: i64, out: &mut impl Output) {
    let Some(settling) = flow.settling.take() else {
        return;
    };
    flow.settled = true;
    let from_syn = flow.meta.opener.is_some();
    for side in [Side::Low, Side::High] {
        let start = settling.start_of(side, from_syn);
        if let (false, Some(start)) = (flow.half(side).is_known(), start) {
            flow.half_mut(side).set_base(start);
        }
    }
    for kept in settling.into_segments() {
        flow.take(&kept.segment(), kept.side, kept.seen, grace, out);
    }
}

/// Notes the capture point. A connection's stream number is how many connections the file had before it.
fn note_vantage(meta: &mut FlowMeta, file: u16, streams: &mut Vec<u32>, known: bool) {
    if meta.vantages.iter().any(|(f, _)| *f == file) {
        return;
    }
    let index = usize::from(file);
    if streams.len() <= index {
        streams.resize(index + 1, 0);
    }
    let number = streams.get(index).copied().unwrap_or(0);
    if let Some(count) = streams.get_mut(index) {
        *count += 1;
    }
    meta.vantages.push((file, known.then_some(number)));
}
