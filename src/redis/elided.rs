//! Redis 7.2 and later (redis#15640) and Valkey 7.2 to 8.0 may drop the error of a failing AUTH when other output is
//! still pending: every later reply then moves up by one. While that explanation fits as well as the plain one,
//! exchanges are held back here; they are released once a reply can not belong to the next command.

use super::commands::{CommandInfo, Kind};
use super::errors::is_auth_only;
use super::observer::{Anchor, Exchange};
use super::pending::Pending;
use super::shape::Shape;
use crate::model::{PacketRef, Timestamp};
use crate::resp::{Head, NullForm, ReplyKind};
use smallvec::SmallVec;

/// Exchanges held back at most; then pairing counts as lost.
pub(super) const HELD_MAX: usize = 1024;

/// An exchange that waits for the decision.
#[derive(Debug)]
pub(super) struct Held {
    pub command: Pending,
    kind: ReplyKind,
    null: Option<NullForm>,
    text: SmallVec<[u8; 64]>,
    len: u64,
    elements: u64,
    end: i64,
    received: Timestamp,
    at: PacketRef,
    anchor: Anchor,
}

impl Held {
    pub(super) fn new(exchange: &Exchange<'_>) -> Held {
        let reply = &exchange.reply;
        Held {
            command: exchange.command.clone(),
            kind: reply.kind,
            null: reply.null,
            text: SmallVec::from_slice(reply.head.bytes),
            len: reply.head.len,
            elements: reply.elements,
            end: exchange.end,
            received: exchange.received,
            at: exchange.at,
            anchor: exchange.anchor,
        }
    }

    pub(super) fn exchange(&self) -> Exchange<'_> {
        Exchange {
            command: &self.command,
            reply: Shape {
                kind: self.kind,
                null: self.null,
                head: Head {
                    bytes: &self.text,
                    len: self.len,
                },
                elements: self.elements,
            },
            raw: None,
            part_error: None,
            end: self.end,
            received: self.received,
            at: self.at,
            anchor: self.anchor,
        }
    }
}

/// `reply`, whose first byte acknowledged up to `ack`, could as well be the answer to `next`.
pub(super) fn could_answer(
    next: &Pending,
    info: &CommandInfo,
    reply: &Shape<'_>,
    ack: Option<i64>,
) -> bool {
    if ack.is_some_and(|ack| ack < next.end) {
        return false;
    }
    if reply.kind.is_error() {
        return next.is_auth() || !is_auth_only(reply.head.bytes);
    }
    let form = super::commands::Forms::of(reply.kind, &reply.head);
    form == super::commands::Forms::QUEUED
        || info.forms.meets(form)
        || matches!(next.kind, Kind::Subscribe | Kind::Unsubscribe)
}
