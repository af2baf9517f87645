//! Numbers in frame headers: digits only, as servers and clients write them.

/// CR LF behind one digit, and behind two.
const BEHIND_ONE: u32 = u32::from_le_bytes(*b"\0\r\n\0");
const BEHIND_TWO: u32 = u32::from_le_bytes(*b"\0\0\r\n");
/// Digits of all but the longest integers.
const INTEGER: usize = 18;

/// A length or count: digits, or `-1`. `None` for anything else. What is too large for the type becomes its maximum.
pub(super) fn length(text: &[u8]) -> Option<i64> {
    match text {
        b"-1" => Some(-1),
        [] => None,
        digits => digits.iter().try_fold(0i64, |value, b| {
            let digit = b.is_ascii_digit().then(|| i64::from(b - b'0'))?;
            Some(value.saturating_mul(10).saturating_add(digit))
        }),
    }
}

/// A number below zero, as the server's `string2ll` reads it: without a zero in front.
pub(super) fn is_negative(text: &[u8]) -> bool {
    matches!(text, [b'-', b'1'..=b'9', digits @ ..] if digits.iter().all(u8::is_ascii_digit))
}

/// An integer: an optional sign and digits.
pub(super) fn is_integer(text: &[u8]) -> bool {
    let digits = match text {
        [b'+' | b'-', rest @ ..] => rest,
        all => all,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// A double: a decimal number, perhaps with an exponent, or an infinity or not-a-number in any case.
pub(super) fn is_double(text: &[u8]) -> bool {
    let unsigned = match text {
        [b'+' | b'-', rest @ ..] => rest,
        all => all,
    };
    if unsigned.eq_ignore_ascii_case(b"inf") || unsigned.eq_ignore_ascii_case(b"nan") {
        return true;
    }
    let mantissa_len = unsigned
        .iter()
        .position(|b| matches!(b, b'e' | b'E'))
        .unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned
        .split_at_checked(mantissa_len)
        .unwrap_or((unsigned, &[]));
    let dots = mantissa.iter().filter(|b| **b == b'.').count();
    let digits = mantissa.iter().filter(|b| b.is_ascii_digit()).count();
    let exponent_fits = exponent.is_empty() || exponent.get(1..).is_some_and(is_integer);
    digits > 0 && dots <= 1 && dots + digits == mantissa.len() && exponent_fits
}

/// Reads `digits CR LF` at the start of `bytes`: the number and the bytes used. `None` when it is cut, negative, long
/// or no number: the resumable path then tells which.
#[inline(always)]
pub(super) fn short_length(bytes: &[u8]) -> Option<(u64, usize)> {
    // Nearly all lengths have one digit or two, and something behind them: four bytes are looked at in one go.
    if let Some(four) = bytes.first_chunk() {
        let word = u32::from_le_bytes(*four);
        let [a, b, ..] = four.map(|byte| byte.wrapping_sub(b'0'));
        if word & 0x00ff_ff00 == BEHIND_ONE && a < 10 {
            return Some((u64::from(a), 3));
        }
        if word & 0xffff_0000 == BEHIND_TWO && a < 10 && b < 10 {
            return Some((u64::from(a) * 10 + u64::from(b), 4));
        }
    }
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

/// Reads `digits CR LF` at the start of `bytes`: how many digits. `None` when it is cut, or longer than most integers.
#[inline(always)]
pub(super) fn short_integer(bytes: &[u8]) -> Option<usize> {
    let digits = bytes
        .iter()
        .take(INTEGER)
        .take_while(|b| b.is_ascii_digit());
    let len = digits.count();
    (len > 0 && bytes.get(len..len + 2)? == b"\r\n").then_some(len)
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
            ("99999999999999999999", Some(i64::MAX)),
        ] {
            assert_eq!(length(text.as_bytes()), value, "{text}");
        }
    }

    #[test]
    fn short_lengths() {
        for (text, expected) in [
            ("1\r\n", Some((1, 3))),
            ("12\r\nx", Some((12, 4))),
            ("9999999999\r\n", Some((9_999_999_999, 12))),
            ("99999999999\r\n", None),
            ("12\r", None),
            ("12\n", None),
            ("\r\n", None),
            ("-1\r\n", None),
        ] {
            assert_eq!(short_length(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn doubles() {
        for yes in [
            "1", "-1.5", "+2", ".5", "5.", "1e30", "1.5E-7", "inf", "-inf", "nan", "-NaN",
        ] {
            assert!(is_double(yes.as_bytes()), "{yes}");
        }
        for no in [
            "", "-", ".", "1.2.3", "e5", "1e", "1e1.5", "0x10", "infinite", "1 ",
        ] {
            assert!(!is_double(no.as_bytes()), "{no}");
        }
    }
}
