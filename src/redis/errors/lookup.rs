//! Finds an error text in the table.

use super::table::TEXTS;
use super::text::{Subject, Text};
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// The rows of the table by their first byte, which already sorts out nearly all: a refused command is looked up by each
/// that wants to know what it means.
static BY_FIRST: LazyLock<Vec<Vec<&'static Text>>> = LazyLock::new(|| {
    let mut rows = vec![Vec::new(); 256];
    for row in TEXTS {
        let first = row.start.as_bytes().first();
        if let Some(place) = first.and_then(|byte| rows.get_mut(usize::from(*byte))) {
            place.push(row);
        }
    }
    rows
});

/// The row of an error text: of those that begin it the longest.
pub fn find(error: &[u8]) -> Option<&'static Text> {
    BY_FIRST
        .get(usize::from(*error.first()?))?
        .iter()
        .copied()
        .filter(|row| row.begins(error))
        .max_by_key(|row| row.start.len())
}

/// Bytes up to the first space.
pub fn first_word(text: &[u8]) -> &[u8] {
    text.split(|b| *b == b' ').next().unwrap_or_default()
}

/// What an error text is about.
pub fn subject(error: &[u8]) -> Subject {
    match find(error) {
        _ if is_aborted_noauth(error) => Subject::NoAuth,
        _ if is_no_password_set(error) => Subject::NoPasswordSet,
        row => row.map_or(Subject::Other, |row| row.subject),
    }
}

/// EXEC that was discarded because the client is not logged in.
fn is_aborted_noauth(error: &[u8]) -> bool {
    first_word(error) == b"EXECABORT" && memchr::memmem::find(error, b"NOAUTH").is_some()
}

/// Whatever the words in front of it are.
fn is_no_password_set(error: &[u8]) -> bool {
    static WORDS: LazyLock<Finder<'static>> =
        LazyLock::new(|| Finder::new("without any password configured"));
    WORDS.find(error).is_some()
}

/// The server says the client is not logged in: `NOAUTH …`, EXEC that was discarded because of it, or the text of Redis
/// before 2.8.
pub fn is_noauth(error: &[u8]) -> bool {
    subject(error) == Subject::NoAuth
}

/// A refusal of credentials that no other command can be answered with.
pub fn is_auth_only(error: &[u8]) -> bool {
    subject(error).is_about_credentials()
}

/// Redis since version 6 and Valkey refuse with this text, and the connection stays what it was. Proxies that say
/// WRONGPASS say it without the end, and log out.
pub fn keeps_login(error: &[u8]) -> bool {
    find(error).is_some_and(|row| row.keeps_login)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(is_noauth(b"ERR operation not permitted"));
        assert!(!is_noauth(b"NOAUTHX"));
    }
}
