//! When and where a segment was captured.

use crate::model::{PacketRef, Timestamp};

/// When and where a segment was captured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Its capture time.
    pub time: Timestamp,
    /// Its packet.
    pub at: PacketRef,
    /// The same moment on a clock for waits: only time that passed between packets of one input is in it, and it never
    /// runs back. A clock that was set, a damaged date and the clocks of other inputs leave no trace in it.
    pub steady: Timestamp,
}
