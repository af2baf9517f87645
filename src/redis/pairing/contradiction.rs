//! A reply that no reading explains: the order is broken, or pairing was found again in the wrong place.

use super::Pairing;
use super::beam::Beam;
use super::frame::Frame;
use crate::redis::exchange::Anchor;
use crate::redis::fault::Fault;
use crate::redis::observer::{Observer, Stray};
use crate::redis::shared::Shared;
use crate::resp::ReplyKind;

impl Pairing {
    /// No reading is possible: the order is broken, or pairing was found again in the wrong place.
    pub(super) fn contradicted<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        if self.begins_replication(shared, observer, frame) {
            return;
        }
        if self.may_accuse() && !frame.skipped {
            self.begin_faults();
            self.follow(shared, observer, frame);
            return;
        }
        // As many replies as commands: an odd answer, but whose it is there is no doubt about.
        let head = self.line.front();
        let last = self.line.len() == 1 && head.is_some_and(|head| !head.is_auth());
        let certain = last && self.anchor > Anchor::Weak;
        let shift = self.look_for_shift(shared, frame);
        self.doubt_start(shared, observer);
        if !certain {
            self.lose(shared, observer);
            self.stray(shared, observer, Stray::Undecided, frame);
        } else if let Some(head) = self.leave_front() {
            self.anchor = Anchor::Weak;
            self.odd_before = true;
            let exchange = frame.exchange(&head, self.anchor);
            self.emit(shared, observer, &exchange);
        }
        if let Some(fault) = shift {
            observer.breaks(shared, &fault);
            self.break_order(shared, observer, fault);
        }
    }

    /// The answer of PSYNC, which comes under CLIENT REPLY OFF too.
    pub(super) fn begins_replication<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) -> bool {
        let begins = frame.shape.kind == ReplyKind::Simple
            && frame.shape.head.bytes.starts_with(b"FULLRESYNC ");
        if begins {
            self.stray(shared, observer, Stray::Push, frame);
            self.become_opaque(shared, observer);
        }
        begins
    }

    /// A reply that nothing outstanding asked for.
    pub(super) fn unasked_for<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        let stray = self.unasked(frame);
        if self.begins_replication(shared, observer, frame) {
            return;
        }
        // Some proxies answer an empty request.
        let of_blank = self.blank_seen && frame.shape.kind.is_error();
        if stray == Stray::Undecided && self.may_accuse() && !of_blank {
            self.begin_faults();
            self.follow(shared, observer, frame);
            return;
        }
        if stray == Stray::Undecided && self.doubt_start(shared, observer) {
            self.lose(shared, observer);
        }
        self.stray(shared, observer, stray, frame);
    }

    /// A reply does not fit: where pairing was found again by acknowledgements only, it was found in the wrong place.
    fn doubt_start<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) -> bool {
        let wrong = self.anchor == Anchor::Weak && !self.odd_before;
        if wrong {
            self.overlaps = true;
            observer.mistaken(shared);
        }
        wrong
    }

    /// The connection was followed firmly enough to say that somebody broke its order, and nobody has yet.
    pub(super) fn may_accuse(&self) -> bool {
        self.anchor >= Anchor::Content && self.fault.is_none() && !self.before_capture
    }

    /// Where pairing was found again, whether replies are one command late.
    fn look_for_shift(&mut self, shared: &Shared, frame: &Frame<'_>) -> Option<Fault> {
        if self.anchor > Anchor::Quiet || self.fault.is_some() {
            return None;
        }
        let (line, last) = (self.line.waiting(), self.last.as_ref());
        let shift = self.shift.as_mut()?;
        shift.contradicted(shared, &self.state, self.anchor, line, last, frame)
    }

    /// Looks for a fault, back to where nothing was outstanding.
    pub(super) fn begin_faults(&mut self) {
        let from_start = self.anchor == Anchor::Start;
        let mut beam = Beam::new(self.state.clone(), self.last_reply_end, from_start);
        beam.last = self.last.take();
        beam.commands = self.line.take_waiting();
        beam.stale = true;
        if let Some(history) = self.history.take() {
            beam.put_in_front(*history, self.line.take_answered());
        }
        self.beam = Some(Box::new(beam));
    }
}
