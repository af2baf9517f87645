//! Commands as they are sent: into the line of those that wait for a reply, within bounds.

use super::{Pairing, Sync};
use crate::redis::commands::Kind;
use crate::redis::observer::{Fate, Observer};
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::Mode;

/// Room for so many commands in flight stays when there are none.
const PENDING_REUSED: usize = 64;
/// A line that is not empty has room for as many.
const LINE_LEAST: usize = 4;
/// About so many bytes take the arguments of a command, where they are kept.
const ARGUMENTS: usize = 256;

impl Pairing {
    /// A command was sent.
    // Not part of the loop that calls it: all that it needs would be made ready in front of that.
    #[inline(never)]
    pub(in crate::redis) fn command<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        command: Pending,
    ) {
        observer.sent(shared, &command);
        self.echo.sent(&command);
        self.settle_before(shared, observer, &command);
        self.multi_seen |= command.kind == Kind::Multi;
        self.hello_seen |= command.kind == Kind::Hello;
        self.bent |= command.kind.bends()
            || command.detail == Detail::NoReply
            || !shared.commands.info(command.id).known;
        if self.sync != Sync::Synced {
            if let Some(shift) = &mut self.shift {
                shift.sent(&command);
            }
            let silent = command.detail == Detail::NoReply || self.sync == Sync::Opaque;
            let fate = if silent {
                Fate::Silent
            } else {
                Fate::Undecided
            };
            self.end_command(shared, observer, fate, &command);
            return;
        }
        if self.is_full(shared) || command.detail == Detail::ReplyUnknown {
            self.lose(shared, observer);
            self.end_command(shared, observer, Fate::Undecided, &command);
            return;
        }
        if command.detail == Detail::ReplySkip {
            self.skip_end = command.end;
        }
        if let Some(beam) = &mut self.beam {
            beam.commands.push_back(command);
            return;
        }
        self.line.borrow(&mut shared.spare_lines);
        self.line.push(command);
        self.drop_silent(shared, observer);
    }

    /// No further command can wait: a bound is reached, which is counted.
    fn is_full(&self, shared: &mut Shared) -> bool {
        let waiting = self.outstanding();
        if waiting >= shared.commands_in_flight as u64 {
            shared.hits_in_flight += 1;
        } else if self.unheard && waiting >= shared.commands_unheard as u64 {
            shared.hits_unheard += 1;
        } else if shared.waiting.is_full(waiting) {
            shared.waiting.hits += 1;
        } else {
            return false;
        }
        true
    }

    /// Says how much memory the commands in flight take, and gives back what is not needed any more.
    #[inline(always)]
    pub(in crate::redis) fn weigh(&mut self, shared: &mut Shared) {
        if self.line.is_idle() {
            self.line.rest(PENDING_REUSED, &mut shared.spare_lines);
            self.line_room = 0;
        } else if self.line.len() > self.line_room as usize {
            // As much as such a line is given.
            self.line_room = short(self.line.len().next_power_of_two().max(LINE_LEAST));
        }
        let mut room = self.line_room;
        if let Some(beam) = &self.beam {
            room = room.saturating_add(short(beam.commands.capacity()));
        }
        if room != self.room {
            let each = size_of::<Pending>() + if shared.keep_arguments { ARGUMENTS } else { 0 };
            let (before, now) = (self.room as usize, room as usize);
            shared.waiting.change(before * each, now * each);
            self.room = room;
        }
    }

    /// An empty request: it uses up CLIENT REPLY SKIP, and nothing else.
    pub(in crate::redis) fn blank(&mut self, template: impl FnOnce() -> Pending) {
        self.blank_seen = true;
        let waits = self.oldest().is_some_and(|p| p.end <= self.skip_end);
        let skip = self.state.mode == Mode::Skip || waits;
        // A second one changes nothing.
        let again = self.latest().is_some_and(|p| p.detail == Detail::Blank);
        if self.sync == Sync::Synced && skip && !again {
            match &mut self.beam {
                Some(beam) => beam.commands.push_back(template()),
                None => self.line.push(template()),
            }
        }
    }
}

/// More commands than that are in no line, see `Shared::commands_in_flight`.
fn short(commands: usize) -> u32 {
    u32::try_from(commands).unwrap_or(u32::MAX)
}
