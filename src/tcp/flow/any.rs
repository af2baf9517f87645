//! Any segment: repeated, out of order, with flags, in the middle.

use super::{Flow, MAX_AHEAD, Output};
use crate::model::{Optional, Side};
use crate::packet::Segment;
use crate::tcp::liveness::Sign;
use crate::tcp::meta::End;
use crate::tcp::obeyed::Obeyed;
use crate::tcp::seen::Seen;

/// The same of a reset: more than a receive window that is in use.
const RESET_AHEAD: i64 = 1 << 20;

impl Flow {
    /// Takes any segment. True when it is the second capture of a packet already seen.
    #[inline(never)]
    pub(in crate::tcp) fn take_any(
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
            self.closing = Optional::NONE;
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
}
