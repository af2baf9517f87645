//! BSD loopback: four bytes of address family in front of IP.

use crate::packet::SkipReason;
use crate::packet::piece::Piece;
use crate::packet::step::{Next, Step};

/// AF_INET is 2 everywhere.
const INET: u32 = 2;
/// AF_INET6 of Linux, Windows, NetBSD and OpenBSD, Solaris, FreeBSD, macOS.
const INET6: [u32; 6] = [10, 23, 24, 26, 28, 30];

/// LINKTYPE_NULL has the family in the byte order of the capturing host, LINKTYPE_LOOP in network byte order. No number
/// means one family in one order and another in the other, so both are accepted.
#[inline]
pub(super) fn open<'a>(piece: Piece<'a>) -> Step<'a> {
    let (family, rest) = piece.head::<4>()?;
    let family = u32::from_le_bytes(*family);
    if [family, family.swap_bytes()]
        .into_iter()
        .any(|family| family == INET || INET6.contains(&family))
    {
        Ok((Next::Ip, rest))
    } else {
        Err(SkipReason::NotIp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_in_both_byte_orders() {
        for family in [2u32, 10, 23, 24, 26, 28, 30] {
            for order in [family.to_le_bytes(), family.to_be_bytes()] {
                let bytes = [&order[..], b"ip"].concat();
                let (next, rest) = open(Piece::new(&bytes, 0)).unwrap();
                assert_eq!(
                    (next, rest.bytes),
                    (Next::Ip, &b"ip"[..]),
                    "family {family}"
                );
            }
        }
        let other = Piece::new(&[0, 0, 0, 7], 0);
        assert_eq!(open(other).unwrap_err(), SkipReason::NotIp);
    }
}
