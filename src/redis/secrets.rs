//! Which arguments and replies are credentials. They stay masked whatever else is opened.
//!
//! The list follows the calls of `redactClientCommandArgument` and the sensitive settings in the Redis and Valkey
//! sources, plus SENTINEL and MODULE, which the server itself does not mask.

use super::command::{CommandInfo, Kind};
use crate::resp::Command;

/// Settings whose values are credentials.
const SECRET_SETTINGS: [&[u8]; 9] = [
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
    match (&*info.name, info.sub, info.kind) {
        (_, _, Kind::Auth) => SecretArgs::From(1),
        (_, _, Kind::Hello) => behind_word(command, 1, &[(b"auth", 2)]),
        ("CONFIG", Some("SET"), _) => behind_settings(command, 2, &SECRET_SETTINGS),
        // As the server does for its own log: a password whose sign was forgotten looks like nothing in particular.
        ("ACL", Some("SETUSER"), _) => SecretArgs::From(2),
        ("MIGRATE", ..) => behind_word(command, 3, &[(b"auth", 1), (b"auth2", 2)]),
        ("SENTINEL", Some("SET" | "CONFIG"), _) => behind_settings(
            command,
            2,
            &[
                b"auth-pass",
                b"auth-user",
                b"sentinel-pass",
                b"sentinel-user",
            ],
        ),
        ("MODULE", Some("LOAD" | "LOADEX"), _) => SecretArgs::From(2),
        // Container with an unknown subcommand: nothing is known of its arguments.
        ("CONFIG" | "ACL" | "SENTINEL" | "MODULE", None, _) => SecretArgs::From(1),
        _ => SecretArgs::None,
    }
}

/// Replies of `info` may hold credentials.
pub(super) fn reply_is_secret(info: &CommandInfo) -> bool {
    matches!(
        &*info.name,
        "CONFIG" | "ACL" | "SENTINEL" | "MONITOR" | "SLOWLOG" | "AUTH" | "HELLO" | "MODULE"
    )
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

fn behind_settings(command: &Command<'_>, from: usize, names: &[&[u8]]) -> SecretArgs {
    let mut bits = 0u64;
    let mut at = from;
    while let Some(head) = command.arg(at) {
        if names
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
