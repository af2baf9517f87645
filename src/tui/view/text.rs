//! Text that fits: widths, cutting, wrapping, times.

use crate::model::Timestamp;
use ratatui::text::Span;

/// Columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// `text` in at most `columns`; `…` stands for what was cut off.
pub(super) fn clip(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else {
        return String::new();
    };
    let (head, _) = split(text, room);
    format!("{head}…")
}

/// An address with its port in at most `columns`: both its ends tell more than its middle.
pub(super) fn clip_endpoint(text: &str, columns: usize) -> String {
    let all: Vec<char> = text.chars().collect();
    if width(text) <= columns || columns < 3 || all.len() != text.len() {
        return clip(text, columns);
    }
    let tail = columns / 2;
    let head = columns - 1 - tail;
    let middle = all.len().saturating_sub(tail);
    let (head, tail) = (all.iter().take(head), all.iter().skip(middle));
    head.chain(&['…']).chain(tail).collect()
}

/// `text` in exactly `columns`.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let mut text = clip(text, columns);
    let missing = columns.saturating_sub(width(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// `text` in lines of at most `columns`, broken at spaces; a longer word is broken anywhere.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for mut word in text.split_whitespace() {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= columns {
            line.extend(std::iter::repeat_n(' ', gap));
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        while width(word) > columns {
            let (head, tail) = match split(word, columns) {
                // Not even the first character fits: it is drawn in part, but the rest goes on.
                ("", _) => word.split_at(word.chars().next().map_or(0, char::len_utf8)),
                parts => parts,
            };
            lines.push(head.to_owned());
            word = tail;
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The longest head of `text` in at most `columns`, and the rest.
fn split(text: &str, columns: usize) -> (&str, &str) {
    for (at, c) in text.char_indices() {
        // A character may widen the one in front of it, so the head is measured as a whole.
        let head = text.get(..at + c.len_utf8()).unwrap_or(text);
        if width(head) > columns {
            return text.split_at_checked(at).unwrap_or((text, ""));
        }
    }
    (text, "")
}

/// The time of day, UTC, in milliseconds.
pub(super) fn clock_ms(time: Timestamp) -> String {
    formatted(time, "%H:%M:%S%.3f")
}

/// Date and time, UTC, to the nanosecond.
pub(super) fn moment(time: Timestamp) -> String {
    formatted(time, "%Y-%m-%d %H:%M:%S%.9f")
}

/// Nanoseconds as milliseconds, none lost: `+5.120031 ms`.
pub(super) fn offset(nanos: i64) -> String {
    let sign = if nanos < 0 { '-' } else { '+' };
    format!("{sign}{}", length(nanos))
}

/// The same without a sign.
pub(super) fn length(nanos: i64) -> String {
    let nanos = nanos.unsigned_abs();
    format!("{}.{:06} ms", nanos / 1_000_000, nanos % 1_000_000)
}

/// `1,234,567`.
pub(super) fn count(n: impl TryInto<u64>) -> String {
    let digits = n.try_into().unwrap_or(u64::MAX).to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 packet`, `2 packets`.
pub(super) fn many(n: impl TryInto<u64>, one: &str) -> String {
    let n = n.try_into().unwrap_or(u64::MAX);
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {one}{plural}", count(n))
}

fn formatted(time: Timestamp, format: &str) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(time.as_nanos())) {
        Ok(time) => time.strftime(format).to_string(),
        Err(_) => format!("{} ns", time.as_nanos()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!(count(0u64), "0");
        assert_eq!(count(1_234_567u64), "1,234,567");
        assert_eq!(many(1u64, "packet"), "1 packet");
        assert_eq!(many(1_000u64, "packet"), "1,000 packets");
        assert_eq!(offset(5_120_031), "+5.120031 ms");
        assert_eq!(offset(-1), "-0.000001 ms");
        let time = Timestamp::from_nanos(1_500_000_000);
        assert_eq!(clock_ms(time), "00:00:01.500");
        assert_eq!(
            moment(Timestamp::from_nanos(1)),
            "1970-01-01 00:00:00.000000001"
        );
    }

    #[test]
    fn an_address_keeps_both_ends() {
        let long = "[2001:db8:85a3:8d3:1319:8a2e:370:7348]:6379";
        assert_eq!(clip_endpoint(long, 21), "[2001:db8:…7348]:6379");
        assert_eq!(clip_endpoint("10.0.0.1:6379", 21), "10.0.0.1:6379");
        assert_eq!(clip_endpoint(long, 2), "[…");
    }

    #[test]
    fn extreme_times_have_a_text() {
        for time in [Timestamp::MIN, Timestamp::MAX] {
            assert!(!moment(time).is_empty() && !clock_ms(time).is_empty());
            assert!(!offset(time.as_nanos()).is_empty());
        }
    }

    #[test]
    fn a_sign_that_widens_the_one_before_it_is_counted() {
        let text = "®🕯\u{fe0f} ¡A";
        for columns in 0..8 {
            assert!(width(&clip(text, columns)) <= columns, "{columns}");
        }
    }

    proptest! {
        #[test]
        fn clipped_text_fits(text in "\\PC*", columns in 0usize..20) {
            prop_assert!(width(&clip(&text, columns)) <= columns);
            prop_assert!(width(&fit(&text, columns)) >= columns);
        }

        #[test]
        fn wrapping_loses_nothing_but_spaces(text in "[a-zé世 ]{0,60}", columns in 2usize..20) {
            let lines = wrap(&text, columns);
            prop_assert!(lines.iter().all(|line| width(line) <= columns));
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }
    }
}
