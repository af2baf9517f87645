//! Error texts without what they may echo of a request: a password, a key, a message of another service.

use super::escape::escape;
use crate::redis::commands::CommandTable;
use crate::redis::errors::{Piece, Slot, first_word, pieces};
use crate::resp::Head;

/// What an error echoes of a request behind these words is never shown.
const ECHO: &[u8] = b"with args beginning with:";

/// An error text of which only the server's own words are shown. If `open`, others are as well, but for those that may
/// be credentials.
pub(super) fn masked(head: &Head<'_>, open: bool, table: &CommandTable) -> String {
    let mut out = String::with_capacity(head.bytes.len());
    for piece in pieces(head.bytes, !head.is_whole()) {
        match piece {
            Piece::Own(words) => out.push_str(words),
            Piece::Filled(slot, text) => out.push_str(&filled(slot, text, open, table)),
            Piece::Rest(text) if open => out.push_str(&without_echo(text)),
            Piece::Rest(text) => {
                let code = code_of(text, out.is_empty());
                out.push_str(&String::from_utf8_lossy(code));
                let shown = head.bytes.len() - text.len() + code.len();
                match head.len - shown as u64 {
                    0 => {}
                    hidden if out.is_empty() => out = format!("<text {hidden}B>"),
                    hidden => out.push_str(&format!(" <text {hidden}B>")),
                }
                return out;
            }
        }
    }
    if !head.is_whole() {
        out.push('…');
    }
    out
}

/// The error code, where the text starts with one.
fn code_of(text: &[u8], starts: bool) -> &[u8] {
    let code = first_word(text);
    if starts && code.iter().all(u8::is_ascii_uppercase) {
        code
    } else {
        &[]
    }
}

fn filled(slot: Slot, text: &[u8], open: bool, table: &CommandTable) -> String {
    let shown = match slot {
        Slot::Command => table.may_name(text),
        Slot::Sub => table.is_subcommand(text),
        Slot::Number => !text.is_empty() && text.iter().all(u8::is_ascii_digit),
        Slot::Address => is_address(text),
        Slot::Word => open,
        Slot::Arguments => return "<args>".to_owned(),
        Slot::Secret => false,
    };
    if shown {
        escape(&whole(text))
    } else {
        "<word>".to_owned()
    }
}

/// A host and a port.
fn is_address(text: &[u8]) -> bool {
    let mut parts = text.rsplitn(2, |b| *b == b':');
    let (port, host) = (parts.next(), parts.next());
    let part = |b: &u8| b.is_ascii_alphanumeric() || b".-_:[]%".contains(b);
    port.is_some_and(|port| !port.is_empty() && port.iter().all(u8::is_ascii_digit))
        && host.is_some_and(|host| host.iter().all(part))
}

/// Words of a text that no table knows.
fn without_echo(text: &[u8]) -> String {
    match memchr::memmem::find(text, ECHO) {
        Some(at) => {
            let before = text.get(..at + ECHO.len()).unwrap_or_default();
            escape(&whole(before)) + " <args>"
        }
        None => escape(&whole(text)),
    }
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

    /// An error text, as it is shown, and as it is with its words opened.
    const TEXTS: &[(&str, &str, &str)] = &[
        (
            "ERR unknown command 'HELLO', with args beginning with: '3', 'AUTH', 'default', 'pw'",
            "ERR unknown command 'HELLO', with args beginning with: <args>",
            "ERR unknown command 'HELLO', with args beginning with: <args>",
        ),
        (
            "ERR unknown command `s3cret`",
            "ERR unknown command '<word>'",
            "ERR unknown command '<word>'",
        ),
        (
            "ERR unknown command 'FT.SEARCH'",
            "ERR unknown command 'FT.SEARCH'",
            "ERR unknown command 'FT.SEARCH'",
        ),
        (
            "ERR unknown command s3cret",
            "ERR unknown command <word>",
            "ERR unknown command <word>",
        ),
        (
            "ERR wrong number of arguments for 'get' command",
            "ERR wrong number of arguments for 'get' command",
            "ERR wrong number of arguments for 'get' command",
        ),
        (
            "ERR wrong number of arguments for 'client|setname' command",
            "ERR wrong number of arguments for 'client|setname' command",
            "ERR wrong number of arguments for 'client|setname' command",
        ),
        (
            "ERR wrong number of arguments for 'client|s3cret' command",
            "ERR wrong number of arguments for '<word>' command",
            "ERR wrong number of arguments for '<word>' command",
        ),
        (
            "ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.",
            "ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.",
            "ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.",
        ),
        (
            "ERR unknown subcommand 's3cret'. Try CONFIG HELP.",
            "ERR unknown subcommand '<word>'. Try CONFIG HELP.",
            "ERR unknown subcommand '<word>'. Try CONFIG HELP.",
        ),
        (
            "ERR token abc is bad",
            "ERR <text 17B>",
            "ERR token abc is bad",
        ),
        (
            "WRONGPASS invalid username-password pair",
            "WRONGPASS invalid username-password pair",
            "WRONGPASS invalid username-password pair",
        ),
        (
            "READONLY You can't write against a read only replica.",
            "READONLY You can't write against a read only replica.",
            "READONLY You can't write against a read only replica.",
        ),
        ("s3cret is wrong", "<text 15B>", "s3cret is wrong"),
        ("S3CRET", "<text 6B>", "S3CRET"),
        (
            "ERR unauthorized: token s3cret is expired",
            "ERR unauthorized <text 25B>",
            "ERR unauthorized: token s3cret is expired",
        ),
        (
            "ERR Error in ACL SETUSER modifier '>a' b'c': Syntax error",
            "ERR Error in ACL SETUSER modifier '<word>': Syntax error",
            "ERR Error in ACL SETUSER modifier '<word>': Syntax error",
        ),
        (
            "NOGROUP No such key 'k' or consumer group 'gr'oup'",
            "NOGROUP No such key '<word>' or consumer group '<word>'",
            "NOGROUP No such key 'k' or consumer group 'gr'oup'",
        ),
        (
            "NOPERM User s3cret has no permissions to run the 'get' command",
            "NOPERM User <word> has no permissions to run the 'get' command",
            "NOPERM User <word> has no permissions to run the 'get' command",
        ),
        (
            "MOVED 3999 127.0.0.1:6381",
            "MOVED 3999 127.0.0.1:6381",
            "MOVED 3999 127.0.0.1:6381",
        ),
        (
            "MOVED x s3cret",
            "MOVED <word> <word>",
            "MOVED <word> <word>",
        ),
        (
            "ERR made up, with args beginning with: s3cret",
            "ERR <text 42B>",
            "ERR made up, with args beginning with: <args>",
        ),
        (
            "ERR Error running script (call to f_12): @user_script:1: no\u{85}",
            "ERR Error running script (call to <word>): <word>",
            "ERR Error running script (call to f_12): @user_script:1: no\\xc2\\x85",
        ),
    ];

    #[test]
    fn only_words_of_the_server_are_shown() {
        let table = CommandTable::new(0);
        for (text, closed, open) in TEXTS {
            assert_eq!(masked(&whole(text.as_bytes()), false, &table), *closed);
            assert_eq!(masked(&whole(text.as_bytes()), true, &table), *open);
        }
    }

    #[test]
    fn of_a_text_that_was_cut_the_same_words_are_shown() {
        let table = CommandTable::new(0);
        for (text, shown) in [
            ("NOAUTH HELLO must be call", "NOAUTH HELLO must be call…"),
            ("ERR unknown command 's3cr", "ERR unknown command '<word>…"),
            ("ERR something s3cr", "ERR <text 37B>"),
        ] {
            let head = Head {
                bytes: text.as_bytes(),
                len: 40,
            };
            assert_eq!(masked(&head, false, &table), shown, "{text}");
        }
    }
}
