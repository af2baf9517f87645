//! What the first bytes of either end tell.

use super::verdict::Verdict;
use crate::model::Side;
use crate::resp::{Start, behind_space, is_space, starts_reply};

/// What Redis says to whoever comes, or to a first command that was not captured.
pub(super) const GREETINGS: [&[u8]; 5] = [
    b"-DENIED ",
    b"-ERR max number of clients",
    b"-LOADING ",
    b"-ERR unknown command",
    b"-NOAUTH Authentication",
];
/// What Redis says to a word that it does not know.
pub(super) const UNKNOWN_WORD: [&[u8]; 3] = [
    b"-ERR unknown command",
    b"-NOAUTH Authentication",
    b"-DENIED ",
];

/// The server speaks first: a refusal of Redis, or the answer to what was not captured, or no Redis at all
/// (`+OK POP3 ready`). What the client says then decides.
pub(super) fn first_of_server(said: &[u8], client: Side) -> Verdict {
    match begins_with_one_of(said, &GREETINGS, client) {
        Verdict::Other if starts_reply(said) != Start::No => Verdict::Undecided,
        verdict => verdict,
    }
}

/// Redis if the text, which may not be complete yet, begins with one of these.
pub(super) fn begins_with_one_of(said: &[u8], texts: &[&[u8]], client: Side) -> Verdict {
    if texts.iter().any(|text| said.starts_with(text)) {
        Verdict::Redis(client)
    } else if texts.iter().any(|text| text.starts_with(said)) {
        Verdict::Undecided
    } else {
        Verdict::Other
    }
}

/// What begins so is no Redis.
pub(super) fn foreign(bytes: &[u8], midstream: bool) -> Option<Verdict> {
    match bytes {
        [0x16, 0x03, 0..=4, ..] => Some(Verdict::Tls),
        [0x14..=0x17, 0x03, 0..=4, hi, _, ..] if midstream && *hi <= 0x48 => Some(Verdict::Tls),
        _ if bytes.starts_with(b"PRI * HTTP/2.0") => Some(Verdict::Http2),
        _ if bytes.starts_with(b"HTTP/1.") => Some(Verdict::Http),
        _ => {
            if bytes.first() == Some(&b'*') {
                return None;
            }
            let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
            let http = memchr::memmem::find(line, b" HTTP/1.").is_some();
            http.then_some(Verdict::Http)
        }
    }
}

/// The first word of a line that may be an inline command.
pub(in crate::redis) fn inline_word(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = behind_space(bytes);
    let end = bytes.iter().position(|byte| is_space(*byte))?;
    let word = bytes.get(..end)?;
    let readable = word.iter().all(u8::is_ascii_alphanumeric);
    (word.first().is_some_and(u8::is_ascii_alphabetic) && readable).then_some(word)
}

/// The first string of a command.
pub(super) fn first_bulk(bytes: &[u8]) -> Option<&[u8]> {
    let mut lines = bytes.split(|b| *b == b'\n');
    lines.nth(1)?;
    lines.next()?.strip_suffix(b"\r")
}
