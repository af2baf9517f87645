//! Segments in, ordered bytes per direction out, with exact gaps.
//!
//! Delivery keeps cause before effect: a piece of one direction is handed on only when everything it acknowledges in
//! the other direction has been handed on. So the layers above see the same sequence however the capture shuffled,
//! split or repeated the segments. A hole that the other end has acknowledged was delivered on the wire and lost by
//! the capture only: after a named grace it becomes a [`Gap`], and the connection goes on. A hole that nobody
//! acknowledged waits for its retransmission (RFC 9293).
//!
//! Offsets are bytes from the first payload byte of a direction (behind SYN, or the first byte seen mid-stream).

mod alarms;
mod clock;
mod closed;
mod closed_flows;
mod eviction;
mod expected;
mod flow;
mod half;
mod handshake;
mod holes;
mod identity;
mod index;
mod limits;
mod liveness;
mod meta;
mod names;
mod obeyed;
mod opening;
mod over;
mod place;
mod prefetch;
mod routing;
mod seen;
mod settle;
mod settling;
mod side_life;
mod streams;
mod table;
#[cfg(test)]
mod tests;
mod timers;
mod twins;

pub use limits::{TcpLimitHits, TcpLimits};
pub use liveness::{FirstEnd, Hole, Liveness};
pub use meta::{End, FlowMeta};
pub use seen::Seen;
pub use side_life::SideLife;
pub use table::{PushOutcome, Table};

use crate::model::{FlowKey, PacketRef, Side, Timestamp};

/// Contiguous bytes of one direction, from one segment.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// Who sent them.
    pub side: Side,
    /// Stream offset of the first byte.
    pub offset: i64,
    /// The bytes; never empty.
    pub bytes: &'a [u8],
    /// Capture time of the segment.
    pub time: Timestamp,
    /// The segment's packet.
    pub at: PacketRef,
    /// Up to which offset of the other direction the segment acknowledges; `None` without the ACK flag.
    pub ack: Option<i64>,
    /// Up to which offset of this direction the other end has acknowledged so far.
    pub acked: i64,
}

/// Bytes of one direction that the capture does not hold.
#[derive(Clone, Copy, Debug)]
pub struct Gap {
    /// Whose bytes.
    pub side: Side,
    /// Stream offset of the first missing byte.
    pub offset: i64,
    /// How many are missing; at least 1.
    pub len: i64,
    /// When it became clear.
    pub time: Timestamp,
    /// The packet that made it clear.
    pub at: PacketRef,
}

/// What a connection's bytes are handed to. `T` is the receiver's own state of the connection.
pub trait Receiver<T> {
    /// A connection of this name begins.
    fn open(&mut self, name: &FlowKey) -> T;
    /// The connection is seen under another name as well: in front of or behind address translation.
    fn renamed(&mut self, _state: &mut T, _meta: &FlowMeta, _name: &FlowKey) {}
    /// Bytes in order.
    fn data(&mut self, state: &mut T, meta: &FlowMeta, chunk: Chunk<'_>);
    /// Missing bytes.
    fn gap(&mut self, state: &mut T, meta: &FlowMeta, gap: Gap);
    /// The clock of an input was set back.
    fn clock_set(&mut self) {}
    /// The connection will soon be over: what is read of its state then may be read now.
    fn prefetch(&self, _state: &T) {}
    /// The connection is over, or the capture is.
    fn close(&mut self, state: T, meta: &FlowMeta);
}
