//! One connection: two directions, cause before effect.

use super::half::{Half, Held, trim_front};
use super::liveness::{Seen, Sign};
use super::meta::{End, FlowMeta};
use super::settling::Settling;
use super::{Chunk, Gap};
use crate::model::{Side, Timestamp};
use crate::packet::Segment;

/// An acknowledgement further ahead than this is damage, not progress (the largest window is 2^30, RFC 7323).
const MAX_AHEAD: i64 = 1 << 30;

/// The same of a reset: more than a receive window that is in use.
const RESET_AHEAD: i64 = 1 << 20;

/// Where a flow hands its bytes.
pub(super) trait Output {
    fn data(&mut self, meta: &FlowMeta, chunk: Chunk<'_>);
    fn gap(&mut self, meta: &FlowMeta, gap: Gap);
}

#[derive(Debug)]
pub(super) struct Flow {
    pub(super) meta: FlowMeta,
    halves: [Half; 2],
    /// Mid-stream only: the first segments, until the start of each direction is settled.
    pub(super) settling: Option<Box<Settling>>,
    /// The start of each direction is as sure as it will be.
    pub(super) settled: bool,
    /// Both ends are done, or one reset it: to be closed at this time.
    pub(super) closing: Option<Timestamp>,
    /// A timer is running for this flow.
    pub(super) scheduled: bool,
    /// One direction was never captured; what it acknowledges is taken as delivered.
    pub(super) peer_unseen: bool,
}

impl Flow {
    pub(super) fn new(meta: FlowMeta) -> Flow {
        Flow {
            meta,
            halves: Default::default(),
            settling: None,
            settled: false,
            closing: None,
            scheduled: false,
            peer_unseen: false,
        }
    }

    pub(super) fn half(&self, side: Side) -> &Half {
        &self.halves[side as usize]
    }

    pub(super) fn half_mut(&mut self, side: Side) -> &mut Half {
        &mut self.halves[side as usize]
    }

    /// The sequence number that `side` would go on with.
    pub(super) fn next_seq(&self, side: Side) -> Option<u32> {
        let half = self.half(side);
        half.base().map(|base| base.wrapping_add(half.next as u32))
    }

    /// The start of both directions is known.
    pub(super) fn is_known(&self) -> bool {
        self.halves.iter().all(Half::is_known)
    }

    /// One end's SYN was seen, and this segment would have to guess where the other end starts.
    pub(super) fn wants_settling(&self, segment: &Segment<'_>) -> bool {
        let starts = segment.flags.syn() || segment.flags.rst();
        !self.settled && !starts && self.settling.is_none() && !self.is_known()
    }

    pub(super) fn held_bytes(&self) -> usize {
        let settling = self.settling.as_ref().map_or(0, |s| s.bytes());
        self.halves.iter().map(Half::held_bytes).sum::<usize>() + settling
    }

    /// Something is held or missing.
    pub(super) fn is_stuck(&self) -> bool {
        self.settling.is_some() || !self.is_quiet()
    }

    /// Nothing is held or missing in either direction.
    pub(super) fn is_quiet(&self) -> bool {
        self.halves.iter().all(Half::is_quiet)
    }

    /// Takes one segment. True when it is the second capture of a packet already seen.
    pub(super) fn take(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        seen: Seen,
        grace: i64,
        out: &mut impl Output,
    ) -> bool {
        let repeated = self.half_mut(side).seen_before(segment.fingerprint);
        let wire_len = segment.payload.len() as i64 + i64::from(segment.cut);
        let plain_ack = wire_len == 0 && segment.flags.0 & 0x07 == 0;
        if plain_ack && repeated {
            return true;
        }
        self.meta.segments[side as usize] += 1;
        if segment.flags.syn() {
            let seq = segment.first_byte();
            let half = self.half_mut(side);
            if half.is_known() && half.base() == Some(seq) && repeated {
                return true;
            }
            if !half.is_known() {
                half.set_base(seq);
            }
        }
        let ack = self.note_ack(segment, side, seen);
        if plain_ack {
            self.note_life(segment, side, None, ack, seen);
            if !self.half(side).is_known() {
                self.half_mut(side).set_base(segment.seq);
            }
        } else {
            let offset = self.half_mut(side).offset_of(segment.first_byte());
            let end = offset + wire_len + i64::from(segment.flags.fin());
            self.note_life(segment, side, Some((offset, end)), ack, seen);
            if wire_len > 0 {
                let fresh = self.data(segment, side, offset, ack, seen, out);
                if !fresh && repeated {
                    return true;
                }
            }
            self.note_end(segment, side, offset + wire_len, seen, grace);
            if wire_len == 0 && repeated && segment.flags.fin() {
                return true;
            }
        }
        self.advance_unseen(side, seen, grace, out);
        if !self.is_quiet() {
            self.drain(out);
        }
        self.note_fin_reached(seen, grace);
        false
    }

    /// What the segment tells about the two ends.
    fn note_life(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        bytes: Option<(i64, i64)>,
        ack: Option<i64>,
        seen: Seen,
    ) {
        let reset = segment.flags.rst();
        self.meta.liveness.note(&Sign {
            side,
            bytes,
            ack,
            window: (!reset).then_some(segment.window),
            fin: segment.flags.fin(),
            reset,
            seen,
        });
    }

    /// Passes the acknowledgement on to the other direction.
    fn note_ack(&mut self, segment: &Segment<'_>, side: Side, seen: Seen) -> Option<i64> {
        if !segment.flags.ack() {
            return None;
        }
        let reset = segment.flags.rst();
        let peer = self.half_mut(side.peer());
        if reset && !peer.is_known() {
            return None;
        }
        let ack = peer.offset_of(segment.ack);
        // A reset may come from a host that has forgotten the connection: its number counts only nearby.
        let most = if reset { RESET_AHEAD } else { MAX_AHEAD };
        if ack - peer.next > most || peer.next - ack > most {
            return None;
        }
        peer.acknowledge(ack, seen);
        Some(ack)
    }

    /// Hands on or holds payload. False when all of it was known already.
    fn data(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        offset: i64,
        ack: Option<i64>,
        seen: Seen,
        out: &mut impl Output,
    ) -> bool {
        let peer_next = self.half(side.peer()).next;
        let half = self.half_mut(side);
        let end = offset + segment.payload.len() as i64 + i64::from(segment.cut);
        if end <= half.next {
            return false;
        }
        let in_order = offset <= half.next && half.first_held().is_none_or(|h| h.offset >= end);
        if in_order && ack.is_none_or(|a| a <= peer_next) {
            let old = usize::try_from(half.next - offset).unwrap_or(usize::MAX);
            let bytes = segment.payload.get(old..).unwrap_or_default();
            let offset = half.next;
            let cut = end - offset - bytes.len() as i64;
            self.hand_on(side, offset, bytes, cut, ack, seen, out);
            return true;
        }
        let piece = Held {
            offset,
            bytes: segment.payload.into(),
            cut: segment.cut,
            ack,
            time: seen.time,
            at: seen.at,
        };
        let next = half.next;
        trim_front(piece, next).is_some_and(|piece| half.hold(piece))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one piece of a stream has this many properties"
    )]
    fn hand_on(
        &mut self,
        side: Side,
        offset: i64,
        bytes: &[u8],
        cut: i64,
        ack: Option<i64>,
        seen: Seen,
        out: &mut impl Output,
    ) {
        let half = self.half_mut(side);
        half.next = offset + bytes.len() as i64;
        let acked = half.acked;
        if !bytes.is_empty() {
            let chunk = Chunk {
                side,
                offset,
                bytes,
                time: seen.time,
                at: seen.at,
                ack,
                acked,
            };
            out.data(&self.meta, chunk);
        }
        if cut > 0 {
            self.meta.cut_bytes += cut.unsigned_abs();
            self.give_up(side, cut, seen, out);
        }
    }

    /// Hands on everything that has become possible.
    pub(super) fn drain(&mut self, out: &mut impl Output) {
        loop {
            let mut moved = false;
            for side in [Side::Low, Side::High] {
                let peer_next = self.half(side.peer()).next;
                while let Some(piece) = self.half_mut(side).take_ready(peer_next) {
                    self.hand_on_held(side, &piece, out);
                    moved = true;
                }
                if self.reach_fin(side) {
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    pub(super) fn hand_on_held(&mut self, side: Side, piece: &Held, out: &mut impl Output) {
        let seen = piece.seen();
        self.hand_on(
            side,
            piece.offset,
            &piece.bytes,
            i64::from(piece.cut),
            piece.ack,
            seen,
            out,
        );
    }

    /// FIN takes one sequence number of its own.
    fn reach_fin(&mut self, side: Side) -> bool {
        let half = self.half_mut(side);
        if half.fin == Some(half.next) {
            half.next += 1;
            return true;
        }
        false
    }

    fn note_end(&mut self, segment: &Segment<'_>, side: Side, end: i64, seen: Seen, grace: i64) {
        if segment.flags.fin() && self.half(side).fin.is_none() {
            self.half_mut(side).fin = Some(end);
            if self.meta.end == End::Open {
                self.meta.end = End::Fin;
            }
        }
        if segment.flags.rst() && self.closing.is_none() {
            self.meta.end = End::Rst;
            self.closing = Some(seen.time.plus(grace));
        }
    }

    fn note_fin_reached(&mut self, seen: Seen, grace: i64) {
        if self.closing.is_some() || self.halves.iter().all(|h| h.fin.is_none()) {
            return;
        }
        self.reach_fin(Side::Low);
        self.reach_fin(Side::High);
        if self
            .halves
            .iter()
            .all(|h| h.fin.is_some_and(|fin| h.next > fin))
        {
            self.closing = Some(seen.time.plus(grace));
        }
    }
}
