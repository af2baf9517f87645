//! Where a segment belongs.

use super::closed::Late;
use crate::model::Side;

/// Where a segment belongs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// To the connection in this slot, sent by this end of it.
    At(u32, Side),
    /// To the connection in this slot, which it has opened, sent by this end of it.
    Opened(u32, Side),
    /// Behind the end of a closed one.
    Late(Late),
    /// To none: a RST that nobody obeys.
    Ignored,
}
