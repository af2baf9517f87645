//! What all sessions of a run share.

use super::commands::CommandTable;
use super::errors::{ErrorCodes, is_misread};
use super::exchange::Anchor;
use super::mask::{Asked, Redactor, push_more};
use super::pending::{Detail, Pending};
use super::shape::Shape;
use super::spare_lines::SpareLines;
use crate::model::Texts;
use crate::resp;
use std::borrow::Cow;

/// Connections with fewer commands in flight are left alone when there are too many in all.
const FEW_IN_FLIGHT: u64 = 4;

/// Memory of the commands in flight of all connections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Waiting {
    /// Bytes at most.
    pub most: usize,
    /// Bytes now.
    pub bytes: usize,
    /// How often a connection had to give up its commands.
    pub hits: u64,
}

impl Waiting {
    /// A connection with so many commands in flight may not add another one.
    pub(super) fn is_full(&self, in_flight: u64) -> bool {
        self.bytes > self.most && in_flight >= FEW_IN_FLIGHT
    }

    /// A connection holds `now` bytes instead of `before`.
    pub(super) fn change(&mut self, before: usize, now: usize) {
        self.bytes = self.bytes.saturating_sub(before).saturating_add(now);
    }
}

/// What all sessions of a run share.
#[derive(Debug)]
pub struct Shared {
    /// Command names.
    pub commands: CommandTable,
    /// Error codes seen so far.
    pub errors: ErrorCodes,
    /// What may be shown.
    pub redactor: Redactor,
    /// Bounds of the framing.
    pub framing: resp::Limits,
    /// Keep the arguments of every command, not only of those near an AUTH.
    pub keep_arguments: bool,
    /// Take what is ordinary by the fast lane. Without it all goes by the full one, and comes out the same.
    pub fast_lane: bool,
    /// A command was sent that does more to a server than to read and to write, on some connection.
    pub effects_seen: bool,
    /// Bound of commands in flight per connection.
    pub commands_in_flight: usize,
    /// How often that was hit.
    pub hits_in_flight: u64,
    /// Bound of commands in flight where no packet of the server was seen.
    pub commands_unheard: usize,
    /// How often that was hit.
    pub hits_unheard: u64,
    /// Times a reply could be read in more ways than are followed.
    pub hits_readings: u64,
    /// Memory of the commands in flight of all connections.
    pub waiting: Waiting,
    /// Memory for those of connections that have none now.
    pub spare_lines: SpareLines,
    /// Frames beyond the bounds of the framing.
    pub hits_framing: u64,
    /// Requests that were no RESP.
    pub malformed_requests: u64,
    /// Commands read so far, on connections that are still open as well.
    pub commands_read: u64,
}

impl Shared {
    /// The command may wait for other clients before it is answered.
    pub fn may_block(&self, command: &Pending) -> bool {
        command.detail == Detail::Blocks || self.commands.info(command.id).blocking
    }

    /// The name of a command as shown.
    pub fn shown_name(&self, command: &Pending) -> Cow<'static, str> {
        if self.redactor.shows_secrets() {
            return self.commands.info(command.id).name.clone();
        }
        self.commands.shown_name(command.id).clone()
    }

    /// A command's arguments as shown. None is where the server could not make sense of them.
    pub fn shown_arguments(&mut self, command: &Pending, reply: Option<&Shape<'_>>) -> Texts {
        let mut out = Texts::default();
        self.show_arguments(&mut out, command, reply);
        out
    }

    /// The same behind what is there.
    pub fn show_arguments(
        &mut self,
        out: &mut Texts,
        command: &Pending,
        reply: Option<&Shape<'_>>,
    ) {
        let misread = reply.is_some_and(|r| r.kind.is_error() && is_misread(r.head.bytes));
        let misread = misread && !self.redactor.shows_secrets();
        if let Some(arguments) = command.arguments.as_ref().filter(|_| !misread) {
            return self.redactor.render(out, arguments);
        }
        let info = self.commands.info(command.id);
        if let Some(sub) = info.sub {
            out.push_plain(|out| out.extend_from_slice(sub.as_bytes()));
        }
        let taken = 1 + u64::from(info.sub.is_some());
        let mut left = command.argc.saturating_sub(taken);
        let first = command.first.filter(|_| !command.is_auth() && !misread);
        if let (Some(tag), None, 1..) = (first, info.sub, left) {
            out.push_plain(|out| self.redactor.push_tag(out, info.first_argument(), tag));
            left -= 1;
        }
        if left > 0 {
            out.push_plain(|out| push_more(out, left));
        }
    }

    /// A reply as shown, and how firmly it belongs to its command.
    pub fn shown_reply(
        &mut self,
        command: Option<(&Pending, Anchor)>,
        reply: &Shape<'_>,
    ) -> Cow<'static, str> {
        let to = command.map(|(command, anchor)| asked(&self.commands, command, anchor));
        self.redactor.reply(to.as_ref(), reply, &self.commands)
    }

    /// The same behind what is there.
    pub fn show_reply(
        &mut self,
        out: &mut Texts,
        command: Option<(&Pending, Anchor)>,
        reply: &Shape<'_>,
    ) {
        let to = command.map(|(command, anchor)| asked(&self.commands, command, anchor));
        self.redactor
            .push_reply(out, to.as_ref(), reply, &self.commands);
    }
}

fn asked<'c>(commands: &'c CommandTable, command: &Pending, anchor: Anchor) -> Asked<'c> {
    Asked {
        info: commands.info(command.id),
        closed: command.closed,
        firm: anchor > Anchor::Weak && !command.suspect,
    }
}
