//! Commands that get no reply: by CLIENT REPLY, by their nature, or because the connection ended.

use super::{Frame, Pairing, Sync};
use crate::redis::commands::Kind;
use crate::redis::errors;
use crate::redis::exchange::KeptExchange;
use crate::redis::observer::{Fate, Observer};
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::{self, Mode, Multi};
use crate::resp::ReplyKind;

/// A CLIENT REPLY that still waits while so many commands stand behind it has worked.
const SILENT_BEHIND: usize = 1024;

impl Pairing {
    /// Takes commands from the head that get no reply by rule. `frame` is the reply that has just arrived, if any.
    pub(super) fn drop_silent<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: Option<&Frame<'_>>,
    ) {
        while let Some(head) = self.pending.front() {
            let Some(mode) = self.mode_behind(head, frame) else {
                return;
            };
            self.state.mode = mode;
            let Some(head) = self.pending.pop_front() else {
                return;
            };
            if head.detail != Detail::Blank {
                self.end_command(shared, observer, Fate::Silent, &head);
            }
        }
    }

    /// The mode behind `head` if it gets no reply; `None` if it gets one, or if that is not known yet.
    pub(super) fn mode_behind(&self, head: &Pending, frame: Option<&Frame<'_>>) -> Option<Mode> {
        let mode = self.state.mode;
        let after_skip = if mode == Mode::Skip { Mode::On } else { mode };
        // On a connection that monitors, the server ignores a further MONITOR, and SYNC.
        let ignored = self.state.monitor
            && self.state.multi == Multi::None
            && matches!(head.kind, Kind::Monitor | Kind::Sync);
        if ignored || matches!(head.detail, Detail::Blank | Detail::NoReply) {
            return Some(after_skip);
        }
        let next = match head.detail {
            Detail::ReplyOff => Some(Mode::Off),
            Detail::ReplySkip if mode != Mode::Off => Some(Mode::Skip),
            _ => None,
        };
        match mode {
            Mode::On => next.filter(|_| self.switch_worked(head, frame)),
            Mode::Skip if next.is_some() => next,
            Mode::Off | Mode::Skip => {
                // Redis 5.0 does not confirm either.
                let confirmed = frame.is_none_or(|f| state::is_confirmation(f.word));
                let answers = (head.detail == Detail::ReplyOn && !self.is_refused_in_silence())
                    || (matches!(head.kind, Kind::Subscribe | Kind::Unsubscribe) && confirmed)
                    || (head.kind == Kind::Reset && mode == Mode::Off);
                (!answers).then_some(after_skip)
            }
        }
    }

    /// A RESP2 subscriber may not send CLIENT REPLY ON, and under OFF it is not told so either.
    fn is_refused_in_silence(&self) -> bool {
        self.state.mode == Mode::Off
            && self.state.resp != Some(3)
            && self.state.subscribed() == Some(true)
    }

    /// CLIENT REPLY OFF or SKIP at the head took effect: what came is not its own error.
    pub(super) fn switch_worked(&self, head: &Pending, frame: Option<&Frame<'_>>) -> bool {
        let Some(frame) = frame else {
            return self.pending.len() > SILENT_BEHIND;
        };
        if frame.shape.head.bytes == b"QUEUED" && self.state.multi != Multi::None {
            return false;
        }
        if frame.shape.kind != ReplyKind::Error {
            return true;
        }
        if errors::is_noauth(frame.shape.head.bytes) && !self.state.logged_in {
            // Who is not logged in may not switch either.
            return false;
        }
        let candidate = self
            .pending
            .get(2)
            .filter(|_| head.detail == Detail::ReplySkip);
        candidate.is_some_and(|c| frame.start_ack.is_none_or(|ack| ack >= c.end))
    }

    /// The connection is over, or the capture is. `begun`: in the middle of a reply.
    pub(in crate::redis) fn finish<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        begun: bool,
    ) {
        if !self.pending.is_empty() && self.held.is_some() {
            self.lose(shared, observer);
        }
        self.release(shared, observer);
        let early = self.early.take().filter(|_| self.sync == Sync::Synced);
        if let Some(exchange) = early.as_deref().and_then(KeptExchange::exchange)
            && self.pending.pop_front().is_some()
        {
            self.emit(shared, observer, &exchange);
        }
        // A server that shuts down drops the replies it has not sent yet, those in front of SHUTDOWN too.
        let shutdown = self.pending.iter().any(|p| p.kind == Kind::Shutdown);
        let mut opaque = false;
        let mut begun = begun && self.sync == Sync::Synced;
        while let Some(command) = self.pending.pop_front() {
            // What EXEC says then can not be told from what comes behind it.
            opaque |= command.kind == Kind::Exec
                && matches!(self.state.multi, Multi::Open { opaque: true, .. });
            let fate = match self.fate_at_end(&command) {
                Fate::Unanswered if shutdown => Fate::Silent,
                Fate::Unanswered if opaque => Fate::Undecided,
                Fate::Unanswered if std::mem::take(&mut begun) => Fate::Begun,
                fate => fate,
            };
            if command.detail != Detail::Blank {
                self.end_command(shared, observer, fate, &command);
            }
        }
    }

    pub(super) fn fate_at_end(&mut self, command: &Pending) -> Fate {
        let silent_mode = match self.state.mode {
            Mode::On => false,
            Mode::Off => command.detail != Detail::ReplyOn || self.is_refused_in_silence(),
            Mode::Skip => {
                self.state.mode = Mode::On;
                command.detail != Detail::ReplyOn
            }
        };
        match command.detail {
            Detail::ReplyOff => self.state.mode = Mode::Off,
            Detail::ReplySkip if self.state.mode == Mode::On => self.state.mode = Mode::Skip,
            Detail::ReplyOn if !self.is_refused_in_silence() => self.state.mode = Mode::On,
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
