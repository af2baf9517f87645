//! One step of a walk: what the next header is.

use super::SkipReason;
use super::piece::Piece;

/// What the next header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// An Ethernet frame, from its destination address on.
    Ethernet,
    /// What an EtherType announces.
    EtherType(u16),
    /// IEEE 802.2 LLC, as in 802.3 frames.
    Llc,
    /// PPP, from its address or protocol field on.
    Ppp,
    /// IPv4 or IPv6, as the version nibble says.
    Ip,
    /// What an IP protocol number announces.
    Protocol(u8),
}

/// One header taken off: what follows, and the bytes of it.
pub(super) type Step<'a> = Result<(Next, Piece<'a>), SkipReason>;
