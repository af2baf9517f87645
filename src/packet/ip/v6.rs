//! The IPv6 header and its extension headers (RFC 8200), and the authentication header of both versions (RFC 4302).

use super::{IpHead, Opened};
use crate::packet::SkipReason;
use crate::packet::fragment::Place;
use crate::packet::piece::Piece;
use etherparse::Ipv6HeaderSlice;
use etherparse::err::ipv6::HeaderSliceError;
use std::net::{IpAddr, Ipv6Addr};

/// Protocol numbers of the extension headers that can stand in front of TCP.
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;
/// RFC 6275.
const MOBILITY: u8 = 135;
/// RFC 7401.
const HOST_IDENTITY: u8 = 139;
/// RFC 5533.
const SHIM6: u8 = 140;

/// Takes the header off. A payload length of 0 means "to the end": a jumbogram (RFC 2675), or segmentation offload.
#[inline]
pub(super) fn open<'a>(piece: Piece<'a>, head: &mut IpHead) -> Result<Opened<'a>, SkipReason> {
    let header = Ipv6HeaderSlice::from_slice(piece.bytes).map_err(|error| match error {
        HeaderSliceError::Len(error) => piece.short(error.required_len),
        HeaderSliceError::Content(_) => SkipReason::Malformed,
    })?;
    let payload = piece.skip(header.slice().len())?;
    *head = IpHead {
        src: IpAddr::V6(header.source_addr()),
        dst: IpAddr::V6(header.destination_addr()),
        id: 0,
        hops: header.hop_limit(),
    };
    Ok(Opened {
        protocol: header.next_header().0,
        payload: match usize::from(header.payload_length()) {
            0 => payload,
            len => payload.limit(len),
        },
        fragment: None,
    })
}

/// Whether the protocol number is an extension header.
pub(in crate::packet) const fn is_extension(number: u8, v6: bool) -> bool {
    match number {
        AUTHENTICATION => true,
        HOP_BY_HOP | ROUTING | FRAGMENT | DESTINATION | MOBILITY | HOST_IDENTITY | SHIM6 => v6,
        _ => false,
    }
}

/// Takes one extension header off.
pub(in crate::packet) fn open_extension<'a>(
    number: u8,
    piece: Piece<'a>,
    head: &mut IpHead,
) -> Result<Opened<'a>, SkipReason> {
    if number == FRAGMENT {
        return open_fragment(piece, head);
    }
    let ([protocol, len], _) = piece.head::<2>()?;
    let len = match number {
        AUTHENTICATION => (usize::from(*len) + 2) * 4,
        _ => (usize::from(*len) + 1) * 8,
    };
    let (header, payload) = piece.split(len)?;
    if number == ROUTING
        && let Some(last) = last_of_route(header)
    {
        head.dst = IpAddr::V6(last);
    }
    Ok(Opened {
        protocol: *protocol,
        payload,
        fragment: None,
    })
}

/// The fragment header. An atomic fragment (RFC 6946) is a whole packet that happens to have one.
fn open_fragment<'a>(piece: Piece<'a>, head: &mut IpHead) -> Result<Opened<'a>, SkipReason> {
    let ([protocol, _, high, low, id @ ..], payload) = piece.head::<8>()?;
    let field = u16::from_be_bytes([*high, *low]);
    let id = u32::from_be_bytes(*id);
    let [_, _, id_high, id_low] = id.to_be_bytes();
    head.id = u16::from_be_bytes([id_high, id_low]);
    let place = Place {
        id,
        offset: u32::from(field & 0xfff8),
        more: field & 1 != 0,
    };
    Ok(Opened {
        protocol: *protocol,
        payload,
        fragment: (place.more || place.offset > 0).then_some(place),
    })
}

/// Where a source route ends, when the packet is still on it. Until then the IP header names the next hop, while the
/// packets of the other direction name the last one: a connection needs one name.
fn last_of_route(header: &[u8]) -> Option<Ipv6Addr> {
    let [_, len, kind, left, _, _, _, _, addresses @ ..] = header else {
        return None;
    };
    let (addresses, _) = addresses.as_chunks::<16>();
    let last = match kind {
        _ if *left == 0 => None,
        // RFC 5095 and RFC 6275: in the order of travel, two units of length each.
        0 | 2 => addresses.get(..usize::from(*len / 2))?.last(),
        // RFC 8754, segment routing: the last one first.
        4 => addresses.first(),
        _ => None,
    };
    last.map(|octets| Ipv6Addr::from(*octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: IpHead = IpHead {
        src: IpAddr::V6(Ipv6Addr::LOCALHOST),
        dst: IpAddr::V6(Ipv6Addr::LOCALHOST),
        id: 0,
        hops: 0,
    };

    fn header(len: u16) -> Vec<u8> {
        let mut bytes = vec![0x60, 0, 0, 0];
        bytes.extend(len.to_be_bytes());
        bytes.extend([6, 64]);
        bytes.extend(Ipv6Addr::new(1, 0, 0, 0, 0, 0, 0, 2).octets());
        bytes.extend(Ipv6Addr::new(3, 0, 0, 0, 0, 0, 0, 4).octets());
        bytes
    }

    #[test]
    fn lengths() {
        let table = [
            (4, &b"abcd"[..], 0, (&b"abcd"[..], 0)),
            (4, b"abcd-padding", 0, (b"abcd", 0)),
            (0, b"abcd", 0, (b"abcd", 0)),
            (0, b"abcd", 3, (b"abcd", 3)),
            (9, b"abcd", 5, (b"abcd", 5)),
        ];
        for (len, payload, missing, expected) in table {
            let bytes = [&header(len)[..], payload].concat();
            let mut head = IpHead::NONE;
            let opened = open(Piece::new(&bytes, missing), &mut head).unwrap();
            assert_eq!(
                (opened.payload.bytes, opened.payload.missing),
                expected,
                "length {len}"
            );
            assert_eq!(opened.protocol, 6);
            assert_eq!(
                (head.src.to_string(), head.dst.to_string()),
                ("1::2".into(), "3::4".into())
            );
        }
    }

    #[test]
    fn extension_lengths() {
        for (number, len_field, len) in [
            (HOP_BY_HOP, 0, 8),
            (DESTINATION, 2, 24),
            (MOBILITY, 1, 16),
            (AUTHENTICATION, 4, 24),
            (FRAGMENT, 77, 8),
        ] {
            let mut bytes = vec![0; len];
            bytes[..2].copy_from_slice(&[6, len_field]);
            bytes.extend(b"tcp");
            let piece = Piece::new(&bytes, 0);
            let opened = open_extension(number, piece, &mut HEAD.clone()).unwrap();
            assert_eq!(
                (opened.protocol, opened.payload.bytes),
                (6, &b"tcp"[..]),
                "header {number}"
            );
            let short = Piece::new(&bytes[..len - 1], 0);
            let error = open_extension(number, short, &mut HEAD.clone()).unwrap_err();
            assert_eq!(error, SkipReason::Malformed, "header {number}");
        }
    }

    #[test]
    fn fragments() {
        for (field, fragment) in [
            (0u16, None),
            (1, Some((0, true))),
            (0x0008, Some((8, false))),
            (0xfff9, Some((65_528, true))),
        ] {
            let mut bytes = vec![6, 0];
            bytes.extend(field.to_be_bytes());
            bytes.extend([0x12, 0x34, 0x56, 0x78]);
            let mut head = HEAD;
            let piece = Piece::new(&bytes, 0);
            let opened = open_extension(FRAGMENT, piece, &mut head).unwrap();
            let place = fragment.map(|(offset, more)| Place {
                id: 0x1234_5678,
                offset,
                more,
            });
            assert_eq!(opened.fragment, place);
            assert_eq!(head.id, 0x5678);
        }
    }

    #[test]
    fn a_route_names_its_end() {
        let (a, b) = (
            Ipv6Addr::new(0xa, 0, 0, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0xb, 0, 0, 0, 0, 0, 0, 1),
        );
        for (kind, left, end) in [
            (0, 1, Some(b)),
            (0, 0, None),
            (2, 1, Some(b)),
            (4, 1, Some(a)),
            (9, 1, None),
        ] {
            let mut bytes = vec![6, 4, kind, left, 0, 0, 0, 0];
            bytes.extend(a.octets());
            bytes.extend(b.octets());
            let mut head = HEAD;
            open_extension(ROUTING, Piece::new(&bytes, 0), &mut head).unwrap();
            assert_eq!(
                head.dst,
                end.map_or(HEAD.dst, IpAddr::V6),
                "routing type {kind}, {left} left"
            );
        }
    }
}
