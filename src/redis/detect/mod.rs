//! What a connection speaks, told by its content on any port.

mod blanks;
mod first_bytes;
mod inside;
mod midstream;
mod opening;
mod roles;
mod said;
mod verdict;

pub(super) use first_bytes::inline_word;
pub use said::Kept;
pub use verdict::Verdict;

use super::commands::CommandTable;
use crate::model::{Endpoint, Side, Timestamp};
use crate::resp::Limits;
use crate::tcp::{Chunk, FlowMeta, Gap};
use first_bytes::{first_of_server, foreign};
use inside::Inside;
use roles::Roles;
use said::Said;

/// Chunks looked at before a connection counts as something else.
const CHUNKS_MAX: usize = 32;
/// Chunks of fewer bytes than this on average say little: so many more of them are looked at.
const TINY: usize = 16;
const TINY_CHUNKS_MAX: usize = 8 * CHUNKS_MAX;
/// Bytes kept while it is undecided.
const BYTES_MAX: usize = 64 << 10;
/// The port Redis has by default, and the one often used for TLS.
const DEFAULT_PORTS: [u16; 2] = [6379, 6380];

/// What the client began with, where it is no array: its answer decides.
#[derive(Clone, Copy, Debug)]
struct Line {
    client: Side,
    /// It is no command that is known, on a port that is none of Redis.
    unknown_word: bool,
    /// Its server is Redis by its port.
    by_port: bool,
    /// It is no line of a client that is known: only an answer of Redis tells that it is one.
    odd: bool,
    /// The connection was joined in the middle: what the server says may still answer something else.
    joined: bool,
}

/// A connection that is not recognised yet.
#[derive(Debug, Default)]
pub struct Probe {
    said: Said,
    /// The client began with an inline command, or with one whose name is no word.
    line: Option<Line>,
    /// The server spoke before the client did, as in POP3, or what the client said first was not captured.
    server_began: bool,
    /// … and it had received nothing then: Redis does not greet.
    greeted: bool,
    /// What the server said was not captured, from its start on or from here on.
    server_gap: Option<Gap>,
    /// Who is the client, where neither a SYN nor a port tells.
    roles: Roles,
    /// What a connection that was joined inside a command shows.
    inside: Inside,
    /// Chunks looked at.
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
    fn is_enough(&self, bytes: usize) -> bool {
        let tiny = bytes < self.seen * TINY;
        let chunks = if tiny { TINY_CHUNKS_MAX } else { CHUNKS_MAX };
        self.seen > chunks || bytes > BYTES_MAX
    }

    /// Looks at the next chunk. When it is undecided the chunk is kept.
    pub fn look(&mut self, sight: &Sight<'_>) -> Verdict {
        let Sight { chunk, meta, .. } = *sight;
        self.seen += 1;
        let verdict = self.judge(sight);
        if verdict != Verdict::Undecided {
            return verdict;
        }
        if self.is_enough(self.said.bytes() + chunk.bytes.len()) {
            if !joined_late(meta) {
                return Verdict::Other;
            }
            if let Some(client) = self.roles.likelier(meta.higher_port()) {
                return Verdict::Redis(client);
            }
            // Joined in the middle of a long value: the start of the next command may still tell.
            self.said.forget();
            self.said.drop_bytes(chunk.side, chunk.bytes.len());
            return Verdict::Undecided;
        }
        self.said.keep(chunk);
        Verdict::Undecided
    }

    /// Bytes are missing: what was kept does not continue into what comes.
    ///
    /// A client that speaks in lines to a port of Redis stays known when only the server's bytes are missing.
    pub fn gap(&mut self, gap: &Gap) {
        if self
            .line
            .is_some_and(|line| line.client != gap.side && line.by_port)
        {
            self.server_gap.get_or_insert(*gap);
            return;
        }
        if self.roles.is_asked(gap.side) {
            // What the other end asked stays as it is: only its answers are not known.
            self.said.forget_side(gap.side);
            self.server_gap.get_or_insert(*gap);
            return;
        }
        self.said.forget();
        self.line = None;
    }

    /// Which end is the client is no more than likely.
    pub fn is_guess(&self) -> bool {
        self.roles.is_guess(|side| self.inside.asks(side))
    }

    /// It was joined in the middle, and something in it reads like RESP: it may be Redis all the same.
    pub fn may_be_redis(&self) -> bool {
        self.inside.is_resp() || self.roles.is_answered()
    }

    /// Times of the chunks kept so far.
    pub fn each_kept(&self, note: &mut impl FnMut(Timestamp)) {
        self.said.each_kept(note);
    }

    /// The chunks kept so far.
    pub fn into_kept(self) -> Vec<Kept> {
        self.said.into_kept()
    }

    /// Bytes of a side that were looked at and are not kept.
    pub fn dropped(&self, side: Side) -> u64 {
        self.said.dropped(side)
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
        if let Some(line) = self.line
            && chunk.side != line.client
        {
            if self.server_gap.is_none() {
                return self.answer_to_line(chunk, line);
            }
            // It is not the answer to the first line, and to which one is not known.
            self.said.forget();
            self.line = None;
            self.server_gap = None;
        }
        match meta.opener {
            _ if joined_late(meta) => self.midstream(sight),
            Some(client) if client == chunk.side => self.first_of_client(sight),
            Some(client) => {
                self.server_began = true;
                self.greeted |= chunk.offset == 0 && chunk.ack.is_some_and(|ack| ack <= 0);
                first_of_server(&self.said.so_far(chunk), client)
            }
            None => self.midstream(sight),
        }
    }

    /// The client at the end, where nothing else is known: it spoke in lines to a port of Redis and was not answered, or it
    /// sent commands and was not answered in a way that only a server does.
    pub fn likely_client(&self, meta: &FlowMeta) -> Option<Side> {
        let by_line = self.line.filter(|line| line.by_port && !line.odd);
        let client = by_line.map(|line| line.client);
        client.or(self.roles.likelier(meta.higher_port()))
    }
}

/// The first bytes are not those that were sent first.
fn joined_late(meta: &FlowMeta) -> bool {
    !meta.whole()
}

/// `end` is Redis by its port.
pub fn is_redis_port(end: &Endpoint, ports: &[u16]) -> bool {
    DEFAULT_PORTS.contains(&end.port) || ports.contains(&end.port)
}
