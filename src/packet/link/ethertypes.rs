//! EtherTypes: <https://www.iana.org/assignments/ieee-802-numbers>.

use super::super::piece::Piece;
use super::super::step::Next;

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
pub(super) const VLAN: u16 = 0x8100;
pub(super) const SERVICE_VLAN: u16 = 0x88a8;
pub(super) const OLD_QINQ: u16 = 0x9100;
pub(super) const OLDER_QINQ: u16 = 0x9200;
pub(super) const MPLS: u16 = 0x8847;
pub(super) const MPLS_UPSTREAM: u16 = 0x8848;
pub(super) const PPP: u16 = 0x880b;
pub(super) const PPPOE_SESSION: u16 = 0x8864;
/// IEEE 802.1ah: a provider's tag around a customer's whole frame.
pub(super) const BACKBONE: u16 = 0x88e7;
/// Ethernet inside GRE or GENEVE.
pub(super) const BRIDGED_ETHERNET: u16 = 0x6558;
/// Linux cooked captures: 802.2 LLC follows (`ETH_P_802_2`).
pub(super) const LINUX_LLC: u16 = 4;
/// Below this the field of an Ethernet frame is a length.
pub(super) const SMALLEST: u16 = 0x0600;

/// What an EtherType announces; IP without a detour.
#[inline]
pub(in super::super) fn by_ethertype(number: u16) -> Next {
    match number {
        IPV4 | IPV6 => Next::Ip,
        other => Next::EtherType(other),
    }
}

/// What the field behind the addresses of an Ethernet frame or behind a VLAN tag announces: an EtherType, or the
/// length of an 802.3 frame.
#[inline]
pub(super) fn by_type_or_length<'a>(field: u16, piece: Piece<'a>) -> (Next, Piece<'a>) {
    if field < SMALLEST {
        (Next::Llc, piece.limit(usize::from(field)))
    } else {
        (by_ethertype(field), piece)
    }
}
