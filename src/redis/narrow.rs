//! An exchange in narrow fields: nearly all numbers are small, and replies short.

use super::commands::{CommandId, Kind};
use super::exchange::{Anchor, Exchange, KeptExchange};
use super::mask::{Arguments, Tag};
use super::pending::{Detail, Pending};
use super::shape::Shape;
use crate::model::{PacketRef, Timestamp};
use crate::resp::{Head, NullForm, ReplyKind};
use std::sync::Arc;

/// The longest text of a reply that fits: `OK`, `PONG`, a number.
const TEXT: usize = 12;

/// The fields of [`Pending`], [`Shape`] and [`Exchange`] under their own names.
#[derive(Clone, Debug)]
pub(super) struct Narrow {
    pub(super) sent: Timestamp,
    pub(super) sent_at: PacketRef,
    /// Hash of the first argument.
    hash: u64,
    arguments: Option<Arc<Arguments>>,
    detail: Detail,
    pub(super) index: u32,
    command_end: u32,
    command_len: u32,
    /// How long it took, ns, and how many packets of the input later.
    latency_ns: u32,
    packets: u32,
    /// [`u32::MAX`]: none.
    ack: u32,
    /// Length of the first argument; [`u32::MAX`]: there is none.
    first_len: u32,
    pub(super) reply_end: u32,
    reply_len: u32,
    text_len: u32,
    elements: u32,
    argc: u16,
    id: CommandId,
    kind: Kind,
    suspect: bool,
    torn: bool,
    closed: bool,
    anchor: Anchor,
    reply_kind: ReplyKind,
    null: Option<NullForm>,
    text_kept: u8,
    text: [u8; TEXT],
}

/// A number that may be missing.
fn narrow(number: Option<u64>) -> u32 {
    number.map_or(u32::MAX, |number| number as u32)
}

fn wide(number: u32) -> Option<u64> {
    (number < u32::MAX).then_some(u64::from(number))
}

impl Narrow {
    /// All of it fits.
    #[inline(always)]
    pub(super) fn fits(exchange: &Exchange<'_>) -> bool {
        let (command, reply) = (exchange.command, &exchange.reply);
        let (ack, first) = Narrow::optional(command);
        // What is negative is too large.
        let all = command.index
            | command.end.cast_unsigned()
            | exchange.end.cast_unsigned()
            | reply.head.len
            | reply.elements
            | ack.unwrap_or(0)
            | first.unwrap_or(0)
            | exchange.latency_ns().cast_unsigned();
        let none = Some(u64::from(u32::MAX));
        all <= u64::from(u32::MAX)
            && ack != none
            && first != none
            && command.argc <= u64::from(u16::MAX)
            && reply.head.bytes.len() <= TEXT
            && exchange.part_error.is_none()
            && command.sent.plus(exchange.latency_ns()) == exchange.received
            && exchange.at.file() == command.at.file()
            && (exchange.at.number().checked_sub(command.at.number()))
                .is_some_and(|packets| packets <= u64::from(u32::MAX))
    }

    /// The numbers that may be missing.
    #[inline(always)]
    fn optional(command: &Pending) -> (Option<u64>, Option<u64>) {
        let first = command.first.map(|first| first.len);
        (command.ack.map(i64::cast_unsigned), first)
    }

    /// An exchange that fits.
    // Large: to be made where it will stay.
    #[inline(always)]
    pub(super) fn of(exchange: &Exchange<'_>) -> Narrow {
        debug_assert!(Narrow::fits(exchange), "{exchange:?}");
        let (command, reply) = (exchange.command, &exchange.reply);
        let (ack, first_len) = Narrow::optional(command);
        let kept = reply.head.bytes.len().min(TEXT);
        let mut text = [0; TEXT];
        for (to, from) in text.iter_mut().zip(reply.head.bytes) {
            *to = *from;
        }
        Narrow {
            sent: command.sent,
            sent_at: command.at,
            latency_ns: exchange.latency_ns() as u32,
            packets: (exchange.at.number() - command.at.number()) as u32,
            hash: command.first.map_or(0, |first| first.hash),
            arguments: command.arguments.clone(),
            detail: command.detail,
            index: command.index as u32,
            command_end: command.end as u32,
            command_len: command.wire_len,
            ack: narrow(ack),
            first_len: narrow(first_len),
            reply_end: exchange.end as u32,
            reply_len: exchange.wire_len,
            text_len: reply.head.len as u32,
            elements: reply.elements as u32,
            argc: command.argc as u16,
            id: command.id,
            kind: command.kind,
            suspect: command.suspect,
            torn: command.torn,
            closed: command.closed,
            anchor: exchange.anchor,
            reply_kind: reply.kind,
            null: reply.null,
            text_kept: kept as u8,
            text,
        }
    }

    pub(super) fn received(&self) -> Timestamp {
        self.sent.plus(i64::from(self.latency_ns))
    }

    pub(super) fn received_at(&self) -> PacketRef {
        let number = self.sent_at.number() + u64::from(self.packets);
        PacketRef::new(self.sent_at.file(), number)
    }

    fn first(&self) -> Option<Tag> {
        let len = wide(self.first_len)?;
        Some(Tag {
            hash: self.hash,
            len,
        })
    }

    pub(super) fn command(&self) -> Pending {
        Pending {
            id: self.id,
            kind: self.kind,
            index: u64::from(self.index),
            argc: u64::from(self.argc),
            end: i64::from(self.command_end),
            wire_len: self.command_len,
            ack: wide(self.ack).map(u64::cast_signed),
            sent: self.sent,
            at: self.sent_at,
            first: self.first(),
            detail: self.detail,
            suspect: self.suspect,
            torn: self.torn,
            closed: self.closed,
            arguments: self.arguments.clone(),
        }
    }

    pub(super) fn unpack(&self) -> KeptExchange {
        let command = self.command();
        let kept = usize::from(self.text_kept);
        let exchange = Exchange {
            command: &command,
            reply: Shape {
                kind: self.reply_kind,
                null: self.null,
                head: Head {
                    bytes: self.text.get(..kept).unwrap_or_default(),
                    len: u64::from(self.text_len),
                },
                elements: u64::from(self.elements),
            },
            raw: None,
            part_error: None,
            end: i64::from(self.reply_end),
            wire_len: self.reply_len,
            received: self.received(),
            at: self.received_at(),
            anchor: self.anchor,
        };
        KeptExchange::of(&exchange, false)
    }
}
