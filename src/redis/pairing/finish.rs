//! The end of a connection or of the capture: what became of the commands that still wait.

use super::frame::KeptFrame;
use super::{Pairing, Sync};
use crate::model::Timestamp;
use crate::redis::commands::Kind;
use crate::redis::exchange::KeptExchange;
use crate::redis::observer::{Fate, Observer};
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::Mode;

impl Pairing {
    /// Times of everything that may still be told, or told again.
    pub(in crate::redis) fn each_open(&self, note: &mut impl FnMut(Timestamp)) {
        let history = self.history.as_deref();
        let beam = self.beam.as_deref();
        let commands = self.line.waiting().iter().chain(self.line.answered());
        let commands = commands.chain(beam.into_iter().flat_map(|b| &b.commands));
        let commands = commands.chain(self.early.as_ref().map(|early| &early.command));
        commands.for_each(|command| note(command.sent));
        let frames = history.into_iter().flat_map(|h| h.times());
        let held = beam.into_iter().flat_map(|b| &b.frames);
        let frames = frames.chain(held.map(KeptFrame::time));
        frames.for_each(&mut *note);
        let early = self.early.as_ref().and_then(|early| early.reply.as_ref());
        early.into_iter().for_each(|reply| note(reply.received));
    }

    /// The connection is over, or the capture is. `begun`: in the middle of a reply.
    pub(in crate::redis) fn finish<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        begun: bool,
    ) {
        if self.may_be_echo() {
            // Nobody is accused on the word of a server that may be no Redis.
            self.fault = None;
            self.lose(shared, observer);
        }
        self.settle_at_end(shared, observer);
        let early = self.early.take().filter(|_| self.sync == Sync::Synced);
        if let Some(exchange) = early.as_deref().and_then(KeptExchange::exchange)
            && self.leave_front().is_some()
        {
            self.emit(shared, observer, &exchange);
        }
        // A server that shuts down drops the replies it has not sent yet, those in front of SHUTDOWN too.
        let shutdown = self.line.waiting().iter().any(|p| p.kind == Kind::Shutdown);
        let mut opaque = self.state.tail.is_open();
        let mut begun = begun && self.sync == Sync::Synced;
        for command in self.line.take_waiting() {
            // What EXEC says then can not be told from what comes behind it.
            opaque |= command.kind == Kind::Exec && self.state.is_odd_inside();
            let uncertain = self.state.is_uncertain(&command);
            // Nobody but a subscriber is told that he may not, as a rule.
            let ignored = self.state.is_ignored(&command);
            // Whether what stands behind CLIENT REPLY ON is answered hangs on it.
            opaque |= uncertain && command.detail == Detail::ReplyOn;
            let fate = match self.fate_at_end(&command) {
                Fate::Unanswered if shutdown => Fate::Silent,
                Fate::Unanswered if ignored && !opaque => Fate::Silent,
                Fate::Unanswered if opaque || uncertain => Fate::Undecided,
                Fate::Unanswered if std::mem::take(&mut begun) => Fate::Begun,
                fate => fate,
            };
            if command.detail != Detail::Blank {
                self.end_command(shared, observer, fate, &command);
            }
        }
        self.tell_fault(shared, observer, true);
    }

    fn fate_at_end(&mut self, command: &Pending) -> Fate {
        let refused = self.state.refuses_in_silence() == Some(true);
        let silent_mode = match self.state.mode {
            Mode::On => false,
            Mode::Off => command.detail != Detail::ReplyOn || refused,
            Mode::Skip => {
                self.state.mode = Mode::On;
                command.detail != Detail::ReplyOn
            }
        };
        match command.detail {
            Detail::ReplyOff => self.state.mode = Mode::Off,
            Detail::ReplySkip if self.state.mode == Mode::On => self.state.mode = Mode::Skip,
            Detail::ReplyOn if !refused => self.state.mode = Mode::On,
            Detail::NoReply => return Fate::Silent,
            _ => {}
        }
        let switch = matches!(command.detail, Detail::ReplyOff | Detail::ReplySkip);
        if switch || silent_mode {
            Fate::Silent
        } else {
            Fate::Unanswered
        }
    }
}
