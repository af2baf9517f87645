//! Text of the wire as it may stand in an output: no byte of it can do anything to a terminal, or hide from a reader.

use crate::model::is_unprintable;
use crate::resp::Head;
use std::fmt::Write as _;

/// How many characters of a text are shown at most.
const SHOWN: usize = 128;

/// Printable UTF-8 as it is, everything else as `\xNN`; a mark behind what was cut.
pub fn escape(head: &Head<'_>) -> String {
    let mut out = String::with_capacity(head.bytes.len());
    let shown = head.bytes.get(..SHOWN).unwrap_or(head.bytes);
    for chunk in shown.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_unprintable(c) || c == '\\' {
                let mut utf8 = [0; 4];
                for b in c.encode_utf8(&mut utf8).bytes() {
                    let _ = write!(out, "\\x{b:02x}");
                }
            } else {
                out.push(c);
            }
        }
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    if head.len > shown.len() as u64 {
        let _ = write!(out, "…({}B)", head.len);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        let bytes = b"a\xff\n\\z";
        let head = Head {
            bytes,
            len: bytes.len() as u64,
        };
        assert_eq!(escape(&head), "a\\xff\\x0a\\x5cz");
        let bytes = "é\u{202e}\u{85}".as_bytes();
        let head = Head {
            bytes,
            len: bytes.len() as u64,
        };
        assert_eq!(escape(&head), "é\\xe2\\x80\\xae\\xc2\\x85");
    }
}
