//! How bytes begin that are no RESP: enough to tell who speaks, too little to tell what.

use super::escape::escape;
use crate::resp::Head;

/// Bytes that are shown.
const SHOWN: usize = 16;

/// The first bytes as they may be shown. `open`: nothing is hidden.
///
/// A status line and the head of a TLS record are named as they are. Of anything else only the length of its words is
/// shown: it may be a piece of a value, or of a password.
pub(super) fn first_bytes(bytes: &[u8], open: bool) -> String {
    let more = if bytes.len() > SHOWN { "…" } else { "" };
    let first = bytes.get(..SHOWN).unwrap_or(bytes);
    if let (false, Some(line)) = (open, status_line(bytes)) {
        return line;
    }
    match bytes {
        _ if open && more.is_empty() => text(first),
        _ if open => text(whole_words(first)) + more,
        [kind @ (0x15 | 0x16), 3, minor, ..] => format!("{kind:02x} 03 {minor:02x}…"),
        _ => {
            let hidden: Vec<u8> = first.iter().map(|b| hide(*b)).collect();
            text(&hidden) + more
        }
    }
}

/// `HTTP/1.1 400…`
fn status_line(bytes: &[u8]) -> Option<String> {
    let [major, b'.', minor, b' ', code @ ..] = bytes.strip_prefix(b"HTTP/")? else {
        return None;
    };
    let digits = code.iter().take(3).take_while(|b| b.is_ascii_digit());
    let code: String = digits.map(|b| char::from(*b)).collect();
    let is_version = major.is_ascii_digit() && minor.is_ascii_digit();
    let version = format!("HTTP/{}.{}", char::from(*major), char::from(*minor));
    is_version.then(|| format!("{version} {code}…"))
}

fn text(bytes: &[u8]) -> String {
    escape(&Head {
        bytes,
        len: bytes.len() as u64,
    })
}

fn hide(byte: u8) -> u8 {
    match byte {
        b' ' | b'\r' | b'\n' | b'\t' => b' ',
        b'!'..=b'~' => b'x',
        _ => b'?',
    }
}

/// Without the last word, which may be half an address that nobody would recognise as one.
fn whole_words(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(u8::is_ascii_whitespace);
    end.and_then(|end| bytes.get(..end)).unwrap_or(bytes)
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
                "HTTP/1.1 400…",
            ),
            (b"HTTP/secret", "xxxxxxxxxxx", "HTTP/secret"),
            (
                b"\x15\x03\x03\0\x02",
                "15 03 03…",
                "\\x15\\x03\\x03\\x00\\x02",
            ),
            (
                b"login failed 7\n",
                "xxxxx xxxxxx x ",
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
