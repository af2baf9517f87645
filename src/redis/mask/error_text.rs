//! Error texts without what they may echo of a request: a password, a key, a message of another service.

use super::escape::escape;
use crate::redis::errors::{first_word, shown_start};
use crate::resp::Head;

/// An error text without what it may echo of the request.
///
/// `echoes` says that the text is not to be trusted (a script's, an auth service's, an unknown command's): then only
/// the beginnings of known wording are shown. In the others quoted words are shown only if they are command names, and
/// everything behind `with args beginning with:` is masked.
pub(super) fn masked(head: &Head<'_>, echoes: bool, is_command: impl Fn(&[u8]) -> bool) -> String {
    let text = head.bytes;
    let unknown =
        text.starts_with(b"ERR unknown command") || text.starts_with(b"unsupported command");
    if echoes && !unknown {
        let shown = shown_start(text).map_or_else(|| code_of(text), str::as_bytes);
        return shown_up_to(shown.len(), head);
    }
    quoted(head, is_command)
}

/// The error code, where the text starts with one.
fn code_of(text: &[u8]) -> &[u8] {
    let code = first_word(text);
    if code.iter().all(u8::is_ascii_uppercase) {
        code
    } else {
        &[]
    }
}

/// The first `len` bytes of a text; of the others only how many they are.
fn shown_up_to(len: usize, head: &Head<'_>) -> String {
    let (start, rest) = head.bytes.split_at_checked(len).unwrap_or_default();
    let start = escape(&whole(start));
    if head.is_whole() && matches!(rest, b"" | b".") {
        return start + if rest.is_empty() { "" } else { "." };
    }
    let hidden = head.len.saturating_sub(len as u64);
    format!("{start} <text {hidden}B>").trim_start().to_owned()
}

/// Masks quoted words that are no command names, and echoed arguments. What is masked may hold quotes of its own, so it
/// reaches to the last quote that can be a closing one.
fn quoted(head: &Head<'_>, is_command: impl Fn(&[u8]) -> bool) -> String {
    const ECHO: &[u8] = b"with args beginning with:";
    let text = head.bytes;
    let (text, echoed) = match memchr::memmem::find(text, ECHO) {
        Some(at) => (text.get(..at + ECHO.len()).unwrap_or(text), true),
        None => (text, false),
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some((open, quote)) = opening_quote(rest) {
        let (before, after) = (
            rest.get(..open).unwrap_or_default(),
            rest.get(open + 1..).unwrap_or_default(),
        );
        out.push_str(&escape(&whole(before)));
        let closes = |b: u8| b == quote || (quote == b'`' && b == b'\'');
        let first = after.iter().position(|b| closes(*b));
        let word = first.and_then(|at| after.get(..at)).unwrap_or_default();
        if is_command(word.split(|b| *b == b'|').next().unwrap_or_default()) {
            out.push('\'');
            out.push_str(&escape(&whole(word)));
            out.push('\'');
            rest = after.get(word.len() + 1..).unwrap_or_default();
            continue;
        }
        // Of a text that was cut the closing quote is not known.
        let complete = echoed || head.is_whole();
        let candidates = if complete { after.len() } else { 0 };
        let last = (0..candidates).rev().find(|at| {
            let behind = after.get(at + 1);
            after.get(*at).is_some_and(|b| closes(*b))
                && behind.is_none_or(|b| !b.is_ascii_alphanumeric())
        });
        match last {
            Some(at) => {
                out.push_str("'<word>'");
                rest = after.get(at + 1..).unwrap_or_default();
            }
            None => {
                out.push_str("'…");
                rest = &[];
            }
        }
    }
    out.push_str(&escape(&whole(rest)));
    if echoed {
        out.push_str(" <args>");
    } else if !head.is_whole() {
        out.push('…');
    }
    out
}

/// Where a quoted word begins, and with which quote. One behind a letter is an apostrophe.
fn opening_quote(text: &[u8]) -> Option<(usize, u8)> {
    let mut before = None;
    for (at, byte) in text.iter().enumerate() {
        let apostrophe = *byte == b'\'' && before.is_some_and(|b: u8| b.is_ascii_alphabetic());
        if matches!(byte, b'\'' | b'`' | b'"') && !apostrophe {
            return Some((at, *byte));
        }
        before = Some(*byte);
    }
    None
}

fn whole(bytes: &[u8]) -> Head<'_> {
    Head {
        bytes,
        len: bytes.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoed_arguments_are_masked() {
        let known = |word: &[u8]| word.eq_ignore_ascii_case(b"hello") || word == b"get";
        for (text, echoes, shown) in [
            (
                "ERR unknown command 'HELLO', with args beginning with: '3', 'AUTH', 'default', 'pw'",
                true,
                "ERR unknown command 'HELLO', with args beginning with: <args>",
            ),
            (
                "ERR unknown command `s3cret`",
                true,
                "ERR unknown command '<word>'",
            ),
            (
                "ERR wrong number of arguments for 'get' command",
                false,
                "ERR wrong number of arguments for 'get' command",
            ),
            ("ERR token abc is bad", true, "ERR <text 17B>"),
            (
                "WRONGPASS invalid username-password pair",
                true,
                "WRONGPASS invalid username-password pair",
            ),
            (
                "READONLY You can't write against a read only replica.",
                false,
                "READONLY You can't write against a read only replica.",
            ),
            ("s3cret is wrong", true, "<text 15B>"),
            (
                "ERR unauthorized: token s3cret is expired",
                true,
                "ERR unauthorized <text 25B>",
            ),
            (
                "ERR AUTH <password> called without any password configured for the default user. Are you sure?",
                true,
                "ERR AUTH <password> called without any password configured for the default user <text 15B>",
            ),
            (
                "ERR Error in ACL SETUSER modifier '>a' b'c': Syntax error",
                false,
                "ERR Error in ACL SETUSER modifier '<word>': Syntax error",
            ),
            (
                "NOGROUP No such key 'k' or consumer group 'gr'oup' here, you can't",
                false,
                "NOGROUP No such key '<word>' here, you can't",
            ),
        ] {
            assert_eq!(
                masked(&whole(text.as_bytes()), echoes, known),
                shown,
                "{text}"
            );
        }
    }
}
