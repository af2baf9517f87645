//! Readings with a fault in them: what is tried where the protocol allows none, each at its price.

use super::beam::Beam;
use super::evidence::{Fit, fit, fits_exchanged, speaks_of};
use super::frame::{Frame, KeptFrame};
use super::reading::{Act, Mark, Reading};
use super::step;
use crate::redis::commands::Kind;
use crate::redis::errors;
use crate::redis::fault::FaultKind;
use crate::redis::shared::Shared;
use crate::redis::state::Multi;

/// Prices of faults. They say how surprising each is, compared with the others.
const SWAPPED: u16 = 9;
const REFUSED_BEFORE_AUTH: u16 = 8;
pub(super) const MISSING: u16 = 10;
const SURPLUS: u16 = 10;
const MISMATCH: u16 = 12;
/// An exchange for which only one of the two replies speaks. Where that one is an error, which fits nearly everywhere, a
/// reply that is not its own is a little likelier.
const SWAPPED_BY_VALUE: u16 = 11;
const SWAPPED_BY_ERROR: u16 = 13;

/// Commands in a row that get no reply, behind which a fault is looked for.
const SILENT_MAX: usize = 4;

/// With one fault more, of which the first is remembered.
fn marked(
    reading: &Reading,
    at: usize,
    frame: &Frame<'_>,
    mark: Mark,
    cost: u16,
    node: u32,
) -> Reading {
    Reading {
        cost: reading.cost + cost,
        mark: reading.mark.or(Some(mark)),
        marked_at: reading.mark.map_or(at, |_| reading.marked_at),
        reply_end: frame.end,
        node,
        ..reading.clone()
    }
}

impl Beam {
    /// The second of two answers in exchange.
    pub(super) fn close_swap(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        owed: usize,
        at: usize,
        frame: &Frame<'_>,
    ) -> Option<Reading> {
        let command = self.commands.get(owed)?;
        if fits_exchanged(shared, &reading.state, command, frame) == Fit::No {
            return None;
        }
        let mut state = reading.state.clone();
        let plain = reading.mark.map(|mark| mark.kind) == Some(FaultKind::Swapped);
        let more = match plain {
            true => self.doubt_of_swap(shared, reading, owed, at),
            false => 0,
        };
        let after = step::answer(shared, &mut state, command, frame);
        let node = self.act(reading.node, Act::Crossed(owed, at));
        Some(Reading {
            state,
            after,
            node,
            owed: None,
            cost: reading.cost + more,
            reply_end: frame.end,
            ..reading.clone()
        })
    }

    /// What an exchange costs beyond its price where not both replies speak for it.
    pub(super) fn doubt_of_swap(
        &self,
        shared: &Shared,
        reading: &Reading,
        owed: usize,
        at: usize,
    ) -> u16 {
        let fits = |command: usize, frame: Option<&KeptFrame>| {
            let (Some(command), Some(frame)) = (self.commands.get(command), frame) else {
                return false;
            };
            fit(shared, &reading.state, command, &frame.frame()) == Fit::Yes
        };
        // An error that speaks of a command is its own, even where a script may say so too.
        let names = |command: usize, frame: Option<&KeptFrame>| {
            let (Some(command), Some(frame)) = (self.commands.get(command), frame) else {
                return false;
            };
            speaks_of(shared, &frame.frame(), command)
        };
        let first = at.checked_sub(1).and_then(|at| self.frames.get(at));
        let second = self.frames.get(at);
        let named = (names(owed + 1, first), names(owed, second));
        let (speaks, names) = match (fits(owed, first), fits(owed + 1, second)) {
            _ if named == (true, true) => return 0,
            (false, false) => return 0,
            (false, true) => (first, named.0),
            (true, _) => (second, named.1),
        };
        let error = speaks.is_some_and(|frame| frame.frame().shape.kind.is_error());
        match error && !names {
            true => SWAPPED_BY_ERROR - SWAPPED,
            false => SWAPPED_BY_VALUE - SWAPPED,
        }
    }

    pub(super) fn faulty(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        at: usize,
        frame: &Frame<'_>,
        out: &mut Vec<Reading>,
    ) {
        let node = self.act(reading.node, Act::Surplus(at));
        let mark = Mark {
            twin: self.is_twin(at),
            ..Mark::at(FaultKind::Surplus, reading.next)
        };
        out.push(Reading {
            reply_end: reading.reply_end,
            ..marked(reading, at, frame, mark, SURPLUS, node)
        });
        let mut reading = reading.clone();
        self.hit(shared, &reading, at, frame, out);
        for _ in 0..SILENT_MAX {
            let Some(behind) = self.behind_silent(&reading, frame) else {
                return;
            };
            reading = behind;
            self.hit(shared, &reading, at, frame, out);
        }
    }

    /// The next command gets no reply, by rule: what is wrong is about one behind it.
    fn behind_silent(&mut self, reading: &Reading, frame: &Frame<'_>) -> Option<Reading> {
        let command = self.commands.get(reading.next);
        let command = command.filter(|c| frame.acknowledges(c))?;
        let mut state = reading.state.clone();
        let mode = step::passes(&state, command, frame)?;
        state.pass(command);
        state.mode = mode;
        let node = self.act(reading.node, Act::Pass(reading.next));
        Some(Reading {
            state,
            node,
            next: reading.next + 1,
            ..reading.clone()
        })
    }

    /// The reply of the next command is missing, is another one, or comes behind its neighbour's.
    fn hit(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        at: usize,
        frame: &Frame<'_>,
        out: &mut Vec<Reading>,
    ) {
        let next = reading.next;
        let mark = |kind| Mark::at(kind, next);
        let Some(command) = self.commands.get(next).filter(|c| frame.acknowledges(c)) else {
            return;
        };
        if step::silent(&reading.state, command).is_some() {
            return;
        }
        let mut odd = reading.state.clone();
        odd.pass(command);
        if fit(shared, &reading.state, command, frame) != Fit::Yes {
            let node = self.act(reading.node, Act::Odd(next, at));
            out.push(Reading {
                next: next + 1,
                state: odd.clone(),
                ..marked(
                    reading,
                    at,
                    frame,
                    mark(FaultKind::Mismatch),
                    MISMATCH,
                    node,
                )
            });
        }
        self.swapped(shared, reading, at, frame, out);
        let node = self.act(reading.node, Act::Missing(next));
        let missing = Reading {
            next: next + 1,
            state: odd,
            reply_end: reading.reply_end,
            ..marked(reading, at, frame, mark(FaultKind::Missing), MISSING, node)
        };
        self.legal(shared, &missing, at, frame, out);
    }

    /// The frame says the same as the one before it.
    pub(super) fn is_twin(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.frames.get(at));
        let here = self.frames.get(at);
        here.zip(before).is_some_and(|(a, b)| a.says_as(b))
    }

    pub(super) fn swapped(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        at: usize,
        frame: &Frame<'_>,
        out: &mut Vec<Reading>,
    ) {
        let next = reading.next;
        let (Some(first), Some(second)) = (self.commands.get(next), self.commands.get(next + 1))
        else {
            return;
        };
        let refusal = frame.shape.kind.is_error() && errors::is_noauth(frame.shape.head.bytes);
        // A transaction that is given up is EXEC's alone, though a script may say so too.
        let own = !frame.shape.head.bytes.starts_with(b"EXECABORT") || second.kind == Kind::Exec;
        let before_auth = first.is_auth() && refusal && own;
        // A switch that is refused is answered.
        let plain = step::silent(&reading.state, second).is_none()
            && (before_auth || step::switched(&reading.state, second).is_none());
        // What HELLO made of the protocol is known when its answer is.
        let mut state = reading.state.clone();
        if first.kind == Kind::Hello {
            (state.resp, state.resp_sure) = (None, false);
        }
        // The second is answered as behind the transaction that the first one ends.
        let ends =
            matches!(first.kind, Kind::Exec | Kind::Discard) && second.kind == Kind::Ordinary;
        if ends {
            state.multi = Multi::None;
        }
        let fits = fits_exchanged(shared, &state, second, frame) == Fit::Yes;
        if !(plain && fits && frame.acknowledges(second)) {
            return;
        }
        let (kind, cost) = match before_auth {
            true => (FaultKind::RefusedBeforeAuth, REFUSED_BEFORE_AUTH),
            false => (FaultKind::Swapped, SWAPPED),
        };
        let after = step::answer(shared, &mut state, second, frame);
        if ends {
            // What EXEC answers depends on what was queued.
            state.multi = reading.state.multi;
        }
        let node = self.act(reading.node, Act::Crossed(next + 1, at));
        out.push(Reading {
            state,
            after,
            next: next + 2,
            owed: Some(next),
            ..marked(reading, at, frame, Mark::at(kind, next), cost, node)
        });
    }
}
