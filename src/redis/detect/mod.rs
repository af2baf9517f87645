//! What a connection speaks, told by its content on any port.

mod blanks;
mod first_bytes;
mod roles;
mod verdict;

pub(super) use first_bytes::inline_word;
pub use verdict::Verdict;

use super::commands::CommandTable;
use super::frame_kinds::is_confirmation;
use super::proxy_header;
use crate::model::{Endpoint, Side};
use crate::resp::{
    self, Framer, Limits, Start, behind_space, starts_command, starts_reply, starts_strings,
};
use crate::tcp::{Chunk, FlowMeta, Gap};
use first_bytes::{GREETINGS, UNKNOWN_WORD};
use first_bytes::{begins_with_one_of, first_bulk, first_of_server, foreign};
use roles::{Begins, Roles};
use std::borrow::Cow;

/// Chunks looked at before a connection counts as something else.
const CHUNKS_MAX: usize = 32;
/// Chunks of fewer bytes than this on average say little: so many more of them are looked at.
const TINY: usize = 16;
const TINY_CHUNKS_MAX: usize = 8 * CHUNKS_MAX;
/// A word longer than this starts no inline command.
const LINE_MAX: usize = 64;
/// Bytes kept while it is undecided.
const BYTES_MAX: usize = 64 << 10;
/// The port Redis has by default, and the one often used for TLS.
const DEFAULT_PORTS: [u16; 2] = [6379, 6380];

/// A chunk kept until it is decided whose it is.
#[derive(Debug)]
pub struct Kept {
    side: Side,
    offset: i64,
    bytes: Box<[u8]>,
    time: crate::model::Timestamp,
    at: crate::model::PacketRef,
    ack: Option<i64>,
    acked: i64,
}

impl Kept {
    /// As it came.
    pub fn chunk(&self) -> Chunk<'_> {
        Chunk {
            side: self.side,
            offset: self.offset,
            bytes: &self.bytes,
            time: self.time,
            at: self.at,
            ack: self.ack,
            acked: self.acked,
        }
    }
}

/// A connection that is not recognised yet.
#[derive(Debug, Default)]
pub struct Probe {
    kept: Vec<Kept>,
    bytes: usize,
    /// The client began with an inline command, or with one whose name is no word; its answer decides.
    inline: Option<Side>,
    /// … and it is no command that is known, on a port that is none of Redis.
    unknown_word: bool,
    /// … and its server is Redis by its port.
    by_port: bool,
    /// … and what it began with is no line of a client that is known: only an answer of Redis tells that it is one.
    odd: bool,
    /// The server spoke before the client did, as in POP3, or what the client said first was not captured.
    server_began: bool,
    /// … and it had received nothing then: Redis does not greet.
    greeted: bool,
    /// What the server said was not captured, from its start on or from here on.
    server_gap: Option<Gap>,
    /// Who is the client, where neither a SYN nor a port tells.
    roles: Roles,
    /// Bytes that were looked at and are not kept, by side.
    dropped: [u64; 2],
    seen: usize,
}

/// The next piece of a connection, and what helps to recognise it.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// Its bytes.
    pub chunk: &'a Chunk<'a>,
    /// Its connection.
    pub meta: &'a FlowMeta,
    /// Known command names.
    pub commands: &'a CommandTable,
    /// Ports that are Redis by declaration.
    pub ports: &'a [u16],
    /// Bounds of a frame.
    pub framing: &'a Limits,
}

impl Probe {
    /// What was looked at would have told, were it Redis.
    fn is_enough(&self) -> bool {
        let tiny = self.bytes < self.seen * TINY;
        let chunks = if tiny { TINY_CHUNKS_MAX } else { CHUNKS_MAX };
        self.seen > chunks || self.bytes > BYTES_MAX
    }

    /// Looks at the next chunk. When it is undecided the chunk is kept.
    pub fn look(&mut self, sight: &Sight<'_>) -> Verdict {
        let Sight { chunk, meta, .. } = *sight;
        self.seen += 1;
        let verdict = self.judge(sight);
        if verdict != Verdict::Undecided {
            return verdict;
        }
        self.bytes += chunk.bytes.len();
        if self.is_enough() {
            if !joined_late(meta) {
                return Verdict::Other;
            }
            if let Some(client) = self.roles.likelier(meta.higher_port()) {
                return Verdict::Redis(client);
            }
            // Joined in the middle of a long value: the start of the next command may still tell.
            self.forget();
            self.drop_bytes(chunk.side, chunk.bytes.len());
            return Verdict::Undecided;
        }
        self.kept.push(Kept {
            side: chunk.side,
            offset: chunk.offset,
            bytes: chunk.bytes.into(),
            time: chunk.time,
            at: chunk.at,
            ack: chunk.ack,
            acked: chunk.acked,
        });
        Verdict::Undecided
    }

    /// Bytes are missing: what was kept does not continue into what comes.
    ///
    /// A client that speaks in lines to a port of Redis stays known when only the server's bytes are missing.
    pub fn gap(&mut self, gap: &Gap) {
        let of_server = self.inline.is_some_and(|client| client != gap.side);
        if of_server && self.by_port {
            self.server_gap.get_or_insert(*gap);
            return;
        }
        if self.roles.is_asked(gap.side) {
            // What the other end asked stays as it is: only its answers are not known.
            self.forget_side(gap.side);
            self.server_gap.get_or_insert(*gap);
            return;
        }
        self.forget();
        self.inline = None;
    }

    /// Lets go of the chunks of one end.
    fn forget_side(&mut self, side: Side) {
        for kept in std::mem::take(&mut self.kept) {
            if kept.side == side {
                self.bytes -= kept.bytes.len();
                self.drop_bytes(side, kept.bytes.len());
            } else {
                self.kept.push(kept);
            }
        }
    }

    /// Lets go of the chunks kept so far.
    fn forget(&mut self) {
        for kept in std::mem::take(&mut self.kept) {
            self.drop_bytes(kept.side, kept.bytes.len());
        }
        self.bytes = 0;
    }

    fn drop_bytes(&mut self, side: Side, bytes: usize) {
        self.dropped[side as usize] += bytes as u64;
    }

    /// Which end is the client is no more than likely.
    pub fn is_guess(&self) -> bool {
        self.roles.is_guess()
    }

    /// The chunks kept so far.
    pub fn into_kept(self) -> Vec<Kept> {
        self.kept
    }

    /// Bytes of a side that were looked at and are not kept.
    pub fn dropped(&self, side: Side) -> u64 {
        self.dropped[side as usize]
    }

    /// The first gap of the server behind lines that are kept.
    pub fn server_gap(&self) -> Option<Gap> {
        self.server_gap
    }

    fn judge(&mut self, sight: &Sight<'_>) -> Verdict {
        let Sight {
            chunk, meta, ports, ..
        } = *sight;
        // Joined in the middle of a value, text proves nothing on a port of Redis.
        let by_port = [Side::Low, Side::High].map(|side| is_redis_port(&meta.key.end(side), ports));
        let value = joined_late(meta) && by_port.contains(&true);
        let other = foreign(chunk.bytes, joined_late(meta));
        if let Some(other) = other.filter(|o| *o != Verdict::Http || !value) {
            return other;
        }
        if let Some(client) = self.inline
            && chunk.side != client
        {
            if self.server_gap.is_none() {
                return self.answer_to_line(chunk, client);
            }
            // It is not the answer to the first line, and to which one is not known.
            self.forget();
            self.inline = None;
            self.server_gap = None;
        }
        match meta.opener {
            _ if joined_late(meta) => self.midstream(sight),
            Some(client) if client == chunk.side => self.first_of_client(sight),
            Some(client) => {
                self.server_began = true;
                self.greeted |= chunk.offset == 0 && chunk.ack.is_some_and(|ack| ack <= 0);
                first_of_server(&self.sent_so_far(chunk), client)
            }
            None => self.midstream(sight),
        }
    }

    /// The server's answer to a line of text, in as many pieces as it comes.
    fn answer_to_line(&self, chunk: &Chunk<'_>, client: Side) -> Verdict {
        let said = self.sent_so_far(chunk);
        if self.unknown_word {
            return begins_with_one_of(&said, &UNKNOWN_WORD, client);
        }
        match starts_reply(&said) {
            // It quotes the line, with whatever bytes stand there.
            Start::No => begins_with_one_of(&said, &UNKNOWN_WORD, client),
            Start::Yes | Start::TooShort => Verdict::Redis(client),
        }
    }

    /// The client at the end, where nothing else is known: it spoke in lines to a port of Redis and was not answered, or it
    /// sent commands and was not answered in a way that only a server does.
    pub fn likely_client(&self, meta: &FlowMeta) -> Option<Side> {
        let by_lines = self.inline.filter(|_| self.by_port && !self.odd);
        by_lines.or(self.roles.likelier(meta.higher_port()))
    }

    fn first_of_client(&mut self, sight: &Sight<'_>) -> Verdict {
        let Sight {
            chunk,
            meta,
            commands,
            ports,
            ..
        } = *sight;
        let sent = self.sent_so_far(chunk);
        let bytes = proxy_header::behind(&sent);
        let Some(bytes) = blanks::behind(bytes, sight.framing) else {
            return Verdict::Undecided;
        };
        match starts_command(bytes) {
            Start::Yes => return Verdict::Redis(chunk.side),
            Start::TooShort => return Verdict::Undecided,
            Start::No => {}
        }
        let by_port = is_redis_port(&meta.key.end(chunk.side.peer()), ports);
        let word = inline_word(bytes);
        let known = word.is_some_and(|word| commands.is_known(word));
        // The name of the command is no word.
        let strings = starts_strings(bytes);
        if word.is_none() && !strings {
            let begins = behind_space(bytes);
            let begins = bytes.len() < LINE_MAX && begins.iter().all(u8::is_ascii_alphanumeric);
            if begins {
                return Verdict::Undecided;
            }
            if !by_port {
                return Verdict::Other;
            }
        }
        let greeted = self.greeted && chunk.offset == 0;
        if self.server_began && (!by_port || greeted) {
            return Verdict::Other;
        }
        // The reply decides. On a port of Redis any reply will do.
        self.by_port = by_port;
        self.odd = word.is_none() && !strings;
        self.unknown_word = !known && !by_port;
        self.inline = Some(chunk.side);
        Verdict::Undecided
    }

    /// All that this side has sent, the chunk included.
    fn sent_so_far<'c>(&self, chunk: &Chunk<'c>) -> Cow<'c, [u8]> {
        let mut kept = self.kept.iter().filter(|k| k.side == chunk.side).peekable();
        if kept.peek().is_none() {
            return Cow::Borrowed(chunk.bytes);
        }
        let pieces = kept.map(|k| &*k.bytes).chain([chunk.bytes]);
        Cow::Owned(pieces.collect::<Vec<_>>().concat())
    }

    /// What this side has sent without a break from the latest chunk on that begins like a command, or the chunk alone.
    fn since_command_start<'c>(&self, chunk: &Chunk<'c>) -> Cow<'c, [u8]> {
        if chunk.bytes.first() == Some(&b'*') {
            return Cow::Borrowed(chunk.bytes);
        }
        let (mut bytes, mut next) = (chunk.bytes.to_vec(), chunk.offset);
        for kept in self.kept.iter().rev().filter(|k| k.side == chunk.side) {
            if kept.offset + kept.bytes.len() as i64 != next {
                break;
            }
            next = kept.offset;
            bytes.splice(0..0, kept.bytes.iter().copied());
            if bytes.first() == Some(&b'*') {
                return Cow::Owned(bytes);
            }
        }
        Cow::Borrowed(chunk.bytes)
    }

    /// What this side has sent without a break from the latest chunk on that begins a reply and does not end its line, or
    /// the chunk alone.
    fn since_reply_start<'c>(&self, chunk: &Chunk<'c>) -> Cow<'c, [u8]> {
        let (mut bytes, mut next) = (Vec::new(), chunk.offset);
        for kept in self.kept.iter().rev().filter(|k| k.side == chunk.side) {
            if kept.offset + kept.bytes.len() as i64 != next {
                break;
            }
            next = kept.offset;
            bytes.splice(0..0, kept.bytes.iter().copied());
            if starts_reply(&kept.bytes) == Start::TooShort {
                bytes.extend_from_slice(chunk.bytes);
                return Cow::Owned(bytes);
            }
        }
        Cow::Borrowed(chunk.bytes)
    }

    fn midstream(&mut self, sight: &Sight<'_>) -> Verdict {
        let Sight {
            chunk,
            meta,
            commands,
            ports,
            ..
        } = *sight;
        let (from, to) = (meta.key.end(chunk.side), meta.key.end(chunk.side.peer()));
        let opens = |side| meta.opener == Some(side);
        let to_redis = is_redis_port(&to, ports) || opens(chunk.side);
        let from_redis = is_redis_port(&from, ports) || opens(chunk.side.peer());
        let bytes = self.since_command_start(chunk);
        let command = starts_command(&bytes) == Start::Yes;
        let word = first_bulk(&bytes).filter(|_| command);
        let known = word.is_some_and(|word| commands.is_known(word));
        let inline = inline_word(chunk.bytes).is_some_and(|w| commands.is_known(w));
        let only_redis = GREETINGS.iter().any(|text| chunk.bytes.starts_with(text));
        if !to_redis && !from_redis {
            // A server confirms with the same word.
            let begins = match word.is_some_and(is_confirmation) {
                false if known => Begins::Command,
                false if inline => Begins::Line,
                _ => Begins::Otherwise,
            };
            let inside = bytes.len() - chunk.bytes.len();
            let said = match ends_inside(bytes.get(..inside).unwrap_or_default(), sight.framing) {
                true => Cow::Borrowed(&[][..]),
                false => self.since_reply_start(chunk),
            };
            self.roles.note(chunk.side, &said, begins);
            let server = only_redis.then(|| chunk.side.peer());
            let client = self.roles.client().or(server);
            return client.map_or(Verdict::Undecided, Verdict::Redis);
        }
        if (known || to_redis && command) && !from_redis {
            return Verdict::Redis(chunk.side);
        }
        if inline && !from_redis && self.inline.is_none() {
            self.inline = Some(chunk.side);
            return Verdict::Undecided;
        }
        let reply =
            is_redis_port(&from, ports) && !to_redis && starts_reply(chunk.bytes) == Start::Yes;
        if reply || (only_redis && !to_redis) {
            return Verdict::Redis(chunk.side.peer());
        }
        Verdict::Undecided
    }
}

/// What comes behind these bytes is a piece of their last frame: it says nothing of who sends it.
fn ends_inside(bytes: &[u8], framing: &Limits) -> bool {
    let mut framer = Framer::new(resp::Role::Replies);
    let mut left = bytes;
    while !left.is_empty() {
        let mut rest = left;
        match framer.step(&mut rest, framing) {
            resp::Step::More | resp::Step::Malformed(_) => break,
            _ => {}
        }
        let used = left.len() - rest.len();
        left = left.get(used..).unwrap_or_default();
    }
    framer.is_mid_frame()
}

/// The first bytes are not those that were sent first.
fn joined_late(meta: &FlowMeta) -> bool {
    !meta.whole()
}

/// `end` is Redis by its port.
pub fn is_redis_port(end: &Endpoint, ports: &[u16]) -> bool {
    DEFAULT_PORTS.contains(&end.port) || ports.contains(&end.port)
}
