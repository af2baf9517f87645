//! What may be shown of arguments and replies. Nothing reaches a finding or an output but through here.
//!
//! By default an argument is its kind, the ordinal of its first appearance and its length: `<key#3 12B>`. Equal
//! strings get equal tags. They are compared by a hash with a random key of this run, over at most
//! [`COMPARED`] bytes and the length; the hash itself is never shown.

use super::command::{CommandInfo, CommandTable, Keys, Kind};
use super::{error_text, secrets};
use crate::resp::{Command, Head, NullForm, ReplyKind};
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use std::fmt::Write as _;
use std::hash::BuildHasher;

/// How many bytes of a string take part in comparisons.
pub(super) const COMPARED: usize = 64;
/// How many characters of a text are shown at most.
const SHOWN: usize = 128;
/// What stands for a secret.
pub(super) const SECRET: &str = "<secret>";

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

/// A string that is not shown: enough to compare it and to say how long it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tag {
    /// Keyed hash of its first bytes and its length.
    pub hash: u64,
    /// Length in bytes.
    pub len: u64,
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
    pub kept: Vec<Argument>,
    /// How many more there were.
    pub more: u64,
}

/// Hands out tags and hides what must not be seen.
#[derive(Debug)]
pub struct Redactor {
    show: Show,
    state: RandomState,
    ordinals: HashMap<u64, u32>,
    limit: usize,
    over: u64,
}

impl Redactor {
    /// With room for `limit` ordinals.
    pub fn new(show: Show, limit: usize) -> Redactor {
        Redactor {
            show,
            state: RandomState::default(),
            ordinals: HashMap::new(),
            limit,
            over: 0,
        }
    }

    /// Strings that got no ordinal because there were too many.
    pub fn over_limit(&self) -> u64 {
        self.over
    }

    /// The tag of a string.
    pub fn tag(&self, head: &Head<'_>) -> Tag {
        let compared = head.bytes.get(..COMPARED).unwrap_or(head.bytes);
        Tag {
            hash: self.state.hash_one((compared, head.len)),
            len: head.len,
        }
    }

    /// The arguments of `command`, masked.
    pub fn arguments(&self, info: &CommandInfo, command: &Command<'_>) -> Arguments {
        let first = if info.sub.is_some() { 2 } else { 1 };
        let mut kept = Vec::new();
        if let Some(sub) = info.sub {
            kept.push(Argument::Word(sub.into()));
        }
        let secret = secrets::of(info, command);
        let mut at = first;
        while let Some(head) = command.arg(at).filter(|_| (at as u64) < command.argc) {
            kept.push(self.argument(info, at, command.argc, &head, secret.hides(at)));
            at += 1;
        }
        Arguments {
            kept,
            more: command.argc.saturating_sub(at as u64),
        }
    }

    fn argument(
        &self,
        info: &CommandInfo,
        at: usize,
        argc: u64,
        head: &Head<'_>,
        secret: bool,
    ) -> Argument {
        if self.show == Show::Secrets {
            return Argument::Text(escape(head).into());
        }
        if secret {
            return Argument::Secret;
        }
        if let Some(word) = protocol_word(info, head) {
            return Argument::Word(word);
        }
        let kind = kind_of(info, at, argc);
        let open = match kind {
            "key" => self.show >= Show::Keys,
            _ => self.show >= Show::Values,
        };
        // The name may be a renamed AUTH: its arguments stay closed.
        if open && info.known {
            Argument::Text(escape(head).into())
        } else {
            Argument::Tag(kind, self.tag(head))
        }
    }

    /// The arguments as shown.
    pub fn render(&mut self, arguments: &Arguments) -> Vec<String> {
        let mut out: Vec<String> = arguments
            .kept
            .iter()
            .map(|argument| match argument {
                Argument::Word(word) => word.to_string(),
                Argument::Secret => SECRET.to_owned(),
                Argument::Tag(kind, tag) => self.render_tag(kind, *tag),
                Argument::Text(text) => text.to_string(),
            })
            .collect();
        if arguments.more > 0 {
            out.push(format!("(+{})", arguments.more));
        }
        out
    }

    /// `<key#3 12B>`, or `<key 12B>` when the table of ordinals is full.
    pub fn render_tag(&mut self, kind: &str, tag: Tag) -> String {
        let next = u32::try_from(self.ordinals.len() + 1).unwrap_or(u32::MAX);
        let ordinal = match self.ordinals.get(&tag.hash) {
            Some(ordinal) => *ordinal,
            None if self.ordinals.len() < self.limit => {
                self.ordinals.insert(tag.hash, next);
                next
            }
            None => {
                self.over += 1;
                return format!("<{kind} {}B>", tag.len);
            }
        };
        format!("<{kind}#{ordinal} {}B>", tag.len)
    }

    /// A reply as shown: `+OK`, `-NOAUTH Authentication required.`, `$<value#2 5B>`, `*3`.
    pub fn reply(
        &mut self,
        info: Option<&CommandInfo>,
        reply: &Shape<'_>,
        table: &CommandTable,
    ) -> String {
        let head = &reply.head;
        match reply.kind {
            ReplyKind::Simple => self.simple(head),
            ReplyKind::Error | ReplyKind::BulkError => {
                let sign = if reply.kind == ReplyKind::Error {
                    '-'
                } else {
                    '!'
                };
                format!("{sign}{}", self.error(info, head, table))
            }
            ReplyKind::Null => match reply.null {
                Some(NullForm::Array) => "*-1".to_owned(),
                Some(NullForm::Resp3) => "_".to_owned(),
                _ => "$-1".to_owned(),
            },
            ReplyKind::Array => format!("*{}", reply.elements),
            ReplyKind::Map => format!("%{}", reply.elements / 2),
            ReplyKind::Set => format!("~{}", reply.elements),
            ReplyKind::Push => format!(">{}", reply.elements),
            ReplyKind::Integer => self.value(':', info, head),
            ReplyKind::Bulk => self.value('$', info, head),
            ReplyKind::Double => self.value(',', info, head),
            ReplyKind::Boolean => self.value('#', info, head),
            ReplyKind::BigNumber => self.value('(', info, head),
            ReplyKind::Verbatim => self.value('=', info, head),
        }
    }

    fn value(&mut self, sign: char, info: Option<&CommandInfo>, head: &Head<'_>) -> String {
        let open = match self.show {
            Show::Secrets => true,
            Show::Values => info.is_some_and(|i| i.known && !secrets::reply_is_secret(i)),
            _ => false,
        };
        if open {
            format!("{sign}{}", escape(head))
        } else {
            let tag = self.tag(head);
            format!("{sign}{}", self.render_tag("value", tag))
        }
    }

    fn simple(&mut self, head: &Head<'_>) -> String {
        const STATUS: [&[u8]; 12] = [
            b"OK",
            b"PONG",
            b"QUEUED",
            b"RESET",
            b"string",
            b"list",
            b"set",
            b"zset",
            b"hash",
            b"stream",
            b"none",
            b"Background saving started",
        ];
        let plain = STATUS.contains(&head.bytes)
            || head.bytes.starts_with(b"CONTINUE")
            || head.bytes.starts_with(b"FULLRESYNC");
        if plain || self.show == Show::Secrets {
            format!("+{}", escape(head))
        } else {
            let tag = self.tag(head);
            format!("+{}", self.render_tag("value", tag))
        }
    }

    /// An error text. Errors echo arguments, so only texts of known shape are shown in full.
    fn error(&self, info: Option<&CommandInfo>, head: &Head<'_>, table: &CommandTable) -> String {
        if self.show == Show::Secrets {
            return escape(head);
        }
        let echoes = info
            .is_none_or(|i| !i.known || matches!(i.kind, Kind::Script | Kind::Auth | Kind::Hello));
        error_text::masked(head, echoes, |word| table.is_known(word))
    }
}

/// What of a reply is needed to show and to judge it.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// Its type.
    pub kind: ReplyKind,
    /// Which null.
    pub null: Option<NullForm>,
    /// Text, or the beginning of a string.
    pub head: Head<'a>,
    /// Declared number of elements.
    pub elements: u64,
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
    let word = std::str::from_utf8(head.bytes).ok()?.to_ascii_uppercase();
    (speaks && WORDS.contains(&word.as_str())).then(|| word.into())
}

/// UTF-8 as it is, everything else as `\xNN`; a mark behind what was cut.
pub fn escape(head: &Head<'_>) -> String {
    let mut out = String::with_capacity(head.bytes.len());
    let shown = head.bytes.get(..SHOWN).unwrap_or(head.bytes);
    for chunk in shown.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() || c == '\\' {
                let mut utf8 = [0; 4];
                for b in c.encode_utf8(&mut utf8).bytes() {
                    let _ = write!(out, "\\x{b:02x}");
                }
            } else {
                out.push(c);
            }
        }
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    if head.len > shown.len() as u64 {
        let _ = write!(out, "…({}B)", head.len);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(bytes: &[u8]) -> Head<'_> {
        Head {
            bytes,
            len: bytes.len() as u64,
        }
    }

    #[test]
    fn equal_strings_get_equal_tags() {
        let mut redactor = Redactor::new(Show::Tags, 2);
        let (a, b, c) = (
            redactor.tag(&head(b"alpha")),
            redactor.tag(&head(b"beta")),
            redactor.tag(&head(b"gamma")),
        );
        assert_eq!(redactor.render_tag("key", a), "<key#1 5B>");
        assert_eq!(redactor.render_tag("key", b), "<key#2 4B>");
        assert_eq!(redactor.render_tag("key", a), "<key#1 5B>");
        assert_eq!(redactor.render_tag("key", c), "<key 5B>");
        assert_eq!(redactor.over_limit(), 1);
    }

    #[test]
    fn bytes_that_are_no_text_are_escaped() {
        assert_eq!(escape(&head(b"a\xff\n\\z")), "a\\xff\\x0a\\x5cz");
    }
}
