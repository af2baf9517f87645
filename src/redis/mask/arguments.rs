//! The arguments of a command as far as they may be kept: what of them is a word of the protocol, a key, a value or a
//! secret.

use super::credentials;
use super::escape::escape;
use super::tag::{Tag, Tagger};
use crate::redis::commands::{CommandInfo, Keys, Kind, Secret};
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
        // Most commands, as most of them are shown: tags alone.
        let tags = show == Show::Tags && info.secret == Secret::None && !has_words(info);
        while tags
            && (at as u64) < command.argc
            && let Some(tag) = tagger.word(command, at)
        {
            kept.push(Argument::Tag(kind_of(info, at, command.argc), tag));
            at += 1;
        }
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

/// The tag of the first argument says all there is: nothing else has to be kept of such a command.
pub(super) fn are_one_tag(show: Show, info: &CommandInfo, argc: u64) -> bool {
    let closed = show == Show::Tags && info.secret == Secret::None;
    let tagged = info.sub.is_none() && !has_words(info) && argc == 2;
    closed && tagged && kind_of(info, 1, argc) == info.first_argument()
}

/// A password and nothing else, which stays closed.
pub(super) fn is_one_secret(show: Show, info: &CommandInfo, command: &Command<'_>) -> bool {
    let secret = info.secret == Secret::From(1) && info.sub.is_none();
    secret && show < Show::Secrets && command.argc == 2 && command.arg(1).is_some()
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

/// Some of its arguments may be words of the protocol.
fn has_words(info: &CommandInfo) -> bool {
    matches!(
        info.kind,
        Kind::Hello | Kind::ClientReply | Kind::Introduce | Kind::Replconf | Kind::Shutdown
    )
}

/// Words that say what the client wants and never carry data.
fn protocol_word(info: &CommandInfo, head: &Head<'_>) -> Option<Box<str>> {
    const WORDS: [&str; 12] = [
        "2", "3", "AUTH", "SETNAME", "ON", "OFF", "SKIP", "LIB-NAME", "LIB-VER", "ACK", "GETACK",
        "NOSAVE",
    ];
    if !has_words(info) {
        return None;
    }
    let word = std::str::from_utf8(head.bytes).ok()?.to_ascii_uppercase();
    WORDS.contains(&word.as_str()).then(|| word.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::CommandTable;
    use crate::resp::{Framer, Limits, PrintKey, Role, Step};

    /// The command is kept without its arguments; then its tag has to say the same.
    fn is_one_tag(name: &str, show: Show) -> bool {
        let mut table = CommandTable::new(10);
        let tagger = Tagger::new(PrintKey::default());
        let bytes = format!("*2\r\n${}\r\n{name}\r\n$3\r\nabc\r\n", name.len());
        let mut framer = Framer::new(Role::Commands);
        framer.set_prints(true);
        let mut rest = bytes.as_bytes();
        let Step::Command(command) = framer.step(&mut rest, &Limits::default()) else {
            panic!("{name} is no command");
        };
        let id = table.resolve(&command, true);
        let info = table.info(id);
        if !are_one_tag(show, info, command.argc) {
            return false;
        }
        let all = Arguments::of(show, &tagger, info, &command);
        let tag = tagger.word(&command, 1).unwrap_or_default();
        let one = Argument::Tag(info.first_argument(), tag);
        assert_eq!((&all.kept[..], all.more), (&[one][..], 0), "{name}");
        true
    }

    #[test]
    fn the_first_tag_says_what_the_arguments_say() {
        let one = [
            "GET",
            "DEL",
            "ECHO",
            "SELECT",
            "SUBSCRIBE",
            "MSET",
            "FOO.BAR",
        ];
        let more = ["AUTH", "HELLO", "REPLCONF", "BLPOP", "SHUTDOWN"];
        for name in one {
            assert!(is_one_tag(name, Show::Tags), "{name}");
            assert!(!is_one_tag(name, Show::Keys), "{name}");
        }
        for name in more {
            assert!(!is_one_tag(name, Show::Tags), "{name}");
        }
    }
}
