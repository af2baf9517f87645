//! IPv4 and IPv6: addresses, protocol, payload, and whether the payload is only a fragment.

mod head;
mod v4;
mod v6;

use super::SkipReason;
use super::piece::Piece;

pub(super) use head::{IpHead, Opened};
pub(super) use v6::{is_extension, open_extension};

/// Takes off the IP header that the version nibble announces.
#[inline]
pub(super) fn open<'a>(piece: Piece<'a>, head: &mut IpHead) -> Result<Opened<'a>, SkipReason> {
    match piece.bytes.first().map(|byte| byte >> 4) {
        Some(4) => v4::open(piece, head),
        Some(6) => v6::open(piece, head),
        Some(_) => Err(SkipReason::Malformed),
        None => Err(piece.short(1)),
    }
}
