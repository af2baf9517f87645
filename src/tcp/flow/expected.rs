//! The fast way of a segment that is where it is expected: in order, with nothing held, missing or ending. Nearly all are.
//!
//! What [`Flow::take_any`] would ask of each is asked here once, so that little is left to do.

use super::{Flow, MAX_AHEAD, Output};
use crate::model::Side;
use crate::packet::{Segment, TcpFlags};
use crate::tcp::Chunk;
use crate::tcp::liveness::Sign;
use crate::tcp::seen::Seen;

/// Where a segment stands that is expected.
#[derive(Clone, Copy, Debug)]
pub(in crate::tcp) struct Expected {
    /// Stream offset of its first byte.
    pub(super) offset: i64,
    /// Up to where it acknowledges.
    pub(super) ack: i64,
    /// So many bytes that were handed on it does not acknowledge.
    pub(in crate::tcp) behind: i64,
}

impl Flow {
    /// The segment is where it is expected, on a connection where nothing is held, missing or ending.
    #[inline(always)]
    pub(in crate::tcp) fn expects(&self, segment: &Segment<'_>, side: Side) -> Option<Expected> {
        const ALL: u8 = TcpFlags::FIN | TcpFlags::SYN | TcpFlags::RST | TcpFlags::ACK;
        if segment.flags.0 & ALL != TcpFlags::ACK || segment.cut > 0 || self.reset_by.is_some() {
            return None;
        }
        let (own, peer) = (self.half(side), self.half(side.peer()));
        if !own.is_plain() || !peer.is_plain() {
            return None;
        }
        self.place_of_next(segment, side)
    }

    /// Where a segment stands, if it is the next one of `side`, and acknowledges what the other end has sent or a little less.
    #[inline(always)]
    pub(super) fn place_of_next(&self, segment: &Segment<'_>, side: Side) -> Option<Expected> {
        let (own, peer) = (self.half(side), self.half(side.peer()));
        let seen_both = self.meta.segments[side.peer() as usize] > 0;
        if own.expects()? != segment.seq || !seen_both {
            return None;
        }
        let behind = i64::from(peer.expects()?.wrapping_sub(segment.ack) as i32);
        (0..=MAX_AHEAD).contains(&behind).then_some(Expected {
            offset: own.next,
            ack: peer.next - behind,
            behind,
        })
    }

    /// Takes such a segment. True when it is the second capture of a packet already seen.
    #[inline(always)]
    pub(in crate::tcp) fn take_expected(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        seen: Seen,
        expected: Expected,
        out: &mut impl Output,
    ) -> bool {
        let Expected { offset, ack, .. } = expected;
        let repeated = self.half_mut(side).seen_before(segment.fingerprint);
        let len = segment.payload.len() as i64;
        if len == 0 && repeated {
            return true;
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
        false
    }
}
