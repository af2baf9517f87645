//! Inline commands: a line of words, split as the server's `sdssplitargs` does.

use super::frame::{Malformed, ReplyKind};
use super::kept::Kept;
use super::limits::{ARGS_MAX, Limits};
use smallvec::SmallVec;

/// Where the first words of a line go, quotes and escapes resolved.
#[derive(Debug)]
pub(super) struct Words<'m> {
    text: &'m mut Vec<u8>,
    kept: &'m mut SmallVec<[Kept; 8]>,
    limits: &'m Limits,
    /// The word that is being read.
    current: Kept,
    count: u64,
}

impl<'m> Words<'m> {
    pub(super) fn new(
        text: &'m mut Vec<u8>,
        kept: &'m mut SmallVec<[Kept; 8]>,
        limits: &'m Limits,
    ) -> Words<'m> {
        let current = Kept::new(ReplyKind::Bulk, text);
        Words {
            text,
            kept,
            limits,
            current,
            count: 0,
        }
    }

    /// Words so far, those that were not kept included.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Splits a line without its end.
    pub(super) fn split(&mut self, line: &[u8]) -> Result<(), Malformed> {
        // The server sees a C string: what is behind a NUL does not exist.
        let line = line.split(|b| *b == 0).next().unwrap_or_default();
        let mut rest = behind_space(line);
        while !rest.is_empty() {
            self.current = Kept::new(ReplyKind::Bulk, self.text);
            rest = behind_space(self.word(rest)?);
            if self.kept.len() < self.limits.kept_args.min(ARGS_MAX) {
                self.kept.push(self.current);
            } else {
                self.forget();
            }
            self.count += 1;
        }
        Ok(())
    }

    /// Reads one word; gives what is behind it.
    fn word<'l>(&mut self, mut rest: &'l [u8]) -> Result<&'l [u8], Malformed> {
        let mut quote = None;
        loop {
            let (first, behind) = match (rest.split_first(), quote) {
                (Some((first, behind)), _) => (*first, behind),
                (None, None) => return Ok(rest),
                (None, Some(_)) => return Err(Malformed::UnbalancedQuotes),
            };
            rest = match (quote, first) {
                (None, first) if is_space(first) => return Ok(behind),
                (None, b'"' | b'\'') => {
                    quote = Some(first);
                    behind
                }
                (Some(b'"'), b'\\') => self.escape(behind),
                (Some(b'\''), b'\\') if behind.first() == Some(&b'\'') => {
                    self.push(b'\'');
                    behind.get(1..).unwrap_or_default()
                }
                (Some(open), _) if first == open => {
                    return match behind.first() {
                        Some(next) if !is_space(*next) => Err(Malformed::UnbalancedQuotes),
                        _ => Ok(behind),
                    };
                }
                _ => {
                    self.push(first);
                    behind
                }
            };
        }
    }

    /// The character behind a backslash between double quotes.
    fn escape<'l>(&mut self, rest: &'l [u8]) -> &'l [u8] {
        if let [b'x', high, low, behind @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            self.push(high << 4 | low);
            return behind;
        }
        let [first, behind @ ..] = rest else {
            // The line ends here, with the quote open.
            return rest;
        };
        self.push(match first {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'a' => 7,
            other => *other,
        });
        behind
    }

    fn push(&mut self, byte: u8) {
        self.current.lengthen(1);
        self.current.extend(self.text, &[byte], self.limits);
    }

    fn forget(&mut self) {
        self.current.give_back(self.text);
    }
}

/// What follows the spaces in front.
pub fn behind_space(bytes: &[u8]) -> &[u8] {
    let spaces = bytes.iter().take_while(|b| is_space(**b)).count();
    bytes.get(spaces..).unwrap_or_default()
}

/// What C's `isspace` calls a space: the server splits lines with it.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

fn hex(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Result<Vec<String>, Malformed> {
        let (mut text, mut kept, limits) = (Vec::new(), SmallVec::new(), Limits::default());
        Words::new(&mut text, &mut kept, &limits).split(line.as_bytes())?;
        let words = kept.iter().map(|kept| kept.head(&text).bytes);
        Ok(words
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect())
    }

    #[test]
    fn words_as_the_server_splits_them() {
        let cases: &[(&str, &[&str])] = &[
            ("PING", &["PING"]),
            ("", &[]),
            (" \t ", &[]),
            ("  SET a  1 ", &["SET", "a", "1"]),
            ("SET\ta\x0b1", &["SET", "a", "1"]),
            (r#"SET "a b" 'c d'"#, &["SET", "a b", "c d"]),
            (r#"SET "\x41\n" ''"#, &["SET", "A\n", ""]),
            (r#"SET "\xZZ\"" 'it\'s \n'"#, &["SET", "xZZ\"", "it's \\n"]),
            ("GET a\0b", &["GET", "a"]),
        ];
        for (line, words) in cases {
            assert_eq!(split(line).unwrap(), *words, "{line}");
        }
    }

    #[test]
    fn quotes_that_do_not_fit() {
        for line in [
            r#"SET "a"#,
            r#"SET "a"b"#,
            "SET 'a",
            r#"SET "a\"#,
            r#"SET 'a'"b""#,
        ] {
            assert_eq!(split(line), Err(Malformed::UnbalancedQuotes), "{line}");
        }
    }

    #[test]
    fn of_many_or_long_words_the_first_are_kept() {
        let line = format!("MSET {} {}", "k".repeat(1000), "a ".repeat(5000));
        let (mut text, mut kept, limits) = (Vec::new(), SmallVec::new(), Limits::default());
        let mut words = Words::new(&mut text, &mut kept, &limits);
        assert_eq!(words.split(line.as_bytes()), Ok(()));
        assert_eq!(words.count(), 5002);
        assert_eq!(kept.len(), ARGS_MAX);
        let long = kept[1].head(&text);
        assert_eq!((long.bytes.len(), long.len), (limits.head_bytes, 1000));
        assert!(text.len() < 200);
    }
}
