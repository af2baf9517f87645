//! How a connection ends: FIN from both ends, or RST.

use super::Flow;
use crate::model::Side;
use crate::packet::Segment;
use crate::tcp::meta::End;
use crate::tcp::obeyed::Obeyed;
use crate::tcp::seen::Seen;

/// How long a connection is kept behind a RST, ns: what was under way when it was sent still arrives.
const LINGER_NS: i64 = 1_000_000_000;

impl Flow {
    /// FIN takes one sequence number of its own.
    pub(super) fn reach_fin(&mut self, side: Side) -> bool {
        let half = self.half_mut(side);
        if half.fin.get() == Some(half.next) {
            half.next += 1;
            return true;
        }
        false
    }

    pub(super) fn note_fin(&mut self, segment: &Segment<'_>, side: Side, end: i64) {
        if segment.flags.fin() && self.half(side).fin.is_none() {
            self.half_mut(side).fin = Some(end).into();
            if self.meta.end == End::Open {
                self.meta.end = End::Fin;
            }
        }
    }

    pub(super) fn note_reset(&mut self, side: Side, obeyed: Obeyed, seen: Seen) {
        if !self.closing.is_none() {
            return;
        }
        self.meta.end = End::Rst;
        self.reset_by.get_or_insert(side);
        if obeyed == Obeyed::Yes {
            self.closing = Some(seen.steady.plus(LINGER_NS)).into();
        }
    }

    pub(super) fn note_fin_reached(&mut self, seen: Seen, grace: i64) {
        let [low, high] = &self.halves;
        let open = low.fin.is_none() && high.fin.is_none();
        if open || !self.closing.is_none() {
            return;
        }
        self.reach_fin(Side::Low);
        self.reach_fin(Side::High);
        let [low, high] = &self.halves;
        if low.is_done() && high.is_done() {
            self.closing = Some(seen.steady.plus(grace)).into();
        }
    }
}
