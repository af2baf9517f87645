//! What a header of IP leaves: addresses, and what follows.

use super::super::fragment::Place;
use super::super::piece::Piece;
use std::net::{IpAddr, Ipv4Addr};

/// What later layers need of the innermost IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct IpHead {
    /// Sender.
    pub(in super::super) src: IpAddr,
    /// Receiver; behind an IPv6 routing header, the last one of the route.
    pub(in super::super) dst: IpAddr,
    /// Identification of the packet: of the IPv4 header, or the low half of the one in an IPv6 fragment header, else 0.
    pub(in super::super) id: u16,
    /// Hops left: time to live, or hop limit.
    pub(in super::super) hops: u8,
}

impl IpHead {
    /// Before the first IP header.
    pub(in super::super) const NONE: IpHead = IpHead {
        src: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        dst: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        id: 0,
        hops: 0,
    };

    /// IPv6.
    pub(in super::super) const fn is_v6(&self) -> bool {
        self.src.is_ipv6()
    }
}

/// An IP or extension header taken off.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Opened<'a> {
    /// IP protocol number of the payload.
    pub(in super::super) protocol: u8,
    /// What follows, without padding.
    pub(in super::super) payload: Piece<'a>,
    /// Where the payload belongs, when it is one fragment of several.
    pub(in super::super) fragment: Option<Place>,
}
