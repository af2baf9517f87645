//! Several readings of the same dialogue side by side, where one alone can not be told yet.
//!
//! A reading is a path of acts: this frame answers that command, this command gets no reply. First only what the
//! protocol allows is tried. When no such reading is left, faults are tried too, each at a price: the cheapest reading
//! is the explanation. Bounded: so many commands, so many frames, so many readings.

use super::frame::{Frame, KeptFrame};
use super::history::{History, Told};
use super::reading::{Act, Reading};
use crate::redis::pending::Pending;
use crate::redis::shared::Shared;
use crate::redis::state::{After, State};
use std::collections::VecDeque;

/// Frames that are looked at together.
pub(super) const FRAMES_MAX: usize = 256;
/// Commands that are looked at together.
pub(super) const COMMANDS_MAX: usize = 512;
/// Steps of all readings. Each takes 24 bytes.
const NODES_MAX: usize = 1 << 18;

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
    /// They go past an EXEC of which the number of elements does not tell where its array ends. No reading is told for its
    /// price then, and none accuses.
    pub weakened: bool,
    /// So often the client had all and asked for more, while some reading had nothing due.
    pub rounds: usize,
    nodes: Vec<Node>,
    start: Reading,
    pub(super) from_start: bool,
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
            drawn: false,
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
            weakened: false,
            rounds: 0,
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
    ///
    /// `answered`: the commands of the history.
    pub(super) fn put_in_front(&mut self, mut history: History, answered: Vec<Pending>) {
        // The frame that led here is one of them, or is still to come.
        let frames = self.frames.len() + usize::from(self.stale);
        if history.len() + frames > FRAMES_MAX {
            return;
        }
        self.frames_told = history.len();
        self.frames.splice(0..0, history.take_frames());
        self.told = history.told.into_vec();
        let mut commands = VecDeque::from(answered);
        commands.append(&mut self.commands);
        self.commands = commands;
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
        self.prune(next);
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

    /// A login that was refused, with or without a word.
    pub(super) fn is_refused_login(&self, act: &Act) -> bool {
        let (command, refused) = match *act {
            Act::Dropped(c) => (c, true),
            Act::Pair(c, f) => (c, self.frames.get(f).is_some_and(KeptFrame::is_error)),
            _ => return false,
        };
        refused
            && self
                .commands
                .get(command)
                .is_some_and(Pending::takes_a_login)
    }

    /// It was told before, and in the same way. Of the history the first `told` commands still stand.
    pub(super) fn is_told(&self, act: &Act, told: usize) -> bool {
        match *act {
            Act::Pair(c, f) => c < told && self.told.get(c).is_some_and(|told| told.is_pair(f)),
            Act::Pass(c) | Act::Dropped(c) => c < told && self.told.get(c) == Some(&Told::Silent),
            Act::Push(f) | Act::Beside(f) => f < self.frames_told,
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
