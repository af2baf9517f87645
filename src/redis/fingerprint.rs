//! Who is at the two ends: the client library and the server software, as they say themselves.

use super::commands::{CommandInfo, Kind};
use super::hello::HelloOptions;
use super::mask::{Redactor, Tag};
use crate::resp::{Command, Head, value};
use smallvec::SmallVec;

/// Length limit of a name taken over from the wire.
const NAME_MAX: usize = 64;
/// Names of one connection that are kept: of so many in a row that are refused the one before them is not known.
pub const NAMES_MAX: usize = 8;

/// What a connection says about its ends.
#[derive(Clone, Debug, Default)]
pub struct Fingerprint {
    /// What the client says of itself; most connections say nothing.
    said: Option<Box<Said>>,
    /// A guess from the handshake.
    hint: Option<&'static str>,
    first: [Option<u8>; 2],
}

#[derive(Clone, Debug, Default)]
struct Said {
    library: Option<String>,
    version: Option<String>,
    /// Names that the client gave the connection, the last ones, each with the number of its command.
    names: SmallVec<[(u64, Option<Tag>); 1]>,
}

/// Commands of the handshake that are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opening {
    Auth = 1,
    Tracer = 2,
    Other = 3,
}

impl Fingerprint {
    /// The library's name and version.
    pub fn library(&self) -> Option<String> {
        let said = self.said.as_deref();
        let (library, version) =
            said.map_or((None, None), |s| (s.library.as_ref(), s.version.as_ref()));
        match (library, version, self.hint) {
            (Some(name), Some(version), _) => Some(format!("{name} {version}")),
            (Some(name), None, _) => Some(name.clone()),
            (None, _, Some(hint)) => Some(format!("{hint} (by its handshake)")),
            (None, _, None) => None,
        }
    }

    /// The name that the client gave the connection (CLIENT SETNAME, HELLO … SETNAME), the last one that was not refused;
    /// an empty one is none. `refused`: numbers of commands.
    pub fn name(&self, refused: &[u64]) -> Option<Tag> {
        let names = self.said.as_ref()?.names.iter().rev();
        let mut stands = names.filter(|(index, _)| !refused.contains(index));
        stands.next()?.1.filter(|name| name.len > 0)
    }

    /// Looks at a command of the client.
    pub fn note(
        &mut self,
        info: &CommandInfo,
        index: u64,
        command: &Command<'_>,
        redactor: &Redactor,
    ) {
        if index < 2 {
            self.opening(info, index, command);
        }
        match (info.kind, info.sub) {
            (Kind::Introduce, Some("SETINFO")) => self.set_info(command),
            (Kind::Introduce, _) => self.note_name(index, command, Some(2), redactor),
            (Kind::Hello, _) => {
                let name = HelloOptions::of(command).name;
                self.note_name(index, command, name, redactor);
            }
            _ => {}
        }
    }

    fn set_info(&mut self, command: &Command<'_>) {
        let text = command.arg(3).and_then(plain);
        // No server takes a name with a space in it.
        let text = text.filter(|text| !text.contains(' '));
        let (Some(what), Some(text)) = (command.arg(2), text) else {
            return;
        };
        if what.bytes.eq_ignore_ascii_case(b"lib-name") {
            self.said.get_or_insert_default().library = Some(text);
        } else if what.bytes.eq_ignore_ascii_case(b"lib-ver") {
            self.said.get_or_insert_default().version = Some(text);
        }
    }

    /// StackExchange.Redis ends the connection name with `(SE.Redis-v2.8.16.12844)`.
    fn note_name(
        &mut self,
        index: u64,
        command: &Command<'_>,
        at: Option<usize>,
        redactor: &Redactor,
    ) {
        let Some((at, name)) = at.and_then(|at| Some((at, command.arg(at)?))) else {
            return;
        };
        let said = self.said.get_or_insert_default();
        if !command.skipped() {
            if said.names.len() >= NAMES_MAX {
                said.names.remove(0);
            }
            said.names.push((index, redactor.word_tag(command, at)));
        }
        let Some(start) = memchr::memmem::find(name.bytes, b"(SE.Redis-v") else {
            return;
        };
        let version = name.bytes.get(start + 11..).unwrap_or_default();
        let version = version.split(|b| *b == b')').next().unwrap_or_default();
        if said.library.is_none() {
            said.library = Some("SE.Redis".to_owned());
            said.version = plain(Head {
                bytes: version,
                len: version.len() as u64,
            });
        }
    }

    /// AUTH and then a tracer of 16 bytes (ECHO, in 2.1 EXISTS) is how StackExchange.Redis greets a proxy.
    fn opening(&mut self, info: &CommandInfo, index: u64, command: &Command<'_>) {
        let payload = command.arg(1).map(|a| a.len);
        let opening = match (info.kind, &*info.name) {
            (Kind::Auth, _) => Opening::Auth,
            (_, "ECHO" | "EXISTS") if payload == Some(16) => Opening::Tracer,
            _ => Opening::Other,
        };
        if let Some(slot) = self
            .first
            .get_mut(usize::try_from(index).unwrap_or(usize::MAX))
        {
            *slot = Some(opening as u8);
        }
        if self.first == [Some(Opening::Auth as u8), Some(Opening::Tracer as u8)] {
            self.hint = Some("StackExchange.Redis");
        }
    }
}

fn plain(head: Head<'_>) -> Option<String> {
    let text = std::str::from_utf8(head.bytes).ok()?;
    let printable = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    (printable && head.len <= NAME_MAX as u64 && !text.is_empty()).then(|| text.to_owned())
}

/// Product and version from a HELLO or INFO reply.
pub fn software(kind: Kind, raw: &[u8]) -> Option<String> {
    let reply = value::decode(raw)?;
    match kind {
        Kind::Hello => {
            let product = reply.map_get("server")?.as_text()?;
            let version = reply.map_get("version").and_then(|v| v.as_text());
            Some(join(&product, version.as_deref()))
        }
        Kind::Info => {
            let text = reply.as_text()?;
            let field = |name: &str| {
                text.lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
                    .map(|v| v.trim().to_owned())
            };
            if let Some(version) = field("valkey_version") {
                return Some(join("valkey", Some(&version)));
            }
            field("redis_version").map(|v| join("redis", Some(&v)))
        }
        _ => None,
    }
}

fn join(product: &str, version: Option<&str>) -> String {
    let shorten = |text: &str| {
        text.chars()
            .filter(char::is_ascii_graphic)
            .take(NAME_MAX)
            .collect::<String>()
    };
    match version {
        Some(version) => format!("{} {}", shorten(product), shorten(version)),
        None => shorten(product),
    }
}
