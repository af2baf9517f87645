//! Linux cooked captures: what `tcpdump -i any` writes.
//!
//! The EtherType counts whatever the kind of device: loopback (ARPHRD 772), tun (65534), PPP and the tunnels all say
//! there what follows.

use super::ethertypes::by_ethertype;
use crate::packet::piece::Piece;
use crate::packet::step::Step;

/// LINKTYPE_LINUX_SLL: 16 bytes, the EtherType last.
#[inline]
pub(super) fn v1<'a>(piece: Piece<'a>) -> Step<'a> {
    let ([.., high, low], rest) = piece.head::<16>()?;
    Ok((by_ethertype(u16::from_be_bytes([*high, *low])), rest))
}

/// LINKTYPE_LINUX_SLL2: 20 bytes, the EtherType first.
#[inline]
pub(super) fn v2<'a>(piece: Piece<'a>) -> Step<'a> {
    let ([high, low, ..], rest) = piece.head::<20>()?;
    Ok((by_ethertype(u16::from_be_bytes([*high, *low])), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::step::Next;

    /// Ethernet, loopback, PPP, IPv6-in-IPv4, GRE, tun.
    const DEVICES: [u16; 6] = [1, 772, 512, 776, 778, 65_534];

    #[test]
    fn every_device_announces_its_protocol() {
        for device in DEVICES {
            for (ethertype, next) in [
                (0x0800u16, Next::Ip),
                (0x86dd, Next::Ip),
                (0x8100, Next::EtherType(0x8100)),
                (4, Next::EtherType(4)),
            ] {
                let device = device.to_be_bytes();
                let kind = ethertype.to_be_bytes();
                let first = [&[0, 0][..], &device, &[0; 10], &kind, b"ip"].concat();
                let (found, rest) = v1(Piece::new(&first, 0)).unwrap();
                assert_eq!((found, rest.bytes), (next, &b"ip"[..]));
                let second = [&kind[..], &[0; 6], &device, &[0; 10], b"ip"].concat();
                let (found, rest) = v2(Piece::new(&second, 0)).unwrap();
                assert_eq!((found, rest.bytes), (next, &b"ip"[..]));
            }
        }
    }
}
