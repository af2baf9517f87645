//! Holes: which bytes are late and which are lost, and how delivery goes on behind them.

use super::Gap;
use super::flow::{Flow, Output};
use super::half::trim_front;
use super::seen::Seen;
use crate::model::{Side, Timestamp};

impl Flow {
    /// Takes `len` bytes at the head of `side` as lost by the capture.
    pub(super) fn give_up(&mut self, side: Side, len: i64, seen: Seen, out: &mut impl Output) {
        let half = self.half_mut(side);
        let offset = half.next;
        half.next += len;
        self.meta.gaps += 1;
        out.gap(
            &self.meta,
            Gap {
                side,
                offset,
                len,
                time: seen.time,
                at: seen.at,
            },
        );
    }

    /// Where only one direction was captured, the other one's bytes are never waited for.
    pub(super) fn advance_unseen(
        &mut self,
        side: Side,
        seen: Seen,
        grace: i64,
        out: &mut impl Output,
    ) {
        let peer = side.peer();
        if self.meta.segments[peer as usize] > 0 {
            return;
        }
        let half = self.half(peer);
        let missing = half.acked - half.next;
        if missing <= 0 {
            return;
        }
        if self.peer_unseen {
            // Told, but counted once only: it is one and the same hole.
            self.give_up(peer, missing, seen, out);
            self.meta.gaps -= 1;
        } else if self.age_ns(seen.steady) > grace {
            self.peer_unseen = true;
            self.give_up(peer, missing, seen, out);
        }
    }

    /// Declares holes that have been known for longer than `grace` as lost. With `force`, every hole.
    pub(super) fn resolve(
        &mut self,
        now: Timestamp,
        grace: i64,
        force: bool,
        out: &mut impl Output,
    ) {
        if self.is_handed_on() {
            return;
        }
        self.drain(out);
        while !self.is_quiet() {
            let given_up = self.skip_hole(now, grace, force, out);
            if !given_up && !self.break_cycle(now, grace, force, out) {
                return;
            }
            self.drain(out);
        }
    }

    /// Skips the hole at the head of a side, if it is due. Where both have one, that which has been known for longer: so it
    /// does not matter whether other traffic lets time pass, or the capture ends.
    fn skip_hole(
        &mut self,
        now: Timestamp,
        grace: i64,
        force: bool,
        out: &mut impl Output,
    ) -> bool {
        let mut due = |side: Side| {
            let (len, seen) = self.hole_at(side, now, grace, force)?;
            Some((side, len, seen))
        };
        let holes = [due(Side::Low), due(Side::High)].into_iter().flatten();
        let Some((side, len, seen)) = holes.min_by_key(|(.., seen)| seen.steady) else {
            return false;
        };
        self.give_up(side, len, seen, out);
        true
    }

    /// The hole at the head of `side`, if it is due: its length, and by what it is known.
    fn hole_at(
        &mut self,
        side: Side,
        now: Timestamp,
        grace: i64,
        force: bool,
    ) -> Option<(i64, Seen)> {
        let half = self.half_mut(side);
        let covered = half.covered().filter(|_| half.has_acked_hole());
        let first = half.first_held().map(|h| (h.offset, h.seen));
        if first.is_some_and(|(offset, _)| offset <= half.next) {
            return None;
        }
        let due = force || covered.is_some_and(|a| a.seen.steady.plus(grace) <= now);
        let (end, seen) = match (first, covered) {
            (Some((offset, _)), Some(by)) => (offset.min(half.acked), by.seen),
            (None, Some(by)) => (half.acked, by.seen),
            (Some((offset, seen)), None) if force => (offset, seen),
            _ => return None,
        };
        (due && end > half.next).then_some((end - half.next, seen))
    }

    /// Two pieces that wait for each other (a lost original, retransmitted with a newer acknowledgement): the older goes first.
    fn break_cycle(
        &mut self,
        now: Timestamp,
        grace: i64,
        force: bool,
        out: &mut impl Output,
    ) -> bool {
        let ready = |side: Side| {
            let half = self.half(side);
            half.first_held()
                .filter(|h| h.offset <= half.next)
                .map(|h| (h.seen.steady, side))
        };
        let Some((time, side)) = [Side::Low, Side::High].into_iter().filter_map(ready).min() else {
            return false;
        };
        if !force && time.plus(grace) > now {
            return false;
        }
        let next = self.half(side).next;
        let Some(piece) = self.half_mut(side).take_first() else {
            return false;
        };
        if let Some(piece) = trim_front(piece, next) {
            self.hand_on_held(side, &piece, out);
        }
        true
    }
}
