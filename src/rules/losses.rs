//! What the capture lost, and when: next to it, a missing answer may be a missing packet.

use crate::model::{ConnectionId, Timestamp};
use std::collections::VecDeque;

/// So many losses are remembered; the oldest goes first.
const KEPT: usize = 4096;
/// A loss is noticed up to so long behind it, ns.
const NOTICED_NS: i64 = 1_000_000_000;

/// Everything that was lost.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    gaps: VecDeque<(ConnectionId, Timestamp)>,
    /// The clock of an input was set back: what ran at the same time as something else is not known.
    pub(crate) clock_set: bool,
    /// The system or the network card counted dropped packets, without saying when.
    pub(crate) dropped: u64,
}

impl Losses {
    /// Bytes of a connection are missing; it became clear at this time.
    pub(crate) fn gap(&mut self, connection: ConnectionId, noticed: Timestamp) {
        if self.gaps.len() >= KEPT {
            self.gaps.pop_front();
        }
        self.gaps.push_back((connection, noticed));
    }

    /// Something of another connection was lost between these times, or nobody knows when.
    pub(crate) fn around(&self, but: ConnectionId, from: Timestamp, until: Timestamp) -> bool {
        let within = |noticed: Timestamp| noticed >= from && noticed.since(until) <= NOTICED_NS;
        self.dropped > 0
            || self
                .gaps
                .iter()
                .any(|(connection, noticed)| *connection != but && within(*noticed))
    }
}
