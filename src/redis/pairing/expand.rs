//! From one reading to those that the next frame leaves of it.

use super::beam::Beam;
use super::frame::Frame;
use super::out_of_band::{Place, is_out_of_band};
use super::reading::{Act, Reading};
use super::step::{BRANCHES_MAX, Branch, branches};
use crate::redis::commands::Kind;
use crate::redis::errors;
use crate::redis::frame_kinds;
use crate::redis::shared::Shared;
use crate::redis::state::{After, Login, State};

/// The server dropped an error, and the order is broken as well.
const DROPPED_BESIDE: u16 = 4;
/// A refusal behind an accepted AUTH: no fault of pairing, but no correct server says so.
const REFUSED_BEHIND_AUTH: u16 = 5;
/// A subscription inside of a transaction was refused.
const FEWER_BEHIND: u16 = 1;

impl Beam {
    pub(super) fn expand(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        at: usize,
        frame: &Frame<'_>,
        out: &mut Vec<Reading>,
    ) {
        if !self.faults && reading.after != After::Normal {
            // Behind it nothing can be counted: whatever comes is possible.
            out.push(reading.clone());
            return;
        }
        let mut state = reading.state.clone();
        state.note_protocol(&frame.shape);
        let mut line = self.commands.range(reading.next.min(self.commands.len())..);
        let place = Place {
            head: self.commands.get(reading.next),
            synced: true,
            from_start: self.from_start,
            may_monitor: frame_kinds::is_monitor_line(&frame.shape)
                && line.any(|p| p.kind == Kind::Monitor),
        };
        if is_out_of_band(&mut state, place, frame) {
            if frame_kinds::is_confirmation(frame.word) {
                state.tail.take_one_behind();
            }
            out.push(self.passed_by(reading, state, Act::Push(at), frame));
            if frame_kinds::is_confirmation(frame.word) {
                // It may be the answer of a command behind those that get none.
                self.legal(shared, reading, at, frame, out);
            }
            return;
        }
        let reading = Reading {
            state,
            ..reading.clone()
        };
        if let Some(owed) = reading.owed {
            out.extend(self.close_swap(shared, &reading, owed, at, frame));
            return;
        }
        if reading.state.tail.has_behind() {
            self.behind_exec(shared, &reading, at, frame, out);
            return;
        }
        self.legal(shared, &reading, at, frame, out);
        if self.faults {
            self.faulty(shared, &reading, at, frame, out);
        }
    }

    /// The frame answers no command.
    fn passed_by(
        &mut self,
        reading: &Reading,
        state: State,
        act: Act,
        frame: &Frame<'_>,
    ) -> Reading {
        Reading {
            state,
            node: self.act(reading.node, act),
            reply_end: frame.end,
            ..reading.clone()
        }
    }

    /// The frame may be an element too much of EXEC's array.
    fn behind_exec(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        at: usize,
        frame: &Frame<'_>,
        out: &mut Vec<Reading>,
    ) {
        let mut state = reading.state.clone();
        state.tail.take_one_behind();
        out.push(self.passed_by(reading, state, Act::Beside(at), frame));
        let mut without = reading.clone();
        without.state.tail = reading.state.tail.nothing_behind();
        without.cost += FEWER_BEHIND;
        self.legal(shared, &without, at, frame, out);
    }

    pub(super) fn legal(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        at: usize,
        frame: &Frame<'_>,
        out: &mut Vec<Reading>,
    ) {
        let queue = self.commands.range(reading.next.min(self.commands.len())..);
        let ways = branches(shared, &reading.state, queue, frame, reading.reply_end);
        if ways.len() > BRANCHES_MAX {
            self.crowded = true;
            return;
        }
        for branch in ways {
            match self.same_place(reading, &branch, out) {
                Some(same) => same.drawn = true,
                None => out.push(self.taken(shared, reading, branch, at, frame)),
            }
        }
    }

    /// A reading that came to the same place for the same price. Where faults are tried, their marks are put together.
    fn same_place<'r>(
        &self,
        reading: &Reading,
        branch: &Branch,
        out: &'r mut [Reading],
    ) -> Option<&'r mut Reading> {
        let (next, cost) = (reading.next + branch.passed + 1, reading.cost + branch.cost);
        let mut same = out.iter_mut().filter(|_| !self.faults);
        same.find(|r| {
            r.next == next && r.cost == cost && r.after == branch.after && r.state == branch.state
        })
    }

    fn taken(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        branch: Branch,
        at: usize,
        frame: &Frame<'_>,
    ) -> Reading {
        let mut node = reading.node;
        for i in 0..branch.passed {
            let is_of = |set: u64| i < 64 && set >> i & 1 == 1;
            let act = match (is_of(branch.dropped), is_of(branch.inside)) {
                (true, _) => Act::Dropped(reading.next + i),
                (_, true) => Act::Inside(reading.next + i),
                _ => Act::Pass(reading.next + i),
            };
            node = self.act(node, act);
        }
        let command = reading.next + branch.passed;
        node = self.act(node, Act::Pair(command, at));
        let refused = self.is_refused_behind_auth(shared, reading, command, frame);
        let refusal = match (refused, reading.refused) {
            (false, _) => 0,
            (true, false) => REFUSED_BEHIND_AUTH,
            (true, true) => 1,
        };
        let beside = match branch.dropped != 0 && reading.mark.is_some() {
            true => DROPPED_BESIDE,
            false => 0,
        };
        let more = refusal + beside;
        // Behind one such EXEC all is doubtful enough.
        let mut state = branch.state;
        let weakens = std::mem::take(&mut state.tail.weakens);
        let lost = weakens && (self.faults || self.weakened);
        self.weakened |= weakens;
        Reading {
            state,
            next: command + 1,
            cost: reading.cost + branch.cost + if self.faults { more } else { 0 },
            after: if lost { After::LoseSync } else { branch.after },
            refused: reading.refused || refused,
            reply_end: frame.end,
            node,
            ..reading.clone()
        }
    }

    fn is_refused_behind_auth(
        &self,
        shared: &Shared,
        reading: &Reading,
        command: usize,
        frame: &Frame<'_>,
    ) -> bool {
        // A script may say so of itself.
        let known = self
            .commands
            .get(command)
            .is_some_and(|c| shared.commands.info(c.id).known && c.kind != Kind::Script);
        known
            && reading.state.login == Login::Yes
            && frame.shape.kind.is_error()
            && errors::is_noauth(frame.shape.head.bytes)
    }
}
