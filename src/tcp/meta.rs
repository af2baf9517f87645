//! What is known of a connection apart from its bytes.

use super::liveness::Liveness;
use crate::model::{ConnectionId, FlowKey, PacketRef, Side, Timestamp};
use smallvec::SmallVec;

/// How a connection ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum End {
    /// It did not, as far as the capture goes.
    #[default]
    Open,
    /// FIN from both ends, or from one when nothing else came.
    Fin,
    /// RST.
    Rst,
    /// Dropped after long silence, or to make room.
    Idle,
    /// A new connection was opened on the same ports, and this one was not heard of again: its end was not captured.
    Replaced,
}

/// What is known of a connection apart from its bytes.
#[derive(Clone, Debug)]
pub struct FlowMeta {
    /// Its number.
    pub id: ConnectionId,
    /// Its place in the table while it lives, see [`Table::with`](super::Table::with).
    pub slot: u32,
    /// Its ends.
    pub key: FlowKey,
    /// Who sent the SYN; `None` mid-stream.
    pub opener: Option<Side>,
    /// First packet.
    pub opened: Timestamp,
    /// Latest packet.
    pub last: Timestamp,
    /// The first packet.
    pub first_at: PacketRef,
    /// The packet of [`FlowMeta::last`].
    pub last_at: PacketRef,
    /// Input and Wireshark stream number of each capture point that saw it.
    pub vantages: SmallVec<[(u16, Option<u32>); 1]>,
    /// How it ended.
    pub end: End,
    /// What TCP itself shows of both ends.
    pub liveness: Liveness,
    /// Segments seen, by side.
    pub segments: [u64; 2],
    /// Payload bytes that a snapshot length cut off.
    pub cut_bytes: u64,
    /// Gaps so far.
    pub gaps: u64,
}

impl FlowMeta {
    /// The end with the higher port: the client, as a rule.
    pub fn higher_port(&self) -> Side {
        match self.key.end(Side::Low).port < self.key.end(Side::High).port {
            true => Side::High,
            false => Side::Low,
        }
    }

    /// Its start is not in the capture.
    pub fn midstream(&self) -> bool {
        self.opener.is_none()
    }

    /// Only one end's packets were captured.
    pub fn one_sided(&self) -> bool {
        let [low, high] = self.segments;
        low == 0 || high == 0
    }

    /// Both directions, from the SYN on, without a gap.
    pub fn whole(&self) -> bool {
        !self.midstream() && self.gaps == 0
    }
}
