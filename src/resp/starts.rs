//! Strict tests whether bytes start a frame: for recognising Redis, and for finding a stream again after a gap.

use super::number;

/// Whether bytes start a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// They do.
    Yes,
    /// They do not.
    No,
    /// Nothing speaks against it, but there is too little to say so.
    TooShort,
}

/// `*n CR LF $l CR LF` and a name of letters, dots, dashes, underscores.
pub fn starts_command(bytes: &[u8]) -> Start {
    // Nearly all have few words, and a short one in front.
    if let [
        b'*',
        b'1'..=b'9',
        b'\r',
        b'\n',
        b'$',
        len @ b'1'..=b'9',
        b'\r',
        b'\n',
        rest @ ..,
    ] = bytes
    {
        return starts_name(rest, usize::from(len - b'0'));
    }
    let (count, rest) = match header(bytes, b'*') {
        Ok(found) => found,
        Err(start) => return start,
    };
    let (len, rest) = match header(rest, b'$') {
        Ok(found) => found,
        Err(start) => return start,
    };
    let (Some(1..), Some(len @ 1..=128)) = (number::length(count), number::length(len)) else {
        return Start::No;
    };
    starts_name(rest, usize::try_from(len).unwrap_or(0))
}

/// A name of that length, as far as it is there, and its end.
fn starts_name(rest: &[u8], len: usize) -> Start {
    let name = rest.get(..len).unwrap_or(rest);
    let readable = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
    let end_fits =
        rest.get(len).is_none_or(|b| *b == b'\r') && rest.get(len + 1).is_none_or(|b| *b == b'\n');
    match name.first() {
        None => Start::TooShort,
        Some(b) if b.is_ascii_alphabetic() && name.iter().all(readable) && end_fits => Start::Yes,
        Some(_) => Start::No,
    }
}

/// `*n CR LF $l CR LF`, whatever the first string is.
pub fn starts_strings(bytes: &[u8]) -> bool {
    header(bytes, b'*').is_ok_and(|(_, rest)| header(rest, b'$').is_ok())
}

/// A type byte and a first line that fits it.
pub fn starts_reply(bytes: &[u8]) -> Start {
    let Some((&kind, rest)) = bytes.split_first() else {
        return Start::TooShort;
    };
    let (line, whole) = match memchr::memchr(b'\n', rest) {
        Some(end) => match rest.get(..end).and_then(|l| l.strip_suffix(b"\r")) {
            Some(line) => (line, true),
            None => return Start::No,
        },
        None => (rest.strip_suffix(b"\r").unwrap_or(rest), false),
    };
    // Of a line whose end is not seen the number may still be to come.
    let is_length = |line: &[u8]| match line {
        [] => !whole,
        line => line.iter().all(u8::is_ascii_digit),
    };
    let fits = match kind {
        b'+' | b'-' => line.iter().all(|b| *b >= b' ') && line.len() < 4096,
        b':' | b'(' => number::is_integer(line) || (!whole && matches!(line, b"" | b"-" | b"+")),
        b'$' | b'*' => is_length(line) || line == b"-1" || line == b"?" || (!whole && line == b"-"),
        b'%' | b'~' | b'>' => is_length(line) || line == b"?",
        b'=' | b'!' | b'|' => is_length(line),
        b'_' => line.is_empty(),
        b'#' => matches!(line, b"t" | b"f") || (!whole && line.is_empty()),
        // While its end is not seen a number may still become one.
        b',' => number::is_double(line) || (!whole && line.len() < 64 && line.is_ascii()),
        _ => false,
    };
    match (fits, whole) {
        (false, _) => Start::No,
        (true, false) => Start::TooShort,
        (true, true) => Start::Yes,
    }
}

/// The number behind `kind`, and what follows its line.
fn header(bytes: &[u8], kind: u8) -> Result<(&[u8], &[u8]), Start> {
    let Some((&first, rest)) = bytes.split_first() else {
        return Err(Start::TooShort);
    };
    if first != kind {
        return Err(Start::No);
    }
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits > 10 {
        return Err(Start::No);
    }
    let (number, behind) = rest.split_at_checked(digits).unwrap_or((rest, &[]));
    match behind {
        [] | [b'\r'] => Err(Start::TooShort),
        [b'\r', b'\n', rest @ ..] if digits > 0 => Ok((number, rest)),
        _ => Err(Start::No),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands() {
        for (bytes, start) in [
            (&b"*1\r\n$4\r\nPING\r\n"[..], Start::Yes),
            (b"*2\r\n$3\r\nGE", Start::Yes),
            (b"*2\r\n$3\r\n", Start::TooShort),
            (b"*", Start::TooShort),
            (b"", Start::TooShort),
            (b"*0\r\n", Start::TooShort),
            (b"*1\r\n$4\r\nPINGX", Start::No),
            (b"*1\r\n:4\r\n", Start::No),
            (b"*2\r\n$1\r\n1\r\n", Start::No),
            (b"GET /", Start::No),
        ] {
            assert_eq!(starts_command(bytes), start, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn replies() {
        for (bytes, start) in [
            (&b"+OK\r\n"[..], Start::Yes),
            (b"+O", Start::TooShort),
            (b":12\r\n", Start::Yes),
            (b":1x\r\n", Start::No),
            (b"$-1\r\n", Start::Yes),
            (b"$x\r\n", Start::No),
            (b"_\r\n", Start::Yes),
            (b"#t\r\n", Start::Yes),
            (b",1.5e3\r\n", Start::Yes),
            (b",1.5e", Start::TooShort),
            (b",x\r\n", Start::No),
            (b",\r\n", Start::No),
            (b"*12\r\n", Start::Yes),
            (b"*12\n", Start::No),
            (b"%?\r\n", Start::Yes),
            (b"%-1\r\n", Start::No),
            (b"=?\r\n", Start::No),
            (b"$-", Start::TooShort),
            (b":-\r\n", Start::No),
            (b":\r\n", Start::No),
            (b":-", Start::TooShort),
            (b"$-2\r\n", Start::No),
            (b"HTTP/1.1 200 OK\r\n", Start::No),
            (b"\x15\x03\x03", Start::No),
            (b"$\r\n", Start::No),
        ] {
            assert_eq!(starts_reply(bytes), start, "{}", bytes.escape_ascii());
        }
    }
}
