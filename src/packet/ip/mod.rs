//! IPv4 and IPv6: addresses, protocol, payload, and whether the payload is only a fragment.

mod v4;
mod v6;

use super::SkipReason;
use super::fragment::Place;
use super::piece::Piece;
use std::net::{IpAddr, Ipv4Addr};

pub(super) use v6::{is_extension, open_extension};

/// What later layers need of the innermost IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IpHead {
    /// Sender.
    pub(super) src: IpAddr,
    /// Receiver; behind an IPv6 routing header, the last one of the route.
    pub(super) dst: IpAddr,
    /// Identification of the packet: of the IPv4 header, or the low half of the one in an IPv6 fragment header, else 0.
    pub(super) id: u16,
    /// Hops left: time to live, or hop limit.
    pub(super) hops: u8,
}

impl IpHead {
    /// Before the first IP header.
    pub(super) const NONE: IpHead = IpHead {
        src: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        dst: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        id: 0,
        hops: 0,
    };

    /// IPv6.
    pub(super) const fn is_v6(&self) -> bool {
        self.src.is_ipv6()
    }
}

/// An IP or extension header taken off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened<'a> {
    /// IP protocol number of the payload.
    pub(super) protocol: u8,
    /// What follows, without padding.
    pub(super) payload: Piece<'a>,
    /// Where the payload belongs, when it is one fragment of several.
    pub(super) fragment: Option<Place>,
}

/// Takes off the IP header that the version nibble announces.
#[inline]
pub(super) fn open<'a>(piece: Piece<'a>, head: &mut IpHead) -> Result<Opened<'a>, SkipReason> {
    match piece.bytes.first().map(|byte| byte >> 4) {
        Some(4) => v4::open(piece, head),
        Some(6) => v6::open(piece, head),
        Some(_) => Err(SkipReason::Malformed),
        None => Err(piece.short(1)),
    }
}
