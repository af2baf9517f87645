//! One captured record in, at most one TCP segment out.
//!
//! The only folder that names `etherparse`. Decoding is total: what is not a TCP segment comes back with the
//! reason, and every reason is a counter. Bytes that a snapshot length cut off are said, never made up.

mod decoder;
mod fragment;
mod ip;
mod limits;
mod link;
mod piece;
mod plain;
mod segment;
mod skip;
mod step;
mod tcp;
mod tunnel;
mod walk;

pub use decoder::{Decoded, Decoder};
pub use limits::DecodeLimits;
pub use link::name as link_name;
pub use segment::{Segment, TcpFlags};
pub use skip::SkipReason;

use crate::model::{PacketRef, Timestamp};

/// A captured record as a source hands it over.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Input and 1-based number.
    pub at: PacketRef,
    /// When it was captured.
    pub time: Timestamp,
    /// LINKTYPE number of the interface (<https://www.tcpdump.org/linktypes.html>), FCS bits already removed.
    pub link: u16,
    /// Length on the wire; more than `bytes.len()` when the snapshot length cut the packet.
    pub wire_len: u32,
    /// The captured bytes.
    pub bytes: &'a [u8],
}
