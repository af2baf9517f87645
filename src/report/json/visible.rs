//! JSON in which every character can be seen: the others stand as `\u0085`.

use crate::model::is_unprintable;
use std::borrow::Cow;
use std::io::{self, Write};

/// Passes JSON on. Only within its strings can there be a character that is not ASCII, so each may be written as an
/// escape without a look at what surrounds it. Control characters of ASCII are escaped by `serde_json`.
#[derive(Debug)]
pub(in crate::report) struct Visible<W>(pub W);

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(text) => write(&mut self.0, text)?,
            Err(_) => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes a part of a string in which JSON escapes nothing.
fn write<W: ?Sized + Write>(out: &mut W, text: &str) -> io::Result<()> {
    // From DEL on: no byte of UTF-8 is 0xff. Without an early end several are looked at together.
    let high = text.bytes().fold(0, |seen, b| seen | b.wrapping_add(1));
    match high < 0x80 {
        true => out.write_all(text.as_bytes()),
        false => out.write_all(visible(text).as_bytes()),
    }
}

fn visible(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| c >= '\x7f' && is_unprintable(c);
    if !text.chars().any(hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped_and_means_the_same() {
        let text = "a\u{85}b\u{202e}c\u{e0041}d\u{7f}é\n\"";
        let mut out = Vec::new();
        serde_json::to_writer(Visible(&mut out), text).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert_eq!(
            written,
            "\"a\\u0085b\\u202ec\\udb40\\udc41d\\u007fé\\n\\\"\""
        );
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
