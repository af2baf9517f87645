//! Ordinary commands and their replies, where they lie whole in a segment. See [`crate::redis::pairing`] for what is one.
//!
//! Most traffic is of this kind, and most of what a session has to ask of a command or a reply is known of these.

use super::Session;
use crate::redis::commands::Kind;
use crate::redis::describe::DETAILED_BEHIND_AUTH;
use crate::redis::observer::Observer;
use crate::redis::pairing::Frame;
use crate::redis::pending::{Detail, Pending};
use crate::redis::shape::Shape;
use crate::redis::shared::Shared;
use crate::resp::{PlainCommand, PlainReply, plain_command, plain_reply};
use crate::tcp::Chunk;

impl Session {
    /// Takes ordinary commands from the start of `left`, the end of `chunk`. Gives what is left.
    #[inline]
    pub(super) fn take_commands<'c, O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        left: &'c [u8],
        observer: &mut O,
    ) -> &'c [u8] {
        let fast = shared.fast_lane && self.veiled.is_none();
        // Those near a login are looked at more closely.
        let far = self.since_auth >= DETAILED_BEHIND_AUTH;
        if !(fast && far && self.commands.is_at_boundary()) {
            return left;
        }
        let room = self.pairing.room_for_ordinary(shared);
        if room > 0 {
            self.commands.set_prints(shared.keep_arguments);
        }
        let mut rest = left;
        for _ in 0..room {
            let Some(command) = plain_command(rest, &shared.framing) else {
                break;
            };
            let Some(behind) = rest.get(command.len..) else {
                break;
            };
            let end = chunk.offset + (chunk.bytes.len() - behind.len()) as i64;
            if !self.take_command(shared, chunk, rest, &command, end, observer) {
                break;
            }
            rest = behind;
        }
        self.sent.frame(left.len() - rest.len());
        rest
    }

    #[inline(always)]
    fn take_command<O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        bytes: &[u8],
        command: &PlainCommand<'_>,
        end: i64,
        observer: &mut O,
    ) -> bool {
        let Some(id) = shared.commands.recent(command.name) else {
            return false;
        };
        let info = shared.commands.info(id);
        // A password that the server makes up closes the replies behind it.
        if !info.is_plain() || (shared.keep_arguments && info.hidden_reply) {
            return false;
        }
        let Ok(wire_len) = u32::try_from(command.len) else {
            return false;
        };
        let arguments = match shared.keep_arguments && command.argc > 1 {
            true => {
                let command = command.with_words(bytes, &shared.framing);
                shared.redactor.arguments(info, &command)
            }
            false => None,
        };
        let first = (command.argc > 1).then(|| shared.redactor.whole_tag(command.first));
        let index = self.pairing.counts.commands;
        self.pairing.counts.commands += 1;
        shared.commands_read += 1;
        self.since_auth = self.since_auth.saturating_add(1);
        let pending = Pending {
            id,
            kind: Kind::Ordinary,
            index,
            argc: command.argc,
            end,
            wire_len,
            ack: chunk.ack,
            sent: chunk.time,
            at: chunk.at,
            first,
            detail: Detail::None,
            suspect: false,
            torn: false,
            closed: self.pairing.closed,
            arguments,
        };
        self.pairing.ordinary_command(shared, observer, pending);
        true
    }

    /// Takes ordinary replies to ordinary commands from the start of `left`, the end of `chunk`. Gives what is left.
    #[inline]
    pub(super) fn take_replies<'c, O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        left: &'c [u8],
        observer: &mut O,
    ) -> &'c [u8] {
        let fast = shared.fast_lane && self.veiled.is_none();
        let whole = self.replies.is_at_boundary() && !self.broken_request;
        if !(fast && whole && self.pairing.takes_ordinary()) {
            return left;
        }
        self.reply_ack = chunk.ack;
        let mut rest = left;
        while let Some(reply) = plain_reply(rest, &shared.framing)
            && let Some(behind) = rest.get(reply.len..)
        {
            let end = chunk.offset + (chunk.bytes.len() - behind.len()) as i64;
            let Some(frame) = frame(&reply, chunk, end) else {
                break;
            };
            if !self.pairing.ordinary_reply(shared, observer, &frame) {
                break;
            }
            rest = behind;
        }
        if rest.len() < left.len() {
            self.replies.set_keep_raw(false);
            self.replies.set_prints(false);
        }
        self.received.frame(left.len() - rest.len());
        rest
    }
}

#[inline(always)]
fn frame<'a>(reply: &PlainReply<'a>, chunk: &Chunk<'_>, end: i64) -> Option<Frame<'a>> {
    Some(Frame {
        shape: Shape {
            kind: reply.kind,
            null: reply.null,
            head: reply.head,
            elements: 0,
        },
        raw: None,
        payload: None,
        skipped: false,
        part_error: None,
        word: &[],
        count: None,
        start_ack: chunk.ack,
        end,
        wire_len: u32::try_from(reply.len).ok()?,
        time: chunk.time,
        at: chunk.at,
    })
}
