//! MPLS label stacks (RFC 3032), and what lies below them.

use super::ethertypes::{self, by_ethertype};
use crate::packet::SkipReason;
use crate::packet::piece::Piece;
use crate::packet::step::{Next, Step};

/// Marks the last label of a stack.
const BOTTOM_OF_STACK: u8 = 1;

/// Takes one label off.
pub(super) fn open<'a>(piece: Piece<'a>) -> Step<'a> {
    let ([_, _, flags, _], rest) = piece.head::<4>()?;
    if flags & BOTTOM_OF_STACK == 0 {
        Ok((Next::EtherType(ethertypes::MPLS), rest))
    } else {
        below(rest)
    }
}

/// MPLS does not say what it carries. By convention the first nibble does (RFC 4928): 4 and 6 are IP, 0 is the control
/// word of a pseudowire (RFC 4385), and the rest can only be an Ethernet frame without a control word. An Ethernet
/// address may begin with 0 too; then the EtherType behind the addresses decides.
fn below<'a>(piece: Piece<'a>) -> Step<'a> {
    match piece.bytes.first().map(|byte| byte >> 4) {
        Some(4 | 6) => Ok((Next::Ip, piece)),
        Some(0) if !is_frame(piece) => Ok((Next::Ethernet, piece.skip(4)?)),
        Some(0) => Ok((Next::Ethernet, piece)),
        // 1 is the associated channel: management, never traffic.
        Some(1) if !is_frame(piece) => Err(SkipReason::NotIp),
        Some(_) => Ok((Next::Ethernet, piece)),
        None => Err(piece.short(1)),
    }
}

/// Whether an EtherType that leads to IP stands where an Ethernet header has it.
fn is_frame(piece: Piece<'_>) -> bool {
    let Some([.., high, low]) = piece.bytes.first_chunk::<14>() else {
        return false;
    };
    match by_ethertype(u16::from_be_bytes([*high, *low])) {
        Next::Ip => true,
        Next::EtherType(number) => matches!(
            number,
            ethertypes::VLAN | ethertypes::SERVICE_VLAN | ethertypes::MPLS
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_and_what_is_below() {
        let frame = |first: u8| [&[first][..], &[2; 11], &[8, 0], b"ip"].concat();
        let bottom = |below: &[u8]| [&[0, 1, 0x01, 64][..], below].concat();
        let control_word = [&[0, 0, 0, 9][..], &frame(0x52)].concat();
        let table = [
            (vec![0, 1, 0, 64, 9], Ok((Next::EtherType(0x8847), 1))),
            (bottom(&[0x45, 0, 0]), Ok((Next::Ip, 3))),
            (bottom(&[0x60, 0, 0]), Ok((Next::Ip, 3))),
            (bottom(&frame(0x52)), Ok((Next::Ethernet, 16))),
            (bottom(&frame(0x02)), Ok((Next::Ethernet, 16))),
            (bottom(&control_word), Ok((Next::Ethernet, 16))),
            (bottom(&[0x10, 0, 0, 7]), Err(SkipReason::NotIp)),
            (bottom(&[]), Err(SkipReason::Malformed)),
            (vec![0, 1, 1], Err(SkipReason::Malformed)),
        ];
        for (bytes, expected) in table {
            let got = open(Piece::new(&bytes, 0));
            assert_eq!(
                got.map(|(next, rest)| (next, rest.bytes.len())),
                expected,
                "{bytes:02x?}"
            );
        }
    }
}
