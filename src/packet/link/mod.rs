//! Link layers: from the first captured byte to the IP header. To add a link type, add its file and its line here.
//!
//! Numbers and layouts: <https://www.tcpdump.org/linktypes.html>.

mod cooked;
mod ethernet;
mod ethertypes;
mod llc;
mod loopback;
mod mpls;
mod names;
mod nflog;
mod ppp;

use super::SkipReason;
use super::piece::Piece;
use super::step::{Next, Step};

pub(super) use ethernet::open as ethernet;
pub(super) use ethertypes::by_ethertype;
pub(super) use llc::open as llc;
pub(super) use names::ETHERNET;
pub use names::name;
pub(super) use ppp::open as ppp;

/// Takes the outermost header off.
#[inline]
pub(super) fn open<'a>(link: u16, piece: Piece<'a>) -> Step<'a> {
    match link {
        names::ETHERNET => ethernet::open(piece),
        names::LINUX_SLL => cooked::v1(piece),
        names::LINUX_SLL2 => cooked::v2(piece),
        names::NULL | names::LOOP => loopback::open(piece),
        _ => uncommon(link, piece),
    }
}

fn uncommon<'a>(link: u16, piece: Piece<'a>) -> Step<'a> {
    match link {
        names::RAW | names::RAW_12 | names::RAW_14 | names::IPV4 | names::IPV6 => {
            Ok((Next::Ip, piece))
        }
        names::PPP => Ok((Next::Ppp, piece)),
        names::PPP_HDLC | names::C_HDLC => ppp::hdlc(piece),
        names::PPP_ETHER => ppp::pppoe(piece),
        names::NFLOG => nflog::open(piece),
        _ => Err(SkipReason::UnsupportedLinkType),
    }
}

/// Takes off what stands between an EtherType and an IP packet.
pub(super) fn ethertype<'a>(number: u16, piece: Piece<'a>) -> Step<'a> {
    match number {
        ethertypes::IPV4 | ethertypes::IPV6 => Ok((Next::Ip, piece)),
        ethertypes::VLAN
        | ethertypes::SERVICE_VLAN
        | ethertypes::OLD_QINQ
        | ethertypes::OLDER_QINQ => ethernet::vlan(piece),
        ethertypes::MPLS | ethertypes::MPLS_UPSTREAM => mpls::open(piece),
        ethertypes::PPPOE_SESSION => ppp::pppoe(piece),
        ethertypes::PPP => Ok((Next::Ppp, piece)),
        ethertypes::BACKBONE => Ok((Next::Ethernet, piece.skip(4)?)),
        ethertypes::BRIDGED_ETHERNET => Ok((Next::Ethernet, piece)),
        ethertypes::LINUX_LLC => Ok((Next::Llc, piece)),
        _ => Err(SkipReason::NotIp),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found<'a> = Result<(Next, &'a [u8]), SkipReason>;

    #[test]
    fn the_names_of_all_supported_types() {
        let nothing = Piece::new(&[], 0);
        let is_supported =
            |link: &u16| open(*link, nothing) != Err(SkipReason::UnsupportedLinkType);
        let supported: Vec<u16> = (0..=u16::MAX).filter(is_supported).collect();
        assert_eq!(
            supported,
            [
                0, 1, 9, 12, 14, 50, 51, 101, 104, 108, 113, 228, 229, 239, 276
            ]
        );
        assert!(supported.iter().all(|link| name(*link).is_some()));
    }

    #[test]
    fn ethertypes_between_a_link_and_ip() {
        let table: [(u16, &[u8], Found<'_>); 9] = [
            (0x0800, b"ip", Ok((Next::Ip, b"ip"))),
            (0x8100, &[0, 1, 0x86, 0xdd, 9], Ok((Next::Ip, &[9]))),
            (
                0x9200,
                &[0, 1, 0x81, 0x00, 9],
                Ok((Next::EtherType(0x8100), &[9])),
            ),
            (0x88a8, &[0, 1, 0, 1, 9, 8], Ok((Next::Llc, &[9]))),
            (0x88e7, b"itagframe", Ok((Next::Ethernet, b"frame"))),
            (0x6558, b"frame", Ok((Next::Ethernet, b"frame"))),
            (
                0x8864,
                &[0x11, 0, 0, 1, 0, 2, 0, 0x21, 9],
                Ok((Next::Ppp, &[0, 0x21])),
            ),
            (0x0806, b"arp", Err(SkipReason::NotIp)),
            (0x8100, &[0, 1, 8], Err(SkipReason::Malformed)),
        ];
        for (number, bytes, expected) in table {
            let got = ethertype(number, Piece::new(bytes, 0));
            assert_eq!(
                got.map(|(next, piece)| (next, piece.bytes)),
                expected,
                "{number:#06x}"
            );
        }
    }
}
