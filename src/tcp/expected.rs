//! The way of nearly all segments: the next one of a busy connection on which all is well. It is placed, noted and handed
//! on at once.
//!
//! The segments with which a connection ends have the second such way.
//!
//! What is asked here is stricter than what [`Table::push`] asks of any segment, and leads to the same.

use super::Receiver;
use super::identity::NEAR;
use super::seen::Seen;
use super::table::{Bound, PushOutcome, Table};
use crate::packet::Segment;

impl<T> Table<T> {
    /// Takes a segment that is the next one of the only connection of its name. `None`: any other, and nothing was done.
    #[inline(always)]
    pub(super) fn push_expected<R: Receiver<T>>(
        &mut self,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> Option<PushOutcome> {
        if self.closed.lags() {
            return None;
        }
        let (link, side) = self.index.again(segment)?;
        let side = link.side(side);
        let entry = self.slots.get_mut(link.slot as usize)?.as_mut()?;
        let flow = &mut entry.flow;
        if flow.kin.next.is_some() || !flow.is_undisturbed() {
            return None;
        }
        let expected = flow.expects(segment, side)?;
        // Further behind, it may be of another connection.
        if expected.behind >= i64::from(NEAR) {
            return None;
        }
        if !segment.payload.is_empty() {
            self.twins.note(segment, side, link.slot, flow.meta.id);
        }
        flow.note_packet(seen);
        self.streams.note(&mut flow.meta, seen.at.file());
        let mut out = Bound {
            receiver,
            state: &mut entry.state,
        };
        // Nothing was held, and nothing is.
        let duplicate = flow.take_expected(segment, side, seen, expected, &mut out);
        Some(PushOutcome::of(duplicate))
    }

    /// The same of a FIN, and of the ACKs around it.
    #[inline(always)]
    pub(super) fn push_expected_end(
        &mut self,
        segment: &Segment<'_>,
        seen: Seen,
    ) -> Option<PushOutcome> {
        if self.is_odd() {
            return None;
        }
        let (link, side) = self.index.again(segment)?;
        let side = link.side(side);
        let entry = self.slots.get_mut(link.slot as usize)?.as_mut()?;
        let flow = &mut entry.flow;
        if flow.kin.next.is_some() {
            return None;
        }
        let expected = flow.expects_end(segment, side)?;
        if expected.behind >= i64::from(NEAR) {
            return None;
        }
        flow.note_packet(seen);
        self.streams.note(&mut flow.meta, seen.at.file());
        let grace = self.limits.reorder_grace_ns;
        let duplicate = flow.take_expected_end(segment, side, seen, expected, grace);
        if !flow.scheduled && !flow.closing.is_none() {
            self.set_timer(link.slot);
        }
        Some(PushOutcome::of(duplicate))
    }
}
