//! The server's bytes: replies, and where they are no RESP.

use super::{Session, rest_of};
use crate::redis::commands::Kind;
use crate::redis::describe::{Wanted, frame_of};
use crate::redis::observer::{BrokenReply, Observer};
use crate::redis::pairing::{Pairing, Sync};
use crate::redis::shared::Shared;
use crate::resp::{self, ReplyKind, Step};
use crate::tcp::Chunk;

impl Session {
    pub(super) fn read_replies<O: Observer>(
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
                self.expect_reply(ordinary);
            }
            let mut rest = left;
            let step = self.replies.step(&mut rest, &shared.framing);
            let used = left.len() - rest.len();
            let end = chunk.offset + (chunk.bytes.len() - rest.len()) as i64;
            match &step {
                Step::Reply(reply) => {
                    let captured = self.received.frame(used);
                    debug_assert!(reply.skipped() || captured == reply.wire_len);
                    let wanted = wanted(&self.pairing, ordinary);
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
            if left.is_empty() {
                return;
            }
        }
    }

    /// A reply begins: what has to be kept of it.
    #[inline]
    fn expect_reply(&mut self, ordinary: bool) {
        self.replies.set_keep_raw(!ordinary && self.wants_raw());
        self.replies
            .set_prints(!ordinary && self.pairing.wants_payload());
    }

    /// What stood in front of a broken request has its replies now: behind it nothing can be paired.
    fn lose_behind_broken<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        if self.broken_request && self.pairing.is_idle() {
            self.broken_request = false;
            self.pairing.lose(shared, observer);
        }
    }

    /// SYNC answers with a dump that is no RESP.
    fn becomes_opaque<O: Observer>(
        &mut self,
        left: &[u8],
        shared: &mut Shared,
        observer: &mut O,
    ) -> bool {
        let dump = left.first() == Some(&b'$') && self.pairing.expects_dump(shared);
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

/// What has to be looked at of the reply that comes next.
#[inline]
fn wanted(pairing: &Pairing, ordinary: bool) -> Wanted {
    match ordinary {
        true => Wanted::default(),
        false => Wanted {
            parts: pairing.next_is(|kind| kind == Kind::ManyKeys),
            payload: pairing.wants_payload(),
        },
    }
}

fn is_aggregate(kind: ReplyKind) -> bool {
    matches!(kind, ReplyKind::Array | ReplyKind::Map | ReplyKind::Push)
}
