//! Exchanges that are kept of every connection, in half the room.
//!
//! Each connection with a password keeps its AUTH and the first command that was served behind it, and most never need
//! them again. Nearly all of their numbers are small and their replies short: these are kept in narrow fields. What does
//! not fit is kept as it is.

use super::exchange::{Exchange, KeptExchange};
use super::mask::Tag;
use super::narrow::Narrow;
use super::pending::Pending;
use crate::model::{PacketRef, Timestamp};

/// A command with its reply, owned, see [`KeptExchange`].
#[derive(Clone, Debug)]
pub struct PackedExchange(Form);

#[derive(Clone, Debug)]
enum Form {
    Narrow(Narrow),
    Whole(Box<KeptExchange>),
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
    use crate::redis::commands::Kind;
    use crate::redis::exchange::Anchor;
    use crate::redis::pending::Detail;
    use crate::redis::shape::Shape;
    use crate::resp::{Head, NullForm, ReplyKind};
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
