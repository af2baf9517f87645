//! What a frame is by its form and its first word, whoever asked for it.

use super::commands::Kind;
use super::pending::Pending;
use super::shape::Shape;
use crate::resp::{NullForm, ReplyKind};

/// A type that RESP2 does not have.
pub(super) fn is_resp3(reply: &Shape<'_>) -> bool {
    matches!(
        reply.kind,
        ReplyKind::Map
            | ReplyKind::Set
            | ReplyKind::Double
            | ReplyKind::Boolean
            | ReplyKind::BigNumber
            | ReplyKind::Verbatim
            | ReplyKind::BulkError
            | ReplyKind::Push
    ) || reply.null == Some(NullForm::Resp3)
}

/// `subscribe`, `punsubscribe` … as first element of a confirmation.
pub(super) fn is_confirmation(word: &[u8]) -> bool {
    matches!(
        word,
        b"subscribe"
            | b"psubscribe"
            | b"ssubscribe"
            | b"unsubscribe"
            | b"punsubscribe"
            | b"sunsubscribe"
    )
}

/// `word` confirms this (un)subscribe. One without channels is refused; but not where that means all of them.
pub(super) fn is_confirmed_by(command: &Pending, word: &[u8]) -> bool {
    let ends = word.ends_with(b"unsubscribe");
    is_confirmation(word)
        && match command.kind {
            Kind::Subscribe => command.argc > 1 && !ends,
            Kind::Unsubscribe => ends,
            _ => false,
        }
}

/// `message` and its kin, with the number of elements they have.
pub(super) fn is_message(word: &[u8], elements: u64) -> bool {
    match word {
        b"message" | b"smessage" => elements == 3,
        b"pmessage" => elements == 4,
        _ => false,
    }
}

/// A line that MONITOR prints: `1700000000.123456 [0 127.0.0.1:1] "GET" …`
pub(super) fn is_monitor_line(reply: &Shape<'_>) -> bool {
    if reply.kind != ReplyKind::Simple {
        return false;
    }
    let mut parts = reply.head.bytes.splitn(2, |b| *b == b'.');
    let (seconds, rest) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    seconds.len() >= 9
        && seconds.iter().all(u8::is_ascii_digit)
        && rest.first().is_some_and(u8::is_ascii_digit)
}
