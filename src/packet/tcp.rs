//! The TCP header (RFC 9293), and the fingerprint of a segment.

use super::ip::IpHead;
use super::piece::Piece;
use super::{Segment, SkipReason, TcpFlags};
use crate::model::Endpoint;
use etherparse::err::tcp::HeaderSliceError;
use etherparse::{TcpHeaderSlice, TcpOptionElement};

/// IP protocol number.
pub(super) const PROTOCOL: u8 = 6;

/// Reads the segment in `piece`. The checksum is not verified: with checksum offload, packets are captured before the
/// network card has filled it in.
#[inline]
pub(super) fn segment<'a>(ip: &IpHead, piece: Piece<'a>) -> Result<Segment<'a>, SkipReason> {
    let header = TcpHeaderSlice::from_slice(piece.bytes).map_err(|error| match error {
        HeaderSliceError::Len(error) => piece.short(error.required_len),
        HeaderSliceError::Content(_) => SkipReason::Malformed,
    })?;
    let (head, rest) = piece.split(header.slice().len())?;
    let flags = TcpFlags(head.get(13).copied().unwrap_or(0));
    let mut segment = Segment {
        src: Endpoint {
            addr: ip.src,
            port: header.source_port(),
        },
        dst: Endpoint {
            addr: ip.dst,
            port: header.destination_port(),
        },
        seq: header.sequence_number(),
        ack: header.acknowledgment_number(),
        flags,
        window: header.window_size(),
        payload: rest.bytes,
        cut: u32::try_from(rest.missing).unwrap_or(u32::MAX),
        fingerprint: 0,
        timestamp: timestamp(&header),
        hops: ip.hops,
    };
    segment.fingerprint = fingerprint(&segment, ip.id);
    Ok(segment)
}

/// The sender's timestamp (RFC 7323), 0 when there is none.
#[inline]
fn timestamp(header: &TcpHeaderSlice<'_>) -> u32 {
    match header.options() {
        [] => 0,
        // NOP, NOP, timestamp: how every common stack lays it out (RFC 7323, appendix A).
        [1, 1, 8, 10, a, b, c, d, ..] => u32::from_be_bytes([*a, *b, *c, *d]),
        _ => other_timestamp(header),
    }
}

#[cold]
fn other_timestamp(header: &TcpHeaderSlice<'_>) -> u32 {
    header
        .options_iterator()
        .map_while(Result::ok)
        .find_map(|option| match option {
            TcpOptionElement::Timestamp(value, _) => Some(value),
            _ => None,
        })
        .unwrap_or(0)
}

/// What a packet keeps on its way and a retransmission changes. The length is the one on the wire, so that two
/// captures with different snapshot lengths agree.
///
/// The TCP checksum is not part of it. The sender's host captures the packet before the network card fills the
/// checksum in, the receiver's host after that; and all that a retransmission changes in it is hashed here anyway.
#[inline(always)]
pub(super) fn fingerprint(segment: &Segment<'_>, ip_id: u16) -> u32 {
    // Odd constants of the golden ratio and of MurmurHash3's finalizer: they spread each bit over the upper half.
    const MULTIPLIERS: [u64; 3] = [
        0x9e37_79b9_7f4a_7c15,
        0xff51_afd7_ed55_8ccd,
        0xc4ce_b9fe_1a85_ec53,
    ];
    let len = (segment.payload.len() as u64).wrapping_add(u64::from(segment.cut));
    let words = [
        (u64::from(segment.seq) << 32) | u64::from(segment.ack),
        (u64::from(segment.timestamp) << 32) | (len & 0xffff_ffff),
        (u64::from(ip_id) << 32) | (u64::from(segment.flags.0) << 16) | u64::from(segment.window),
    ];
    let mut hash = 0u64;
    for (word, multiplier) in words.into_iter().zip(MULTIPLIERS) {
        hash = (hash ^ word).wrapping_mul(multiplier);
        hash ^= hash >> 32;
    }
    // The lower half is the upper one mixed in once more.
    (hash & 0xffff_ffff) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(words: u8) -> Vec<u8> {
        let mut bytes = vec![
            0x18,
            0xeb,
            0xc3,
            0x50,
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            2,
            words << 4,
            0x18,
        ];
        bytes.extend([0x12, 0x34, 0xaa, 0xbb, 0, 0]);
        bytes.resize(usize::from(words.max(5)) * 4, 1);
        bytes
    }

    fn with_options(options: &[u8]) -> Vec<u8> {
        let mut bytes = header(u8::try_from(5 + options.len() / 4).unwrap());
        let at = bytes.len() - options.len();
        bytes[at..].copy_from_slice(options);
        bytes
    }

    fn read(bytes: &[u8]) -> Segment<'_> {
        segment(&IpHead::NONE, Piece::new(bytes, 0)).unwrap()
    }

    #[test]
    fn fields() {
        let bytes = [&header(5)[..], b"+OK\r\n"].concat();
        let got = segment(&IpHead::NONE, Piece::new(&bytes, 7)).unwrap();
        assert_eq!((got.src.port, got.dst.port), (6379, 50_000));
        assert_eq!(
            (got.seq, got.ack, got.flags, got.window),
            (1, 2, TcpFlags(0x18), 0x1234)
        );
        assert_eq!((got.payload, got.cut), (&b"+OK\r\n"[..], 7));
    }

    #[test]
    fn bad_headers() {
        let table = [
            (header(4), 0, SkipReason::Malformed),
            (header(15)[..59].to_vec(), 0, SkipReason::Malformed),
            (header(15)[..59].to_vec(), 1, SkipReason::CutBeforeTcp),
            (header(5)[..19].to_vec(), 0, SkipReason::Malformed),
            (header(5)[..8].to_vec(), 100, SkipReason::CutBeforeTcp),
        ];
        for (bytes, missing, reason) in table {
            let piece = Piece::new(&bytes, missing);
            assert_eq!(segment(&IpHead::NONE, piece).unwrap_err(), reason);
        }
    }

    #[test]
    fn timestamps_wherever_they_stand() {
        let stamped = [
            with_options(&[1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0]),
            with_options(&[8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 0]),
            with_options(&[2, 4, 5, 0xb4, 1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 7]),
        ];
        let prints: Vec<u32> = stamped
            .iter()
            .map(|bytes| read(bytes).fingerprint)
            .collect();
        assert!(prints.iter().all(|print| *print == prints[0]), "{prints:?}");
        let other = with_options(&[1, 1, 8, 10, 0, 0, 0, 8, 0, 0, 0, 0]);
        assert_ne!(read(&other).fingerprint, prints[0]);
        let bad = with_options(&[8, 99, 0, 0, 0, 9, 0, 0, 0, 0, 1, 0]);
        assert_ne!(read(&bad).fingerprint, prints[0]);
    }

    #[test]
    fn the_fingerprint_is_of_the_packet_not_of_the_capture() {
        let bytes = [&header(5)[..], b"payload"].concat();
        let print = read(&bytes).fingerprint;
        let cut = segment(&IpHead::NONE, Piece::new(&bytes[..22], 5)).unwrap();
        assert_eq!(cut.fingerprint, print, "another snapshot length");
        let mut filled = bytes.clone();
        filled[16] ^= 0xff;
        assert_eq!(
            read(&filled).fingerprint,
            print,
            "checksum filled in by the network card"
        );
        for at in [4, 7, 8, 11, 13, 14, 15] {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert_ne!(read(&other).fingerprint, print, "byte {at}");
        }
        let again = IpHead {
            id: 1,
            ..IpHead::NONE
        };
        let again = segment(&again, Piece::new(&bytes, 0)).unwrap();
        assert_ne!(again.fingerprint, print, "sent again");
        assert_ne!(read(&bytes[..26]).fingerprint, print, "another length");
    }
}
