//! The client's bytes: commands, and where they are no RESP.

use super::{Session, rest_of};
use crate::redis::commands::Kind;
use crate::redis::describe::{DETAILED_BEHIND_AUTH, blank, describe};
use crate::redis::observer::Observer;
use crate::redis::pairing::Sync;
use crate::redis::shared::Shared;
use crate::resp::{self, Step};
use crate::tcp::Chunk;

impl Session {
    pub(super) fn read_commands<O: Observer>(
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
    pub(super) fn lose_at_veiled<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
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
}
