//! One connection: two directions, cause before effect.

use super::half::{Half, Held, trim_front};
use super::liveness::{Seen, Sign};
use super::meta::{End, FlowMeta};
use super::obeyed::Obeyed;
use super::settling::Settling;
use super::twins::Alias;
use super::{Chunk, Gap};
use crate::model::{Side, Timestamp};
use crate::packet::{Segment, TcpFlags};

/// An acknowledgement further ahead than this is damage, not progress (the largest window is 2^30, RFC 7323).
const MAX_AHEAD: i64 = 1 << 30;

/// The same of a reset: more than a receive window that is in use.
const RESET_AHEAD: i64 = 1 << 20;

/// How long a connection is kept behind a RST, ns: what was under way when it was sent still arrives.
const LINGER_NS: i64 = 1_000_000_000;

/// Where a flow hands its bytes.
pub(super) trait Output {
    fn data(&mut self, meta: &FlowMeta, chunk: Chunk<'_>);
    fn gap(&mut self, meta: &FlowMeta, gap: Gap);
}

/// Connections of the same addresses and ports, and other names of this one.
#[derive(Debug, Default)]
pub(super) struct Kin {
    /// Slot of the next connection of the same name.
    pub(super) next: Option<u32>,
    /// Names that address translation gives it elsewhere.
    pub(super) aliases: Vec<Alias>,
    /// A newer connection of the same name was opened since this one's latest data.
    pub(super) superseded: bool,
    /// Nothing but a SYN was seen.
    pub(super) half_open: bool,
}

#[derive(Debug)]
pub(super) struct Flow {
    pub(super) meta: FlowMeta,
    halves: [Half; 2],
    pub(super) kin: Kin,
    /// First and latest packet on the steady clock.
    opened: Timestamp,
    pub(super) last: Timestamp,
    /// Who sent a RST.
    reset_by: Option<Side>,
    /// Mid-stream only: the first segments, until the start of each direction is settled.
    pub(super) settling: Option<Box<Settling>>,
    /// The start of each direction is as sure as it will be.
    pub(super) settled: bool,
    /// Both ends are done, or one reset it: to be closed at this time of the steady clock.
    pub(super) closing: Option<Timestamp>,
    /// A timer is running for this flow.
    pub(super) scheduled: bool,
    /// It waits among those that were reset.
    pub(super) lingers: bool,
    /// One direction was never captured; what it acknowledges is taken as delivered.
    pub(super) peer_unseen: bool,
}

impl Flow {
    // Large: to be made where it will stay.
    #[inline(always)]
    pub(super) fn new(meta: FlowMeta, now: Timestamp) -> Flow {
        Flow {
            meta,
            halves: Default::default(),
            kin: Kin::default(),
            opened: now,
            last: now,
            reset_by: None,
            settling: None,
            settled: false,
            closing: None,
            scheduled: false,
            lingers: false,
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
    #[inline]
    pub(super) fn next_seq(&self, side: Side) -> Option<u32> {
        self.half(side).expects()
    }

    /// A packet of it was captured.
    #[inline]
    pub(super) fn note_packet(&mut self, seen: Seen) {
        self.last = seen.steady;
        if self.meta.last <= seen.time {
            (self.meta.last, self.meta.last_at) = (seen.time, seen.at);
        }
    }

    /// Nanoseconds since its first packet.
    pub(super) fn age_ns(&self, now: Timestamp) -> i64 {
        now.since(self.opened)
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

    /// Nothing is held, and nothing has to be looked at behind a segment.
    #[inline]
    pub(super) fn is_at_rest(&self) -> bool {
        let kin = &self.kin;
        let odd = kin.superseded || kin.half_open || self.closing.is_some();
        !odd && self.settling.is_none() && self.is_quiet()
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
    #[inline]
    pub(super) fn is_quiet(&self) -> bool {
        self.halves.iter().all(Half::is_quiet)
    }

    /// Takes a segment that is where it is expected, on a connection where nothing is held, missing or ending. `None`: any
    /// other, left as it is.
    #[inline]
    fn take_expected(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        seen: Seen,
        out: &mut impl Output,
    ) -> Option<bool> {
        const ALL: u8 = TcpFlags::FIN | TcpFlags::SYN | TcpFlags::RST | TcpFlags::ACK;
        if segment.flags.0 & ALL != TcpFlags::ACK || segment.cut > 0 || self.reset_by.is_some() {
            return None;
        }
        let (own, peer) = (self.half(side), self.half(side.peer()));
        let seen_both = self.meta.segments[side.peer() as usize] > 0;
        if own.expects()? != segment.seq || !seen_both || !own.is_plain() || !peer.is_plain() {
            return None;
        }
        let behind = i64::from(peer.expects()?.wrapping_sub(segment.ack) as i32);
        if !(0..=MAX_AHEAD).contains(&behind) {
            return None;
        }
        let (offset, ack) = (own.next, peer.next - behind);
        let repeated = self.half_mut(side).seen_before(segment.fingerprint);
        let len = segment.payload.len() as i64;
        if len == 0 && repeated {
            return Some(true);
        }
        self.meta.segments[side as usize] += 1;
        let peer = self.half_mut(side.peer());
        peer.acked = peer.acked.max(ack);
        self.meta.liveness.note(&Sign {
            side,
            bytes: (len > 0).then_some((offset, offset + len)),
            ack: Some(ack),
            window: Some(segment.window),
            fin: false,
            reset: false,
            copied: false,
            seen,
        });
        if len > 0 {
            let half = self.half_mut(side);
            half.next = offset + len;
            let chunk = Chunk {
                side,
                offset,
                bytes: segment.payload,
                time: seen.time,
                at: seen.at,
                ack: Some(ack),
                acked: half.acked,
            };
            out.data(&self.meta, chunk);
        }
        Some(false)
    }

    /// Takes one segment. True when it is the second capture of a packet already seen.
    #[inline]
    pub(super) fn take(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        seen: Seen,
        grace: i64,
        out: &mut impl Output,
    ) -> bool {
        match self.take_expected(segment, side, seen, out) {
            Some(duplicate) => duplicate,
            None => self.take_any(segment, side, seen, grace, out),
        }
    }

    /// The same of any segment.
    #[inline(never)]
    fn take_any(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        seen: Seen,
        grace: i64,
        out: &mut impl Output,
    ) -> bool {
        let reset = segment.flags.rst();
        let obeyed = if reset {
            self.obeys(side, segment)
        } else {
            Obeyed::No
        };
        if reset && obeyed == Obeyed::No {
            return false;
        }
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
            self.note_life(segment, side, None, ack, false, seen);
            if !self.half(side).is_known() {
                self.half_mut(side).set_base(segment.seq);
            }
        } else {
            let offset = self.half_mut(side).offset_of(segment.first_byte());
            let end = offset + wire_len + i64::from(segment.flags.fin());
            self.note_life(segment, side, Some((offset, end)), ack, repeated, seen);
            if wire_len > 0 {
                let fresh = self.data(segment, side, offset, ack, seen, out);
                if !fresh && repeated {
                    return true;
                }
            }
            self.note_fin(segment, side, offset + wire_len);
            if reset {
                self.note_reset(side, obeyed, seen);
            }
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
        copied: bool,
        seen: Seen,
    ) {
        let reset = segment.flags.rst();
        if self.reset_by == Some(side) && !reset {
            self.revive(bytes, ack, side);
        }
        self.meta.liveness.note(&Sign {
            side,
            bytes,
            ack,
            window: (!reset).then_some(segment.window),
            fin: segment.flags.fin(),
            reset,
            copied,
            seen,
        });
    }

    /// Who sent a RST sends nothing more. Goes it on, the RST was somebody else's, or was not obeyed.
    fn revive(&mut self, bytes: Option<(i64, i64)>, ack: Option<i64>, side: Side) {
        let life = &self.meta.liveness;
        let sends = bytes.is_some_and(|(_, end)| end > life.of(side).sent);
        let acknowledges = ack.is_some_and(|ack| ack > life.of(side.peer()).acked);
        if sends || acknowledges {
            self.reset_by = None;
            self.closing = None;
            self.meta.liveness.revive();
            let fin = self.meta.liveness.first_end().is_some();
            self.meta.end = if fin { End::Fin } else { End::Open };
        }
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
        if end <= half.next || is_probe(segment, end, half.acked) {
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
            seen,
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
        self.hand_on(
            side,
            piece.offset,
            &piece.bytes,
            i64::from(piece.cut),
            piece.ack,
            piece.seen,
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

    fn note_fin(&mut self, segment: &Segment<'_>, side: Side, end: i64) {
        if segment.flags.fin() && self.half(side).fin.is_none() {
            self.half_mut(side).fin = Some(end);
            if self.meta.end == End::Open {
                self.meta.end = End::Fin;
            }
        }
    }

    fn note_reset(&mut self, side: Side, obeyed: Obeyed, seen: Seen) {
        if self.closing.is_some() {
            return;
        }
        self.meta.end = End::Rst;
        self.reset_by.get_or_insert(side);
        if obeyed == Obeyed::Yes {
            self.closing = Some(seen.steady.plus(LINGER_NS));
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
            self.closing = Some(seen.steady.plus(grace));
        }
    }
}

/// A keep-alive probe or the probe of a closed window: one byte of what was acknowledged already (RFC 9293 section
/// 3.8.4). It may be garbage, so it never fills a hole.
fn is_probe(segment: &Segment<'_>, end: i64, acked: i64) -> bool {
    let one = segment.payload.len() == 1 && segment.cut == 0;
    one && end <= acked && !segment.flags.psh() && !segment.flags.fin()
}
