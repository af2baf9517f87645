//! The IPv4 header (RFC 791).

use super::{IpHead, Opened};
use crate::packet::SkipReason;
use crate::packet::fragment::Place;
use crate::packet::piece::Piece;
use etherparse::Ipv4HeaderSlice;
use etherparse::err::ipv4::HeaderSliceError;
use std::net::IpAddr;

/// Takes the header off. A total length of 0 means "to the end": segmentation offload lets the kernel capture packets
/// before the length is filled in, or too big for the field.
#[inline]
pub(super) fn open<'a>(piece: Piece<'a>, head: &mut IpHead) -> Result<Opened<'a>, SkipReason> {
    let header = Ipv4HeaderSlice::from_slice(piece.bytes).map_err(|error| match error {
        HeaderSliceError::Len(error) => piece.short(error.required_len),
        HeaderSliceError::Content(_) => SkipReason::Malformed,
    })?;
    let len = header.slice().len();
    let piece = match usize::from(header.total_len()) {
        0 => piece,
        total if total < len => return Err(SkipReason::Malformed),
        total => piece.limit(total),
    };
    *head = IpHead {
        src: IpAddr::V4(header.source_addr()),
        dst: IpAddr::V4(header.destination_addr()),
        id: header.identification(),
        hops: header.ttl(),
    };
    Ok(Opened {
        protocol: header.protocol().0,
        payload: piece.skip(len)?,
        fragment: header.is_fragmenting_payload().then(|| Place {
            id: u32::from(header.identification()),
            offset: u32::from(header.fragments_offset().value()) << 3,
            more: header.more_fragments(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of `words` × 4 bytes that declares `total` bytes.
    fn header(words: u8, total: u16, fragment: u16) -> Vec<u8> {
        let mut bytes = vec![0x40 | words, 0];
        bytes.extend(total.to_be_bytes());
        bytes.extend([0xab, 0xcd]);
        bytes.extend(fragment.to_be_bytes());
        bytes.extend([64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        bytes.resize(usize::from(words) * 4, 1);
        bytes
    }

    fn open_all(bytes: &[u8], missing: usize) -> Result<(IpHead, Opened<'_>), SkipReason> {
        let mut head = IpHead::NONE;
        open(Piece::new(bytes, missing), &mut head).map(|opened| (head, opened))
    }

    #[test]
    fn lengths() {
        // (header words, total length, captured payload, cut off behind it) -> (payload, missing)
        let table = [
            (5, 24, &b"abcd"[..], 0, Ok((&b"abcd"[..], 0))),
            (5, 24, b"abcd-padding", 0, Ok((b"abcd", 0))),
            (7, 32, b"abcd", 0, Ok((b"abcd", 0))),
            (5, 0, b"abcd", 0, Ok((b"abcd", 0))),
            (5, 0, b"abcd", 3, Ok((b"abcd", 3))),
            (5, 30, b"abcd", 6, Ok((b"abcd", 6))),
            (5, 30, b"abcd", 0, Ok((b"abcd", 6))),
            (5, 19, b"abcd", 0, Err(SkipReason::Malformed)),
            (4, 24, b"abcd", 0, Err(SkipReason::Malformed)),
        ];
        for (words, total, payload, missing, expected) in table {
            let bytes = [&header(words, total, 0)[..], payload].concat();
            let got = open_all(&bytes, missing).map(|(_, o)| (o.payload.bytes, o.payload.missing));
            assert_eq!(
                got, expected,
                "{words} words, total {total}, missing {missing}"
            );
        }
    }

    #[test]
    fn head_and_fragment() {
        let bytes = header(5, 20, 0x4000);
        let (head, opened) = open_all(&bytes, 0).unwrap();
        assert_eq!(head.src.to_string(), "10.0.0.1");
        assert_eq!(head.dst.to_string(), "10.0.0.2");
        assert_eq!(
            (head.id, opened.protocol, opened.fragment),
            (0xabcd, 6, None)
        );
        for (field, offset, more) in [
            (0x2000, 0, true),
            (0x2001, 8, true),
            (0x1fff, 65_528, false),
        ] {
            let bytes = header(5, 20, field);
            let place = Place {
                id: 0xabcd,
                offset,
                more,
            };
            assert_eq!(open_all(&bytes, 0).unwrap().1.fragment, Some(place));
        }
    }

    #[test]
    fn short_headers() {
        let bytes = header(6, 24, 0);
        for len in 0..24 {
            let cut = open_all(&bytes[..len], 24 - len).unwrap_err();
            assert_eq!(cut, SkipReason::CutBeforeTcp, "{len} bytes");
            assert_eq!(
                open_all(&bytes[..len], 0).unwrap_err(),
                SkipReason::Malformed,
                "{len} bytes"
            );
        }
    }
}
