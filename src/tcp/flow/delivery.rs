//! What is handed on, and what has to wait for bytes in front of it.

use super::{Flow, Output};
use crate::model::Side;
use crate::packet::Segment;
use crate::tcp::Chunk;
use crate::tcp::half::{Held, trim_front};
use crate::tcp::seen::Seen;

impl Flow {
    /// Hands on or holds payload. False when all of it was known already.
    pub(super) fn data(
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
    pub(super) fn hand_on(
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
    pub(in crate::tcp) fn drain(&mut self, out: &mut impl Output) {
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

    pub(in crate::tcp) fn hand_on_held(&mut self, side: Side, piece: &Held, out: &mut impl Output) {
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
}

/// A keep-alive probe or the probe of a closed window: one byte of what was acknowledged already (RFC 9293 section
/// 3.8.4). It may be garbage, so it never fills a hole.
fn is_probe(segment: &Segment<'_>, end: i64, acked: i64) -> bool {
    let one = segment.payload.len() == 1 && segment.cut == 0;
    one && end <= acked && !segment.flags.psh() && !segment.flags.fin()
}
