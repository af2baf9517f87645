//! One frame of the server: borrowed while it is looked at, owned while its place is not decided.

use crate::model::{PacketRef, Timestamp};
use crate::redis::exchange::{Anchor, Exchange};
use crate::redis::mask::Tag;
use crate::redis::observer::{Stray, StrayFrame};
use crate::redis::pending::Pending;
use crate::redis::shape::Shape;
use crate::resp::{Head, NullForm, ReplyKind};
use smallvec::SmallVec;

/// One frame of the server.
#[derive(Clone, Copy, Debug)]
pub(in crate::redis) struct Frame<'a> {
    pub shape: Shape<'a>,
    pub raw: Option<&'a [u8]>,
    /// The tag of its string, where a command asked for its payload back.
    pub payload: Option<Tag>,
    /// Some of its bytes were never captured.
    pub skipped: bool,
    /// The first error among the elements of MGET's reply.
    pub part_error: Option<Head<'a>>,
    /// First element of an aggregate, if it is a string.
    pub word: &'a [u8],
    /// Third element of an aggregate, if it is an integer.
    pub count: Option<u64>,
    /// What the segment with the first byte acknowledged.
    pub start_ack: Option<i64>,
    pub end: i64,
    /// Bytes it takes on the wire.
    pub wire_len: u32,
    pub time: Timestamp,
    pub at: PacketRef,
}

impl<'a> Frame<'a> {
    /// As the answer to `command`.
    pub(super) fn exchange(&self, command: &'a Pending, anchor: Anchor) -> Exchange<'a> {
        Exchange {
            command,
            reply: self.shape,
            raw: self.raw,
            part_error: self.part_error,
            end: self.end,
            wire_len: self.wire_len,
            received: self.time,
            at: self.at,
            anchor,
        }
    }

    /// The server had received the command when it sent this.
    pub(super) fn acknowledges(&self, command: &Pending) -> bool {
        self.start_ack.is_none_or(|ack| ack >= command.end)
    }

    /// As the answer to nothing.
    pub(super) fn stray(&self, stray: Stray) -> StrayFrame<'a> {
        StrayFrame {
            stray,
            reply: self.shape,
            wire_len: self.wire_len,
            received: self.time,
            at: self.at,
        }
    }
}

/// Bytes of a string and its length.
#[derive(Clone, Debug)]
struct Text {
    bytes: SmallVec<[u8; 36]>,
    len: u64,
}

impl Text {
    fn of(head: &Head<'_>) -> Text {
        Text {
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

/// What few frames have.
#[derive(Clone, Debug)]
pub(super) struct Rare {
    part_error: Option<Text>,
    raw: Option<Box<[u8]>>,
    payload: Option<Tag>,
    word: SmallVec<[u8; 16]>,
    count: Option<u64>,
}

impl Rare {
    #[inline]
    pub(super) fn of(frame: &Frame<'_>) -> Option<Box<Rare>> {
        let any = frame.part_error.is_some() || frame.raw.is_some() || frame.payload.is_some();
        let inside = !frame.word.is_empty() || frame.count.is_some();
        (any || inside).then(|| Box::new(Rare::new(frame)))
    }

    #[cold]
    fn new(frame: &Frame<'_>) -> Rare {
        Rare {
            part_error: frame.part_error.as_ref().map(Text::of),
            raw: frame.raw.map(Box::from),
            payload: frame.payload,
            word: SmallVec::from_slice(frame.word),
            count: frame.count,
        }
    }
}

/// A frame without the bytes of its text and without what few have, owned. Nothing is to be let go of: many are forgotten
/// in one go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    kind: ReplyKind,
    null: Option<NullForm>,
    skipped: bool,
    /// Bytes it takes on the wire.
    wire_len: u32,
    elements: u64,
    /// Length of its text, bytes that are not kept included.
    len: u64,
    start_ack: Option<i64>,
    end: i64,
    time: Timestamp,
    at: PacketRef,
}

impl Facts {
    #[inline(always)]
    pub(super) fn of(frame: &Frame<'_>) -> Facts {
        Facts {
            kind: frame.shape.kind,
            null: frame.shape.null,
            skipped: frame.skipped,
            wire_len: frame.wire_len,
            elements: frame.shape.elements,
            len: frame.shape.head.len,
            start_ack: frame.start_ack,
            end: frame.end,
            time: frame.time,
            at: frame.at,
        }
    }

    /// When it came.
    pub(super) fn time(&self) -> Timestamp {
        self.time
    }

    /// With all the rest.
    fn frame<'a>(&self, bytes: &'a [u8], rare: Option<&'a Rare>) -> Frame<'a> {
        Frame {
            shape: Shape {
                kind: self.kind,
                null: self.null,
                head: Head {
                    bytes,
                    len: self.len,
                },
                elements: self.elements,
            },
            raw: rare.and_then(|rare| rare.raw.as_deref()),
            payload: rare.and_then(|rare| rare.payload),
            skipped: self.skipped,
            part_error: rare.and_then(|rare| rare.part_error.as_ref().map(Text::head)),
            word: rare.map_or(&[], |rare| &rare.word),
            count: rare.and_then(|rare| rare.count),
            start_ack: self.start_ack,
            end: self.end,
            wire_len: self.wire_len,
            time: self.time,
            at: self.at,
        }
    }
}

/// A frame, owned.
#[derive(Clone, Debug)]
pub(super) struct KeptFrame {
    facts: Facts,
    rare: Option<Box<Rare>>,
    text: SmallVec<[u8; 36]>,
}

impl KeptFrame {
    pub(super) fn of(frame: &Frame<'_>) -> KeptFrame {
        KeptFrame::with(Facts::of(frame), Rare::of(frame), frame.shape.head.bytes)
    }

    pub(super) fn with(facts: Facts, rare: Option<Box<Rare>>, text: &[u8]) -> KeptFrame {
        let text = SmallVec::from_slice(text);
        KeptFrame { facts, rare, text }
    }

    /// When it came.
    pub(super) fn time(&self) -> Timestamp {
        self.facts.time
    }

    /// Both say the same, as far as they were kept.
    pub(super) fn says_as(&self, other: &KeptFrame) -> bool {
        let says = |f: &Facts| (f.kind, f.null, f.elements, f.wire_len, f.len);
        says(&self.facts) == says(&other.facts) && self.text == other.text
    }

    /// All it says was kept: of the elements of an aggregate only their number is.
    pub(super) fn is_kept_whole(&self) -> bool {
        let Facts {
            elements,
            len,
            skipped,
            ..
        } = self.facts;
        elements == 0 && !skipped && self.text.len() as u64 == len
    }

    pub(super) fn is_error(&self) -> bool {
        self.facts.kind.is_error()
    }

    pub(super) fn frame(&self) -> Frame<'_> {
        self.facts.frame(&self.text, self.rare.as_deref())
    }
}
