//! The codes of error replies, for counting them.

use super::lookup::{find, first_word};
use super::text::{Speaker, Subject, Text};
use hashbrown::HashSet;

/// What has no code of its own.
const OTHER: &str = "OTHER";

/// Error codes seen so far: a bound for what a hostile server can make the reports hold.
#[derive(Debug)]
pub struct ErrorCodes {
    seen: HashSet<Box<str>>,
    limit: usize,
    dropped: u64,
}

impl ErrorCodes {
    /// Room for `limit` codes besides `OTHER`.
    pub fn new(limit: usize) -> ErrorCodes {
        ErrorCodes {
            seen: HashSet::new(),
            limit,
            dropped: 0,
        }
    }

    /// The code of an error text: its first word if that is in capitals, else `OTHER`.
    pub fn of<'t>(&mut self, text: &'t [u8]) -> &'t str {
        let word = first_word(text);
        let capital = !word.is_empty() && word.iter().all(u8::is_ascii_uppercase);
        let Some(code) = std::str::from_utf8(word)
            .ok()
            .filter(|_| capital && !is_text_in_capitals(text))
        else {
            return OTHER;
        };
        if self.seen.contains(code) {
            return code;
        }
        if self.seen.len() >= self.limit {
            self.dropped += 1;
            return OTHER;
        }
        self.seen.insert(code.into());
        code
    }

    /// Times a code found no room any more.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// Envoy says these without `ERR`: the first word is a command, not a code.
fn is_text_in_capitals(text: &[u8]) -> bool {
    let about_request = |row: &Text| matches!(row.subject, Subject::Request | Subject::Transaction);
    find(text).is_some_and(|row| row.speaker == Speaker::Envoy && about_request(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_first_words_in_capitals() {
        let mut codes = ErrorCodes::new(10);
        for (text, name) in [
            ("ERR unknown command", "ERR"),
            ("NOAUTH Authentication required.", "NOAUTH"),
            ("LOADING", "LOADING"),
            ("no upstream host", "OTHER"),
            ("EXEC without MULTI", "OTHER"),
            ("EXECABORT Transaction", "EXECABORT"),
            ("Err x", "OTHER"),
            ("", "OTHER"),
        ] {
            assert_eq!(codes.of(text.as_bytes()), name, "{text}");
        }
    }

    #[test]
    fn a_full_table_counts() {
        let mut codes = ErrorCodes::new(1);
        assert_eq!(codes.of(b"ERR x"), "ERR");
        assert_eq!(codes.of(b"MOVED 1 a:1"), "OTHER");
        assert_eq!(codes.of(b"ERR y"), "ERR");
        assert_eq!(codes.dropped(), 1);
    }
}
