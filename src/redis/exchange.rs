//! Exchanges that outlive the packet they came in: what a finding shows later, or pairing decides later.
//!
//! An [`Exchange`] borrows from the bytes on the wire. A [`KeptExchange`] owns its parts. Nothing of it is text yet:
//! what may be shown is decided when it is shown.

use super::observer::{Anchor, Exchange};
use super::pending::Pending;
use super::shape::Shape;
use crate::model::{PacketRef, Timestamp};
use crate::resp::{Head, NullForm, ReplyKind};
use smallvec::SmallVec;

/// The beginning of a string, owned.
#[derive(Clone, Debug)]
struct KeptHead {
    bytes: SmallVec<[u8; 36]>,
    len: u64,
}

impl KeptHead {
    fn of(head: &Head<'_>) -> KeptHead {
        KeptHead {
            bytes: SmallVec::from_slice(head.bytes),
            len: head.len,
        }
    }

    fn head(&self) -> Head<'_> {
        Head {
            bytes: &self.bytes,
            len: self.len,
        }
    }
}

/// A reply, owned.
#[derive(Clone, Debug)]
pub struct KeptReply {
    kind: ReplyKind,
    null: Option<NullForm>,
    head: KeptHead,
    elements: u64,
    part_error: Option<Box<KeptHead>>,
    raw: Option<Box<[u8]>>,
    /// Stream offset behind its last byte.
    pub end: i64,
    /// Capture time of the segment with its last byte.
    pub received: Timestamp,
    /// That segment's packet.
    pub at: PacketRef,
}

impl KeptReply {
    /// Its form and text.
    pub fn shape(&self) -> Shape<'_> {
        Shape {
            kind: self.kind,
            null: self.null,
            head: self.head.head(),
            elements: self.elements,
        }
    }

    /// The first error among the elements of MGET's reply.
    pub fn part_error(&self) -> Option<Head<'_>> {
        self.part_error.as_deref().map(KeptHead::head)
    }
}

/// A command with its reply, or without one, owned.
#[derive(Clone, Debug)]
pub struct KeptExchange {
    /// The command.
    pub command: Pending,
    /// The reply; `None` when none came.
    pub reply: Option<KeptReply>,
    /// How firmly they belong together.
    pub anchor: Anchor,
}

impl KeptExchange {
    /// Takes over an exchange. The whole reply (HELLO, INFO) comes along only `with_raw`.
    pub fn of(exchange: &Exchange<'_>, with_raw: bool) -> KeptExchange {
        let reply = &exchange.reply;
        let part = exchange.part_error.as_ref().map(KeptHead::of);
        KeptExchange {
            command: exchange.command.clone(),
            reply: Some(KeptReply {
                kind: reply.kind,
                null: reply.null,
                head: KeptHead::of(&reply.head),
                elements: reply.elements,
                part_error: part.map(Box::new),
                raw: exchange.raw.filter(|_| with_raw).map(Box::from),
                end: exchange.end,
                received: exchange.received,
                at: exchange.at,
            }),
            anchor: exchange.anchor,
        }
    }

    /// A command that has no reply.
    pub fn unanswered(command: &Pending) -> KeptExchange {
        KeptExchange {
            command: command.clone(),
            reply: None,
            anchor: Anchor::Weak,
        }
    }

    /// The exchange, borrowed again; `None` without a reply.
    pub fn exchange(&self) -> Option<Exchange<'_>> {
        let reply = self.reply.as_ref()?;
        Some(Exchange {
            command: &self.command,
            reply: reply.shape(),
            raw: reply.raw.as_deref(),
            part_error: reply.part_error(),
            end: reply.end,
            received: reply.received,
            at: reply.at,
            anchor: self.anchor,
        })
    }
}
