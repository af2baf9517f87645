//! What was told since the connection was last quiet: if the order turns out to be broken, the fault may lie there.

use super::frame::{Frame, KeptFrame};
use crate::redis::commands::Kind;
use crate::redis::pending::Pending;
use crate::redis::state::State;
use smallvec::SmallVec;

/// Exchanges that are remembered.
const EXCHANGES_MAX: usize = 256;
/// A handshake has no more of them: then one allocation holds all.
const FEW: usize = 4;

/// What a command of the history was told to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    /// Answered by this frame of the history.
    Pair(usize),
    /// Without a reply, by rule.
    Silent,
}

/// Commands and frames since nothing was outstanding.
#[derive(Debug)]
pub(super) struct History {
    /// The connection before the first of them.
    pub state: State,
    /// Behind the last reply before the first of them.
    pub reply_end: i64,
    pub commands: SmallVec<[Pending; FEW]>,
    pub told: SmallVec<[Told; FEW]>,
    pub frames: SmallVec<[KeptFrame; FEW]>,
    /// A payload that comes back is among what they asked for.
    pub has_payload: bool,
}

impl History {
    pub(super) fn new(state: State, reply_end: i64) -> History {
        History {
            state,
            reply_end,
            commands: SmallVec::new(),
            told: SmallVec::new(),
            frames: SmallVec::new(),
            has_payload: false,
        }
    }

    /// Forgets all, and begins again here. Keeps its buffers.
    pub(super) fn restart(&mut self, state: &State, reply_end: i64) {
        self.state.clone_from(state);
        self.reply_end = reply_end;
        self.commands.clear();
        self.told.clear();
        self.frames.clear();
        self.has_payload = false;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.frames.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.frames.len() >= EXCHANGES_MAX || self.commands.len() >= EXCHANGES_MAX
    }

    /// So many more can be remembered.
    pub(super) fn has_room(&self, commands: usize, frames: usize) -> bool {
        self.commands.len() + commands <= EXCHANGES_MAX
            && self.frames.len() + frames <= EXCHANGES_MAX
    }

    /// A frame that answers no command.
    // What it keeps is large: to be made where it will stay.
    #[inline(always)]
    pub(super) fn frame(&mut self, frame: &Frame<'_>) {
        KeptFrame::push(frame, &mut self.frames);
    }

    #[inline(always)]
    pub(super) fn pair(&mut self, command: Pending, frame: &Frame<'_>) {
        self.told.push(Told::Pair(self.frames.len()));
        self.has_payload |= command.kind == Kind::Echo;
        self.commands.push(command);
        self.frame(frame);
    }

    pub(super) fn silent(&mut self, command: Pending) {
        self.told.push(Told::Silent);
        self.commands.push(command);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_counted_before_it_is_taken() {
        let history = History::new(State::new(true), 0);
        assert!(history.has_room(EXCHANGES_MAX, EXCHANGES_MAX));
        assert!(!history.has_room(EXCHANGES_MAX + 1, 1));
        assert!(!history.has_room(1, EXCHANGES_MAX + 1));
    }
}
