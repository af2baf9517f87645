//! Bytes that were not captured.

use super::Session;
use crate::redis::observer::Observer;
use crate::redis::pairing::Sync;
use crate::redis::shared::Shared;
use crate::tcp::{Chunk, Gap};

impl Session {
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
        self.server_gap_end = Some(self.server_next).into();
        self.seek_reply = true;
        self.broken_request = false;
        self.received.give_up(0);
        self.replies.reset();
        if self.pairing.sync == Sync::Synced {
            self.pairing.lose(shared, observer);
        }
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
