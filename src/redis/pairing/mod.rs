//! Which reply belongs to which command: strict order per connection, and everything that bends it.
//!
//! A server answers requests in the order they were sent, one frame each. What bends that is modelled in
//! [`crate::redis::state`]. Two checks guard every pair: the segment with a reply's first byte must have acknowledged the
//! whole command, and the reply's form must be one the command may have. A pair that fails is never guessed at:
//! pairing counts as lost until it is found again.

mod answer;
mod out_of_band;
mod silence;

use crate::model::{PacketRef, Timestamp};
use crate::redis::commands::Kind;
use crate::redis::counts::Counts;
use crate::redis::exchange::KeptExchange;
use crate::redis::mask::Tag;
use crate::redis::observer::{Anchor, Fate, Observer, Stray, StrayFrame};
use crate::redis::pending::{Detail, Pending};
use crate::redis::shape::Shape;
use crate::redis::shared::Shared;
use crate::redis::state::{Mode, State};
use crate::resp::Head;
use std::collections::VecDeque;

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
    pub time: Timestamp,
    pub at: PacketRef,
}

/// Whether replies are being paired.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::redis) enum Sync {
    Synced,
    Lost,
    /// Replication: not a request-reply stream any more.
    Opaque,
}

/// The pairing of one connection.
#[derive(Debug)]
pub(in crate::redis) struct Pairing {
    pub counts: Counts,
    pub state: State,
    pub sync: Sync,
    pub anchor: Anchor,
    pub pending: VecDeque<Pending>,
    /// Nothing has been paired since the capture began in the middle of the connection.
    pub before_capture: bool,
    held: Option<Vec<KeptExchange>>,
    /// A reply that came before its command was acknowledged, held until it is clear that no other one comes.
    early: Option<Box<KeptExchange>>,
    last_reply_end: i64,
    /// Stream offset behind the last CLIENT REPLY SKIP.
    skip_end: i64,
    confirmations_left: u32,
    /// Answers have been outstanding where acknowledgements alone said that none were: only silence tells.
    pub overlaps: bool,
    /// The anchor is weak because of an odd answer, not because pairing was found again.
    odd_before: bool,
}

impl Pairing {
    pub(in crate::redis) fn new(from_start: bool) -> Pairing {
        Pairing {
            counts: Counts::default(),
            state: State::new(from_start),
            sync: if from_start { Sync::Synced } else { Sync::Lost },
            anchor: if from_start {
                Anchor::Start
            } else {
                Anchor::Weak
            },
            pending: VecDeque::new(),
            before_capture: !from_start,
            held: None,
            early: None,
            last_reply_end: i64::MIN,
            skip_end: i64::MIN,
            confirmations_left: 0,
            odd_before: false,
            overlaps: false,
        }
    }

    /// Everything sent has been answered, as far as is known.
    pub(in crate::redis) fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.held.is_none()
    }

    /// The command whose reply comes next is of that kind.
    pub(in crate::redis) fn next_is(&self, is: impl Fn(Kind) -> bool) -> bool {
        let next = self.pending.front();
        next.is_some_and(|command| is(command.kind))
    }

    /// The reply that comes next may be a payload that is compared. A command that may get no reply hides what is next.
    pub(in crate::redis) fn wants_payload(&self) -> bool {
        self.next_is(|kind| {
            matches!(
                kind,
                Kind::Echo | Kind::ClientReply | Kind::Replconf | Kind::Monitor | Kind::Sync
            )
        })
    }

    /// Pairing was found again: nothing is outstanding.
    pub(in crate::redis) fn found(&mut self, anchor: Anchor) {
        self.sync = Sync::Synced;
        self.anchor = anchor;
        self.odd_before = false;
        self.confirmations_left = 0;
    }

    /// Pairing is lost: what is outstanding stays undecided.
    pub(in crate::redis) fn lose<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        self.drop_early(shared, observer);
        for held in self.held.take().into_iter().flatten() {
            self.counts.undecided_commands += 1;
            self.counts.undecided_replies += 1;
            observer.unpaired(shared, Fate::Undecided, &held.command);
        }
        while let Some(command) = self.pending.pop_front() {
            if command.detail != Detail::Blank {
                self.end_command(shared, observer, Fate::Undecided, &command);
            }
        }
        self.sync = Sync::Lost;
        self.anchor = Anchor::Weak;
        self.confirmations_left = 0;
        self.state.forget();
        observer.lost(shared);
    }

    /// A command was sent.
    pub(in crate::redis) fn command<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        command: Pending,
    ) {
        observer.sent(shared, &command);
        if self.sync != Sync::Synced {
            let fate = if command.detail == Detail::NoReply {
                Fate::Silent
            } else {
                Fate::Undecided
            };
            self.end_command(shared, observer, fate, &command);
            return;
        }
        if self.pending.len() >= shared.commands_in_flight {
            shared.hits_in_flight += 1;
            self.lose(shared, observer);
            self.end_command(shared, observer, Fate::Undecided, &command);
            return;
        }
        if command.detail == Detail::ReplyUnknown {
            self.lose(shared, observer);
            self.end_command(shared, observer, Fate::Undecided, &command);
            return;
        }
        if command.detail == Detail::ReplySkip {
            self.skip_end = command.end;
        }
        self.pending.push_back(command);
        self.drop_silent(shared, observer, None);
    }

    /// An empty request: it uses up CLIENT REPLY SKIP, and nothing else.
    pub(in crate::redis) fn blank(&mut self, template: impl FnOnce() -> Pending) {
        let waits = self.pending.front().is_some_and(|p| p.end <= self.skip_end);
        let skip = self.state.mode == Mode::Skip || waits;
        // A second one changes nothing.
        let again = self
            .pending
            .back()
            .is_some_and(|p| p.detail == Detail::Blank);
        if self.sync == Sync::Synced && skip && !again {
            self.pending.push_back(template());
        }
    }

    /// A frame of the server arrived.
    pub(in crate::redis) fn reply<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        self.counts.replies += 1;
        self.drop_early(shared, observer);
        if frame.shape.kind.is_error() {
            let code = shared.errors.of(frame.shape.head.bytes);
            self.counts.add_errors(code, 1);
        }
        self.state.note_protocol(&frame.shape);
        if self.is_out_of_band(frame) {
            self.stray(shared, observer, Stray::Push, frame);
        } else if self.sync == Sync::Synced {
            self.drop_silent(shared, observer, Some(frame));
            self.answer(shared, observer, frame);
        } else if self.before_capture {
            self.stray(shared, observer, Stray::Orphan, frame);
        } else {
            self.stray(shared, observer, Stray::Undecided, frame);
        }
        self.last_reply_end = frame.end;
    }

    /// Bytes were missing inside a value of known length: pairing goes on, but is no proof any more.
    pub(in crate::redis) fn doubt(&mut self) {
        self.anchor = self.anchor.min(Anchor::Content);
    }

    fn end_command<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        fate: Fate,
        command: &Pending,
    ) {
        match fate {
            Fate::Unanswered | Fate::Begun => self.counts.unanswered += 1,
            Fate::Silent => self.counts.silent += 1,
            Fate::Undecided => self.counts.undecided_commands += 1,
        }
        observer.unpaired(shared, fate, command);
    }

    fn stray<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        stray: Stray,
        frame: &Frame<'_>,
    ) {
        match stray {
            Stray::Push => self.counts.pushes += 1,
            Stray::Orphan => self.counts.orphan_replies += 1,
            Stray::Undecided => self.counts.undecided_replies += 1,
        }
        let frame = StrayFrame {
            stray,
            reply: frame.shape,
            received: frame.time,
            at: frame.at,
        };
        observer.stray(shared, &frame);
    }
}
