//! What was told since the connection was last quiet: if the order turns out to be broken, the fault may lie there.

use super::frame::{Facts, Frame, KeptFrame, Rare};
use crate::model::Timestamp;
use crate::redis::commands::Kind;
use crate::redis::state::State;
use smallvec::SmallVec;

/// Exchanges that are remembered.
const EXCHANGES_MAX: usize = 256;
/// Commands that are remembered where some of them get no reply.
const SILENT_MAX: usize = 4 * EXCHANGES_MAX;
// Frames are counted in 16 bits.
const _: () = assert!(EXCHANGES_MAX <= u16::MAX as usize);
/// A handshake has no more of them: then one allocation holds all.
const FEW: usize = 4;
/// What most replies without content say.
const OK: &[u8] = b"OK";

/// What a command of the history was told to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    /// Answered by this frame of the history.
    Pair(u16),
    /// Without a reply, by rule.
    Silent,
}

impl Told {
    /// Answered by the frame at `at`.
    pub(super) fn is_pair(self, at: usize) -> bool {
        matches!(self, Told::Pair(frame) if usize::from(frame) == at)
    }
}

/// A frame of which the text ends there among all texts. It begins where that of the frame in front ends.
#[derive(Debug)]
struct Remembered {
    facts: Facts,
    text_end: u32,
    /// Its text is [`OK`].
    is_ok: bool,
}

/// Frames since nothing was outstanding, and what they answered. The commands stand in the [`super::line::Line`].
#[derive(Debug)]
pub(super) struct History {
    /// The connection before the first of them.
    pub state: State,
    /// Behind the last reply before the first of them.
    pub reply_end: i64,
    /// Of each command that is remembered.
    pub told: SmallVec<[Told; FEW]>,
    frames: SmallVec<[Remembered; FEW]>,
    /// What few frames have, with their places.
    rare: Vec<(u16, Box<Rare>)>,
    /// The texts of all frames but those that say [`OK`], one behind the other: a piece of memory for each would cost
    /// more than the rest.
    texts: Vec<u8>,
    /// A payload that comes back is among what they asked for.
    pub has_payload: bool,
}

impl History {
    pub(super) fn new(state: State, reply_end: i64) -> History {
        History {
            state,
            reply_end,
            told: SmallVec::new(),
            frames: SmallVec::new(),
            rare: Vec::new(),
            texts: Vec::new(),
            has_payload: false,
        }
    }

    /// Forgets all, and begins again here. Keeps its buffers.
    pub(super) fn restart(&mut self, state: &State, reply_end: i64) {
        self.state.clone_from(state);
        self.reply_end = reply_end;
        self.told.clear();
        self.frames.clear();
        self.rare.clear();
        self.texts.clear();
        self.has_payload = false;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty() && self.frames.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.frames.len() >= EXCHANGES_MAX || self.told.len() >= EXCHANGES_MAX
    }

    /// So many more can be remembered.
    pub(super) fn has_room(&self, commands: usize, frames: usize) -> bool {
        self.told.len() + commands <= EXCHANGES_MAX && self.frames.len() + frames <= EXCHANGES_MAX
    }

    /// One more frame can be remembered.
    pub(super) fn has_room_for_frame(&self) -> bool {
        self.frames.len() < EXCHANGES_MAX
    }

    /// One more command without a reply can be remembered.
    pub(super) fn has_room_for_silent(&self) -> bool {
        self.told.len() < SILENT_MAX
    }

    /// A frame that answers no command.
    // What it keeps is large: to be made where it will stay.
    #[inline(always)]
    pub(super) fn frame(&mut self, frame: &Frame<'_>) {
        let text = frame.shape.head.bytes;
        let is_ok = text == OK;
        if !is_ok {
            self.texts.extend_from_slice(text);
        }
        if let Some(rare) = Rare::of(frame) {
            self.rare.push((self.frames.len() as u16, rare));
        }
        self.frames.push(Remembered {
            facts: Facts::of(frame),
            text_end: self.texts.len() as u32,
            is_ok,
        });
    }

    /// The command that is remembered next was answered with `frame`.
    #[inline(always)]
    pub(super) fn pair(&mut self, kind: Kind, frame: &Frame<'_>) {
        self.told.push(Told::Pair(self.frames.len() as u16));
        self.has_payload |= kind == Kind::Echo;
        self.frame(frame);
    }

    /// The command that is remembered next got no reply.
    pub(super) fn silent(&mut self) {
        self.told.push(Told::Silent);
    }

    /// Frames that are remembered.
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    /// When they came.
    pub(super) fn times(&self) -> impl Iterator<Item = Timestamp> {
        self.frames.iter().map(|frame| frame.facts.time())
    }

    /// The frames, each with its text.
    pub(super) fn take_frames(&mut self) -> Vec<KeptFrame> {
        let mut start = 0;
        let texts = std::mem::take(&mut self.texts);
        let mut rare = std::mem::take(&mut self.rare).into_iter().peekable();
        let frames = std::mem::take(&mut self.frames).into_iter();
        let kept = |(at, frame): (u16, Remembered)| {
            let rare = rare.next_if(|(place, _)| *place == at);
            let end = frame.text_end as usize;
            let text = texts.get(std::mem::replace(&mut start, end)..end);
            let text = text.filter(|_| !frame.is_ok).unwrap_or(OK);
            KeptFrame::with(frame.facts, rare.map(|(_, rare)| rare), text)
        };
        (0..).zip(frames).map(kept).collect()
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
