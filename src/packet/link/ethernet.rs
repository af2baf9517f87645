//! Ethernet II and 802.3 frames, and VLAN tags (IEEE 802.1Q, 802.1ad).

use super::ethertypes::by_type_or_length;
use crate::packet::piece::Piece;
use crate::packet::step::Step;
use etherparse::Ethernet2HeaderSlice;

/// Takes off the addresses and the EtherType or length.
#[inline]
pub(in crate::packet) fn open<'a>(piece: Piece<'a>) -> Step<'a> {
    let header = Ethernet2HeaderSlice::from_slice(piece.bytes)
        .map_err(|error| piece.short(error.required_len))?;
    let rest = piece.skip(header.slice().len())?;
    Ok(by_type_or_length(header.ether_type().0, rest))
}

/// Takes off a VLAN tag whose EtherType is already gone.
pub(super) fn vlan<'a>(piece: Piece<'a>) -> Step<'a> {
    let ([_, _, field @ ..], rest) = piece.head::<4>()?;
    Ok(by_type_or_length(u16::from_be_bytes(*field), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::SkipReason;
    use crate::packet::step::Next;

    #[test]
    fn types_and_lengths() {
        for (field, next, left) in [
            ([0x08, 0x00], Next::Ip, &b"payload"[..]),
            ([0x86, 0xdd], Next::Ip, b"payload"),
            ([0x81, 0x00], Next::EtherType(0x8100), b"payload"),
            ([0x06, 0x00], Next::EtherType(0x0600), b"payload"),
            ([0x00, 0x03], Next::Llc, b"pay"),
        ] {
            let bytes = [&[0; 12][..], &field, b"payload"].concat();
            let (found, piece) = open(Piece::new(&bytes, 0)).unwrap();
            assert_eq!((found, piece.bytes), (next, left));
        }
    }

    #[test]
    fn a_short_header() {
        let cut = Piece::new(&[0; 13], 1);
        assert_eq!(open(cut).unwrap_err(), SkipReason::CutBeforeTcp);
        let runt = Piece::new(&[0; 13], 0);
        assert_eq!(open(runt).unwrap_err(), SkipReason::Malformed);
    }
}
