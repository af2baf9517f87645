//! A text as a cell of a table.

use crate::model::Texts;
use crate::report::text::printable;

/// Several texts, a space between them.
pub(super) fn push_texts(out: &mut Vec<u8>, texts: &Texts) {
    match texts.plain() {
        Some(plain) => out.extend_from_slice(plain),
        None => push_text(out, texts.joined()),
    }
}

/// A text without a separator or anything that a terminal acts on.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    match is_plain(text.as_bytes()) {
        true => out.extend_from_slice(text.as_bytes()),
        false => push_odd(out, text),
    }
}

/// Printable ASCII without a backslash. Eight bytes at a time: most texts are short.
fn is_plain(text: &[u8]) -> bool {
    let (eights, rest) = text.as_chunks();
    let plain = eights
        .iter()
        .all(|eight| are_plain(u64::from_le_bytes(*eight)));
    // The last bytes, and plain ones in front of them.
    let last = match text.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => rest
            .iter()
            .fold(SPACES, |eight, b| eight << 8 | u64::from(*b)),
    };
    plain && are_plain(last)
}

const EACH: u64 = 0x0101_0101_0101_0101;
const SPACES: u64 = b' ' as u64 * EACH;

/// The same of the eight bytes of a number.
fn are_plain(eight: u64) -> bool {
    const HIGH: u64 = 0x80 * EACH;
    // With no high bit set in `eight`, each of these sets that of a byte which is odd, and carries into no other.
    let control = !(eight | HIGH).wrapping_sub(0x20 * EACH);
    let delete = (eight & !HIGH) + EACH;
    let backslash = !(((eight ^ (u64::from(b'\\') * EACH)) & !HIGH) + 0x7f * EACH);
    (eight | control | delete | backslash) & HIGH == 0
}

fn push_odd(out: &mut Vec<u8>, text: &str) {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => cell.push_str("\\t"),
            '\n' => cell.push_str("\\n"),
            '\r' => cell.push_str("\\r"),
            '\\' => cell.push_str("\\\\"),
            c => cell.push(c),
        }
    }
    // A table is often looked at in a terminal.
    out.extend_from_slice(printable(&cell).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{is_plain, push_text};
    use proptest::prelude::*;

    fn cell(text: &str) -> String {
        let mut out = Vec::new();
        push_text(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_cell_holds_no_separator() {
        assert_eq!(cell("a\tb\r\nc\\d"), "a\\tb\\r\\nc\\\\d");
        assert_eq!(cell("plain é"), "plain é");
        assert_eq!(cell("\x1b[2J"), "\\x1b[2J");
    }

    proptest! {
        #[test]
        fn what_is_odd_is_found(text in prop::collection::vec(prop_oneof![any::<u8>(), 0x1f_u8..0x21, 0x5b_u8..0x5e, 0x7d_u8..0x82], 0..40)) {
            let odd = |b: &u8| !(b' '..0x7f).contains(b) || *b == b'\\';
            prop_assert_eq!(is_plain(&text), !text.iter().any(odd));
        }
    }
}
