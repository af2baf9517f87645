//! Error replies: their codes, and what a few of their texts mean.

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
            .filter(|_| capital && !is_proxy_text_in_capitals(text))
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

/// Bytes up to the first space.
pub fn first_word(text: &[u8]) -> &[u8] {
    text.split(|b| *b == b' ').next().unwrap_or_default()
}

/// Envoy says these without `ERR`: the first word is a command, not a code.
fn is_proxy_text_in_capitals(text: &[u8]) -> bool {
    text.starts_with(b"EXEC without ")
        || text.starts_with(b"DISCARD without ")
        || text.starts_with(b"MULTI calls ")
}

/// The server says the client is not authenticated: `NOAUTH …`, or EXEC that was discarded because of it.
pub fn is_noauth(text: &[u8]) -> bool {
    first_word(text) == b"NOAUTH"
        || (first_word(text) == b"EXECABORT" && memchr::memmem::find(text, b"NOAUTH").is_some())
}

/// The error speaks about the request itself, before any auth check: it says nothing about authentication.
pub fn is_about_request(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 21] = [
        b"ERR unknown command",
        b"unsupported command",
        b"ERR unknown subcommand",
        b"ERR Unknown subcommand",
        b"ERR wrong number of arguments",
        b"wrong number of arguments",
        b"invalid request",
        b"ERR Protocol error",
        b"ERR syntax error",
        b"ERR Syntax error",
        b"NOPROTO",
        b"ERR Protocol version is not",
        b"ERR Client names cannot",
        b"ERR HELLO options like",
        b"ERR Can't execute",
        b"ERR only (P)SUBSCRIBE",
        b"ERR only (P|S)SUBSCRIBE",
        b"ERR command not allowed",
        b"ERR EXEC without MULTI",
        b"ERR DISCARD without MULTI",
        b"ERR MULTI calls can not be nested",
    ];
    STARTS.iter().any(|start| text.starts_with(start))
}

/// EXEC or DISCARD without MULTI: no other command can be answered with that.
pub fn is_about_transaction(text: &[u8]) -> bool {
    text.starts_with(b"ERR EXEC without MULTI") || text.starts_with(b"ERR DISCARD without MULTI")
}

/// A refusal of credentials that no other command can be answered with.
pub fn is_auth_only(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 8] = [
        b"WRONGPASS",
        b"ERR invalid password",
        b"ERR AUTH <password>",
        b"ERR Client sent AUTH",
        b"ERR unauthorized",
        b"ERR external authentication failed",
        b"ERR invalid username-password",
        b"ERR auth permission deny",
    ];
    STARTS.iter().any(|start| text.starts_with(start))
}

/// Redis since version 6 and Valkey refuse with this text, and the connection stays what it was. Proxies that say
/// WRONGPASS say it without the end, and log out.
pub fn keeps_login(text: &[u8]) -> bool {
    text.starts_with(b"WRONGPASS invalid username-password pair or user is disabled")
}

/// No password is set on the server: not a refusal of this one.
pub fn is_no_password_set(text: &[u8]) -> bool {
    text.starts_with(b"ERR Client sent AUTH, but no")
        || memchr::memmem::find(text, b"without any password configured").is_some()
}

/// The proxy could not ask its auth service.
pub fn is_auth_service_failure(text: &[u8]) -> bool {
    text.starts_with(b"ERR external authentication failed")
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

    #[test]
    fn noauth_in_all_its_forms() {
        assert!(is_noauth(b"NOAUTH Authentication required."));
        assert!(is_noauth(b"NOAUTH Authentication required"));
        assert!(is_noauth(
            b"EXECABORT Transaction discarded because of: NOAUTH Authentication required."
        ));
        assert!(!is_noauth(
            b"EXECABORT Transaction discarded because of previous errors."
        ));
        assert!(!is_noauth(b"NOAUTHX"));
    }
}
