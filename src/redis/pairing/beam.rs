//! Several readings of the same dialogue side by side, where one alone can not be told yet.
//!
//! A reading is a path of acts: this frame answers that command, this command gets no reply. First only what the
//! protocol allows is tried. When no such reading is left, faults are tried too, each at a price: the cheapest reading
//! is the explanation. Bounded: so many commands, so many frames, so many readings.

use super::evidence::{Fit, fit, speaks_of};
use super::frame::{Frame, KeptFrame};
use super::history::{History, Told};
use super::out_of_band::{Place, is_out_of_band};
use super::step::{self, Branch, branches};
use crate::redis::commands::Kind;
use crate::redis::errors;
use crate::redis::fault::FaultKind;
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::{self, After, Login, State};
use std::collections::VecDeque;

/// Frames that are looked at together.
pub(super) const FRAMES_MAX: usize = 256;
/// Commands that are looked at together.
pub(super) const COMMANDS_MAX: usize = 512;
/// Readings that are followed at the same time.
const WIDTH: usize = 40;
/// A reading so much dearer than the cheapest is given up.
const SPREAD: u16 = 14;

/// Prices of faults. They say how surprising each is, compared with the others.
const SWAPPED: u16 = 9;
const REFUSED_BEFORE_AUTH: u16 = 8;
const MISSING: u16 = 10;
const SURPLUS: u16 = 10;
const MISMATCH: u16 = 12;
/// An exchange for which only one of the two replies speaks. Where that one is an error, which fits nearly everywhere, a
/// reply that is not its own is a little likelier.
const SWAPPED_BY_VALUE: u16 = 11;
const SWAPPED_BY_ERROR: u16 = 13;
/// The server dropped an error, and the order is broken as well.
const DROPPED_BESIDE: u16 = 4;
/// A refusal behind an accepted AUTH: no fault of pairing, but no correct server says so.
const REFUSED_BEHIND_AUTH: u16 = 5;
/// A command left without an answer though it is older than the last reply.
const LEFT: u16 = 5;
const LEFT_MAX: u16 = 10;
const LEFT_LEGAL: u16 = 1;

/// What a reading says of a command or a frame. Numbers are places in the beam's lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    /// The frame answers the command.
    Pair(usize, usize),
    /// The command gets no reply, by rule.
    Pass(usize),
    /// An AUTH whose error the server dropped.
    Dropped(usize),
    /// The frame is out of band.
    Push(usize),
    /// The command's answer is missing.
    Missing(usize),
    /// The frame answers nothing.
    Surplus(usize),
    /// The frame stands where the command's answer should.
    Odd(usize, usize),
    /// The frame answers the command, in exchange with its neighbour.
    Crossed(usize, usize),
}

impl Act {
    /// The command it is about.
    pub(super) fn command(self) -> Option<usize> {
        match self {
            Act::Pair(c, _) | Act::Odd(c, _) | Act::Crossed(c, _) => Some(c),
            Act::Pass(c) | Act::Dropped(c) | Act::Missing(c) => Some(c),
            Act::Push(_) | Act::Surplus(_) => None,
        }
    }

    /// The frame it is about.
    pub(super) fn frame(self) -> Option<usize> {
        match self {
            Act::Pair(_, f) | Act::Odd(_, f) | Act::Crossed(_, f) => Some(f),
            Act::Push(f) | Act::Surplus(f) => Some(f),
            Act::Pass(_) | Act::Dropped(_) | Act::Missing(_) => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Node {
    parent: u32,
    act: Act,
}

/// The first fault of a reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    pub kind: FaultKind,
    /// The first and the last command at which it may have happened.
    pub first: usize,
    pub last: usize,
    /// The frame says the same as the one before it: it may be the same one, sent twice.
    pub twin: bool,
}

impl Mark {
    /// Both may be about the same place.
    fn is_near(&self, other: &Mark) -> bool {
        self.first <= other.last + 1 && other.first <= self.last + 1
    }
}

/// One reading.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub state: State,
    /// The next command in line.
    pub next: usize,
    pub cost: u16,
    pub after: After,
    pub mark: Option<Mark>,
    /// A command whose answer comes one frame late.
    owed: Option<usize>,
    /// It was refused behind an accepted AUTH.
    refused: bool,
    /// Behind the last reply.
    reply_end: i64,
    /// The frame of the first fault.
    pub marked_at: usize,
    node: u32,
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

    /// What was told in front of it belongs to it as well, from where nothing was outstanding.
    pub(super) fn put_in_front(&mut self, history: History) {
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
        self.readings = prune(next);
    }

    fn act(&mut self, parent: u32, act: Act) -> u32 {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node { parent, act });
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
            let node = self.act(reading.node, Act::Push(at));
            out.push(Reading {
                state,
                node,
                reply_end: frame.end,
                ..reading.clone()
            });
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
        self.legal(shared, &reading, at, frame, out);
        if self.faults {
            self.faulty(shared, &reading, at, frame, out);
        }
    }

    fn legal(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        at: usize,
        frame: &Frame<'_>,
        out: &mut Vec<Reading>,
    ) {
        let queue = self.commands.range(reading.next.min(self.commands.len())..);
        let ways = branches(shared, &reading.state, queue, frame, reading.reply_end);
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
            let act = match i < 64 && branch.dropped >> i & 1 == 1 {
                true => Act::Dropped(reading.next + i),
                false => Act::Pass(reading.next + i),
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

    /// The second of two answers in exchange.
    fn close_swap(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        owed: usize,
        at: usize,
        frame: &Frame<'_>,
    ) -> Option<Reading> {
        let command = self.commands.get(owed)?;
        if fit(shared, &reading.state, command, frame) == Fit::No {
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
    fn doubt_of_swap(&self, shared: &Shared, reading: &Reading, owed: usize, at: usize) -> u16 {
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

    fn faulty(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        at: usize,
        frame: &Frame<'_>,
        out: &mut Vec<Reading>,
    ) {
        let twin = self.is_twin(at);
        let with = |kind, cost, onset, node| Reading {
            cost: reading.cost + cost,
            mark: reading.mark.or(Some(Mark {
                kind,
                first: onset,
                last: onset,
                twin: kind == FaultKind::Surplus && twin,
            })),
            marked_at: reading.mark.map_or(at, |_| reading.marked_at),
            reply_end: frame.end,
            node,
            ..reading.clone()
        };
        let next = reading.next;
        let node = self.act(reading.node, Act::Surplus(at));
        out.push(Reading {
            reply_end: reading.reply_end,
            ..with(FaultKind::Surplus, SURPLUS, next, node)
        });
        let Some(command) = self.commands.get(next).filter(|c| acknowledged(frame, c)) else {
            return;
        };
        if command.detail == Detail::Blank {
            return;
        }
        let mut odd = reading.state.clone();
        odd.pass(command);
        if fit(shared, &reading.state, command, frame) != Fit::Yes {
            let node = self.act(reading.node, Act::Odd(next, at));
            out.push(Reading {
                next: next + 1,
                state: odd.clone(),
                ..with(FaultKind::Mismatch, MISMATCH, next, node)
            });
        }
        self.swapped(shared, reading, at, frame, &with, out);
        let node = self.act(reading.node, Act::Missing(next));
        let missing = Reading {
            next: next + 1,
            state: odd,
            reply_end: reading.reply_end,
            ..with(FaultKind::Missing, MISSING, next, node)
        };
        self.legal(shared, &missing, at, frame, out);
    }

    /// The frame says the same as the one before it.
    pub(super) fn is_twin(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.frames.get(at));
        let here = self.frames.get(at);
        here.zip(before).is_some_and(|(a, b)| a.says_as(b))
    }

    fn swapped(
        &mut self,
        shared: &Shared,
        reading: &Reading,
        at: usize,
        frame: &Frame<'_>,
        with: &impl Fn(FaultKind, u16, usize, u32) -> Reading,
        out: &mut Vec<Reading>,
    ) {
        let next = reading.next;
        let (Some(first), Some(second)) = (self.commands.get(next), self.commands.get(next + 1))
        else {
            return;
        };
        let plain = step::silent(&reading.state, second).is_none()
            && step::switched(&reading.state, second).is_none();
        // What HELLO made of the protocol is known when its answer is.
        let mut state = reading.state.clone();
        if first.kind == Kind::Hello {
            (state.resp, state.resp_sure) = (None, false);
        }
        let fits = fit(shared, &state, second, frame) == Fit::Yes;
        if !(plain && fits && acknowledged(frame, second)) {
            return;
        }
        let refusal = frame.shape.kind.is_error() && errors::is_noauth(frame.shape.head.bytes);
        let (kind, cost) = match first.is_auth() && refusal {
            true => (FaultKind::RefusedBeforeAuth, REFUSED_BEFORE_AUTH),
            false => (FaultKind::Swapped, SWAPPED),
        };
        let after = step::answer(shared, &mut state, second, frame);
        let node = self.act(reading.node, Act::Crossed(next + 1, at));
        out.push(Reading {
            state,
            after,
            next: next + 2,
            owed: Some(next),
            ..with(kind, cost, next, node)
        });
    }

    /// What a reading costs when nothing more comes.
    pub(super) fn final_cost(&self, reading: &Reading) -> u16 {
        let Some(last) = self.frames.last() else {
            return reading.cost;
        };
        let frame = last.frame();
        if !self.faults && reading.after != After::Normal && reading.reply_end < frame.end {
            // What came since may have answered them.
            return reading.cost;
        }
        let waits = self.commands.range(reading.next.min(self.commands.len())..);
        let left = waits
            .filter(|c| acknowledged(&frame, c) && step::silent(&reading.state, c).is_none())
            .count();
        let left = u16::try_from(left).unwrap_or(u16::MAX);
        // An exchange of which one half never came is no exchange.
        let half = if reading.owed.is_some() { MISSING } else { 0 };
        // Without a fault it is natural that something is left at the end.
        let each = if self.faults { LEFT } else { LEFT_LEGAL };
        let most = if self.faults { LEFT_MAX } else { LEFT_LEGAL };
        reading.cost + half + left.min(LEFT_MAX).saturating_mul(each).min(most)
    }

    /// The cheapest reading when nothing more comes, and by how much it is cheaper than any that says something else.
    pub(super) fn best(&self) -> Option<(&Reading, u16)> {
        let cost = |reading: &&Reading| self.final_cost(reading);
        let likelier = |reading: &&Reading| {
            let twin = reading.mark.is_some_and(|mark| mark.twin);
            (self.final_cost(reading), !twin)
        };
        let best = self.readings.iter().min_by_key(likelier)?;
        let differs = |other: &&Reading| match (best.mark, other.mark) {
            (Some(mine), Some(other)) => mine.kind != other.kind || !mine.is_near(&other),
            _ => !std::ptr::eq(best, *other),
        };
        let rival = self.readings.iter().filter(differs).map(|r| cost(&r)).min();
        let margin = rival.map_or(SPREAD, |rival| rival - cost(&best));
        Some((best, margin))
    }

    /// The cheapest reading is one behind which nothing can be counted. Dearer ones of that kind are followed on where
    /// the protocol allows them, and given up where they need a fault.
    pub(super) fn ends(&mut self) -> bool {
        if self.readings.iter().all(|r| r.after == After::Normal) {
            return false;
        }
        let least = |normal: bool| {
            let alike = |r: &&Reading| (r.after == After::Normal) == normal;
            let costs = self.readings.iter().filter(alike);
            costs.map(|r| self.final_cost(r)).min().unwrap_or(u16::MAX)
        };
        if least(false) <= least(true) {
            return true;
        }
        if self.faults {
            self.readings.retain(|r| r.after == After::Normal);
        }
        false
    }

    /// Every one of the cheapest readings holds a fault.
    pub(super) fn all_best_are_faults(&self) -> bool {
        let least = self.best().map_or(0, |(best, _)| self.final_cost(best));
        let mut best = self.readings.iter().filter(|r| self.final_cost(r) == least);
        best.all(|reading| reading.mark.is_some())
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

    /// So many of the first acts are the same in all readings that are as cheap as the cheapest.
    pub(super) fn common(&self, acts: &[Act]) -> usize {
        let least = self.best().map_or(0, |(best, _)| self.final_cost(best));
        let equals = self.readings.iter().filter(|r| self.final_cost(r) == least);
        let alike = |reading: &Reading| {
            let other = self.acts(reading);
            acts.iter().zip(&other).take_while(|(a, b)| a == b).count()
        };
        equals.map(alike).min().unwrap_or(0)
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

fn acknowledged(frame: &Frame<'_>, command: &Pending) -> bool {
    frame.start_ack.is_none_or(|ack| ack >= command.end)
}

/// The cheapest readings; of those that stand at the same place in the same state one.
fn prune(mut readings: Vec<Reading>) -> Vec<Reading> {
    readings.sort_by_key(|reading| reading.cost);
    let most = readings.first().map_or(0, |best| best.cost + SPREAD);
    let mut kept: Vec<Reading> = Vec::new();
    for reading in readings.into_iter().take_while(|r| r.cost <= most) {
        let same = kept.iter().position(|k| {
            k.next == reading.next
                && k.owed == reading.owed
                && k.state == reading.state
                && k.mark.map(|m| m.kind) == reading.mark.map(|m| m.kind)
        });
        let room = kept.len() < WIDTH;
        match same.and_then(|at| kept.get_mut(at)) {
            Some(same) if same.cost == reading.cost => {
                let twins = [same.mark, reading.mark].map(|m| m.is_some_and(|m| m.twin));
                if twins == [false, true] {
                    *same = reading;
                } else if twins != [true, false]
                    && let (Some(mine), Some(other)) = (&mut same.mark, reading.mark)
                {
                    mine.first = mine.first.min(other.first);
                    mine.last = mine.last.max(other.last);
                }
            }
            Some(_) => {}
            None if room => kept.push(reading),
            None => {}
        }
    }
    kept
}
