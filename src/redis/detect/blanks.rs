//! Empty requests in front of the first command: they tell nothing, and the server does not answer them.

use crate::resp::{Framer, Limits, Role, Step, is_space};

/// What follows the empty requests that stand in front; `None` while the last of them may still go on.
pub(super) fn behind<'b>(mut bytes: &'b [u8], framing: &Limits) -> Option<&'b [u8]> {
    while may_be_blank(bytes) {
        let mut rest = bytes;
        let mut framer = Framer::new(Role::Commands);
        let goes_on = match framer.step(&mut rest, framing) {
            Step::Blank => false,
            Step::More if bytes.iter().all(is_of_a_blank) => true,
            _ => return Some(bytes),
        };
        if goes_on {
            return None;
        }
        bytes = bytes.get(bytes.len() - rest.len()..)?;
    }
    Some(bytes)
}

/// Nearly nothing begins so: a line of blanks, or an array without elements.
fn may_be_blank(bytes: &[u8]) -> bool {
    match bytes {
        [] | [b'*'] | [b'*', b'-' | b'0', ..] => true,
        [first, ..] => is_space(*first),
    }
}

fn is_of_a_blank(byte: &u8) -> bool {
    is_space(*byte) || matches!(byte, b'*' | b'-' | b'0'..=b'9')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_requests_are_passed_over() {
        for (bytes, left) in [
            (&b"PING\r\n"[..], Some(&b"PING\r\n"[..])),
            (b"\r\nPING", Some(b"PING")),
            (b"\n\n*1\r\n", Some(b"*1\r\n")),
            (b"   \r\n*1\r\n", Some(b"*1\r\n")),
            (b" \t\x0b\nGET a\r\n", Some(b"GET a\r\n")),
            (b"*0\r\n*-1\r\n*-10\r\nX", Some(b"X")),
            (b"  PING\r\n", Some(b"  PING\r\n")),
            (b"", None),
            (b"*", None),
            (b"*-", None),
            (b"*-1", None),
            (b"*0\r", None),
            (b"   ", None),
            (b"\r\n  ", None),
        ] {
            let found = behind(bytes, &Limits::default());
            assert_eq!(found, left, "{}", bytes.escape_ascii());
        }
    }
}
