//! Exchanges that outlive the packet they came in: what a finding shows later, or pairing decides later.
//!
//! An [`Exchange`] borrows from the bytes on the wire. A [`KeptExchange`] owns its parts. Nothing of it is text yet:
//! what may be shown is decided when it is shown.

use super::pending::Pending;
use super::shape::Shape;
use crate::model::{PacketRef, Timestamp};
use crate::resp::{Head, NullForm, ReplyKind};
use smallvec::SmallVec;

/// How firmly the pairing of a connection stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Anchor {
    /// Found again by acknowledgement numbers only.
    Weak,
    /// Found again behind a pause of the server.
    Quiet,
    /// Found again and confirmed by content that came back.
    Content,
    /// Seen from the SYN on without a doubt.
    Start,
}

/// A command with its reply.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// The command.
    pub command: &'a Pending,
    /// The reply.
    pub reply: Shape<'a>,
    /// The whole reply, where it was kept (HELLO, INFO).
    pub raw: Option<&'a [u8]>,
    /// Of MGET: the first error among its elements.
    pub part_error: Option<Head<'a>>,
    /// Stream offset behind the reply's last byte.
    pub end: i64,
    /// Bytes that the reply takes on the wire, those that were not captured included.
    pub wire_len: u32,
    /// Capture time of the segment with its last byte.
    pub received: Timestamp,
    /// That segment's packet.
    pub at: PacketRef,
    /// How firmly they belong together.
    pub anchor: Anchor,
}

impl Exchange<'_> {
    /// The reply is an error.
    pub fn is_error(&self) -> bool {
        self.reply.kind.is_error()
    }

    /// The command only entered a transaction.
    pub fn is_queued(&self) -> bool {
        self.reply.kind == ReplyKind::Simple && self.reply.head.bytes == b"QUEUED"
    }

    /// From the command's last byte to the reply's last byte, ns.
    pub fn latency_ns(&self) -> i64 {
        self.received.since(self.command.sent)
    }

    /// The command's last byte left the client before the client could have received up to `offset` of the server.
    pub fn sent_before(&self, offset: i64, received: Timestamp) -> bool {
        sent_before(self.command, offset, received)
    }
}

/// See [`Exchange::sent_before`]. By acknowledgement number; by capture time where there is none.
pub fn sent_before(command: &Pending, offset: i64, received: Timestamp) -> bool {
    match command.ack {
        Some(ack) => ack < offset,
        None => command.sent < received,
    }
}

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

/// What few replies have.
#[derive(Clone, Debug)]
struct Rare {
    part_error: Option<KeptHead>,
    raw: Option<Box<[u8]>>,
}

/// A reply, owned.
#[derive(Clone, Debug)]
pub struct KeptReply {
    kind: ReplyKind,
    null: Option<NullForm>,
    head: KeptHead,
    elements: u64,
    rare: Option<Box<Rare>>,
    /// Stream offset behind its last byte.
    pub end: i64,
    /// Bytes it takes on the wire.
    wire_len: u32,
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
        self.rare.as_ref()?.part_error.as_ref().map(KeptHead::head)
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
        let part_error = exchange.part_error.as_ref().map(KeptHead::of);
        let raw: Option<Box<[u8]>> = exchange.raw.filter(|_| with_raw).map(Box::from);
        let any = part_error.is_some() || raw.is_some();
        KeptExchange {
            command: exchange.command.clone(),
            reply: Some(KeptReply {
                kind: reply.kind,
                null: reply.null,
                head: KeptHead::of(&reply.head),
                elements: reply.elements,
                rare: any.then(|| Box::new(Rare { part_error, raw })),
                end: exchange.end,
                wire_len: exchange.wire_len,
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
            raw: reply.rare.as_ref().and_then(|rare| rare.raw.as_deref()),
            part_error: reply.part_error(),
            end: reply.end,
            wire_len: reply.wire_len,
            received: reply.received,
            at: reply.at,
            anchor: self.anchor,
        })
    }
}
