//! From frames on the wire to what pairing needs of them.

use super::commands::{Forms, Kind};
use super::details;
use super::exchange::Anchor;
use super::hello::HelloOptions;
use super::mask::Redactor;
use super::pairing::{Frame, Pairing};
use super::pending::{Detail, Pending};
use super::shape::Shape;
use super::shared::Shared;
use crate::model::{PacketRef, Timestamp};
use crate::resp::{self, Head, Reply, ReplyKind};
use crate::tcp::Chunk;

/// Behind an AUTH, so many commands keep their arguments for a report.
pub(super) const DETAILED_BEHIND_AUTH: u32 = 16;

pub(super) fn describe(
    shared: &mut Shared,
    command: &resp::Command<'_>,
    chunk: &Chunk<'_>,
    end: i64,
    pairing: &mut Pairing,
    since_auth: &mut u32,
) -> Pending {
    let id = shared
        .commands
        .resolve(command, pairing.anchor == Anchor::Start);
    let info = shared.commands.info(id);
    shared.effects_seen |= !info.effects.is_quiet();
    let detail = details::detail_of(info.kind, command);
    let counts = &mut pairing.counts;
    let index = counts.commands;
    counts.commands += 1;
    if command.inline {
        counts.others().inline_commands += 1;
    }
    // Which mode it asks for is in the bytes that are missing.
    let detail = match info.kind {
        Kind::ClientReply if command.skipped() => Detail::ReplyUnknown,
        _ => detail,
    };
    let auth = info.kind == Kind::Auth || detail == Detail::HelloAuth;
    *since_auth = if auth {
        0
    } else {
        since_auth.saturating_add(1)
    };
    let torn = chunk.bytes.is_empty();
    let suspect = torn || pairing.latest().is_some_and(|p| p.suspect || p.is_auth());
    // With bytes missing the tags would be those of other words.
    let near_auth = *since_auth <= DETAILED_BEHIND_AUTH;
    let wanted = (shared.keep_arguments || near_auth) && !command.skipped() && command.argc > 1;
    let arguments = match wanted {
        true => shared.redactor.arguments(info, command),
        false => None,
    };
    if shared.keep_arguments && info.hidden_reply && info.forms.meets(Forms::BULK) {
        pairing.close_replies();
    }
    let compared = match detail {
        _ if command.skipped() => None,
        Detail::HelloAuth => HelloOptions::of(command).password,
        // The user's name may stand in front.
        _ if auth => password_of_auth(command),
        _ => Some(1),
    };
    let first = compared.and_then(|at| shared.redactor.word_tag(command, at));
    Pending {
        id,
        kind: info.kind,
        index,
        argc: command.argc,
        end,
        wire_len: short(command.wire_len),
        ack: chunk.ack,
        sent: chunk.time,
        at: chunk.at,
        first,
        detail,
        suspect,
        torn,
        closed: pairing.closed,
        arguments,
    }
}

/// A length in four bytes; one of 4 GiB and more is told as that.
fn short(len: u64) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Where AUTH has its password: behind the user's name, if there is one.
fn password_of_auth(command: &resp::Command<'_>) -> Option<usize> {
    match command.argc {
        2 => Some(1),
        3 => Some(2),
        _ => None,
    }
}

pub(super) fn blank(shared: &Shared, chunk: &Chunk<'_>, end: i64) -> Pending {
    Pending {
        id: shared.commands.other(),
        kind: Kind::Ordinary,
        index: 0,
        argc: 0,
        end,
        wire_len: 0,
        ack: chunk.ack,
        sent: chunk.time,
        at: chunk.at,
        first: None,
        detail: Detail::Blank,
        suspect: false,
        torn: false,
        closed: false,
        arguments: None,
    }
}

/// What pairing needs to see of a reply, apart from its form.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// A proxy may have put errors between the elements.
    pub parts: bool,
    /// It may be the payload that a command asked for.
    pub payload: bool,
}

#[inline]
pub(super) fn frame_of<'a>(
    reply: &'a Reply<'a>,
    wanted: Wanted,
    redactor: &Redactor,
    start_ack: Option<i64>,
    end: i64,
    time: Timestamp,
    at: PacketRef,
) -> Frame<'a> {
    let inside = match reply.kind {
        ReplyKind::Array | ReplyKind::Push => Inside::of(reply, wanted.parts),
        _ => Inside::default(),
    };
    Frame {
        part_error: inside.error,
        shape: Shape {
            kind: reply.kind,
            null: reply.null,
            head: reply.head,
            elements: reply.elements,
        },
        raw: reply.raw,
        payload: (wanted.payload && comes_back(reply))
            .then(|| redactor.reply_tag(reply))
            .flatten(),
        skipped: reply.skipped(),
        word: inside.word,
        count: inside.count,
        start_ack,
        end,
        wire_len: short(reply.wire_len),
        time,
        at,
    }
}

/// What was sent comes back as a string: `+PONG` is no payload.
fn comes_back(reply: &Reply<'_>) -> bool {
    matches!(reply.kind, ReplyKind::Bulk | ReplyKind::Verbatim) && !reply.skipped()
}

/// What is looked at of the elements of an aggregate.
#[derive(Default)]
struct Inside<'a> {
    /// The first one, if it is a string.
    word: &'a [u8],
    /// The third one, if it is a number.
    count: Option<u64>,
    /// The first error among them.
    error: Option<Head<'a>>,
}

impl<'a> Inside<'a> {
    fn of(reply: &'a Reply<'a>, parts: bool) -> Inside<'a> {
        let element = |i| reply.element(i);
        let inside = parts.then(|| (0..resp::ARGS_MAX).map_while(element));
        let mut errors = inside
            .into_iter()
            .flatten()
            .filter(|(kind, _)| kind.is_error());
        Inside {
            word: element(0).map_or(&[][..], |(_, head): (_, Head<'a>)| head.bytes),
            count: element(2)
                .filter(|(kind, _)| *kind == ReplyKind::Integer)
                .and_then(|(_, head)| std::str::from_utf8(head.bytes).ok()?.parse().ok()),
            error: errors.next().map(|(_, head)| head),
        }
    }
}
