//! The fast way of a segment that is where it is expected: in order, with nothing held, missing or ending. Nearly all are.
//!
//! What [`Flow::take_any`] would ask of each is asked here once, so that little is left to do.

use super::{Flow, MAX_AHEAD, Output};
use crate::model::Side;
use crate::packet::{Segment, TcpFlags};
use crate::tcp::Chunk;
use crate::tcp::liveness::Sign;
use crate::tcp::seen::Seen;

impl Flow {
    /// Takes a segment that is where it is expected, on a connection where nothing is held, missing or ending. `None`: any
    /// other, left as it is.
    #[inline(always)]
    pub(in crate::tcp) fn take_expected(
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
}
