//! Captured bytes together with how many of the wire's bytes are missing behind them.

use super::{Packet, SkipReason};

/// A stretch of a packet: what was captured of it, and how much of it was on the wire but not captured.
///
/// Missing bytes are always at the end, since a snapshot length cuts there. Every layer narrows the piece to what its
/// own length field declares, so the innermost length decides how much of a payload is missing. It can not reach beyond
/// the length that a layer around it declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// The captured bytes.
    pub(super) bytes: &'a [u8],
    /// Wire bytes behind them that were not captured.
    pub(super) missing: usize,
    /// A length field said where it ends. The length in a record's header does not count.
    declared: bool,
}

impl<'a> Piece<'a> {
    /// Captured bytes with `missing` more behind them, as no length field has confirmed yet.
    #[inline]
    pub(super) const fn new(bytes: &'a [u8], missing: usize) -> Self {
        Piece {
            bytes,
            missing,
            declared: false,
        }
    }

    /// The whole packet.
    #[inline]
    pub(super) fn of(packet: &Packet<'a>) -> Self {
        let wire = usize::try_from(packet.wire_len).unwrap_or(usize::MAX);
        Piece::new(packet.bytes, wire.saturating_sub(packet.bytes.len()))
    }

    /// Length on the wire.
    #[inline]
    pub(super) fn wire_len(&self) -> usize {
        self.bytes.len().saturating_add(self.missing)
    }

    /// Narrows the piece to `len` wire bytes, as a length field says. Bytes behind that are padding. A length beyond
    /// what was captured counts as missing, even when the record's header does not say so: tools that cut packets do not
    /// all keep the original length there, and a hole is the safe reading.
    #[inline]
    pub(super) fn limit(self, len: usize) -> Self {
        let (bytes, missing) = match self.bytes.get(..len) {
            Some(bytes) => (bytes, 0),
            None if self.declared => (
                self.bytes,
                self.missing.min(len.saturating_sub(self.bytes.len())),
            ),
            None => (self.bytes, len.saturating_sub(self.bytes.len())),
        };
        Piece {
            bytes,
            missing,
            declared: true,
        }
    }

    /// The first `len` bytes, and the rest.
    #[inline]
    pub(super) fn split(self, len: usize) -> Result<(&'a [u8], Self), SkipReason> {
        match self.bytes.split_at_checked(len) {
            Some((head, bytes)) => Ok((head, Piece { bytes, ..self })),
            None => Err(self.short(len)),
        }
    }

    /// The first `N` bytes as an array, and the rest.
    #[inline]
    pub(super) fn head<const N: usize>(self) -> Result<(&'a [u8; N], Self), SkipReason> {
        match self.bytes.split_first_chunk::<N>() {
            Some((head, bytes)) => Ok((head, Piece { bytes, ..self })),
            None => Err(self.short(N)),
        }
    }

    /// Without the first `len` bytes.
    #[inline]
    pub(super) fn skip(self, len: usize) -> Result<Self, SkipReason> {
        self.split(len).map(|(_, rest)| rest)
    }

    /// Why a header of `len` bytes is not there: the capture ends before it, or the packet itself does.
    #[cold]
    pub(super) fn short(&self, len: usize) -> SkipReason {
        if self.missing > 0 && len <= self.wire_len() {
            SkipReason::CutBeforeTcp
        } else {
            SkipReason::Malformed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Piece<'static> = Piece::new(b"0123456789", 5);

    #[test]
    fn limit_trims_padding_and_counts_what_is_missing() {
        assert_eq!(TEN.limit(4).bytes, b"0123");
        assert_eq!(TEN.limit(4).missing, 0);
        assert_eq!(TEN.limit(10).missing, 0);
        assert_eq!(TEN.limit(12).missing, 2);
        assert_eq!(TEN.limit(40).missing, 30);
    }

    #[test]
    fn an_inner_length_does_not_reach_beyond_an_outer_one() {
        assert_eq!(TEN.limit(10).limit(12).missing, 0);
        assert_eq!(TEN.limit(13).limit(12).missing, 2);
        assert_eq!(TEN.limit(13).limit(40).missing, 3);
        assert_eq!(TEN.limit(13).skip(4).unwrap().limit(40).missing, 3);
        assert_eq!(TEN.limit(4).limit(12).bytes, b"0123");
    }

    #[test]
    fn a_short_header_is_cut_only_when_the_wire_had_it() {
        assert_eq!(TEN.split(12).unwrap_err(), SkipReason::CutBeforeTcp);
        assert_eq!(TEN.split(16).unwrap_err(), SkipReason::Malformed);
        assert_eq!(TEN.limit(4).head::<5>().unwrap_err(), SkipReason::Malformed);
        let (head, rest) = TEN.split(3).unwrap();
        assert_eq!(
            (head, rest.bytes, rest.missing),
            (&b"012"[..], &b"3456789"[..], 5)
        );
    }
}
