//! Several readings of the same dialogue side by side, where one alone can not be told yet.
//!
//! A reading is a path of acts: this frame answers that command, this command gets no reply. First only what the
//! protocol allows is tried. When no such reading is left, faults are tried too, each at a price: the cheapest reading
//! is the explanation. Bounded: so many commands, so many frames, so many readings.

use super::frame::{Frame, KeptFrame};
use super::history::{History, Told};
use super::out_of_band::{Place, is_out_of_band};
use super::reading::{Act, Reading};
use super::step::{BRANCHES_MAX, Branch, branches};
use crate::redis::commands::Kind;
use crate::redis::errors;
use crate::redis::pending::Pending;
use crate::redis::shared::Shared;
use crate::redis::state::{self, After, Login, State};
use std::collections::VecDeque;

/// Frames that are looked at together.
pub(super) const FRAMES_MAX: usize = 256;
/// Commands that are looked at together.
pub(super) const COMMANDS_MAX: usize = 512;
/// Steps of all readings. Each takes 24 bytes.
const NODES_MAX: usize = 1 << 18;

/// The server dropped an error, and the order is broken as well.
const DROPPED_BESIDE: u16 = 4;
/// A refusal behind an accepted AUTH: no fault of pairing, but no correct server says so.
const REFUSED_BEHIND_AUTH: u16 = 5;
/// A subscription inside of a transaction was refused.
const FEWER_BEHIND: u16 = 1;

#[derive(Clone, Copy, Debug)]
struct Node {
    parent: u32,
    act: Act,
}

/// Several readings.
#[derive(Debug)]
pub(super) struct Beam {
    pub commands: VecDeque<Pending>,
    pub frames: Vec<KeptFrame>,
    pub readings: Vec<Reading>,
    /// Faults are tried.
    pub faults: bool,
    /// The readings are still to be made, from the first frame on.
    pub stale: bool,
    /// What the first commands were told to be before, and how many frames were told.
    pub told: Vec<Told>,
    pub frames_told: usize,
    /// The command that was answered last in front of all these.
    pub last: Option<Pending>,
    /// More readings than are followed: none of them may be right.
    pub crowded: bool,
    nodes: Vec<Node>,
    start: Reading,
    from_start: bool,
}

impl Beam {
    pub(super) fn new(state: State, reply_end: i64, from_start: bool) -> Beam {
        let start = Reading {
            state,
            next: 0,
            cost: 0,
            after: After::Normal,
            mark: None,
            owed: None,
            refused: false,
            reply_end,
            marked_at: 0,
            node: u32::MAX,
        };
        Beam {
            commands: VecDeque::new(),
            frames: Vec::new(),
            readings: vec![start.clone()],
            faults: false,
            stale: false,
            told: Vec::new(),
            frames_told: 0,
            last: None,
            nodes: Vec::new(),
            crowded: false,
            start,
            from_start,
        }
    }

    /// Begins again, with faults.
    pub(super) fn with_faults(&mut self, shared: &Shared) {
        self.faults = true;
        self.nodes.clear();
        self.readings = vec![self.start.clone()];
        for at in 0..self.frames.len() {
            self.advance(shared, at);
        }
    }

    /// What was told in front of it belongs to it as well, from where nothing was outstanding. As far as there is room for
    /// it: what a part of it would say of the rest is not known.
    pub(super) fn put_in_front(&mut self, history: History) {
        // The frame that led here is one of them, or is still to come.
        let frames = self.frames.len() + usize::from(self.stale);
        if history.frames.len() + frames > FRAMES_MAX {
            return;
        }
        self.frames_told = history.frames.len();
        self.told = history.told.into_vec();
        let mut commands: VecDeque<Pending> = history.commands.into_iter().collect();
        commands.append(&mut self.commands);
        self.commands = commands;
        self.frames.splice(0..0, history.frames);
        self.start.state = history.state;
        self.start.reply_end = history.reply_end;
    }

    /// Where it begins, as a history of nothing so far.
    pub(super) fn beginning(&self) -> History {
        History::new(self.start.state.clone(), self.start.reply_end)
    }

    /// The next frame.
    pub(super) fn push(&mut self, shared: &Shared, frame: &Frame<'_>) {
        self.frames.push(KeptFrame::of(frame));
        self.advance(shared, self.frames.len() - 1);
    }

    fn advance(&mut self, shared: &Shared, at: usize) {
        let Some(kept) = self.frames.get(at).cloned() else {
            return;
        };
        let frame = kept.frame();
        let mut next = Vec::new();
        for reading in std::mem::take(&mut self.readings) {
            self.expand(shared, &reading, at, &frame, &mut next);
        }
        self.readings = Beam::prune(next);
    }

    pub(super) fn act(&mut self, parent: u32, act: Act) -> u32 {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if self.nodes.len() < NODES_MAX {
            self.nodes.push(Node { parent, act });
        } else {
            self.crowded = true;
        }
        id
    }

    fn expand(
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
            may_monitor: state::is_monitor_line(&frame.shape)
                && line.any(|p| p.kind == Kind::Monitor),
        };
        if is_out_of_band(&mut state, place, frame) {
            if state::is_confirmation(frame.word) {
                state.tail.take_one_behind();
            }
            out.push(self.passed_by(reading, state, at, frame));
            if state::is_confirmation(frame.word) {
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
        at: usize,
        frame: &Frame<'_>,
    ) -> Reading {
        Reading {
            state,
            node: self.act(reading.node, Act::Push(at)),
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
        out.push(self.passed_by(reading, state, at, frame));
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
            out.push(self.taken(shared, reading, branch, at, frame));
        }
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
        Reading {
            state: branch.state,
            next: command + 1,
            cost: reading.cost + branch.cost + if self.faults { more } else { 0 },
            after: branch.after,
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

    /// Nothing is due in this reading.
    pub(super) fn is_idle(&self, reading: &Reading) -> bool {
        reading.next >= self.commands.len() && reading.owed.is_none()
    }

    /// What a reading says, in order.
    pub(super) fn acts(&self, reading: &Reading) -> Vec<Act> {
        let mut acts = Vec::new();
        let mut at = reading.node;
        while let Some(node) = usize::try_from(at).ok().and_then(|i| self.nodes.get(i)) {
            acts.push(node.act);
            at = node.parent;
        }
        acts.reverse();
        acts
    }

    /// The command that was answered last.
    pub(super) fn last_paired(&self, acts: &[Act]) -> Option<&Pending> {
        let paired = acts.iter().rev().find_map(|act| match *act {
            Act::Pair(c, _) => self.commands.get(c),
            _ => None,
        });
        paired.or(self.last.as_ref())
    }

    /// It was told before, and in the same way. Of the history the first `told` commands still stand.
    pub(super) fn is_told(&self, act: &Act, told: usize) -> bool {
        match *act {
            Act::Pair(c, f) => c < told && self.told.get(c) == Some(&Told::Pair(f)),
            Act::Pass(c) | Act::Dropped(c) => c < told && self.told.get(c) == Some(&Told::Silent),
            Act::Push(f) => f < self.frames_told,
            _ => false,
        }
    }

    /// Commands that wait for an answer in the cheapest reading.
    pub(super) fn waiting(&self) -> usize {
        let next = self.readings.iter().map(|r| r.next).min().unwrap_or(0);
        self.commands.len().saturating_sub(next)
    }

    /// Those commands.
    pub(super) fn waiting_commands(&self) -> impl Iterator<Item = &Pending> {
        let from = self.commands.len() - self.waiting();
        self.commands.iter().skip(from)
    }

    /// The commands that may be answered next.
    pub(super) fn heads(&self) -> impl Iterator<Item = &Pending> {
        self.readings
            .iter()
            .filter_map(|reading| self.commands.get(reading.next))
    }
}
