//! Text that fits its column and can not play tricks on a terminal.

use crate::model::is_unprintable;
use std::borrow::Cow;

/// `text` without characters that a terminal obeys or that nobody sees: those are written `\x1b`, `\u{202e}`.
/// Replies come from the wire, and names of files from anywhere.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match u32::from(c) {
            n @ 0..0x100 if is_unprintable(c) => safe.push_str(&format!("\\x{n:02x}")),
            n if is_unprintable(c) => safe.push_str(&format!("\\u{{{n:x}}}")),
            _ => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

/// `text` in lines of at most `width` characters, broken at spaces. The first line starts with `first`, the others
/// with `rest`. A word longer than a line stands alone. No line end behind the last one.
pub(in crate::report) fn wrapped(text: &str, width: usize, first: &str, rest: &str) -> String {
    let text = printable(text);
    let mut out = first.to_owned();
    let mut column = length(first);
    let mut empty = true;
    for word in text.split_whitespace() {
        let space = usize::from(!empty);
        if !empty && column + space + length(word) > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(rest);
            column = length(rest);
        } else if !empty {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length(word);
        empty = false;
    }
    out
}

/// `text` in at most `width` characters, `…` where something is missing.
pub(super) fn fitted(text: &str, width: usize) -> String {
    let text = printable(text);
    if length(&text) <= width {
        return text.into_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Columns of `text`. Wide scripts are rare in Redis traffic and counted as one.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(printable("a\x1b[31mb\r\n"), "a\\x1b[31mb\\x0d\\x0a");
        assert_eq!(printable("x\u{202e}y\u{a0}"), "x\\u{202e}y\\xa0");
        assert_eq!(printable("a\u{2028}b\u{e0041}"), "a\\u{2028}b\\u{e0041}");
        assert!(matches!(printable("plain é"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn wrapping_keeps_words_and_width(words in proptest::collection::vec("[a-z]{1,12}", 0..40)) {
            let text = wrapped(&words.join(" "), 30, "  - ", "    ");
            prop_assert!(text.lines().all(|l| length(l) <= 30));
            let kept: Vec<&str> = text.trim_start_matches("  - ").split_whitespace().collect();
            prop_assert_eq!(kept, words);
        }

        #[test]
        fn nothing_printable_controls(text in any::<String>()) {
            prop_assert!(!printable(&text).chars().any(is_unprintable));
            prop_assert!(length(&fitted(&text, 10)) <= 10);
        }
    }
}
