//! Where pairing starts: in the middle of a connection, and behind a gap.

use super::Session;
use crate::redis::exchange::Anchor;
use crate::redis::observer::Observer;
use crate::redis::pairing::Sync;
use crate::redis::shared::Shared;
use crate::resp::{self, Framer, Role, Start, Step};
use crate::tcp::Chunk;

/// After so long without a byte of the server, what it sends next is the answer to what was sent last (ns).
const QUIET_NS: i64 = 50_000_000;

impl Session {
    /// At a chunk of the client: may pairing start here?
    ///
    /// Yes when the client had received all that the server sent, and the server all that the client sent before:
    /// then nothing is outstanding, or what is was sent before anything could be paired.
    pub(super) fn try_to_sync(&mut self, shared: &mut Shared, chunk: &Chunk<'_>) {
        let at_boundary = if self.seek_command || self.tentative {
            self.lines.starts_command(shared, chunk.bytes)
        } else {
            !self.commands.is_mid_frame()
        };
        let enough = !self.pairing.overlaps || self.is_quiet(chunk);
        let caught_up = enough && (self.fresh || self.is_caught_up(chunk));
        if self.replies.is_mid_frame() && self.is_quiet(chunk) && caught_up {
            // Half a reply and then silence: what was taken for a frame was none.
            self.received.give_up(0);
            self.replies.reset();
            self.seek_reply = true;
        }
        let reply_boundary = self.seek_reply || !self.replies.is_mid_frame();
        if !(at_boundary && caught_up && reply_boundary) {
            return;
        }
        if self.seek_command || self.tentative {
            self.sent.give_up(0);
            self.commands.reset();
        }
        self.tentative = false;
        self.seek_command = false;
        self.fresh = false;
        self.pairing.found(self.anchor_at(chunk));
    }

    /// Bytes of the client are missing and nothing can be paired, but its commands can be counted again: from a segment
    /// on that starts with two commands, or with one that ends it.
    ///
    /// A piece of a value may look the same. So nothing is paired from here, and where it turns out to be no RESP the
    /// next such segment is taken.
    pub(super) fn try_to_resume(&mut self, shared: &Shared, chunk: &Chunk<'_>) {
        let lost = self.pairing.sync == Sync::Lost;
        if lost && self.resumable && is_run_of_commands(shared, chunk.bytes) {
            self.commands.reset();
            self.seek_command = false;
            self.tentative = true;
        }
    }

    pub(super) fn try_to_confirm(&mut self, chunk: &Chunk<'_>) {
        if self.pairing.is_idle() && self.is_caught_up(chunk) && self.is_quiet(chunk) {
            self.pairing.anchor = Anchor::Quiet;
        }
    }

    fn anchor_at(&self, chunk: &Chunk<'_>) -> Anchor {
        if self.is_quiet(chunk) && self.is_caught_up(chunk) {
            Anchor::Quiet
        } else {
            Anchor::Weak
        }
    }

    /// By acknowledgements nothing is outstanding here, and yet answers are.
    pub(super) fn shows_overlap(&self, chunk: &Chunk<'_>) -> bool {
        self.pairing.sync == Sync::Synced
            && self.pairing.anchor > Anchor::Weak
            && !self.pairing.is_idle()
            && !self.replies.is_mid_frame()
            && self.is_caught_up(chunk)
    }

    fn is_caught_up(&self, chunk: &Chunk<'_>) -> bool {
        chunk.ack == Some(self.server_next)
            && (self.server_gap_end == chunk.ack.into()
                // That the server's system has received a command is not yet an answer to it. A server that never said
                // anything has all of them to answer.
                || self.server_ack.get().map_or(chunk.offset == 0, |ack| ack >= chunk.offset)
                    && chunk.acked >= chunk.offset)
    }

    fn is_quiet(&self, chunk: &Chunk<'_>) -> bool {
        self.last_server
            .moment()
            .is_some_and(|last| chunk.time.since(last) >= QUIET_NS)
    }

    /// The chunk continues or starts a frame. Finds the first frame after a gap.
    pub(super) fn reply_starts<O: Observer>(
        &mut self,
        shared: &mut Shared,
        chunk: &Chunk<'_>,
        observer: &mut O,
    ) -> bool {
        if !self.seek_reply {
            return true;
        }
        let synced = self.pairing.sync == Sync::Synced;
        if !synced && !self.fresh {
            return false;
        }
        if resp::starts_reply(chunk.bytes) == Start::No {
            if synced {
                self.pairing.lose(shared, observer);
            }
            return false;
        }
        self.replies.reset();
        self.seek_reply = false;
        true
    }
}

/// Two commands, or one that is known and ends the segment.
fn is_run_of_commands(shared: &Shared, bytes: &[u8]) -> bool {
    if resp::starts_command(bytes) != Start::Yes {
        return false;
    }
    let mut rest = bytes;
    let mut framer = Framer::new(Role::Commands);
    let known = match framer.step(&mut rest, &shared.framing) {
        Step::Command(first) => first
            .arg(0)
            .is_some_and(|name| shared.commands.is_known(name.bytes)),
        _ => return false,
    };
    if rest.is_empty() {
        return known;
    }
    let mut framer = Framer::new(Role::Commands);
    resp::starts_command(rest) == Start::Yes
        && matches!(framer.step(&mut rest, &shared.framing), Step::Command(_))
}
