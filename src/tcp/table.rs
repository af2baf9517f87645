//! All connections of a run: from a segment's addresses to its flow.

use super::alarms::Alarms;
use super::clock::SteadyClock;
use super::closed::{Copied, Late};
use super::closed_flows::ClosedFlows;
use super::flow::{Flow, Output};
use super::index::Index;
use super::limits::{TcpLimitHits, TcpLimits};
use super::meta::FlowMeta;
use super::place::Place;
use super::seen::Seen;
use super::streams::StreamNumbers;
use super::twins::Twins;
use super::{Chunk, Gap, Receiver};
use crate::model::{ConnectionId, FlowKey, PacketRef, Side, Timestamp};
use crate::packet::Segment;

/// What became of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PushOutcome {
    /// It was taken.
    Taken,
    /// The same packet had been captured before, at another point.
    Duplicate,
    /// Its connection is over, and nothing in it is new.
    AfterEnd,
}

impl PushOutcome {
    pub(super) fn of(duplicate: bool) -> PushOutcome {
        match duplicate {
            true => PushOutcome::Duplicate,
            false => PushOutcome::Taken,
        }
    }
}

#[derive(Debug)]
pub(super) struct Entry<T> {
    pub(super) flow: Flow,
    pub(super) state: T,
}

/// All live connections, each with the receiver's state `T` beside it.
#[derive(Debug)]
pub struct Table<T> {
    pub(super) limits: TcpLimits,
    pub(super) index: Index,
    /// Each in a place of its own: a large table then grows without moving them.
    pub(super) slots: Vec<Option<Box<Entry<T>>>>,
    pub(super) free: Vec<u32>,
    pub(super) closed: ClosedFlows,
    pub(super) twins: Twins,
    pub(super) alarms: Alarms,
    pub(super) half_open: usize,
    pub(super) clock: SteadyClock,
    pub(super) next_id: u64,
    /// Connections that turned out to be others under a second name.
    pub(super) joined: u64,
    pub(super) streams: StreamNumbers,
    pub(super) held: usize,
    pub(super) hand: usize,
    pub(super) pushed: u64,
    pub(super) hits: TcpLimitHits,
}

pub(super) struct Bound<'r, R, T> {
    pub(super) receiver: &'r mut R,
    pub(super) state: &'r mut T,
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
            index: Index::default(),
            slots: Vec::new(),
            free: Vec::new(),
            closed: ClosedFlows::new(limits.closed_connections),
            twins: Twins::default(),
            alarms: Alarms::new(),
            half_open: 0,
            clock: SteadyClock::new(),
            next_id: 0,
            joined: 0,
            streams: StreamNumbers::default(),
            held: 0,
            hand: 0,
            pushed: 0,
            hits: TcpLimitHits::default(),
        }
    }

    /// Connections so far, live and closed.
    pub fn connections(&self) -> u64 {
        self.next_id - self.joined
    }

    /// This moment on the steady clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How often each bound was hit.
    pub fn limit_hits(&self) -> TcpLimitHits {
        TcpLimitHits {
            closed_connections: self.closed.forgotten(),
            ..self.hits
        }
    }

    /// Takes one segment; what becomes deliverable goes to `receiver`.
    #[inline(always)]
    pub fn push<R: Receiver<T>>(
        &mut self,
        segment: &Segment<'_>,
        time: Timestamp,
        at: PacketRef,
        receiver: &mut R,
    ) -> PushOutcome {
        if self.clock.note(at.file(), time) {
            receiver.clock_set();
        }
        self.let_time_pass(receiver);
        let steady = self.now();
        let seen = Seen { time, at, steady };
        match self.push_expected(segment, seen, receiver) {
            Some(outcome) => outcome,
            None => self.push_unexpected(segment, seen, receiver),
        }
    }

    /// The same of a segment that is not the next one: nearly all of them are near the start or the end of a connection.
    #[inline(never)]
    fn push_unexpected<R: Receiver<T>>(
        &mut self,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> PushOutcome {
        let taken = match segment.flags.syn() {
            true => self.push_syn_ack(segment, seen),
            false => self.push_expected_end(segment, seen),
        };
        match taken {
            Some(outcome) => outcome,
            None => self.push_any(segment, seen, receiver),
        }
    }

    /// The same of any segment.
    #[inline(never)]
    fn push_any<R: Receiver<T>>(
        &mut self,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> PushOutcome {
        let (key, side) = FlowKey::of(segment.src, segment.dst);
        let at = seen.at;
        if let Some(copied) = self.closed.copied(key, side, segment, at.file()) {
            if copied == Copied::First {
                self.streams.pass(at.file());
            }
            return PushOutcome::Duplicate;
        }
        let (slot, side) = match self.place(key, side, segment, seen, receiver) {
            Place::At(slot, side) => (slot, side),
            Place::Opened(slot, side) if self.take_syn(slot, side, segment, seen) => {
                return PushOutcome::Taken;
            }
            Place::Opened(slot, side) => (slot, side),
            Place::Late(Late::Repeats) => return PushOutcome::AfterEnd,
            Place::Late(Late::Empty) | Place::Ignored => return PushOutcome::Taken,
        };
        PushOutcome::of(self.hand_to(slot, side, segment, seen, receiver))
    }

    /// Hands a segment to its connection. True when it is the second capture of a packet.
    #[inline(never)]
    pub(super) fn hand_to<R: Receiver<T>>(
        &mut self,
        slot: u32,
        side: Side,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> bool {
        let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else {
            return false;
        };
        let flow = &mut entry.flow;
        let carries = !segment.payload.is_empty() || segment.flags.syn();
        if carries {
            self.twins.note(segment, side, slot, flow.meta.id);
        }
        flow.note_packet(seen);
        self.streams.note(&mut flow.meta, seen.at.file());
        let before = flow.held_bytes();
        let sent = flow.meta.liveness.of(side).sent;
        let grace = self.limits.reorder_grace_ns;
        let mut out = Bound {
            receiver,
            state: &mut entry.state,
        };
        // It did not take the short way, and all is well.
        if flow.is_undisturbed()
            && let Some(expected) = flow.expects(segment, side)
        {
            return flow.take_expected(segment, side, seen, expected, &mut out);
        }
        let duplicate = flow.push(segment, side, seen, grace, &mut out);
        if before == 0 && flow.is_at_rest() {
            return duplicate;
        }
        if flow.held_bytes() > self.limits.held_bytes_per_connection {
            self.hits.held_bytes_per_connection += 1;
            flow.settle(grace, &mut out);
            flow.resolve(seen.steady, grace, true, &mut out);
        }
        self.held = self.held + flow.held_bytes() - before;
        if self.held > self.limits.held_bytes {
            self.hits.held_bytes += 1;
            let held = flow.held_bytes();
            flow.settle(grace, &mut out);
            flow.resolve(seen.steady, grace, true, &mut out);
            self.held = self.held + flow.held_bytes() - held;
        }
        if flow.superseded && flow.meta.liveness.of(side).sent > sent {
            flow.superseded = false;
        }
        let answered = flow.half_open && (!segment.flags.syn() || segment.flags.ack());
        flow.half_open &= !answered;
        self.set_timer(slot);
        if answered {
            self.half_open -= 1;
            self.supersede(slot);
        }
        duplicate
    }

    /// More has to be done for each segment: it may be a copy, or who holds too much is looked for behind it.
    #[inline]
    pub(super) fn is_odd(&self) -> bool {
        self.closed.lags() || self.held > self.limits.held_bytes
    }

    /// Some connection waits for bytes that are missing, or for its order: what it delivers next may be of the past.
    pub fn is_waiting(&self) -> bool {
        self.slots.iter().flatten().any(|e| e.flow.is_stuck())
    }

    /// Looks at one live connection, by its place and number (see [`FlowMeta`]).
    pub fn with(&mut self, slot: u32, id: ConnectionId, look: impl FnOnce(&mut T, &FlowMeta)) {
        let entry = self.slots.get_mut(slot as usize).and_then(Option::as_mut);
        if let Some(entry) = entry.filter(|e| e.flow.meta.id == id) {
            look(&mut entry.state, &entry.flow.meta);
        }
    }

    /// The live connections.
    pub fn live(&self) -> impl Iterator<Item = (&T, &FlowMeta)> {
        let entries = self.slots.iter().flatten();
        entries.map(|entry| (&entry.state, &entry.flow.meta))
    }

    /// From now on connections get no Wireshark stream number: packets were left out.
    pub fn streams_unknown(&mut self) {
        self.streams.unknown();
    }
}
