//! The same packet under another name: in front of and behind address translation.
//!
//! A translator changes addresses and ports and leaves the numbers of TCP alone. So the copy carries the same sequence
//! and acknowledgement number, the same flags and length, and the same timestamp (RFC 7323), which each connection counts
//! from a number of its own; or, without that option, it has a few hops less left and comes from the same client port.

use crate::model::{ConnectionId, FlowKey, Side};
use crate::packet::Segment;

/// So many of the latest segments are compared: the copy comes within microseconds.
const RECENT: usize = 64;
/// So many of the latest SYNs are compared, for two inputs whose clocks differ.
const BIRTHS: usize = 1024;
/// A copy has passed this many routers at most.
const HOPS: u8 = 8;

/// A segment that was taken, and by which connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trace {
    seq: u32,
    ack: u32,
    len: u32,
    timestamp: u32,
    flags: u8,
    hops: u8,
    /// The sender's and the receiver's port.
    ports: (u16, u16),
    /// Which end of the connection sent it.
    pub(super) side: Side,
    pub(super) slot: u32,
    pub(super) id: ConnectionId,
}

impl Trace {
    fn is_copied_by(&self, segment: &Segment<'_>) -> bool {
        let same = self.seq == segment.seq
            && self.ack == segment.ack
            && self.flags == segment.flags.0
            && self.len == wire_len(segment);
        let hops = self.hops.abs_diff(segment.hops);
        let marked = match self.timestamp {
            0 => (1..=HOPS).contains(&hops) && self.has_client_port_of(segment),
            _ => true,
        };
        same && marked && self.timestamp == segment.timestamp
    }

    /// The client's port is the same: translators keep it where they can. Servers have the lower one.
    fn has_client_port_of(&self, segment: &Segment<'_>) -> bool {
        let (from, to) = self.ports;
        let (src, dst) = (segment.src.port, segment.dst.port);
        if from > to {
            from == src && src > dst
        } else {
            to == dst && dst > src
        }
    }
}

fn wire_len(segment: &Segment<'_>) -> u32 {
    u32::try_from(segment.payload.len()).map_or(u32::MAX, |len| len.saturating_add(segment.cut))
}

/// The latest segments that carried something.
#[derive(Debug, Default)]
pub(super) struct Twins {
    recent: Vec<Trace>,
    /// The sequence numbers of the same: nearly every search ends here, and this is one run over 256 bytes.
    numbers: Numbers,
    next: usize,
    births: Vec<Option<Trace>>,
}

impl Twins {
    /// A segment with data or SYN was taken.
    #[inline(always)]
    pub(super) fn note(&mut self, segment: &Segment<'_>, side: Side, slot: u32, id: ConnectionId) {
        // Made where it stays: what was written in narrow pieces is slow to be moved.
        let trace = || Trace {
            seq: segment.seq,
            ack: segment.ack,
            len: wire_len(segment),
            timestamp: segment.timestamp,
            flags: segment.flags.0,
            hops: segment.hops,
            ports: (segment.src.port, segment.dst.port),
            side,
            slot,
            id,
        };
        let at = self.next % RECENT;
        self.next = at + 1;
        self.numbers.0[at] = segment.seq;
        match self.recent.get_mut(at) {
            Some(place) => *place = trace(),
            None => self.note_first(trace()),
        }
        if segment.flags.syn() {
            self.note_birth(trace());
        }
    }

    /// One of the first segments of a run.
    #[cold]
    fn note_first(&mut self, trace: Trace) {
        self.recent.push(trace);
    }

    #[cold]
    fn note_birth(&mut self, trace: Trace) {
        if self.births.is_empty() {
            self.births.resize(BIRTHS, None);
        }
        if let Some(place) = self.births.get_mut(birth_place(trace.seq)) {
            *place = Some(trace);
        }
    }

    /// The segment of which this one is a copy under another name.
    pub(super) fn find(&self, segment: &Segment<'_>) -> Option<Trace> {
        let recent = match self.numbers.has(segment.seq) {
            true => self.recent.iter().find(|t| t.is_copied_by(segment)),
            false => None,
        };
        recent.copied().or_else(|| {
            let born = self.births.get(birth_place(segment.seq)).copied().flatten();
            born.filter(|t| segment.flags.syn() && t.is_copied_by(segment))
        })
    }
}

#[derive(Debug)]
struct Numbers([u32; RECENT]);

impl Default for Numbers {
    fn default() -> Numbers {
        Numbers([0; RECENT])
    }
}

impl Numbers {
    fn has(&self, seq: u32) -> bool {
        // No early end: so it compares several at once.
        self.0
            .iter()
            .fold(false, |found, number| found | (*number == seq))
    }
}

fn birth_place(seq: u32) -> usize {
    // Initial numbers are random (RFC 6528).
    seq as usize % BIRTHS
}

/// Where a name leads: a connection, and whether its ends are in the other order there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) slot: u32,
    pub(super) swapped: bool,
}

impl Link {
    /// A sender, as the connection calls it.
    pub(super) fn side(self, side: Side) -> Side {
        if self.swapped { side.peer() } else { side }
    }
}

/// Another name of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alias {
    pub(super) key: FlowKey,
    pub(super) swapped: bool,
}
