//! One Redis connection: bytes of both directions in, exchanges out to an [`Observer`].

mod account;
mod commands;
mod fast_lane;
mod gaps;
mod replies;
mod resync;

pub use account::Account;
use account::LiveAccount;

use super::counts::Counts;
use super::exchange::Anchor;
use super::fingerprint::Fingerprint;
use super::lines::Lines;
use super::mask::Tag;
use super::observer::Observer;
use super::pairing::{Pairing, Sync};
use super::pending::{Detail, Pending};
use super::proxy_header;
use super::shared::Shared;
use crate::model::{Optional, Timestamp};
use crate::resp::{Framer, Role};
use crate::tcp::Chunk;
use std::hint::black_box;

/// One Redis connection.
#[derive(Debug)]
pub struct Session {
    commands: Framer,
    replies: Framer,
    /// The boundary of the next frame is not known.
    seek_command: bool,
    seek_reply: bool,
    /// Joined in the middle, and no command seen yet.
    fresh: bool,
    /// While no reply can be paired, commands are looked for at the start of each segment: what was lost is bytes, not
    /// the client's ability to speak RESP.
    resumable: bool,
    /// Commands are framed from such a start on. It may have been a piece of a value.
    tentative: bool,
    /// A request was no RESP, and commands in front of it still wait for their replies.
    broken_request: bool,
    /// While a command is sought: whether the client speaks in lines.
    lines: Lines,
    /// What the latest segment of the server with data acknowledged.
    server_ack: Optional,
    pairing: Pairing,
    server_next: i64,
    server_gap_end: Optional,
    last_server: Optional,
    reply_ack: Option<i64>,
    /// Behind the last AUTH's last byte; commands since.
    since_auth: u32,
    fingerprint: Fingerprint,
    /// Number of the first command whose words are torn: what it did is not known.
    veiled: Option<u64>,
    /// Bytes of the client, and of the server.
    sent: LiveAccount,
    received: LiveAccount,
}

impl Session {
    /// A connection seen from its first byte (`from_start`), or joined later.
    // Large: to be made where it will stay.
    #[inline(always)]
    pub fn new(from_start: bool) -> Session {
        Session {
            commands: Framer::new(Role::Commands),
            replies: Framer::new(Role::Replies),
            seek_command: !from_start,
            seek_reply: !from_start,
            fresh: !from_start,
            resumable: false,
            tentative: false,
            broken_request: false,
            lines: Lines::default(),
            server_ack: Optional::NONE,
            pairing: Pairing::new(from_start),
            server_next: 0,
            server_gap_end: Optional::NONE,
            last_server: Optional::NONE,
            reply_ack: None,
            since_auth: u32::MAX,
            fingerprint: Fingerprint::default(),
            veiled: None,
            sent: LiveAccount::default(),
            received: LiveAccount::default(),
        }
    }

    /// What became of the bytes of the client, and of those of the server.
    pub fn accounts(&self) -> [Account; 2] {
        [&self.sent, &self.received].map(LiveAccount::all)
    }

    /// No packet of the server was seen so far.
    pub fn set_unheard(&mut self, unheard: bool) {
        self.pairing.unheard = unheard;
    }

    /// So many bytes of the client and of the server were dropped before it was known that this is Redis.
    pub fn dropped_before(&mut self, client: u64, server: u64) {
        self.sent.miss(client);
        self.received.miss(server);
    }

    /// Counters so far.
    pub fn counts(&self) -> Counts {
        self.pairing.counts.all()
    }

    /// The counters of a connection that is over.
    pub fn take_counts(&mut self) -> Counts {
        self.pairing.counts.take()
    }

    /// Protocol version, when it is known.
    pub fn resp(&self) -> Option<u8> {
        self.pairing.state.resp
    }

    /// Reads what will be looked at when it is over.
    pub fn prefetch(&self) {
        let begun = self.commands.is_mid_frame() || self.replies.is_mid_frame();
        black_box((begun, self.server_next, self.veiled, self.since_auth));
        black_box((self.sent.all().framed, self.received.all().framed));
        self.pairing.prefetch();
    }

    /// The command that has waited longest for its answer.
    #[inline]
    pub fn oldest(&self) -> Option<&Pending> {
        match self.pairing.line() {
            // Nearly always: one reading, and no empty request in front.
            Some(line) if line.first().is_none_or(|p| p.detail != Detail::Blank) => line.first(),
            _ => self.waiting().next(),
        }
    }

    /// The commands that wait for their answers, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = &Pending> {
        let waiting = self.pairing.waiting();
        waiting.filter(|command| command.detail != Detail::Blank)
    }

    /// Times of everything that may still be told, or told again: commands and frames.
    pub fn each_open(&self, note: &mut impl FnMut(Timestamp)) {
        self.pairing.each_open(note);
    }

    /// The server sends back what it gets: this is no Redis.
    #[inline]
    pub fn is_echo(&self) -> bool {
        self.pairing.is_echo()
    }

    /// The connection is left as it is: nothing is told of what is open.
    pub fn abandon(&mut self, shared: &mut Shared) {
        self.pairing.abandon(shared);
    }

    /// The client library, as far as it told.
    pub fn library(&self) -> Option<String> {
        self.fingerprint.library()
    }

    /// The name that the client gave the connection. `refused`: numbers of commands that were.
    pub fn name(&self, refused: &[u64]) -> Option<Tag> {
        self.fingerprint.name(refused)
    }

    /// Bytes of the client.
    pub fn client_data<O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        observer: &mut O,
    ) {
        self.pairing.overlaps |= self.shows_overlap(chunk);
        match self.pairing.sync {
            Sync::Lost => self.try_to_sync(shared, chunk),
            Sync::Synced if self.pairing.anchor == Anchor::Weak => self.try_to_confirm(chunk),
            _ => {}
        }
        if self.seek_command {
            self.try_to_resume(shared, chunk);
        }
        if self.seek_command {
            self.sent.give_up(chunk.bytes.len());
            self.pairing.weigh(shared);
            return;
        }
        match chunk.offset {
            0 => self.read_first_commands(shared, chunk, observer),
            _ => self.read_commands(shared, chunk, observer),
        }
        self.pairing.weigh(shared);
    }

    /// The start of the stream: a header of the PROXY protocol may stand there.
    #[inline(never)]
    fn read_first_commands<O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        observer: &mut O,
    ) {
        let bytes = proxy_header::behind(chunk.bytes);
        let header = chunk.bytes.len() - bytes.len();
        if header > 0 {
            self.sent.proxy_header(header);
        }
        let behind = Chunk {
            offset: header as i64,
            bytes,
            ..*chunk
        };
        self.read_commands(shared, &behind, observer);
    }

    /// Bytes of the server.
    pub fn server_data<O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        observer: &mut O,
    ) {
        self.server_next = chunk.offset + chunk.bytes.len() as i64;
        self.last_server = Some(chunk.time).into();
        self.server_ack = chunk.ack.into();
        self.lines.answered();
        if self.pairing.sync == Sync::Opaque {
            self.received.replicate(chunk.bytes.len());
            return;
        }
        if !self.reply_starts(shared, chunk, observer) {
            self.received.give_up(chunk.bytes.len());
            return;
        }
        self.read_replies(shared, chunk, observer);
        self.pairing.weigh(shared);
    }

    /// The connection is over, or the capture is.
    pub fn finish<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        if std::mem::take(&mut self.broken_request) {
            // Whether the server meant to answer what stood in front is not known.
            self.pairing.lose(shared, observer);
        }
        let begun = !self.seek_reply && self.replies.is_mid_frame() && !self.replies.is_mid_push();
        self.pairing.finish(shared, observer, begun);
        self.pairing.weigh(shared);
        // What had begun will not be completed.
        self.sent.give_up(0);
        self.received.give_up(0);
    }
}

fn rest_of(left: &[u8], used: usize) -> &[u8] {
    left.get(used..).unwrap_or_default()
}
