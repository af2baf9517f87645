//! Exchanges that are kept of every connection, in half the room.
//!
//! Each connection with a password keeps its AUTH and the first command that was served behind it, and most never need
//! them again. Nearly all of their numbers are small and their replies short: these are kept in narrow fields. What does
//! not fit is kept as it is.

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

/// A command with its reply, owned, see [`KeptExchange`].
#[derive(Clone, Debug)]
pub struct PackedExchange(Form);

#[derive(Clone, Debug)]
enum Form {
    Narrow(Narrow),
    Whole(Box<KeptExchange>),
}

/// The fields of [`Pending`], [`Shape`] and [`Exchange`] under their own names.
#[derive(Clone, Debug)]
struct Narrow {
    sent: Timestamp,
    sent_at: PacketRef,
    /// Hash of the first argument.
    hash: u64,
    arguments: Option<Arc<Arguments>>,
    detail: Detail,
    index: u32,
    command_end: u32,
    command_len: u32,
    /// How long it took, ns, and how many packets of the input later.
    latency_ns: u32,
    packets: u32,
    /// [`u32::MAX`]: none.
    ack: u32,
    /// Length of the first argument; [`u32::MAX`]: there is none.
    first_len: u32,
    reply_end: u32,
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
    fn fits(exchange: &Exchange<'_>) -> bool {
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
    fn of(exchange: &Exchange<'_>) -> Narrow {
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

    fn received(&self) -> Timestamp {
        self.sent.plus(i64::from(self.latency_ns))
    }

    fn received_at(&self) -> PacketRef {
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

    fn command(&self) -> Pending {
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

    fn unpack(&self) -> KeptExchange {
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

#[cold]
fn whole(exchange: &Exchange<'_>) -> Box<KeptExchange> {
    Box::new(KeptExchange::of(exchange, false))
}

impl PackedExchange {
    /// Takes over an exchange, without the whole reply (HELLO, INFO).
    // Large: to be made where it will stay.
    #[inline(always)]
    pub fn of(exchange: &Exchange<'_>) -> PackedExchange {
        PackedExchange(match Narrow::fits(exchange) {
            true => Form::Narrow(Narrow::of(exchange)),
            false => Form::Whole(whole(exchange)),
        })
    }

    /// The exchange as it was.
    pub fn unpack(&self) -> KeptExchange {
        match &self.0 {
            Form::Narrow(narrow) => narrow.unpack(),
            Form::Whole(whole) => (**whole).clone(),
        }
    }

    /// When the command's last byte was sent, and in which packet.
    pub fn sent(&self) -> (Timestamp, PacketRef) {
        match &self.0 {
            Form::Narrow(narrow) => (narrow.sent, narrow.sent_at),
            Form::Whole(whole) => (whole.command.sent, whole.command.at),
        }
    }

    /// The same of the reply's.
    pub fn received(&self) -> (Timestamp, PacketRef) {
        match &self.0 {
            Form::Narrow(narrow) => (narrow.received(), narrow.received_at()),
            Form::Whole(whole) => match &whole.reply {
                Some(reply) => (reply.received, reply.at),
                // An exchange has one.
                None => (whole.command.sent, whole.command.at),
            },
        }
    }

    /// The offset behind the reply.
    pub fn end(&self) -> i64 {
        match &self.0 {
            Form::Narrow(narrow) => i64::from(narrow.reply_end),
            Form::Whole(whole) => whole.reply.as_ref().map_or(0, |reply| reply.end),
        }
    }

    /// [`Pending::index`] of its command.
    pub fn index(&self) -> u64 {
        match &self.0 {
            Form::Narrow(narrow) => u64::from(narrow.index),
            Form::Whole(whole) => whole.command.index,
        }
    }

    /// Its command, as it was.
    pub fn command(&self) -> Pending {
        match &self.0 {
            Form::Narrow(narrow) => narrow.command(),
            Form::Whole(whole) => whole.command.clone(),
        }
    }

    /// [`Pending::credential`] of its command.
    pub fn credential(&self) -> Option<Tag> {
        self.command().credential()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::CommandTable;
    use proptest::prelude::*;

    fn command(numbers: &[u64], flags: u8) -> Pending {
        let id = CommandTable::new(0).other();
        let tag = |len| Tag {
            hash: len ^ 77,
            len,
        };
        Pending {
            id,
            kind: if flags & 1 > 0 {
                Kind::Auth
            } else {
                Kind::Ordinary
            },
            index: numbers[0],
            argc: numbers[1],
            end: numbers[2].cast_signed(),
            wire_len: 31,
            ack: (flags & 2 > 0).then_some(numbers[3].cast_signed()),
            sent: Timestamp::from_nanos(numbers[4].cast_signed()),
            at: PacketRef::new(1, 5),
            first: (flags & 4 > 0).then_some(tag(numbers[5])),
            detail: Detail::PauseMs(Some(3)),
            suspect: flags & 8 > 0,
            torn: flags & 16 > 0,
            closed: flags & 32 > 0,
            arguments: None,
        }
    }

    fn is_narrow(packed: &PackedExchange) -> bool {
        matches!(packed.0, Form::Narrow(_))
    }

    /// What is kept of an exchange, and whether it fitted.
    fn check(numbers: &[u64], flags: u8, text: &[u8]) -> bool {
        check_at(numbers, flags, text, PacketRef::new(1, 9))
    }

    /// The same of a reply in that packet.
    fn check_at(numbers: &[u64], flags: u8, text: &[u8], at: PacketRef) -> bool {
        let command = command(numbers, flags);
        let head = Head {
            bytes: text,
            len: numbers[6],
        };
        let exchange = Exchange {
            command: &command,
            reply: Shape {
                kind: ReplyKind::Simple,
                null: (flags & 64 > 0).then_some(NullForm::Bulk),
                head,
                elements: numbers[7],
            },
            raw: Some(b"+OK"),
            part_error: (flags & 128 > 0).then_some(head),
            end: numbers[8].cast_signed(),
            wire_len: 7,
            received: Timestamp::from_nanos(numbers[9].cast_signed()),
            at,
            anchor: Anchor::Content,
        };
        let packed = PackedExchange::of(&exchange);
        let kept = KeptExchange::of(&exchange, false);
        assert_eq!(format!("{:?}", packed.unpack()), format!("{kept:?}"));
        assert_eq!(packed.index(), command.index);
        assert_eq!(packed.sent(), (command.sent, command.at));
        assert_eq!(packed.received(), (exchange.received, exchange.at));
        assert_eq!(packed.end(), exchange.end);
        assert_eq!(format!("{:?}", packed.command()), format!("{command:?}"));
        assert_eq!(packed.credential(), command.credential());
        is_narrow(&packed)
    }

    #[test]
    fn an_ordinary_exchange_fits_and_is_half_as_large() {
        assert!(check(&[1000; 10], 0b0111_1111, b"OK"));
        assert!(size_of::<PackedExchange>() <= 112);
    }

    #[test]
    fn what_is_too_large_is_kept_as_it_is() {
        assert!(!check(
            &[1000; 10],
            0,
            b"ERR external authentication failed"
        ));
        assert!(!check(&[1000; 10], 128, b"OK"), "an error among elements");
        for at in [0, 1, 2, 3, 5, 6, 7, 8] {
            let mut numbers = [1000; 10];
            numbers[at] = u64::from(u32::MAX);
            let sentinel = matches!(at, 1 | 3 | 5);
            assert_eq!(check(&numbers, 0b110, b"OK"), !sentinel, "{at}");
            numbers[at] += 1;
            assert!(!check(&numbers, 0b110, b"OK"), "{at}");
        }
    }

    #[test]
    fn a_reply_fits_that_comes_soon_and_behind_its_command() {
        for (received, fits) in [
            (999, false),
            (1000, true),
            (1 << 32, true),
            (2 << 32, false),
        ] {
            let mut numbers = [1000; 10];
            numbers[9] = received;
            assert_eq!(check(&numbers, 0, b"OK"), fits, "{received}");
        }
        for (file, number, fits) in [
            (1, 4, false),
            (1, 5, true),
            (0, 9, false),
            (1, 5 << 32, false),
        ] {
            let at = PacketRef::new(file, number);
            assert_eq!(check_at(&[1000; 10], 0, b"OK", at), fits, "{at:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost(
            numbers in prop::collection::vec(prop_oneof![0..5u64, any::<u32>().prop_map(u64::from), any::<u64>()], 10),
            flags: u8,
            text in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            check(&numbers, flags, &text);
        }
    }
}
