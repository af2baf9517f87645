//! Finds what is known of a command on the wire.

use super::info::{CommandInfo, is_of_module};
use super::recent::Recent;
use super::row::Traits;
use super::rows::ROWS;
use crate::resp::{Command, Head};
use hashbrown::HashMap;
use std::borrow::Cow;

/// Longest name that is looked up; the longest real one has 25 letters.
const NAME_MAX: usize = 40;

/// Number of a command in the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CommandId(u16);

impl CommandId {
    /// Its place in the table.
    pub fn number(self) -> u16 {
        self.0
    }
}

/// All commands seen or known.
#[derive(Debug)]
pub struct CommandTable {
    infos: Vec<CommandInfo>,
    names: HashMap<Cow<'static, [u8]>, CommandId>,
    subs: HashMap<(CommandId, Cow<'static, [u8]>), CommandId>,
    containers: Vec<bool>,
    unknown_left: usize,
    other: CommandId,
    unknown_dropped: u64,
    /// Those that are no containers.
    recent: Recent<CommandId>,
}

impl CommandTable {
    /// The known commands, with room for `unknown` more names.
    pub fn new(unknown: usize) -> CommandTable {
        let mut table = CommandTable {
            infos: Vec::with_capacity(ROWS.len() + 1),
            names: HashMap::with_capacity(ROWS.len()),
            subs: HashMap::with_capacity(ROWS.len() / 2),
            containers: Vec::new(),
            unknown_left: unknown,
            other: CommandId(0),
            unknown_dropped: 0,
            recent: Recent::new(CommandId(0)),
        };
        table.other = table.add("(OTHER)".into(), None, Traits::UNKNOWN, false);
        let rows = || ROWS.iter().map(|row| (row.name.split_once('|'), row));
        for (_, row) in rows().filter(|(parts, _)| parts.is_none()) {
            let id = table.add(row.name.into(), None, row.traits, true);
            table.names.insert(row.name.as_bytes().into(), id);
        }
        table.containers = vec![false; table.infos.len()];
        for (parts, row) in rows() {
            if let Some((name, sub)) = parts
                && let Some(&parent) = table.names.get(name.as_bytes())
            {
                if let Some(mark) = table.containers.get_mut(usize::from(parent.0)) {
                    *mark = true;
                }
                let id = table.add(name.into(), Some(sub), row.traits, true);
                table.subs.insert((parent, sub.as_bytes().into()), id);
            }
        }
        table
    }

    fn add(
        &mut self,
        name: Cow<'static, str>,
        sub: Option<&'static str>,
        traits: Traits,
        known: bool,
    ) -> CommandId {
        let id = CommandId(u16::try_from(self.infos.len()).unwrap_or(u16::MAX));
        self.infos.push(CommandInfo::new(name, sub, traits, known));
        id
    }

    /// What is known of `id`.
    pub fn info(&self, id: CommandId) -> &CommandInfo {
        let at = usize::from(id.0).min(self.infos.len() - 1);
        &self.infos[at]
    }

    /// What stands for names that are not kept.
    pub fn other(&self) -> CommandId {
        self.other
    }

    /// Unknown names that found no room any more.
    pub fn dropped(&self) -> u64 {
        self.unknown_dropped
    }

    /// `word` is the name of a known command.
    pub fn is_known(&self, word: &[u8]) -> bool {
        let mut buffer = [0; NAME_MAX];
        capitals(word, &mut buffer)
            .and_then(|name| self.names.get(name))
            .is_some_and(|id| self.info(*id).known)
    }

    /// `word`, on the wire, may be shown as the name of a command, `NAME` or `NAME|SUBCOMMAND`.
    pub fn may_name(&self, word: &[u8]) -> bool {
        let (name, sub) = match word.iter().position(|b| *b == b'|') {
            Some(at) => (word.get(..at).unwrap_or_default(), word.get(at + 1..)),
            None => (word, None),
        };
        let of_module = || std::str::from_utf8(name).is_ok_and(is_of_module);
        (self.is_known(name) || of_module()) && sub.is_none_or(|sub| self.is_subcommand(sub))
    }

    /// `word` is the name of a subcommand.
    pub fn is_subcommand(&self, word: &[u8]) -> bool {
        let mut subs = self.infos.iter().filter_map(|info| info.sub);
        subs.any(|sub| sub.as_bytes().eq_ignore_ascii_case(word))
    }

    /// A server serves a command, whatever it is called.
    pub(in crate::redis) fn serves(&mut self, id: CommandId) {
        if id == self.other {
            return;
        }
        if let Some(info) = self.infos.get_mut(usize::from(id.0)) {
            info.nameable = true;
        }
    }

    /// The name of a command as far as it may be shown.
    pub fn shown_name(&self, id: CommandId) -> &Cow<'static, str> {
        match self.info(id) {
            info if info.nameable => &info.name,
            _ => &self.info(self.other).name,
        }
    }

    /// The number of a command on the wire. Unknown names are remembered, as long as there is room. Where the stream was
    /// not followed from its start (`aligned`), an unknown word of a line may be anything, a password for example.
    #[inline]
    pub fn resolve(&mut self, command: &Command<'_>, aligned: bool) -> CommandId {
        let Some(head) = command.arg(0) else {
            return self.other;
        };
        match self.recent.find(head.bytes).filter(|_| head.is_whole()) {
            Some(id) => id,
            None => self.look_up(command, &head, aligned),
        }
    }

    /// The number of a short name that was looked up before, as it stands on the wire.
    #[inline]
    pub(in crate::redis) fn recent(&self, name: &[u8]) -> Option<CommandId> {
        self.recent.find(name)
    }

    /// Bytes are missing in the words that say what a command does: it may have changed anything.
    pub fn is_veiled(&self, command: &Command<'_>, id: CommandId) -> bool {
        let torn = |i: usize| command.arg(i).is_some_and(|word| !word.is_whole());
        let container = self.containers.get(usize::from(id.0));
        command.skipped()
            && (torn(0)
                || (container.is_some_and(|c| *c) && torn(1))
                || (self.info(id).kind == super::Kind::Hello && (1..6).any(torn)))
    }

    fn look_up(&mut self, command: &Command<'_>, head: &Head<'_>, aligned: bool) -> CommandId {
        let mut buffer = [0; NAME_MAX];
        let Some(name) = capitals(head.bytes, &mut buffer).filter(|_| head.is_whole()) else {
            return self.other;
        };
        let Some(&id) = self.names.get(name) else {
            return match aligned || !command.inline {
                true => self.intern(name),
                false => self.other,
            };
        };
        if !self.containers.get(usize::from(id.0)).is_some_and(|c| *c) {
            self.recent.note(head.bytes, id);
            return id;
        }
        let mut buffer = [0; NAME_MAX];
        command
            .arg(1)
            .and_then(|sub| {
                let sub = capitals(sub.bytes, &mut buffer)?;
                self.subs.get(&Sub(id, sub) as &dyn SubKey)
            })
            .copied()
            .unwrap_or(id)
    }

    fn intern(&mut self, name: &[u8]) -> CommandId {
        let readable = name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':' | b'|'));
        let Some(text) = std::str::from_utf8(name).ok().filter(|_| readable) else {
            return self.other;
        };
        if self.unknown_left == 0 || self.infos.len() >= usize::from(u16::MAX) {
            self.unknown_dropped += 1;
            return self.other;
        }
        self.unknown_left -= 1;
        let id = self.add(text.to_owned().into(), None, Traits::UNKNOWN, false);
        self.names.insert(name.to_vec().into(), id);
        id
    }
}

/// Looks up `(parent, subcommand)` without building an owned key.
trait SubKey {
    fn parts(&self) -> (CommandId, &[u8]);
}
struct Sub<'a>(CommandId, &'a [u8]);
impl SubKey for Sub<'_> {
    fn parts(&self) -> (CommandId, &[u8]) {
        (self.0, self.1)
    }
}
impl SubKey for (CommandId, Cow<'static, [u8]>) {
    fn parts(&self) -> (CommandId, &[u8]) {
        (self.0, &self.1)
    }
}
impl std::hash::Hash for dyn SubKey + '_ {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let (id, sub) = self.parts();
        id.hash(state);
        sub.hash(state);
    }
}
impl hashbrown::Equivalent<(CommandId, Cow<'static, [u8]>)> for dyn SubKey + '_ {
    fn equivalent(&self, key: &(CommandId, Cow<'static, [u8]>)) -> bool {
        self.parts() == (key.0, &*key.1)
    }
}

fn capitals<'b>(word: &[u8], buffer: &'b mut [u8; NAME_MAX]) -> Option<&'b [u8]> {
    let out = buffer.get_mut(..word.len())?;
    for (to, from) in out.iter_mut().zip(word) {
        *to = from.to_ascii_uppercase();
    }
    Some(out)
}
