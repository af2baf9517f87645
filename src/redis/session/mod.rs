//! One Redis connection: bytes of both directions in, exchanges out to an [`Observer`].

mod account;
mod fast_lane;
mod resync;

pub use account::Account;

use super::commands::Kind;
use super::counts::Counts;
use super::describe::{DETAILED_BEHIND_AUTH, Wanted, blank, describe, frame_of};
use super::exchange::Anchor;
use super::fingerprint::Fingerprint;
use super::lines::Lines;
use super::mask::Tag;
use super::observer::{BrokenReply, Observer};
use super::pairing::{Pairing, Sync};
use super::pending::{Detail, Pending};
use super::proxy_header;
use super::shared::Shared;
use crate::model::Timestamp;
use crate::resp::{self, Framer, ReplyKind, Role, Step};
use crate::tcp::{Chunk, Gap};

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
    server_ack: Option<i64>,
    pairing: Pairing,
    server_next: i64,
    server_gap_end: Option<i64>,
    last_server: Option<Timestamp>,
    reply_ack: Option<i64>,
    /// Behind the last AUTH's last byte; commands since.
    since_auth: u32,
    fingerprint: Fingerprint,
    /// Number of the first command whose words are torn: what it did is not known.
    veiled: Option<u64>,
    /// Bytes of the client, and of the server.
    sent: Account,
    received: Account,
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
            server_ack: None,
            pairing: Pairing::new(from_start),
            server_next: 0,
            server_gap_end: None,
            last_server: None,
            reply_ack: None,
            since_auth: u32::MAX,
            fingerprint: Fingerprint::default(),
            veiled: None,
            sent: Account::default(),
            received: Account::default(),
        }
    }

    /// What became of the bytes of the client, and of those of the server.
    pub fn accounts(&self) -> [Account; 2] {
        [self.sent, self.received]
    }

    /// No packet of the server was seen so far.
    pub fn set_unheard(&mut self, unheard: bool) {
        self.pairing.unheard = unheard;
    }

    /// So many bytes of the client and of the server were dropped before it was known that this is Redis.
    pub fn dropped_before(&mut self, client: u64, server: u64) {
        self.sent.unread += client;
        self.received.unread += server;
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

    /// The command that has waited longest for its answer.
    #[inline]
    pub fn oldest(&self) -> Option<&Pending> {
        match self.pairing.line() {
            // Nearly always: one reading, and no empty request in front.
            Some(line) if line.front().is_none_or(|p| p.detail != Detail::Blank) => line.front(),
            _ => self.waiting().next(),
        }
    }

    /// The commands that wait for their answers, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = &Pending> {
        let waiting = self.pairing.waiting();
        waiting.filter(|command| command.detail != Detail::Blank)
    }

    /// The server sends back what it gets: this is no Redis.
    #[inline]
    pub fn is_echo(&self) -> bool {
        self.pairing.is_echo()
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
        let behind = behind_proxy_header(chunk);
        let header = chunk.bytes.len() - behind.bytes.len();
        if header > 0 {
            self.sent.proxy_header += header as u64;
        }
        self.read_commands(shared, &behind, observer);
        self.pairing.weigh(shared);
    }

    fn read_commands<O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        observer: &mut O,
    ) {
        let mut left = chunk.bytes;
        loop {
            let before = left.len();
            left = self.take_commands(shared, chunk, left, observer);
            if left.is_empty() && before > 0 {
                return;
            }
            if !self.commands.is_mid_frame() {
                let near_auth = self.since_auth < DETAILED_BEHIND_AUTH;
                self.commands.set_prints(near_auth || shared.keep_arguments);
            }
            let mut rest = left;
            let step = self.commands.step(&mut rest, &shared.framing);
            let used = left.len() - rest.len();
            let end = chunk.offset + (chunk.bytes.len() - rest.len()) as i64;
            // What was found is large: it is looked at where it lies.
            match &step {
                Step::Command(command) => {
                    let captured = self.sent.frame(used);
                    debug_assert!(command.skipped() || captured == command.wire_len);
                    shared.commands_read += 1;
                    let since_auth = &mut self.since_auth;
                    let pending =
                        describe(shared, command, chunk, end, &mut self.pairing, since_auth);
                    if pending.index < 2 || matches!(pending.kind, Kind::Introduce | Kind::Hello) {
                        let info = shared.commands.info(pending.id);
                        self.fingerprint
                            .note(info, pending.index, command, &shared.redactor);
                    }
                    if command.skipped() && shared.commands.is_veiled(command, pending.id) {
                        // Where replies may be switched off, it can be the one that switches them on.
                        let veiled = match self.pairing.answers_all() {
                            true => pending.index,
                            false => 0,
                        };
                        self.veiled = Some(self.veiled.map_or(veiled, |first| first.min(veiled)));
                    }
                    let is_replica = self.pairing.is_of_replica(&pending);
                    self.pairing.command(shared, observer, pending);
                    if is_replica {
                        self.pairing.become_opaque(shared, observer);
                    }
                    self.lose_at_veiled(shared, observer);
                }
                Step::Blank => {
                    self.sent.frame(used);
                    self.pairing.blank(|| blank(shared, chunk, end));
                }
                Step::Reply(_) => {}
                Step::More => {
                    self.sent.more(used);
                    return;
                }
                Step::Malformed(reason) => {
                    self.sent.give_up(left.len());
                    self.broken_off(shared, observer, *reason);
                    return;
                }
            }
            left = rest_of(left, used);
        }
    }

    /// A request is no RESP, or beyond a bound.
    fn broken_off<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        reason: resp::Malformed,
    ) {
        self.seek_command = true;
        if std::mem::take(&mut self.tentative) {
            // It was no command that was found.
            return;
        }
        if reason.is_limit() {
            shared.hits_framing += 1;
        } else {
            shared.malformed_requests += 1;
        }
        self.resumable = reason.is_limit();
        // A server answers what stands in front before it complains.
        self.broken_request = self.pairing.sync == Sync::Synced && !self.pairing.is_idle();
        if !self.broken_request {
            self.pairing.lose(shared, observer);
        }
    }

    /// All in front of a command whose words are torn has its replies: behind it nothing can be paired.
    fn lose_at_veiled<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        let Some(veiled) = self.veiled else { return };
        let synced = self.pairing.sync == Sync::Synced;
        let is_next = self.pairing.oldest().is_none_or(|c| c.index >= veiled);
        if !synced || is_next {
            self.veiled = None;
        }
        if synced && is_next {
            self.pairing.lose(shared, observer);
        }
    }

    /// What stood in front of a broken request has its replies now: behind it nothing can be paired.
    fn lose_behind_broken<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        if self.broken_request && self.pairing.is_idle() {
            self.broken_request = false;
            self.pairing.lose(shared, observer);
        }
    }

    /// Bytes of the server.
    pub fn server_data<O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        observer: &mut O,
    ) {
        self.server_next = chunk.offset + chunk.bytes.len() as i64;
        self.last_server = Some(chunk.time);
        self.server_ack = chunk.ack;
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

    fn read_replies<O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        observer: &mut O,
    ) {
        let mut left = chunk.bytes;
        loop {
            let before = left.len();
            left = self.take_replies(shared, chunk, left, observer);
            if left.is_empty() && before > 0 {
                return;
            }
            // Nothing of the reply is wanted but its form.
            let ordinary = self.pairing.next_is_ordinary();
            if !self.replies.is_mid_frame() {
                self.reply_ack = chunk.ack;
                if !ordinary && self.becomes_opaque(left, shared, observer) {
                    self.received.replicate(left.len());
                    return;
                }
                self.replies.set_keep_raw(!ordinary && self.wants_raw());
                let echo = !ordinary && self.pairing.next_is(|kind| kind == Kind::Echo);
                self.replies.set_prints(echo);
            }
            let mut rest = left;
            let step = self.replies.step(&mut rest, &shared.framing);
            let used = left.len() - rest.len();
            let end = chunk.offset + (chunk.bytes.len() - rest.len()) as i64;
            match &step {
                Step::Reply(reply) => {
                    let captured = self.received.frame(used);
                    debug_assert!(reply.skipped() || captured == reply.wire_len);
                    let wanted = match ordinary {
                        true => Wanted::default(),
                        false => Wanted {
                            parts: self.pairing.next_is(|kind| kind == Kind::ManyKeys),
                            payload: self.pairing.wants_payload(),
                        },
                    };
                    let redactor = &shared.redactor;
                    let (ack, time, at) = (self.reply_ack, chunk.time, chunk.at);
                    let frame = frame_of(reply, wanted, redactor, ack, end, time, at);
                    // It may have changed what follows, and what it says of that was not captured.
                    let veiled = reply.skipped() && !ordinary && is_aggregate(reply.kind);
                    self.pairing.reply(shared, observer, &frame);
                    if veiled && self.pairing.sync == Sync::Synced {
                        self.pairing.lose(shared, observer);
                    }
                    self.lose_at_veiled(shared, observer);
                    self.lose_behind_broken(shared, observer);
                    if self.pairing.sync == Sync::Opaque {
                        self.received.replicate(rest_of(left, used).len());
                        return;
                    }
                }
                Step::Blank => {
                    self.received.frame(used);
                }
                Step::Command(_) => {}
                Step::More => {
                    self.received.more(used);
                    return;
                }
                Step::Malformed(reason) => {
                    self.received.give_up(left.len());
                    self.broken(shared, observer, *reason, left, chunk);
                    return;
                }
            }
            left = rest_of(left, used);
        }
    }

    /// Bytes of the client were not captured.
    pub fn client_gap<O: Observer>(&mut self, shared: &mut Shared, gap: &Gap, observer: &mut O) {
        if !self.seek_command && self.commands.skip(length(gap)) {
            self.pairing.doubt();
            // The command may be complete now.
            self.read_commands(shared, &end_of(gap), observer);
            return;
        }
        self.seek_command = true;
        self.tentative = false;
        self.broken_request = false;
        // Joined in the middle, the first command is where pairing starts.
        self.resumable = !self.fresh;
        self.sent.give_up(0);
        self.commands.reset();
        if self.pairing.sync == Sync::Synced {
            self.pairing.lose(shared, observer);
        }
    }

    /// Bytes of the server were not captured.
    pub fn server_gap<O: Observer>(&mut self, shared: &mut Shared, gap: &Gap, observer: &mut O) {
        self.server_next = gap.offset.saturating_add(gap.len);
        if !self.seek_reply && self.replies.skip(length(gap)) {
            self.pairing.doubt();
            self.read_replies(shared, &end_of(gap), observer);
            return;
        }
        self.server_gap_end = Some(self.server_next);
        self.seek_reply = true;
        self.broken_request = false;
        self.received.give_up(0);
        self.replies.reset();
        if self.pairing.sync == Sync::Synced {
            self.pairing.lose(shared, observer);
        }
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

    /// SYNC answers with a dump that is no RESP.
    fn becomes_opaque<O: Observer>(
        &mut self,
        left: &[u8],
        shared: &mut Shared,
        observer: &mut O,
    ) -> bool {
        let dump = left.first() == Some(&b'$') && self.pairing.expects_dump();
        if dump {
            self.pairing.become_opaque(shared, observer);
        }
        dump
    }

    fn wants_raw(&self) -> bool {
        self.pairing
            .next_is(|kind| matches!(kind, Kind::Hello | Kind::Info))
    }

    fn broken<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        reason: resp::Malformed,
        left: &[u8],
        chunk: &Chunk<'_>,
    ) {
        if reason.is_limit() {
            shared.hits_framing += 1;
        } else if self.pairing.sync == Sync::Synced {
            let broken = BrokenReply {
                reason,
                bytes: left,
                offset: chunk.offset + (chunk.bytes.len() - left.len()) as i64,
                outstanding: self.pairing.outstanding(),
                oldest: self.pairing.oldest(),
                time: chunk.time,
                at: chunk.at,
                anchor: self.pairing.firmness(),
            };
            observer.broken(shared, &broken);
        }
        self.seek_reply = true;
        self.broken_request = false;
        self.pairing.lose(shared, observer);
    }
}

fn is_aggregate(kind: ReplyKind) -> bool {
    matches!(kind, ReplyKind::Array | ReplyKind::Map | ReplyKind::Push)
}

/// The chunk without the header of the PROXY protocol that may stand at the start of the stream.
fn behind_proxy_header<'c>(chunk: &Chunk<'c>) -> Chunk<'c> {
    if chunk.offset != 0 {
        return *chunk;
    }
    let bytes = proxy_header::behind(chunk.bytes);
    Chunk {
        offset: (chunk.bytes.len() - bytes.len()) as i64,
        bytes,
        ..*chunk
    }
}

fn length(gap: &Gap) -> u64 {
    gap.len.max(0).unsigned_abs()
}

/// The place behind a gap, as a chunk without bytes. What it acknowledged is not known.
fn end_of(gap: &Gap) -> Chunk<'static> {
    Chunk {
        side: gap.side,
        offset: gap.offset.saturating_add(gap.len),
        bytes: &[],
        time: gap.time,
        at: gap.at,
        ack: None,
        acked: gap.offset,
    }
}

fn rest_of(left: &[u8], used: usize) -> &[u8] {
    left.get(used..).unwrap_or_default()
}
