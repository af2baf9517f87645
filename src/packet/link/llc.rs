//! IEEE 802.2 LLC and SNAP, the payload of 802.3 frames.

use super::ethertypes::by_ethertype;
use crate::packet::SkipReason;
use crate::packet::piece::Piece;
use crate::packet::step::{Next, Step};

/// Unnumbered information, the only kind of frame that carries datagrams.
const INFORMATION: u8 = 3;
/// Access point of IP (RFC 948).
const IP: u8 = 0x06;
/// Access point of SNAP (RFC 1042).
const SNAP: u8 = 0xaa;
/// Organisations whose protocol numbers are EtherTypes: RFC 1042, and bridges as in IEEE 802.1H.
const ETHERTYPE_OWNERS: [[u8; 3]; 2] = [[0, 0, 0], [0, 0, 0xf8]];

/// Takes the LLC header off, with SNAP when it is there.
pub(in crate::packet) fn open<'a>(piece: Piece<'a>) -> Step<'a> {
    let (access, rest) = piece.head::<3>()?;
    match access {
        [IP, IP, INFORMATION] => Ok((Next::Ip, rest)),
        [SNAP, SNAP, INFORMATION] => snap(rest),
        _ => Err(SkipReason::NotIp),
    }
}

fn snap<'a>(piece: Piece<'a>) -> Step<'a> {
    let ([a, b, c, high, low], rest) = piece.head::<5>()?;
    if ETHERTYPE_OWNERS.contains(&[*a, *b, *c]) {
        Ok((by_ethertype(u16::from_be_bytes([*high, *low])), rest))
    } else {
        Err(SkipReason::NotIp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found<'a> = Result<(Next, &'a [u8]), SkipReason>;

    #[test]
    fn headers() {
        let table: [(&[u8], Found<'_>); 7] = [
            (&[6, 6, 3, 9], Ok((Next::Ip, &[9]))),
            (&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0, 9], Ok((Next::Ip, &[9]))),
            (
                &[0xaa, 0xaa, 3, 0, 0, 0xf8, 0x81, 0, 9],
                Ok((Next::EtherType(0x8100), &[9])),
            ),
            (
                &[0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, 9],
                Err(SkipReason::NotIp),
            ),
            (&[0x42, 0x42, 3, 0, 0], Err(SkipReason::NotIp)),
            (&[0xaa, 0xaa, 3, 0, 0, 0, 8], Err(SkipReason::Malformed)),
            (&[0xaa], Err(SkipReason::Malformed)),
        ];
        for (bytes, expected) in table {
            let got = open(Piece::new(bytes, 0));
            assert_eq!(
                got.map(|(next, rest)| (next, rest.bytes)),
                expected,
                "{bytes:02x?}"
            );
        }
    }
}
