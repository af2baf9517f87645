//! How bytes begin that are no RESP: enough to tell who speaks, too little to tell what.

use super::escape::escape;
use crate::resp::Head;

/// Bytes that are shown.
const SHOWN: usize = 16;

/// The first bytes as they may be shown. `open`: nothing is hidden.
///
/// A status line and the head of a TLS record are named as they are. Of anything else a letter is `x` and a digit is `9`: it
/// may be a piece of a value.
pub(super) fn first_bytes(bytes: &[u8], open: bool) -> String {
    let more = if bytes.len() > SHOWN { "…" } else { "" };
    let first = bytes.get(..SHOWN).unwrap_or(bytes);
    match bytes {
        _ if open => text(first) + more,
        [
            b'H',
            b'T',
            b'T',
            b'P',
            b'/',
            major,
            b'.',
            minor,
            b' ',
            code @ ..,
        ] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            let code = code.iter().take(3).take_while(|b| b.is_ascii_digit());
            let code: String = code.map(|b| char::from(*b)).collect();
            let (major, minor) = (char::from(*major), char::from(*minor));
            format!("HTTP/{major}.{minor} {code}…")
        }
        [kind @ (0x15 | 0x16), 3, minor, ..] => format!("{kind:02x} 03 {minor:02x}…"),
        _ => {
            let hidden: Vec<u8> = first.iter().map(|b| hide(*b)).collect();
            text(&hidden) + more
        }
    }
}

fn text(bytes: &[u8]) -> String {
    escape(&Head {
        bytes,
        len: bytes.len() as u64,
    })
}

fn hide(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' => b'x',
        b'0'..=b'9' => b'9',
        b' '..=b'~' | b'\r' | b'\n' | b'\t' => byte,
        _ => b'?',
    }
}

#[cfg(test)]
mod tests {
    use super::first_bytes;

    #[test]
    fn the_form_is_shown_and_the_words_are_not() {
        for (bytes, hidden, open) in [
            (
                &b"HTTP/1.1 400 Bad Request\r\n"[..],
                "HTTP/1.1 400…",
                "HTTP/1.1 400 Bad…",
            ),
            (b"HTTP/secret", "xxxx/xxxxxx", "HTTP/secret"),
            (
                b"\x15\x03\x03\0\x02",
                "15 03 03…",
                "\\x15\\x03\\x03\\x00\\x02",
            ),
            (
                b"login failed 7\n",
                "xxxxx xxxxxx 9\\x0a",
                "login failed 7\\x0a",
            ),
            (b"\x00\xffA", "??x", "\\x00\\xffA"),
            (b"", "", ""),
        ] {
            assert_eq!(first_bytes(bytes, false), hidden);
            assert_eq!(first_bytes(bytes, true), open);
        }
    }
}
