//! The fast lane: an ordinary command, and an ordinary reply to one, on a connection about which nothing is odd.
//!
//! It keeps no books of its own. What it takes it leaves behind as the full lane would have, with the questions left out
//! whose answers are known here; what it does not take is left to the full lane, untouched. So each command and each
//! reply may go through either.

use super::echo::Echo;
use super::evidence::is_plain_answer;
#[cfg(debug_assertions)]
use super::evidence::{Fit, fit};
use super::{Frame, Pairing, Sync};
use crate::redis::commands::Kind;
use crate::redis::exchange::Anchor;
use crate::redis::observer::Observer;
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::Mode;

/// The first commands of a connection tell who the client is.
const TELLING: u64 = 2;

impl Pairing {
    /// So many ordinary commands may be taken now.
    #[inline]
    pub(in crate::redis) fn room_for_ordinary(&self, shared: &Shared) -> usize {
        let usual = self.is_usual()
            && !self.unheard
            && self.counts.commands >= TELLING
            && self.line.front().is_none_or(is_ordinary)
            && self.line.back().is_none_or(|p| !p.suspect && !p.is_auth());
        if !usual || shared.waiting.bytes > shared.waiting.most {
            return 0;
        }
        shared.commands_in_flight.saturating_sub(self.line.len())
    }

    /// An ordinary command was sent. Call [`Pairing::room_for_ordinary`] before.
    #[inline(always)]
    pub(in crate::redis) fn ordinary_command<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        command: Pending,
    ) {
        debug_assert!(is_ordinary(&command) && !command.suspect, "{command:?}");
        if self.line.is_idle() {
            self.begin_again(command.ack);
            self.line.borrow(&mut shared.spare_lines);
        }
        self.line.push(command);
        if let Some(command) = self.line.back() {
            observer.sent_ordinary(shared, command);
        }
    }

    /// Replies may be ordinary now.
    #[inline]
    pub(in crate::redis) fn takes_ordinary(&self) -> bool {
        self.is_usual()
            && self.early.is_none()
            && self.history.as_ref().is_none_or(|h| !h.has_payload)
    }

    /// A reply came. `false`: it is not an ordinary one to an ordinary command, and it is left to the full lane. Call
    /// [`Pairing::takes_ordinary`] before.
    #[inline]
    pub(in crate::redis) fn ordinary_reply<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) -> bool {
        let Some(head) = self.line.front() else {
            return false;
        };
        self.state.note_protocol(&frame.shape);
        let ordinary = is_ordinary(head)
            && frame.acknowledges(head)
            && self.state.stays_behind(head, &frame.shape)
            && is_plain_answer(shared, &self.state, head, frame);
        #[cfg(debug_assertions)]
        assert!(!ordinary || fit(shared, &self.state, head, frame) == Fit::Yes);
        if !ordinary {
            return false;
        }
        self.counts.replies += 1;
        self.counts.exchanges += 1;
        self.before_capture = false;
        observer.answered_ordinary(shared, &frame.exchange(head, self.anchor));
        if !self.history_goes_on() {
            self.open_history();
        }
        match self.history.as_mut() {
            Some(history) => {
                history.pair(Kind::Ordinary, frame);
                self.line.keep_front();
            }
            None => self.line.pop_front_to(&mut self.last),
        }
        self.last_reply_end = frame.end;
        true
    }

    /// There is a history, and one more pair has its place in it.
    #[inline]
    fn history_goes_on(&self) -> bool {
        let history = self.history.as_ref();
        self.anchor >= Anchor::Content && history.is_some_and(|h| !h.is_empty() && !h.is_full())
    }

    /// There is one reading, and every command gets one answer.
    #[inline]
    fn is_usual(&self) -> bool {
        self.sync == Sync::Synced
            && self.state.mode == Mode::On
            && !self.state.monitor
            && !self.state.tail.is_open()
            && self.beam.is_none()
            && self.fault.is_none()
            // Somebody looks closer at each reply.
            && self.shift.is_none()
            && self.echo == Echo::No
    }
}

#[inline]
fn is_ordinary(command: &Pending) -> bool {
    command.kind == Kind::Ordinary && command.detail == Detail::None
}
