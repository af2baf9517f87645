//! From the lane to the beam, and back when one reading is left.

use super::beam::{Beam, COMMANDS_MAX, FRAMES_MAX};
use super::frame::{Frame, KeptFrame};
use super::history::Told;
use super::reading::Act;
use super::verdict::{Known, fault_of};
use super::{Pairing, Sync};
use crate::redis::exchange::Anchor;
use crate::redis::exchange::KeptExchange;
use crate::redis::fault::{Fault, FaultKind};
use crate::redis::observer::{Fate, Observer, Stray};
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::transaction::Tail;
use crate::resp::ReplyKind;

/// So many frames behind a fault settle what it was, even where the client never pauses.
const FRAMES_BEHIND: usize = 32;

impl Pairing {
    /// Several readings are possible from here on.
    pub(super) fn begin_beam<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        let from_start = self.anchor == Anchor::Start;
        let mut beam = Beam::new(self.state.clone(), self.last_reply_end, from_start);
        beam.last = self.last.take();
        beam.commands = std::mem::take(&mut self.pending);
        self.beam = Some(Box::new(beam));
        self.follow(shared, observer, frame);
    }

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
        let head = self.pending.front();
        let last = self.pending.len() == 1 && head.is_some_and(|head| !head.is_auth());
        let certain = last && self.anchor > Anchor::Weak;
        let shift = self.look_for_shift(shared, frame);
        self.doubt_start(shared, observer);
        if !certain {
            self.lose(shared, observer);
            self.stray(shared, observer, Stray::Undecided, frame);
        } else if let Some(head) = self.pending.pop_front() {
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
    fn may_accuse(&self) -> bool {
        self.anchor >= Anchor::Content && self.fault.is_none() && !self.before_capture
    }

    /// Where pairing was found again, whether replies are one command late.
    fn look_for_shift(&mut self, shared: &Shared, frame: &Frame<'_>) -> Option<Fault> {
        if self.anchor > Anchor::Quiet || self.fault.is_some() {
            return None;
        }
        let (line, last) = (&self.pending, self.last.as_ref());
        let shift = self.shift.as_mut()?;
        shift.contradicted(shared, &self.state, self.anchor, line, last, frame)
    }

    /// Looks for a fault, back to where nothing was outstanding.
    fn begin_faults(&mut self) {
        let from_start = self.anchor == Anchor::Start;
        let mut beam = Beam::new(self.state.clone(), self.last_reply_end, from_start);
        beam.last = self.last.take();
        beam.commands.append(&mut self.pending);
        beam.stale = true;
        if let Some(history) = self.history.take() {
            beam.put_in_front(*history);
        }
        self.beam = Some(Box::new(beam));
    }

    /// A frame while several readings are possible.
    pub(super) fn follow<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        let may_accuse = self.may_accuse();
        let Some(beam) = &mut self.beam else { return };
        if std::mem::take(&mut beam.stale) {
            beam.frames.push(KeptFrame::of(frame));
            beam.with_faults(shared);
        } else {
            beam.push(shared, frame);
            if beam.readings.is_empty() && !beam.faults && !beam.crowded && may_accuse {
                if let Some(history) = self.history.take() {
                    beam.put_in_front(*history);
                }
                beam.with_faults(shared);
            }
        }
        shared.hits_readings += u64::from(beam.crowded);
        if beam.readings.is_empty() || beam.crowded {
            self.lose(shared, observer);
            return;
        }
        let ends = beam.ends();
        let alone = !beam.faults && matches!(&beam.readings[..], [only] if only.cost == 0);
        let full = beam.frames.len() >= FRAMES_MAX;
        let clear = beam.faults
            && beam.best().is_some_and(|(best, margin)| {
                let since = beam.frames.len().saturating_sub(best.marked_at);
                margin > 0 && since > FRAMES_BEHIND && beam.is_idle(best)
            });
        if ends || alone || full || clear {
            self.settle(shared, observer);
        }
    }

    /// A new command: when the client had received all that the server sent, nothing more comes for what was before.
    pub(super) fn settle_before<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        command: &Pending,
    ) {
        if let Some(beam) = &self.beam {
            let caught_up = self.has_all(command.ack);
            let best = beam.best();
            let idle = best.is_some_and(|(best, _)| beam.is_idle(best));
            let full = beam.commands.len() >= COMMANDS_MAX;
            if (idle && caught_up) || full {
                self.settle(shared, observer);
            }
        }
        if self.pending.is_empty() && self.beam.is_none() {
            if self.has_all(command.ack) {
                self.state.tail = Tail::default();
            }
            self.begin_again(command.ack);
        }
        if let Some(fault) = &mut self.fault
            && fault.onset.is_none()
        {
            fault.onset = Some(command.clone());
            fault.shown = vec![KeptExchange::unanswered(command)];
            fault.wrong = fault.wrong.max(1);
            // The client had the reply before it asked: it can not be the answer.
            let had = command.ack.is_some_and(|ack| ack >= self.last_reply_end);
            fault.discriminating += u64::from(had && fault.kind == FaultKind::Surplus);
            self.tell_fault(shared, observer, false);
        }
    }

    /// Nothing is outstanding when a command comes: what was before is done, if the client has seen all of it.
    #[inline]
    pub(super) fn begin_again(&mut self, ack: Option<i64>) {
        let has_all = self.has_all(ack);
        if let Some(history) = self.history.as_mut().filter(|_| has_all) {
            history.restart(&self.state, self.last_reply_end);
        }
    }

    /// The client has received all replies so far.
    fn has_all(&self, ack: Option<i64>) -> bool {
        ack.is_none_or(|ack| ack >= self.last_reply_end)
    }

    pub(super) fn settle_at_end<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        if self.beam.is_some() {
            self.settle(shared, observer);
        }
    }

    /// Decides for the cheapest reading and goes back to the lane. In a draw what all cheapest readings say is told.
    fn settle<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        let Some(mut beam) = self.beam.take() else {
            return;
        };
        let Some((best, margin)) = beam.best() else {
            self.beam = Some(beam);
            self.lose(shared, observer);
            return;
        };
        let acts = beam.acts(best);
        let best = best.clone();
        let fault = fault_of(
            shared,
            &beam,
            &best,
            &acts,
            margin,
            &Known {
                anchor: self.anchor,
                bent: self.bent,
                multi: self.multi_seen,
                refused_inside: self.refused_inside,
                hello: self.hello_seen,
            },
        );
        let fault = fault.filter(|_| margin > 0 || beam.all_best_are_faults());
        if let Some(fault) = fault.as_ref().filter(|_| self.fault.is_none()) {
            observer.breaks(shared, fault);
        }
        if margin == 0 {
            let common = beam.common(&acts);
            self.tell(
                shared,
                observer,
                &beam,
                acts.get(..common).unwrap_or_default(),
            );
            self.drop_rest(shared, observer, &beam, common, &acts);
            // All of the best readings hold a fault: the order is broken, though not in one way alone.
            if let Some(fault) = fault {
                self.break_order(shared, observer, fault);
            }
            self.lose(shared, observer);
            return;
        }
        self.tell(shared, observer, &beam, &acts);
        self.last = beam.last_paired(&acts).cloned();
        self.state = best.state;
        self.pending = beam.commands.split_off(best.next.min(beam.commands.len()));
        match fault {
            Some(fault) => self.break_order(shared, observer, fault),
            None => self.remember(*beam, &acts),
        }
        self.go_on_after(shared, observer, best.after);
        self.drop_silent(shared, observer);
    }

    /// What was just told may hold the fault that is seen later.
    fn remember(&mut self, beam: Beam, acts: &[Act]) {
        let wanted = self.anchor >= Anchor::Content && self.fault.is_none() && !beam.faults;
        let commands = acts.iter().filter(|act| act.command().is_some()).count();
        let frames = acts.iter().filter(|act| act.frame().is_some()).count();
        let history = self
            .history
            .take()
            .unwrap_or_else(|| Box::new(beam.beginning()));
        if !wanted || !history.has_room(commands, frames) {
            return;
        }
        let history = self.history.insert(history);
        for act in acts {
            let command = act.command().and_then(|c| beam.commands.get(c)).cloned();
            let frame = act.frame().and_then(|f| beam.frames.get(f));
            match (command, frame.map(KeptFrame::frame)) {
                (Some(command), Some(frame)) => history.pair(command, &frame),
                (Some(command), None) => history.silent(command),
                (None, Some(frame)) => history.frame(&frame),
                (None, None) => {}
            }
        }
    }

    /// The order is broken: told once, and what comes behind it proves nothing any more.
    fn break_order<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O, fault: Fault) {
        let only_dropped = fault.kind == FaultKind::AuthErrorDropped;
        if self.fault.is_some() {
            return;
        }
        self.fault = Some(Box::new(fault));
        if !only_dropped {
            self.anchor = Anchor::Weak;
            self.odd_before = true;
        }
        self.tell_fault(shared, observer, false);
    }

    pub(super) fn tell_fault<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        is_final: bool,
    ) {
        if let Some(fault) = &mut self.fault {
            fault.is_final = is_final;
            observer.fault(shared, fault);
        }
    }

    /// Tells what a reading says, but for what was told before in the same way.
    fn tell<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        acts: &[Act],
    ) {
        let mut told = beam.told.len();
        for act in acts {
            if beam.is_told(act, told) {
                continue;
            }
            if let Some(from) = act.command().filter(|c| *c < told) {
                self.dispute(shared, observer, beam, from..told);
                told = from;
            }
            self.tell_act(shared, observer, beam, *act);
        }
    }

    /// What was told from this command of the beam on does not stand.
    fn dispute<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        range: std::ops::Range<usize>,
    ) {
        let told = beam.told.iter().zip(&beam.commands);
        for (told, command) in told.take(range.end).skip(range.start) {
            match told {
                Told::Pair(frame) => {
                    self.counts.exchanges -= 1;
                    if let Some(kept) = beam.frames.get(*frame) {
                        let frame = kept.frame();
                        let exchange = frame.exchange(command, self.anchor);
                        observer.taken_back(shared, command, Some(&exchange));
                    }
                }
                Told::Silent if command.detail == Detail::Blank => {}
                Told::Silent => {
                    self.counts.others().silent -= 1;
                    observer.taken_back(shared, command, None);
                }
            }
        }
        if let Some(command) = beam.commands.get(range.start) {
            observer.disputed(shared, command.index);
        }
    }

    fn tell_act<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        act: Act,
    ) {
        let command = act.command().and_then(|c| beam.commands.get(c));
        let kept = act.frame().and_then(|f| beam.frames.get(f));
        let frame = kept.map(KeptFrame::frame);
        match (act, command, frame) {
            (Act::Pair(..), Some(command), Some(frame)) => {
                self.confirm_anchor(command, &frame);
                self.emit(shared, observer, &frame.exchange(command, self.anchor));
            }
            (Act::Pass(_) | Act::Dropped(_), Some(command), _) => {
                if command.detail != Detail::Blank {
                    self.end_command(shared, observer, Fate::Silent, command);
                }
            }
            (Act::Push(_), _, Some(frame)) => self.stray(shared, observer, Stray::Push, &frame),
            (_, command, frame) => {
                if let Some(command) = command {
                    self.end_command(shared, observer, Fate::Undecided, command);
                }
                if let Some(frame) = frame {
                    self.stray(shared, observer, Stray::Undecided, &frame);
                }
            }
        }
    }

    /// No reading can be told: what was not told yet stays undecided.
    pub(super) fn give_up_beam<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        let Some(beam) = self.beam.take() else { return };
        // As many replies as commands: an odd answer, but whose it is there is no doubt about.
        let commands = beam.commands.len().saturating_sub(beam.told.len());
        let frames = beam.frames.len().saturating_sub(beam.frames_told);
        if let (true, 1, 1, Some(command), Some(kept)) = (
            beam.faults,
            commands,
            frames,
            beam.commands.back(),
            beam.frames.last(),
        ) && !command.is_auth()
        {
            let frame = kept.frame();
            self.emit(shared, observer, &frame.exchange(command, Anchor::Weak));
            return;
        }
        self.drop_rest(shared, observer, &beam, 0, &[]);
    }

    /// Leaves undecided what was not told before, nor in the first `common` of `acts`.
    fn drop_rest<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        common: usize,
        acts: &[Act],
    ) {
        let done = acts.get(..common).unwrap_or_default();
        let commands = done.iter().filter_map(|act| act.command());
        let from = commands
            .map(|c| c + 1)
            .max()
            .unwrap_or(0)
            .max(beam.told.len());
        for command in beam.commands.iter().skip(from) {
            if command.detail != Detail::Blank {
                self.end_command(shared, observer, Fate::Undecided, command);
            }
        }
        let frames = done.iter().filter_map(|act| act.frame());
        let from = frames
            .map(|f| f + 1)
            .max()
            .unwrap_or(0)
            .max(beam.frames_told);
        for frame in beam.frames.iter().skip(from) {
            self.stray(shared, observer, Stray::Undecided, &frame.frame());
        }
        debug_assert!(
            self.sync != Sync::Opaque,
            "readings of a stream without replies"
        );
    }
}
