//! What of the arguments of a command pairing has to know.

use super::commands::Kind;
use super::hello::HelloOptions;
use super::pending::Detail;
use crate::resp;

/// What of the arguments of a command changes how replies are counted.
pub(super) fn detail_of(kind: Kind, command: &resp::Command<'_>) -> Detail {
    let word = |i: usize, text: &[u8]| {
        command
            .arg(i)
            .is_some_and(|a| a.bytes.eq_ignore_ascii_case(text))
    };
    match kind {
        Kind::ClientReply if word(2, b"off") => Detail::ReplyOff,
        Kind::ClientReply if word(2, b"skip") => Detail::ReplySkip,
        Kind::ClientReply if word(2, b"on") => Detail::ReplyOn,
        Kind::Hello if HelloOptions::of(command).password.is_some() => Detail::HelloAuth,
        Kind::StreamRead if (1..resp::ARGS_MAX).any(|i| word(i, b"block")) => Detail::Blocks,
        Kind::Pause => {
            let number = command
                .arg(2)
                .and_then(|ms| std::str::from_utf8(ms.bytes).ok()?.parse().ok());
            Detail::PauseMs(number)
        }
        Kind::Monitor | Kind::Multi if command.argc != 1 => Detail::WrongCount,
        Kind::Sync if word(0, b"psync") && command.argc < 3 => Detail::WrongCount,
        Kind::Sync if word(0, b"sync") && command.argc != 1 => Detail::WrongCount,
        Kind::Replconf if word(1, b"ack") || word(1, b"getack") => Detail::NoReply,
        Kind::Subscribe | Kind::Unsubscribe => {
            let channels = command.argc.saturating_sub(1);
            Detail::Confirmations(u32::try_from(channels).ok().filter(|n| *n > 0))
        }
        _ => Detail::None,
    }
}
