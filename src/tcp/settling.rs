//! The first segments of a connection whose start was not captured.
//!
//! Which byte comes first is only known once the reordering grace is over: a shuffled capture may show the reply
//! before its command. Until then the segments are kept, bounded by count and bytes.

use super::seen::Seen;
use crate::model::{Endpoint, Side, Timestamp};
use crate::packet::{Segment, TcpFlags};

/// So many segments are enough to know where both directions start.
pub(super) const SEGMENTS: usize = 32;
/// So many payload bytes are enough.
pub(super) const BYTES: usize = 64 << 10;

/// A segment that owns its bytes.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) src: Endpoint,
    pub(super) dst: Endpoint,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) flags: TcpFlags,
    pub(super) window: u16,
    pub(super) payload: Box<[u8]>,
    pub(super) cut: u32,
    pub(super) fingerprint: u32,
    pub(super) timestamp: u32,
    pub(super) hops: u8,
    pub(super) side: Side,
    pub(super) seen: Seen,
}

impl Kept {
    pub(super) fn segment(&self) -> Segment<'_> {
        Segment {
            src: self.src,
            dst: self.dst,
            seq: self.seq,
            ack: self.ack,
            flags: self.flags,
            window: self.window,
            payload: &self.payload,
            cut: self.cut,
            fingerprint: self.fingerprint,
            timestamp: self.timestamp,
            hops: self.hops,
        }
    }
}

#[derive(Debug)]
pub(super) struct Settling {
    segments: Vec<Kept>,
    bytes: usize,
    pub(super) until: Timestamp,
}

impl Settling {
    pub(super) fn new(until: Timestamp) -> Settling {
        Settling {
            segments: Vec::new(),
            bytes: 0,
            until,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_full(&self) -> bool {
        self.segments.len() >= SEGMENTS || self.bytes >= BYTES
    }

    pub(super) fn keep(&mut self, segment: &Segment<'_>, side: Side, seen: Seen) {
        self.bytes += segment.payload.len();
        self.segments.push(Kept {
            src: segment.src,
            dst: segment.dst,
            seq: segment.seq,
            ack: segment.ack,
            flags: segment.flags,
            window: segment.window,
            payload: segment.payload.into(),
            cut: segment.cut,
            fingerprint: segment.fingerprint,
            timestamp: segment.timestamp,
            hops: segment.hops,
            side,
            seen,
        });
    }

    /// The second capture of a packet that is kept.
    pub(super) fn holds(&self, segment: &Segment<'_>, side: Side) -> bool {
        let mut own = self.segments.iter().filter(|k| k.side == side);
        own.any(|k| k.fingerprint == segment.fingerprint && k.seq == segment.seq)
    }

    /// A sequence number that `side` was near to.
    pub(super) fn near(&self, side: Side) -> Option<u32> {
        let told = |k: &Kept| match k.side == side {
            true => Some(k.seq),
            false => k.flags.ack().then_some(k.ack),
        };
        self.segments.iter().rev().find_map(told)
    }

    /// The kept segment at `index` is a keep-alive probe: one byte in front of the next one, which may be garbage. Data
    /// would go on behind it before the other end has acknowledged it.
    fn is_probe(&self, index: usize) -> bool {
        let Some((kept, behind)) = self.segments.get(index..).and_then(<[Kept]>::split_first)
        else {
            return false;
        };
        let ends = kept.flags.psh() || kept.flags.fin() || kept.flags.syn();
        if kept.payload.len() != 1 || kept.cut > 0 || ends {
            return false;
        }
        let next = kept.seq.wrapping_add(1);
        let goes_on = behind.iter().find_map(|k| {
            let acknowledges = k.side != kept.side && k.flags.ack() && k.ack == next;
            let continues = k.side == kept.side && k.seq == next && !k.payload.is_empty();
            (acknowledges || continues).then_some(continues)
        });
        goes_on != Some(true)
    }

    /// The sequence number where `side` starts: its lowest payload, else what the other end acknowledged, else where its
    /// empty segments stand (a keep-alive probe stands one byte too early, so the highest). With `from_syn` the start was
    /// captured after all, and an acknowledgement below the lowest payload tells of bytes that are still to come.
    pub(super) fn start_of(&self, side: Side, from_syn: bool) -> Option<u32> {
        let own = || (0..).zip(&self.segments).filter(|(_, k)| k.side == side);
        let payload = own()
            .filter(|(_, k)| !k.payload.is_empty() || k.cut > 0 || k.flags.fin())
            .filter(|(index, _)| !self.is_probe(*index))
            .map(|(_, k)| k.seq);
        let told = self
            .segments
            .iter()
            .filter(|k| k.side != side && k.flags.ack())
            .map(|k| k.ack);
        let behind_probe = |(index, k): (usize, &Kept)| match self.is_probe(index) {
            true => k.seq.wrapping_add(1),
            false => k.seq,
        };
        if from_syn {
            return extreme(payload.chain(told), true)
                .or_else(|| extreme(own().map(behind_probe), false));
        }
        extreme(payload, true)
            .or_else(|| extreme(told, true))
            .or_else(|| extreme(own().map(behind_probe), false))
    }

    /// The segments, in the order of the capture.
    pub(super) fn into_segments(self) -> Vec<Kept> {
        self.segments
    }
}

/// The smallest or largest number by serial arithmetic (RFC 1982).
fn extreme(mut numbers: impl Iterator<Item = u32>, lowest: bool) -> Option<u32> {
    let first = numbers.next()?;
    let better = |n: u32, best: u32| {
        if lowest {
            (n.wrapping_sub(best) as i32) < 0
        } else {
            (n.wrapping_sub(best) as i32) > 0
        }
    };
    Some(numbers.fold(first, |best, n| if better(n, best) { n } else { best }))
}
