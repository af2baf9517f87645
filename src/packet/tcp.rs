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
    };
    segment.fingerprint = fingerprint(&segment, ip.id, timestamp(&header));
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
#[inline]
fn fingerprint(segment: &Segment<'_>, ip_id: u16, timestamp: u32) -> u32 {
    // Odd constants of the golden ratio and of MurmurHash3's finalizer: they spread each bit over the upper half.
    const MULTIPLIERS: [u64; 3] = [
        0x9e37_79b9_7f4a_7c15,
        0xff51_afd7_ed55_8ccd,
        0xc4ce_b9fe_1a85_ec53,
    ];
    let len = (segment.payload.len() as u64).wrapping_add(u64::from(segment.cut));
    let words = [
        (u64::from(segment.seq) << 32) | u64::from(segment.ack),
        (u64::from(timestamp) << 32) | (len & 0xffff_ffff),
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
