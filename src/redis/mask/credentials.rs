//! Which arguments and replies are credentials. They stay masked whatever else is opened.
//!
//! The list follows the calls of `redactClientCommandArgument` and the sensitive settings in the Redis and Valkey
//! sources, plus SENTINEL and MODULE, which the server itself does not mask.

use crate::redis::commands::{CommandInfo, Secret};
use crate::redis::hello::HelloOptions;
use crate::resp::Command;

/// What the names of settings hold whose values may be credentials: `requirepass`, `masteruser`, `tls-key-file-pass`, and
/// those of modules and of later servers.
const SECRET_SETTINGS: [&[u8]; 6] = [b"pass", b"auth", b"user", b"secret", b"key", b"token"];

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
        Secret::From(first) => SecretArgs::From(usize::from(first)),
        Secret::Hello => hello(command),
        Secret::Migrate => behind_word(command, 3, &[(b"auth", 1), (b"auth2", 2)]),
        Secret::Settings => behind_settings(command, 2),
    }
}

fn hello(command: &Command<'_>) -> SecretArgs {
    let options = HelloOptions::of(command);
    let login = options.password.map_or(0, |at| 0b11 << (at - 1));
    let rest = options.unknown.map_or(0, |at| u64::MAX << at);
    SecretArgs::Bits(login | rest)
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
        if is_secret_setting(head.bytes) {
            bits |= 1u64
                .checked_shl(u32::try_from(at + 1).unwrap_or(64))
                .unwrap_or(0);
        }
        at += 1;
    }
    SecretArgs::Bits(bits)
}

fn is_secret_setting(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let holds = |part: &&[u8]| memchr::memmem::find(&name, part).is_some();
    SECRET_SETTINGS.iter().any(holds)
}

#[cfg(test)]
mod tests {
    use super::is_secret_setting;

    #[test]
    fn settings_with_credentials_are_told_by_their_names() {
        for name in [
            "requirepass",
            "MasterAuth",
            "tls-key-file",
            "oauth-token",
            "bf-secret",
        ] {
            assert!(is_secret_setting(name.as_bytes()), "{name}");
        }
        for name in ["maxmemory", "appendonly", "save"] {
            assert!(!is_secret_setting(name.as_bytes()), "{name}");
        }
    }
}
