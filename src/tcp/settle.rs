//! A flow whose start was not captured waits until it is known which byte comes first.

use super::flow::{Flow, Output};
use super::seen::Seen;
use super::settling::Settling;
use crate::model::Side;
use crate::packet::Segment;

impl Flow {
    /// Takes one segment, by way of the settling buffer where there is one. True when it is the second capture of a
    /// packet already seen.
    #[inline(always)]
    pub(super) fn push(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        seen: Seen,
        grace: i64,
        out: &mut impl Output,
    ) -> bool {
        if self.wants_settling(segment) {
            // An acknowledgement overtook the other end's SYN: only that tells where its stream starts.
            self.settling = Some(Box::new(Settling::new(seen.steady.plus(grace))));
        }
        match self.settling {
            None => self.take_any(segment, side, seen, grace, out),
            Some(_) => self.keep(segment, side, seen, grace, out),
        }
    }

    /// Keeps a segment until it is known where both directions start.
    #[inline(never)]
    fn keep(
        &mut self,
        segment: &Segment<'_>,
        side: Side,
        seen: Seen,
        grace: i64,
        out: &mut impl Output,
    ) -> bool {
        let Some(settling) = &mut self.settling else {
            return false;
        };
        if settling.holds(segment, side) {
            return true;
        }
        settling.keep(segment, side, seen);
        if settling.is_full() || segment.flags.syn() && self.is_known() {
            self.settle(grace, out);
        }
        false
    }

    /// Decides where both directions start and hands on what was kept.
    pub(super) fn settle(&mut self, grace: i64, out: &mut impl Output) {
        let Some(settling) = self.settling.take() else {
            return;
        };
        self.settled = true;
        let from_syn = self.meta.opener.is_some();
        for side in [Side::Low, Side::High] {
            let start = settling.start_of(side, from_syn);
            if let (false, Some(start)) = (self.half(side).is_known(), start) {
                self.half_mut(side).set_base(start);
            }
        }
        for kept in settling.into_segments() {
            self.take_any(&kept.segment(), kept.side, kept.seen, grace, out);
        }
    }
}
