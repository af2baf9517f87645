//! The arguments of a command as far as they may be kept: what of them is a word of the protocol, a key, a value or a
//! secret.

use super::credentials;
use super::escape::escape;
use super::tag::{Tag, Tagger};
use crate::redis::commands::{CommandInfo, Keys, Kind};
use crate::resp::{Command, Head};
use smallvec::SmallVec;

/// How much of arguments, keys and values may be shown. Secrets stay masked below `Secrets`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Show {
    /// Kind, ordinal and length only: `<key#3 12B>`.
    #[default]
    Tags,
    /// Keys in clear.
    Keys,
    /// Keys and values in clear.
    Values,
    /// Everything, passwords included.
    Secrets,
}

/// One argument as far as it may be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Argument {
    /// A word that is part of the protocol.
    Word(Box<str>),
    /// Never shown.
    Secret,
    /// Shown as kind, ordinal and length.
    Tag(&'static str, Tag),
    /// Shown as it is: `--show` opened it.
    Text(Box<str>),
}

/// The arguments of one command.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Arguments {
    /// The first ones.
    pub kept: SmallVec<[Argument; 2]>,
    /// How many more there were.
    pub more: u64,
}

impl Arguments {
    /// Those of `command`, masked.
    pub(super) fn of(
        show: Show,
        tagger: &Tagger,
        info: &CommandInfo,
        command: &Command<'_>,
    ) -> Arguments {
        let first = if info.sub.is_some() { 2 } else { 1 };
        let mut kept = SmallVec::new();
        if let Some(sub) = info.sub {
            kept.push(Argument::Word(sub.into()));
        }
        let secret = credentials::of(info, command);
        let mut at = first;
        while let Some(head) = command.arg(at).filter(|_| (at as u64) < command.argc) {
            let argument = match show {
                Show::Secrets => Argument::Text(escape(&head).into()),
                _ if secret.hides(at) => Argument::Secret,
                _ => open(show, tagger, info, command, at, &head),
            };
            kept.push(argument);
            at += 1;
        }
        Arguments {
            kept,
            more: command.argc.saturating_sub(at as u64),
        }
    }
}

/// An argument that is no secret.
fn open(
    show: Show,
    tagger: &Tagger,
    info: &CommandInfo,
    command: &Command<'_>,
    at: usize,
    head: &Head<'_>,
) -> Argument {
    if let Some(word) = protocol_word(info, head) {
        return Argument::Word(word);
    }
    let kind = kind_of(info, at, command.argc);
    let tag = || tagger.word(command, at).unwrap_or_default();
    let open = match kind {
        "key" => show >= Show::Keys,
        _ => show >= Show::Values,
    };
    // The name may be a renamed AUTH: its arguments stay closed.
    if open && info.known {
        Argument::Text(escape(head).into())
    } else {
        Argument::Tag(kind, tag())
    }
}

fn kind_of(info: &CommandInfo, at: usize, argc: u64) -> &'static str {
    let last = argc.saturating_sub(1);
    let key = match info.keys {
        Keys::None => false,
        Keys::First => at == 1,
        Keys::All => true,
        Keys::AllButLast => (at as u64) < last,
        Keys::Even => at % 2 == 1,
        Keys::Second => at == 2,
    };
    match (key, info.keys) {
        (true, _) => "key",
        (false, Keys::None) => "arg",
        (false, _) => "value",
    }
}

/// Words that say what the client wants and never carry data.
fn protocol_word(info: &CommandInfo, head: &Head<'_>) -> Option<Box<str>> {
    const WORDS: [&str; 12] = [
        "2", "3", "AUTH", "SETNAME", "ON", "OFF", "SKIP", "LIB-NAME", "LIB-VER", "ACK", "GETACK",
        "NOSAVE",
    ];
    let speaks = matches!(
        info.kind,
        Kind::Hello | Kind::ClientReply | Kind::Introduce | Kind::Replconf | Kind::Shutdown
    );
    if !speaks {
        return None;
    }
    let word = std::str::from_utf8(head.bytes).ok()?.to_ascii_uppercase();
    WORDS.contains(&word.as_str()).then(|| word.into())
}
