//! Inline commands: a line of words, split as the server's `sdssplitargs` does.

use super::frame::{Head, Malformed};
use super::step::{ARGS_MAX, Command};

/// The words of a line, quotes and escapes resolved.
#[derive(Debug, Default)]
pub(super) struct Words {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Words {
    /// Splits a line without its end.
    pub(super) fn split(line: &[u8]) -> Result<Words, Malformed> {
        let mut words = Words::default();
        let mut rest = line.trim_ascii();
        while !rest.is_empty() {
            rest = words.word(rest)?.trim_ascii_start();
            words.ends.push(words.text.len());
        }
        Ok(words)
    }

    /// There are none.
    pub(super) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Reads one word; gives what is behind it.
    fn word<'l>(&mut self, mut rest: &'l [u8]) -> Result<&'l [u8], Malformed> {
        let mut quote = None;
        loop {
            let (&first, behind) = match (rest.split_first(), quote) {
                (Some(split), _) => split,
                (None, None) => return Ok(rest),
                (None, Some(_)) => return Err(Malformed::UnbalancedQuotes),
            };
            match (quote, first) {
                (None, b' ' | b'\t' | b'\r' | b'\n' | 0) => return Ok(behind),
                (None, b'"' | b'\'') => quote = Some(first),
                (Some(b'"'), b'\\') => {
                    rest = self.escape(behind);
                    continue;
                }
                (Some(b'\''), b'\\') if behind.first() == Some(&b'\'') => {
                    self.text.push(b'\'');
                    rest = behind.get(1..).unwrap_or_default();
                    continue;
                }
                (Some(open), _) if first == open => {
                    return match behind.first() {
                        None => Ok(behind),
                        Some(b) if b.is_ascii_whitespace() => Ok(behind),
                        Some(_) => Err(Malformed::UnbalancedQuotes),
                    };
                }
                _ => self.text.push(first),
            }
            rest = behind;
        }
    }

    fn escape<'l>(&mut self, rest: &'l [u8]) -> &'l [u8] {
        let hex = |b: u8| {
            char::from(b)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        match rest {
            [b'x', high, low, behind @ ..] => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    self.text.push(high << 4 | low);
                    return behind;
                }
                self.text.push(b'x');
                rest.get(1..).unwrap_or_default()
            }
            [first, behind @ ..] => {
                self.text.push(match first {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => *other,
                });
                behind
            }
            [] => rest,
        }
    }

    /// As a command.
    pub(super) fn command(&self, wire_len: u64) -> Command<'_> {
        let mut args = [Head::default(); ARGS_MAX];
        let mut start = 0;
        for (slot, end) in args.iter_mut().zip(&self.ends) {
            let bytes = self.text.get(start..*end).unwrap_or_default();
            *slot = Head {
                bytes,
                len: bytes.len() as u64,
            };
            start = *end;
        }
        Command {
            wire_len,
            argc: self.ends.len() as u64,
            inline: true,
            raw: None,
            args,
            kept: self.ends.len().min(ARGS_MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_the_server_splits_them() {
        let split = |line: &str| {
            Words::split(line.as_bytes()).map(|words| {
                let command = words.command(0);
                (0..8)
                    .filter_map(|i| command.arg(i))
                    .map(|h| String::from_utf8_lossy(h.bytes).into_owned())
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(split("PING").unwrap(), ["PING"]);
        assert_eq!(split("  SET a  1 ").unwrap(), ["SET", "a", "1"]);
        assert_eq!(split(r#"SET "a b" 'c d'"#).unwrap(), ["SET", "a b", "c d"]);
        assert_eq!(split(r#"SET "\x41\n" ''"#).unwrap(), ["SET", "A\n", ""]);
        assert_eq!(split(r#"SET "a"#).unwrap_err(), Malformed::UnbalancedQuotes);
        assert_eq!(
            split(r#"SET "a"b"#).unwrap_err(),
            Malformed::UnbalancedQuotes
        );
        assert!(split("").unwrap().is_empty());
    }
}
