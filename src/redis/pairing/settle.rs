//! From the lane to the beam, and back when one reading is left.

use super::Pairing;
use super::beam::{Beam, COMMANDS_MAX, FRAMES_MAX};
use super::frame::{Frame, KeptFrame};
use super::reading::{Act, Reading};
use super::verdict::{Known, fault_of};
use crate::redis::exchange::{Anchor, KeptExchange};
use crate::redis::fault::{Fault, FaultKind};
use crate::redis::observer::Observer;
use crate::redis::pending::Pending;
use crate::redis::shared::Shared;
use crate::redis::transaction::Tail;

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
        beam.weakened = self.state.tail.is_open();
        beam.commands = self.line.take_waiting();
        self.beam = Some(Box::new(beam));
        self.follow(shared, observer, frame);
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
            let sure = may_accuse && !beam.weakened;
            if beam.readings.is_empty() && !beam.faults && !beam.crowded && sure {
                if let Some(history) = self.history.take() {
                    beam.put_in_front(*history, self.line.take_answered());
                }
                beam.with_faults(shared);
            }
        }
        shared.hits_readings += u64::from(beam.crowded);
        if beam.readings.is_empty() || beam.crowded {
            self.lose(shared, observer);
            return;
        }
        let full = beam.frames.len() >= FRAMES_MAX;
        if beam.weakened {
            if full || beam.readings.len() == 1 || beam.is_over() {
                self.settle_alike(shared, observer, false);
            }
            return;
        }
        let ends = beam.ends();
        let alone = !beam.faults && matches!(&beam.readings[..], [only] if only.cost == 0);
        let clear = beam.faults
            && beam.best(shared).is_some_and(|(best, margin)| {
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
        let caught_up = self.has_all(command.ack);
        if self.beam.as_ref().is_some_and(|beam| beam.weakened) {
            self.round_ends(shared, observer, caught_up);
        } else if let Some(beam) = &self.beam {
            let best = beam.best(shared);
            let idle = best.is_some_and(|(best, _)| beam.is_idle(best));
            let full = beam.commands.len() >= COMMANDS_MAX;
            if (idle && caught_up) || full {
                self.settle(shared, observer);
            }
        }
        if self.line.is_idle() && self.beam.is_none() {
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
            self.line.forget_answered();
        }
    }

    /// The client has received all replies so far.
    fn has_all(&self, ack: Option<i64>) -> bool {
        ack.is_none_or(|ack| ack >= self.last_reply_end)
    }

    pub(super) fn settle_at_end<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        match self.beam.as_ref().map(|beam| beam.weakened) {
            Some(true) => self.settle_alike(shared, observer, false),
            Some(false) => self.settle(shared, observer),
            None => {}
        }
    }

    /// Decides for the cheapest reading and goes back to the lane. In a draw what all cheapest readings say is told.
    fn settle<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        let Some(beam) = self.beam.take() else {
            return;
        };
        let Some((best, margin)) = beam.best(shared) else {
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
        let fault = fault.filter(|_| margin > 0 || beam.all_best_are_faults(shared));
        if let Some(fault) = fault.as_ref().filter(|_| self.fault.is_none()) {
            observer.breaks(shared, fault);
        }
        if margin == 0 {
            let common = beam.common(beam.cheapest(shared));
            self.tell_only(shared, observer, &beam, &common);
            // All of the best readings hold a fault: the order is broken, though not in one way alone.
            if let Some(fault) = fault {
                self.break_order(shared, observer, fault);
            }
            self.lose(shared, observer);
            return;
        }
        self.go_on_with(shared, observer, *beam, best, fault);
    }

    /// One reading is told, and the lane goes on behind it.
    pub(super) fn go_on_with<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        mut beam: Beam,
        reading: Reading,
        fault: Option<Fault>,
    ) {
        let acts = beam.acts(&reading);
        let drawn = reading.drawn && !beam.faults;
        let stands = self.tell(shared, observer, &beam, &acts, drawn);
        self.last = beam.last_paired(&acts).cloned();
        self.state = reading.state;
        let next = self.pass_told(shared, observer, &beam, reading.next..stands);
        let waiting = beam.commands.split_off(next.min(beam.commands.len()));
        match fault {
            Some(fault) => self.break_order(shared, observer, fault),
            None => self.remember(beam, &acts),
        }
        self.line.wait(waiting);
        self.go_on_after(shared, observer, reading.after);
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
            self.line.forget_answered();
            return;
        }
        let history = self.history.insert(history);
        for act in acts {
            let command = act.command().and_then(|c| beam.commands.get(c)).cloned();
            let frame = act.frame().and_then(|f| beam.frames.get(f));
            match (&command, frame.map(KeptFrame::frame)) {
                (Some(command), Some(frame)) => history.pair(command.kind, &frame),
                (Some(_), None) => history.silent(),
                (None, Some(frame)) => history.frame(&frame),
                (None, None) => {}
            }
            if let Some(command) = command {
                self.line.push(command);
                self.line.keep_front();
            }
        }
    }

    /// The order is broken: told once, and what comes behind it proves nothing any more.
    pub(super) fn break_order<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        fault: Fault,
    ) {
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
}
