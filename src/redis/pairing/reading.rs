//! One reading of a dialogue: which frame answers which command, and the first fault in it.

use crate::redis::fault::FaultKind;
use crate::redis::state::{After, State};

/// What a reading says of a command or a frame. Numbers are places in the beam's lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    /// The frame answers the command.
    Pair(usize, usize),
    /// The command gets no reply, by rule.
    Pass(usize),
    /// An AUTH whose error the server dropped.
    Dropped(usize),
    /// The command's answer is an element of EXEC's array.
    Inside(usize),
    /// The frame is out of band.
    Push(usize),
    /// The frame is an element of EXEC's array that its number does not count.
    Beside(usize),
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
            Act::Pass(c) | Act::Dropped(c) | Act::Inside(c) | Act::Missing(c) => Some(c),
            Act::Push(_) | Act::Beside(_) | Act::Surplus(_) => None,
        }
    }

    /// The frame it is about.
    pub(super) fn frame(self) -> Option<usize> {
        match self {
            Act::Pair(_, f) | Act::Odd(_, f) | Act::Crossed(_, f) => Some(f),
            Act::Push(f) | Act::Beside(f) | Act::Surplus(f) => Some(f),
            Act::Pass(_) | Act::Dropped(_) | Act::Inside(_) | Act::Missing(_) => None,
        }
    }
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
    /// At this command.
    pub(super) fn at(kind: FaultKind, command: usize) -> Mark {
        Mark {
            kind,
            first: command,
            last: command,
            twin: false,
        }
    }

    /// Both may be about the same place.
    pub(super) fn is_near(&self, other: &Mark) -> bool {
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
    pub(super) owed: Option<usize>,
    /// It was refused behind an accepted AUTH.
    pub(super) refused: bool,
    /// Another reading as cheap came to the same place on another way.
    pub(super) drawn: bool,
    /// Behind the last reply.
    pub(super) reply_end: i64,
    /// The frame of the first fault.
    pub marked_at: usize,
    pub(super) node: u32,
}
