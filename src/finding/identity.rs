//! What names a finding in every run and every revision: a hash over what it is about.

use super::model::{Moment, Scope};
use sha1::{Digest, Sha1};

/// A hash as sixteen hex digits.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hash = Sha1::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let hash = hash.finalize();
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    let mut id = String::with_capacity(16);
    for byte in hash.iter().take(8) {
        id.push(digit(byte >> 4));
        id.push(digit(byte & 15));
    }
    id
}

/// What tells one finding of a rule from another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Identity {
    /// A connection: by the first packet, and which command of that packet.
    Connection(Moment, u64),
    /// A client, an endpoint or the capture, by name.
    Named(Scope, String),
}

impl Identity {
    /// About what the finding is.
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Identity::Connection(..) => Scope::Connection,
            Identity::Named(scope, _) => *scope,
        }
    }

    /// The finding's `id`.
    pub(crate) fn id(&self, rule: &str) -> String {
        match self {
            Identity::Connection(first, index) => digest(&[
                rule,
                Scope::Connection.name(),
                &first.at.file().to_string(),
                &first.at.number().to_string(),
                &index.to_string(),
            ]),
            Identity::Named(scope, name) => digest(&[rule, scope.name(), name]),
        }
    }
}
