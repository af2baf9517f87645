//! What a session tells of its exchanges, and to whom.

use super::exchange::{Anchor, Exchange};
use super::fault::Fault;
use super::pending::Pending;
use super::shape::Shape;
use super::shared::Shared;
use crate::model::{PacketRef, Timestamp};
use crate::resp::Malformed;

/// Why a command has no reply.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// None came until the end.
    Unanswered,
    /// It had begun to come when the end came.
    Begun,
    /// None comes, by rule.
    Silent,
    /// It could not be told which reply is its own.
    Undecided,
}

/// Why a frame of the server has no command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stray {
    /// It could not be told to which command it belongs.
    Undecided,
    /// Its command was sent before the capture.
    Orphan,
    /// It is out of band.
    Push,
}

/// A frame of the server without a command.
#[derive(Clone, Copy, Debug)]
pub struct StrayFrame<'a> {
    /// Why.
    pub stray: Stray,
    /// The frame.
    pub reply: Shape<'a>,
    /// Bytes it takes on the wire.
    pub wire_len: u32,
    /// Capture time of the segment with its last byte.
    pub received: Timestamp,
    /// That segment's packet.
    pub at: PacketRef,
}

/// Server bytes that are no RESP.
#[derive(Clone, Copy, Debug)]
pub struct BrokenReply<'a> {
    /// What is wrong.
    pub reason: Malformed,
    /// The bytes of the segment from the frame's start, or from the segment's start.
    pub bytes: &'a [u8],
    /// Stream offset of `bytes`.
    pub offset: i64,
    /// Commands that wait for an answer.
    pub outstanding: u64,
    /// The oldest of them, if there is one.
    pub oldest: Option<&'a Pending>,
    /// Capture time.
    pub time: Timestamp,
    /// The packet.
    pub at: PacketRef,
    /// How firmly the stream was framed before.
    pub anchor: Anchor,
}

/// Listens to one session.
pub trait Observer {
    /// A command was sent. `answered` or `unpaired` tells what became of it.
    fn sent(&mut self, shared: &mut Shared, command: &Pending);
    /// The same of an ordinary command, that changes nothing and is not near a login.
    fn sent_ordinary(&mut self, shared: &mut Shared, command: &Pending) {
        self.sent(shared, command);
    }
    /// A command got its reply.
    fn answered(&mut self, shared: &mut Shared, exchange: &Exchange<'_>);
    /// The same of an ordinary command, with a reply that is no error.
    fn answered_ordinary(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        self.answered(shared, exchange);
    }
    /// A command gets none.
    fn unpaired(&mut self, shared: &mut Shared, fate: Fate, command: &Pending);
    /// A frame belongs to no command.
    fn stray(&mut self, shared: &mut Shared, frame: &StrayFrame<'_>);
    /// The server sent what is no RESP.
    fn broken(&mut self, shared: &mut Shared, broken: &BrokenReply<'_>);
    /// Pairing had been found again in the wrong place: pairs told since then were wrong. `lost` follows.
    fn mistaken(&mut self, shared: &mut Shared);
    /// Pairs told of the command with this number and of all later ones do not stand. They are told again, as they are.
    fn disputed(&mut self, _shared: &mut Shared, _from: u64) {}
    /// This was told of a command, and is told no more: `exchange`, or that it gets no reply. It is told again.
    fn taken_back(
        &mut self,
        _shared: &mut Shared,
        _command: &Pending,
        _exchange: Option<&Exchange<'_>>,
    ) {
    }
    /// The order of replies is broken: what follows is what the explanation says of it.
    fn breaks(&mut self, _shared: &mut Shared, _fault: &Fault) {}
    /// The order of replies is broken. Told again when more is known, and once more at the end.
    fn fault(&mut self, _shared: &mut Shared, _fault: &Fault) {}
    /// Pairing was lost: nothing that is told later belongs to what was told before.
    fn lost(&mut self, shared: &mut Shared);
}
