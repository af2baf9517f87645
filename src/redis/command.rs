//! Command names: what each is, what it may answer, and which of its arguments are keys.

use super::answerer::{self, Answerer};
use super::class::Forms;
use super::effects::{self, Effects};
use super::command_data::{COMMANDS, CONTAINERS};
use crate::resp::Command;
use hashbrown::HashMap;

/// Longest name that is looked up; the longest real one has 25 letters.
const NAME_MAX: usize = 40;

/// Which arguments (behind the name) are keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keys {
    /// None that could be told by position.
    None,
    /// The first.
    First,
    /// All.
    All,
    /// All but the last, which is a timeout.
    AllButLast,
    /// The first, third, fifth …
    Even,
    /// The one behind the subcommand.
    Second,
}

/// Commands that change how replies are counted or who the client is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// One reply, no state.
    Ordinary,
    /// AUTH.
    Auth,
    /// HELLO, with or without AUTH.
    Hello,
    /// MULTI.
    Multi,
    /// EXEC.
    Exec,
    /// DISCARD.
    Discard,
    /// QUIT: answered to everybody, logged in or not.
    Quit,
    /// RESET.
    Reset,
    /// SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE.
    Subscribe,
    /// UNSUBSCRIBE, PUNSUBSCRIBE, SUNSUBSCRIBE.
    Unsubscribe,
    /// MONITOR.
    Monitor,
    /// CLIENT REPLY ON|OFF|SKIP.
    ClientReply,
    /// SYNC, PSYNC: the connection turns into a replication stream.
    Sync,
    /// REPLCONF: ACK and GETACK get no reply.
    Replconf,
    /// SHUTDOWN: no reply when it works.
    Shutdown,
    /// ECHO, PING: the payload comes back.
    Echo,
    /// INFO.
    Info,
    /// CLIENT SETINFO, CLIENT SETNAME.
    Introduce,
    /// EVAL, FCALL and their kin: a script may answer anything, errors of any text included.
    Script,
    /// MGET: a proxy asks for each key by itself and may put an error between the values.
    ManyKeys,
    /// CLIENT PAUSE.
    Pause,
    /// CLIENT UNPAUSE.
    Unpause,
    /// XREAD, XREADGROUP: may block.
    StreamRead,
    /// DEBUG, SCRIPT DEBUG: may change the protocol.
    Debug,
}

/// One command, or container with subcommand.
#[derive(Clone, Debug)]
pub struct CommandInfo {
    /// First word, in capitals.
    pub name: Box<str>,
    /// Subcommand in capitals, when it belongs to the name.
    pub sub: Option<&'static str>,
    /// What it may answer besides errors and `+QUEUED`.
    pub forms: Forms,
    /// Which arguments are keys.
    pub keys: Keys,
    /// What it does to the session.
    pub kind: Kind,
    /// Who answers it behind a proxy.
    pub answerer: Answerer,
    /// What it does to others.
    pub effects: Effects,
    /// It may wait for other clients.
    pub blocking: bool,
    /// In the command table. Others may answer anything and prove nothing.
    pub known: bool,
}

impl CommandInfo {
    /// What the first argument is: `key` or `arg`.
    pub fn first_argument(&self) -> &'static str {
        match self.keys {
            Keys::First | Keys::All | Keys::AllButLast | Keys::Even => "key",
            Keys::None | Keys::Second => "arg",
        }
    }
}

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
    names: HashMap<Box<[u8]>, CommandId>,
    subs: HashMap<(CommandId, Box<[u8]>), CommandId>,
    containers: Vec<bool>,
    unknown_left: usize,
    other: CommandId,
    unknown_dropped: u64,
}

impl CommandTable {
    /// The known commands, with room for `unknown` more names.
    pub fn new(unknown: usize) -> CommandTable {
        let mut table = CommandTable {
            infos: Vec::with_capacity(512),
            names: HashMap::new(),
            subs: HashMap::new(),
            containers: Vec::new(),
            unknown_left: unknown,
            other: CommandId(0),
            unknown_dropped: 0,
        };
        table.other = table.add("(OTHER)", None, Forms::ANY, Keys::None, false);
        for (name, letters, keys) in COMMANDS {
            if !name.contains('|') {
                let id = table.add(name, None, Forms::parse(letters), *keys, true);
                table.names.insert(name.as_bytes().into(), id);
            }
        }
        for name in CONTAINERS {
            if !table.names.contains_key(name.as_bytes()) {
                let id = table.add(name, None, Forms::ANY, Keys::None, true);
                table.names.insert(name.as_bytes().into(), id);
            }
        }
        table.containers = vec![false; table.infos.len()];
        for (full, letters, keys) in COMMANDS {
            if let Some((name, sub)) = full.split_once('|')
                && let Some(&parent) = table.names.get(name.as_bytes())
            {
                if let Some(mark) = table.containers.get_mut(usize::from(parent.0)) {
                    *mark = true;
                }
                let id = table.add(name, Some(sub), Forms::parse(letters), *keys, true);
                table.subs.insert((parent, sub.as_bytes().into()), id);
            }
        }
        table
    }

    fn add(
        &mut self,
        name: &str,
        sub: Option<&'static str>,
        forms: Forms,
        keys: Keys,
        known: bool,
    ) -> CommandId {
        let id = CommandId(u16::try_from(self.infos.len()).unwrap_or(u16::MAX));
        self.infos.push(CommandInfo {
            name: name.into(),
            sub,
            forms,
            keys,
            kind: kind_of(name, sub),
            answerer: answerer::of(name),
            effects: effects::of(name, sub),
            blocking: is_blocking(name),
            known,
        });
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

    /// The number of a command on the wire. Unknown names are remembered, as long as there is room. Where the stream was
    /// not followed from its start (`aligned`), an unknown word of a line may be anything, a password for example.
    pub fn resolve(&mut self, command: &Command<'_>, aligned: bool) -> CommandId {
        let mut buffer = [0; NAME_MAX];
        let Some(head) = command.arg(0) else {
            return self.other;
        };
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
        let id = self.add(text, None, Forms::ANY, Keys::None, false);
        self.names.insert(name.into(), id);
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
impl SubKey for (CommandId, Box<[u8]>) {
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
impl hashbrown::Equivalent<(CommandId, Box<[u8]>)> for dyn SubKey + '_ {
    fn equivalent(&self, key: &(CommandId, Box<[u8]>)) -> bool {
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

fn kind_of(name: &str, sub: Option<&str>) -> Kind {
    match (name, sub) {
        ("AUTH", _) => Kind::Auth,
        ("HELLO", _) => Kind::Hello,
        ("MULTI", _) => Kind::Multi,
        ("EXEC", _) => Kind::Exec,
        ("DISCARD", _) => Kind::Discard,
        ("QUIT", _) => Kind::Quit,
        ("RESET", _) => Kind::Reset,
        ("SUBSCRIBE" | "PSUBSCRIBE" | "SSUBSCRIBE", _) => Kind::Subscribe,
        ("UNSUBSCRIBE" | "PUNSUBSCRIBE" | "SUNSUBSCRIBE", _) => Kind::Unsubscribe,
        ("MONITOR", _) => Kind::Monitor,
        ("CLIENT", Some("REPLY")) => Kind::ClientReply,
        ("MGET", _) => Kind::ManyKeys,
        ("CLIENT", Some("PAUSE")) => Kind::Pause,
        ("CLIENT", Some("UNPAUSE")) => Kind::Unpause,
        ("XREAD" | "XREADGROUP", _) => Kind::StreamRead,
        ("CLIENT", Some("SETINFO" | "SETNAME")) => Kind::Introduce,
        ("SYNC" | "PSYNC", _) => Kind::Sync,
        ("REPLCONF", _) => Kind::Replconf,
        ("SHUTDOWN", _) => Kind::Shutdown,
        ("ECHO" | "PING", _) => Kind::Echo,
        ("INFO", _) => Kind::Info,
        ("EVAL" | "EVALSHA" | "EVAL_RO" | "EVALSHA_RO" | "FCALL" | "FCALL_RO", _) => Kind::Script,
        ("DEBUG", _) | ("SCRIPT", Some("DEBUG")) => Kind::Debug,
        _ => Kind::Ordinary,
    }
}

fn is_blocking(name: &str) -> bool {
    matches!(
        name,
        "BLPOP"
            | "BRPOP"
            | "BRPOPLPUSH"
            | "BLMOVE"
            | "BLMPOP"
            | "BZPOPMIN"
            | "BZPOPMAX"
            | "BZMPOP"
            | "WAIT"
            | "WAITAOF"
            | "SYNC"
            | "PSYNC"
            | "MONITOR"
            | "DEBUG"
            | "MIGRATE"
            | "SHUTDOWN"
            | "FAILOVER"
    )
}
