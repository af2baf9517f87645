//! IP inside IP: what tunnels of every kind put in between.
//!
//! Each tunnel leaves what it carries as an EtherType where it can, so that the link layers read it.

use super::SkipReason;
use super::link::by_ethertype;
use super::piece::Piece;
use super::step::{Next, Step};

/// IP protocol numbers of tunnels.
const IPV4: u8 = 4;
const UDP: u8 = 17;
const IPV6: u8 = 41;
const GRE: u8 = 47;
/// Ethernet within IP, RFC 3378.
const ETHERIP: u8 = 97;
/// RFC 4023.
const MPLS: u8 = 137;

/// UDP ports of tunnels, always the receiver's: the sender's is a hash of the inner flow.
const VXLAN_PORT: u16 = 4789;
/// What Linux took before VXLAN had a number of its own; flannel still does.
const LINUX_VXLAN_PORT: u16 = 8472;
const GENEVE_PORT: u16 = 6081;

/// EtherTypes that only tunnels use.
const ETHERTYPE_MPLS: u16 = 0x8847;
const ETHERTYPE_PPP: u16 = 0x880b;
const ETHERTYPE_ERSPAN: u16 = 0x88be;
const ETHERTYPE_ERSPAN_3: u16 = 0x22eb;

/// Whether an IP protocol may be a tunnel. Of UDP only the port tells.
pub(super) const fn is_tunnel(protocol: u8) -> bool {
    matches!(protocol, IPV4 | UDP | IPV6 | GRE | ETHERIP | MPLS)
}

/// Takes the header of a tunnel off.
pub(super) fn open<'a>(protocol: u8, piece: Piece<'a>) -> Step<'a> {
    match protocol {
        IPV4 | IPV6 => Ok((Next::Ip, piece)),
        UDP => udp(piece),
        GRE => gre(piece),
        ETHERIP => Ok((Next::Ethernet, piece.skip(2)?)),
        MPLS => Ok((Next::EtherType(ETHERTYPE_MPLS), piece)),
        _ => Err(SkipReason::NotTcp),
    }
}

/// UDP (RFC 768). A length of 0 is left by segmentation offload.
fn udp<'a>(piece: Piece<'a>) -> Step<'a> {
    let ([_, _, to @ .., len_high, len_low, _, _], rest) = piece.head::<8>()?;
    let rest = match u16::from_be_bytes([*len_high, *len_low]) {
        0 => rest,
        len => rest.limit(usize::from(len.saturating_sub(8))),
    };
    match u16::from_be_bytes(*to) {
        VXLAN_PORT | LINUX_VXLAN_PORT => vxlan(rest),
        GENEVE_PORT => geneve(rest),
        _ => Err(SkipReason::NotTcp),
    }
}

/// VXLAN (RFC 7348). The flag says that there is a network number; without it, it is something else.
fn vxlan<'a>(piece: Piece<'a>) -> Step<'a> {
    match piece.head::<8>()? {
        ([flags, ..], rest) if flags & 0x08 != 0 => Ok((Next::Ethernet, rest)),
        _ => Err(SkipReason::NotTcp),
    }
}

/// GENEVE (RFC 8926), version 0.
fn geneve<'a>(piece: Piece<'a>) -> Step<'a> {
    let ([first, _, high, low, ..], rest) = piece.head::<8>()?;
    if first >> 6 != 0 {
        return Err(SkipReason::NotTcp);
    }
    let rest = rest.skip(usize::from(first & 0x3f) * 4)?;
    Ok((by_ethertype(u16::from_be_bytes([*high, *low])), rest))
}

/// GRE (RFC 2784, keys and sequence numbers of RFC 2890, PPTP's form of RFC 2637).
fn gre<'a>(piece: Piece<'a>) -> Step<'a> {
    const CHECKSUM: u8 = 0x80;
    const ROUTING: u8 = 0x40;
    const KEY: u8 = 0x20;
    const SEQUENCE: u8 = 0x10;
    const ACKNOWLEDGEMENT: u8 = 0x80;
    let ([flags, version, high, low], rest) = piece.head::<4>()?;
    let words = |bits: u8| usize::from(flags & bits != 0) * 4;
    let ethertype = u16::from_be_bytes([*high, *low]);
    match version & 7 {
        // RFC 2784 says to discard source routes.
        _ if flags & ROUTING != 0 => Err(SkipReason::Malformed),
        0 => {
            let rest = rest.skip(words(CHECKSUM) + words(KEY) + words(SEQUENCE))?;
            carried(ethertype, flags & SEQUENCE != 0, rest)
        }
        1 if ethertype == ETHERTYPE_PPP && flags & SEQUENCE == 0 => Err(SkipReason::NotTcp),
        1 if ethertype == ETHERTYPE_PPP => {
            let acknowledgement = usize::from(version & ACKNOWLEDGEMENT != 0) * 4;
            Ok((Next::Ppp, rest.skip(8 + acknowledgement)?))
        }
        _ => Err(SkipReason::Malformed),
    }
}

/// What GRE carries. ERSPAN puts a header of its own between: none in the first version, which has no sequence number
/// in GRE, and 8 or 12 bytes in the later ones (draft-foschiano-erspan).
fn carried<'a>(ethertype: u16, sequence: bool, piece: Piece<'a>) -> Step<'a> {
    match ethertype {
        ETHERTYPE_ERSPAN if !sequence => Ok((Next::Ethernet, piece)),
        ETHERTYPE_ERSPAN => Ok((Next::Ethernet, piece.skip(8)?)),
        ETHERTYPE_ERSPAN_3 => {
            let ([.., last], rest) = piece.head::<12>()?;
            let subheader = usize::from(last & 1) * 8;
            Ok((Next::Ethernet, rest.skip(subheader)?))
        }
        other => Ok((by_ethertype(other), piece)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found<'a> = Result<(Next, &'a [u8]), SkipReason>;

    fn seen(protocol: u8, bytes: &[u8]) -> Found<'_> {
        open(protocol, Piece::new(bytes, 0)).map(|(next, rest)| (next, rest.bytes))
    }

    #[test]
    fn gre_headers() {
        let ethernet = Ok((Next::Ethernet, &b"frame"[..]));
        let table: [(&[u8], usize, Found<'_>); 13] = [
            (&[0, 0, 0x08, 0], 0, Ok((Next::Ip, b"frame"))),
            (&[0, 0, 0x86, 0xdd], 0, Ok((Next::Ip, b"frame"))),
            (&[0x80, 0, 0x08, 0], 4, Ok((Next::Ip, b"frame"))),
            (&[0xb0, 0, 0x08, 0], 12, Ok((Next::Ip, b"frame"))),
            (
                &[0x20, 0, 0x65, 0x58],
                4,
                Ok((Next::EtherType(0x6558), b"frame")),
            ),
            (
                &[0, 0, 0x88, 0x47],
                0,
                Ok((Next::EtherType(0x8847), b"frame")),
            ),
            (&[0, 0, 0x88, 0xbe], 0, ethernet),
            (&[0x10, 0, 0x88, 0xbe], 12, ethernet),
            (&[0x10, 0, 0x22, 0xeb], 16, ethernet),
            (&[0x30, 1, 0x88, 0x0b], 8, Ok((Next::Ppp, b"frame"))),
            (&[0x30, 0x81, 0x88, 0x0b], 12, Ok((Next::Ppp, b"frame"))),
            (&[0x20, 0x81, 0x88, 0x0b], 8, Err(SkipReason::NotTcp)),
            (&[0x40, 0, 0x08, 0], 4, Err(SkipReason::Malformed)),
        ];
        for (head, zeros, expected) in table {
            let bytes = [head, &vec![0; zeros], b"frame"].concat();
            assert_eq!(seen(GRE, &bytes), expected, "{head:02x?}");
        }
        let mut timestamped = [&[0x10, 0, 0x22, 0xeb][..], &[0; 24], b"frame"].concat();
        timestamped[19] = 1;
        assert_eq!(seen(GRE, &timestamped), ethernet);
    }

    #[test]
    fn udp_tunnels() {
        let with_len =
            |len: u8, inner: &[u8]| [&[0xc0, 1, 0x12, 0xb5, 0, len, 0, 0][..], inner].concat();
        let udp = |port: u16, inner: &[u8]| {
            [&[0xc0, 0x01][..], &port.to_be_bytes(), &[0; 4], inner].concat()
        };
        let table = [
            (
                udp(4789, b"\x08\0\0\0\0\0\x01\0frame"),
                Ok((Next::Ethernet, &b"frame"[..])),
            ),
            (
                udp(8472, b"\x88\0\0\0\0\0\x01\0frame"),
                Ok((Next::Ethernet, b"frame")),
            ),
            (
                udp(4789, b"\x00\0\0\0\0\0\x01\0frame"),
                Err(SkipReason::NotTcp),
            ),
            (
                udp(6081, b"\x00\0\x08\0\0\0\x01\0ip"),
                Ok((Next::Ip, b"ip")),
            ),
            (
                udp(6081, b"\x01\0\x65\x58\0\0\x01\0optsframe"),
                Ok((Next::EtherType(0x6558), b"frame")),
            ),
            (
                udp(6081, b"\x40\0\x65\x58\0\0\x01\0frame"),
                Err(SkipReason::NotTcp),
            ),
            (
                udp(6081, b"\x3f\0\x65\x58\0\0\x01\0frame"),
                Err(SkipReason::Malformed),
            ),
            (udp(53, b"query"), Err(SkipReason::NotTcp)),
            (
                with_len(17, b"\x08\0\0\0\0\0\x01\0frame"),
                Ok((Next::Ethernet, b"f")),
            ),
            (
                with_len(99, b"\x08\0\0\0\0\0\x01\0frame"),
                Ok((Next::Ethernet, b"frame")),
            ),
            (
                with_len(12, b"\x08\0\0\0\0\0\x01\0frame"),
                Err(SkipReason::Malformed),
            ),
        ];
        for (bytes, expected) in table {
            assert_eq!(seen(UDP, &bytes), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn plain_tunnels() {
        assert_eq!(seen(IPV4, b"ip"), Ok((Next::Ip, &b"ip"[..])));
        assert_eq!(seen(IPV6, b"ip"), Ok((Next::Ip, &b"ip"[..])));
        assert_eq!(
            seen(ETHERIP, b"0\0frame"),
            Ok((Next::Ethernet, &b"frame"[..]))
        );
        assert_eq!(
            seen(MPLS, b"labels"),
            Ok((Next::EtherType(0x8847), &b"labels"[..]))
        );
        assert_eq!(seen(1, b"icmp"), Err(SkipReason::NotTcp));
    }
}
