//! How a connection was left, or how it stands.

use super::absence::{Ended, Life};
use crate::finding::Moment;

/// How a connection was left, or how it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing {
    /// Last moment at which the connection was known to be open.
    pub until: Moment,
    pub ended: Ended,
    /// Only one direction was captured: nothing is known of answers.
    pub one_sided: bool,
    /// What TCP shows.
    pub life: Life,
    /// How long the oldest command waited, by the clock of the input it was captured in, ns.
    pub waited_ns: i64,
    /// How long is too long, ns; `None` = as long as the server's latencies say now.
    pub patience_ns: Option<i64>,
    /// Nothing more can come.
    pub closed: bool,
    /// The server had said nothing for so long before, ns.
    pub idle_ns: i64,
}
