//! PPP (RFC 1661) in its framings: bare, HDLC-like (RFC 1662), Cisco HDLC, over Ethernet (RFC 2516).

use super::ethertypes::{self, by_ethertype};
use crate::packet::SkipReason;
use crate::packet::piece::Piece;
use crate::packet::step::{Next, Step};

/// Address and control field of PPP in HDLC-like framing.
const ALL_STATIONS: [u8; 2] = [0xff, 0x03];
/// First byte of Cisco HDLC: unicast, multicast.
const CISCO: [u8; 2] = [0x0f, 0x8f];
/// PPPoE version 1, type 1, and code 0: session data.
const SESSION: [u8; 2] = [0x11, 0];

/// Takes off the protocol field, and the address and control field when they are there. A protocol number below 256 may
/// be sent as one byte; it is odd, which the first byte of the long form never is.
pub(in crate::packet) fn open<'a>(piece: Piece<'a>) -> Step<'a> {
    let piece = match piece.bytes.first_chunk::<2>() {
        Some(&ALL_STATIONS) => piece.skip(2)?,
        None => return Err(piece.short(2)),
        _ => piece,
    };
    let ([first], rest) = piece.head::<1>()?;
    let (protocol, rest) = if first & 1 == 1 {
        (u16::from(*first), rest)
    } else {
        let (protocol, rest) = piece.head::<2>()?;
        (u16::from_be_bytes(*protocol), rest)
    };
    match protocol {
        0x0021 | 0x0057 => Ok((Next::Ip, rest)),
        0x0281 | 0x0283 => Ok((Next::EtherType(ethertypes::MPLS), rest)),
        0x0031 => bridged(rest),
        _ => Err(SkipReason::NotIp),
    }
}

/// A bridged frame (RFC 3518): flags, then the kind of LAN; 1 is Ethernet.
fn bridged<'a>(piece: Piece<'a>) -> Step<'a> {
    match piece.head::<2>()? {
        ([_, 1], rest) => Ok((Next::Ethernet, rest)),
        _ => Err(SkipReason::NotIp),
    }
}

/// LINKTYPE_PPP_HDLC: the first byte tells PPP from Cisco HDLC.
pub(super) fn hdlc<'a>(piece: Piece<'a>) -> Step<'a> {
    let ([first], _) = piece.head::<1>()?;
    if !CISCO.contains(first) {
        return Ok((Next::Ppp, piece));
    }
    let ([_, _, ethertype @ ..], rest) = piece.head::<4>()?;
    Ok((by_ethertype(u16::from_be_bytes(*ethertype)), rest))
}

/// The header of PPPoE, which says how long the PPP packet is.
pub(super) fn pppoe<'a>(piece: Piece<'a>) -> Step<'a> {
    let ([version, code, _, _, len @ ..], rest) = piece.head::<6>()?;
    if [*version, *code] != SESSION {
        return Err(SkipReason::NotIp);
    }
    Ok((Next::Ppp, rest.limit(usize::from(u16::from_be_bytes(*len)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found<'a> = Result<(Next, &'a [u8]), SkipReason>;

    fn seen<'a>(step: Step<'a>) -> Found<'a> {
        step.map(|(next, rest)| (next, rest.bytes))
    }

    #[test]
    fn protocols() {
        let table: [(&[u8], Found<'_>); 9] = [
            (&[0xff, 3, 0, 0x21, 9], Ok((Next::Ip, &[9]))),
            (&[0, 0x21, 9], Ok((Next::Ip, &[9]))),
            (&[0x21, 9], Ok((Next::Ip, &[9]))),
            (&[0xff, 3, 0x57, 9], Ok((Next::Ip, &[9]))),
            (&[2, 0x81, 9], Ok((Next::EtherType(0x8847), &[9]))),
            (&[0x31, 0, 1, 9], Ok((Next::Ethernet, &[9]))),
            (&[0xc0, 0x21, 9], Err(SkipReason::NotIp)),
            (&[0xff, 3], Err(SkipReason::Malformed)),
            (&[0], Err(SkipReason::Malformed)),
        ];
        for (bytes, expected) in table {
            assert_eq!(seen(open(Piece::new(bytes, 0))), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn framings() {
        let piece = |bytes| Piece::new(bytes, 0);
        assert_eq!(
            seen(hdlc(piece(&[0xff, 3, 0]))),
            Ok((Next::Ppp, &[0xff, 3, 0][..]))
        );
        assert_eq!(
            seen(hdlc(piece(&[0x0f, 0, 8, 0, 9]))),
            Ok((Next::Ip, &[9][..]))
        );
        let session = [0x11, 0, 0, 1, 0, 3, 0, 0x21, 9, 0, 0];
        assert_eq!(
            seen(pppoe(piece(&session))),
            Ok((Next::Ppp, &[0, 0x21, 9][..]))
        );
        let discovery = [0x11, 9, 0, 0, 0, 0];
        assert_eq!(seen(pppoe(piece(&discovery))), Err(SkipReason::NotIp));
    }
}
