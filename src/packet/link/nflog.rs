//! Linux netfilter log: attributes, one of which is the packet from its IP header on.

use crate::packet::SkipReason;
use crate::packet::piece::Piece;
use crate::packet::step::{Next, Step};

/// `NFULA_PAYLOAD`.
const PAYLOAD: u16 = 9;
/// Attributes in front of the packet. Linux has some twenty.
const MAX_ATTRIBUTES: usize = 64;

/// Finds the packet. Lengths and types are in the byte order of the capturing host; types are small numbers, which tells
/// the order.
pub(super) fn open<'a>(piece: Piece<'a>) -> Step<'a> {
    let mut piece = piece.skip(4)?;
    for _ in 0..MAX_ATTRIBUTES {
        if piece.wire_len() == 0 {
            return Err(SkipReason::NotIp);
        }
        let ([l0, l1, t0, t1], rest) = piece.head::<4>()?;
        let (len, kind) = if *t1 == 0 {
            (
                u16::from_le_bytes([*l0, *l1]),
                u16::from_le_bytes([*t0, *t1]),
            )
        } else {
            (
                u16::from_be_bytes([*l0, *l1]),
                u16::from_be_bytes([*t0, *t1]),
            )
        };
        let Some(value) = usize::from(len).checked_sub(4) else {
            return Err(SkipReason::Malformed);
        };
        if kind == PAYLOAD {
            return Ok((Next::Ip, rest.limit(value)));
        }
        piece = rest.skip(value.next_multiple_of(4))?;
    }
    Err(SkipReason::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packet_is_found_in_both_byte_orders() {
        let little = [
            2, 0, 0, 1, 5, 0, 10, 0, 7, 0, 0, 0, 6, 0, 9, 0, 0x45, 0, 0, 0,
        ];
        let big = [
            2, 0, 0, 1, 0, 5, 0, 10, 7, 0, 0, 0, 0, 6, 0, 9, 0x45, 0, 0, 0,
        ];
        for bytes in [little, big] {
            let (next, rest) = open(Piece::new(&bytes, 0)).unwrap();
            assert_eq!((next, rest.bytes), (Next::Ip, &[0x45, 0][..]));
        }
    }

    #[test]
    fn nothing_inside() {
        let none = [2, 0, 0, 1, 5, 0, 10, 0, 7, 0, 0, 0];
        let lies = [2, 0, 0, 1, 3, 0, 10, 0];
        for (bytes, reason) in [
            (&none[..], SkipReason::NotIp),
            (&lies, SkipReason::Malformed),
        ] {
            assert_eq!(open(Piece::new(bytes, 0)).unwrap_err(), reason);
        }
    }
}
