//! Numbers in frame headers: digits only, as the servers write them.

/// A length or count: digits, or `-1`. `None` for anything else.
pub(super) fn length(text: &[u8]) -> Option<i64> {
    match text {
        b"-1" => Some(-1),
        _ => digits(text),
    }
}

/// An integer: an optional sign and digits.
pub(super) fn is_integer(text: &[u8]) -> bool {
    let digits = match text {
        [b'+' | b'-', rest @ ..] => rest,
        all => all,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// At most eighteen digits, so that nothing overflows.
fn digits(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    text.iter().try_fold(0i64, |value, b| {
        b.is_ascii_digit().then(|| value * 10 + i64::from(b - b'0'))
    })
}

/// Reads `digits CR LF` at the start of `bytes`. Gives the number and the bytes used; `None` when it is cut, when it
/// is no number, or when it is negative: the slow path then tells which.
pub(super) fn short_length(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (i, b) in bytes.iter().enumerate().take(11) {
        match b {
            b'0'..=b'9' => value = value * 10 + u64::from(b - b'0'),
            b'\r' if i > 0 && bytes.get(i + 1) == Some(&b'\n') => return Some((value, i + 2)),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for (text, value) in [
            ("0", Some(0)),
            ("123", Some(123)),
            ("-1", Some(-1)),
            ("-2", None),
            ("+1", None),
            ("", None),
            ("1 ", None),
            ("9999999999999999999", None),
        ] {
            assert_eq!(length(text.as_bytes()), value, "{text}");
        }
        assert_eq!(short_length(b"12\r\nx"), Some((12, 4)));
        assert_eq!(short_length(b"12\r"), None);
        assert_eq!(short_length(b"\r\n"), None);
        assert_eq!(short_length(b"-1\r\n"), None);
    }
}
