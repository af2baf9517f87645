//! Which arguments and replies are credentials. They stay masked whatever else is opened.
//!
//! The list follows the calls of `redactClientCommandArgument` and the sensitive settings in the Redis and Valkey
//! sources, plus SENTINEL and MODULE, which the server itself does not mask.

use crate::redis::commands::{CommandInfo, Secret};
use crate::resp::Command;

/// Settings whose values are credentials.
const SECRET_SETTINGS: [&[u8]; 11] = [
    b"auth-pass",
    b"auth-user",
    b"requirepass",
    b"masterauth",
    b"primaryauth",
    b"masteruser",
    b"primaryuser",
    b"tls-key-file-pass",
    b"tls-client-key-file-pass",
    b"sentinel-pass",
    b"sentinel-user",
];

/// Positions of arguments that are secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SecretArgs {
    /// None.
    None,
    /// All from this one on.
    From(usize),
    /// One bit per position; positions beyond 63 are taken as secret.
    Bits(u64),
}

impl SecretArgs {
    /// The argument at `at` (0 is the name) is secret.
    pub(super) fn hides(self, at: usize) -> bool {
        match self {
            SecretArgs::None => false,
            SecretArgs::From(first) => at >= first,
            SecretArgs::Bits(bits) => at > 63 || bits >> at & 1 == 1,
        }
    }
}

/// The secret arguments of `command`.
pub(super) fn of(info: &CommandInfo, command: &Command<'_>) -> SecretArgs {
    match info.secret {
        Secret::None => SecretArgs::None,
        Secret::From(first) => SecretArgs::From(first),
        Secret::Hello => behind_word(command, 1, &[(b"auth", 2)]),
        Secret::Migrate => behind_word(command, 3, &[(b"auth", 1), (b"auth2", 2)]),
        Secret::Settings => behind_settings(command, 2),
    }
}

fn behind_word(command: &Command<'_>, from: usize, words: &[(&[u8], usize)]) -> SecretArgs {
    let mut bits = 0u64;
    let mut at = from;
    while let Some(head) = command.arg(at) {
        let hit = words
            .iter()
            .find(|(word, _)| head.bytes.eq_ignore_ascii_case(word));
        if let Some((_, count)) = hit {
            for i in at + 1..=at + count {
                bits |= 1u64
                    .checked_shl(u32::try_from(i).unwrap_or(64))
                    .unwrap_or(0);
            }
            at += count;
        }
        at += 1;
    }
    SecretArgs::Bits(bits)
}

fn behind_settings(command: &Command<'_>, from: usize) -> SecretArgs {
    let mut bits = 0u64;
    let mut at = from;
    while let Some(head) = command.arg(at) {
        if SECRET_SETTINGS
            .iter()
            .any(|name| head.bytes.eq_ignore_ascii_case(name))
        {
            bits |= 1u64
                .checked_shl(u32::try_from(at + 1).unwrap_or(64))
                .unwrap_or(0);
        }
        at += 1;
    }
    SecretArgs::Bits(bits)
}
