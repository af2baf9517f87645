//! One end of a connection: what it sent, what was acknowledged, and how long it waits before it sends again.

use super::seen::Seen;
use crate::model::Timestamp;

/// A sender repeats what nobody acknowledged after about this long at the latest, ns: the first retransmission timeout of
/// a connection whose round trip is not known yet (RFC 6298, 2.1). In fact most stacks wait 200 ms.
const RETRANSMISSION_NS: i64 = 1_000_000_000;

/// One end of a connection, as its own and the other end's packets show it. Offsets are those of [`Chunk`](super::Chunk);
/// FIN takes one.
#[derive(Clone, Copy, Debug)]
pub struct SideLife {
    /// Right behind the last byte that it sent.
    pub sent: i64,
    /// The latest packet with bytes that were not acknowledged yet, sent for the first time or again.
    pub sent_at: Option<Seen>,
    /// Up to where the other end acknowledged.
    pub acked: i64,
    /// The packet that acknowledged so far for the first time.
    pub acked_at: Option<Seen>,
    /// Capture time of its latest packet of any kind: data, ACK, keep-alive, FIN, RST. [`Timestamp::MIN`] while there is none.
    pub last: Timestamp,
    /// The time between the last two packets that repeated bytes since `acked` moved, ns; 0 while none did.
    interval_ns: i64,
}

impl Default for SideLife {
    fn default() -> SideLife {
        SideLife {
            sent: 0,
            sent_at: None,
            acked: 0,
            acked_at: None,
            last: Timestamp::MIN,
            interval_ns: 0,
        }
    }
}

impl SideLife {
    /// Its latest bytes are so young that nobody needs to have acknowledged them.
    #[inline]
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        let sent = self.sent_at.map(|seen| now.since(seen.steady));
        sent.is_some_and(|ns| ns < RETRANSMISSION_NS)
    }

    // A call would lay out what is seen in memory first.
    #[inline(always)]
    pub(super) fn sends(&mut self, begin: i64, end: i64, seen: Seen) {
        if end <= self.acked || end <= begin {
            return;
        }
        if begin < self.sent
            && let Some(before) = self.sent_at
        {
            self.interval_ns = seen.steady.since(before.steady);
        }
        self.sent = self.sent.max(end);
        self.sent_at = Some(seen);
    }

    #[inline(always)]
    pub(super) fn acknowledged(&mut self, ack: i64, seen: Seen) {
        self.acked = ack;
        self.acked_at = Some(seen);
        self.sent = self.sent.max(ack);
        self.interval_ns = 0;
    }

    /// Since when its sender waits for an acknowledgement: each new one restarts its timer (RFC 6298, 5.3).
    pub(super) fn quiet_since(&self) -> Option<Seen> {
        match (self.sent_at, self.acked_at) {
            (Some(sent), Some(acked)) if acked.steady > sent.steady => Some(acked),
            (sent, _) => sent,
        }
    }

    /// How long it waits before it sends again: each time twice as long as before (RFC 6298, 5.5). Three times, since the
    /// clock of a capture is not the sender's.
    pub(super) fn patience_ns(&self) -> i64 {
        RETRANSMISSION_NS.max(self.interval_ns.saturating_mul(3))
    }
}
