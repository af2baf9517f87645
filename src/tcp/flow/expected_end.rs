//! The last segments of nearly all connections: FIN from both ends, each where it is expected, and the ACK behind them.
//!
//! What [`Flow::take_any`] would ask of each is asked here once, as for the segments in front of them (`expected`).

use super::Flow;
use super::expected::Expected;
use crate::model::Side;
use crate::packet::{Segment, TcpFlags};
use crate::tcp::liveness::Sign;
use crate::tcp::meta::End;
use crate::tcp::seen::Seen;

impl Flow {
    /// The segment is a FIN without data, or an ACK, where it is expected on a connection that is well and may be about to
    /// end.
    #[inline(always)]
    pub(in crate::tcp) fn expects_end(
        &self,
        segment: &Segment<'_>,
        side: Side,
    ) -> Option<Expected> {
        const ODD: u8 = TcpFlags::SYN | TcpFlags::RST | TcpFlags::ACK;
        if segment.flags.0 & ODD != TcpFlags::ACK || !segment.payload.is_empty() || segment.cut > 0
        {
            return None;
        }
        // Who has sent a FIN sends no other one.
        let first = !segment.flags.fin() || self.half(side).fin.is_none();
        let odd = self.superseded || self.half_open || self.reset_by.is_some();
        let well = self.is_handed_on() && self.is_closing_as_it_should();
        if odd || !first || self.settling.is_some() || !well {
            return None;
        }
        self.place_of_next(segment, side)
    }

    /// Somebody will close it if both ends are done, and only then.
    #[inline]
    fn is_closing_as_it_should(&self) -> bool {
        let [low, high] = &self.halves;
        let done = !low.fin.is_none() && !high.fin.is_none();
        match self.closing.is_none() {
            true => !done,
            false => done && self.scheduled,
        }
    }

    /// Takes such a segment. True when it is the second capture of a packet already seen.
    #[inline(always)]
    pub(in crate::tcp) fn take_expected_end(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        seen: Seen,
        expected: Expected,
        grace: i64,
    ) -> bool {
        let Expected { offset, ack, .. } = expected;
        let fin = segment.flags.fin();
        let repeated = self.half_mut(side).seen_before(segment.fingerprint);
        if repeated && !fin {
            return true;
        }
        self.meta.segments[side as usize] += 1;
        let peer = self.half_mut(side.peer());
        peer.acked = peer.acked.max(ack);
        self.meta.liveness.note(&Sign {
            side,
            bytes: fin.then_some((offset, offset + 1)),
            ack: Some(ack),
            window: Some(segment.window),
            fin,
            reset: false,
            copied: repeated,
            seen,
        });
        if !fin {
            return false;
        }
        self.half_mut(side).fin = Some(offset).into();
        if self.meta.end == End::Open {
            self.meta.end = End::Fin;
        }
        if !repeated {
            self.note_fin_reached(seen, grace);
        }
        repeated
    }
}
