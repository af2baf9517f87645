//! IP packets in fragments, put together again (RFC 791, RFC 8200, RFC 5722).

mod held;
mod pool;

use super::piece::Piece;

pub(super) use pool::FragmentPool;

/// Where a fragment belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Identification of the packet, 16 bits in IPv4.
    pub(super) id: u32,
    /// Offset of the payload in the packet's payload, in bytes.
    pub(super) offset: u32,
    /// More fragments follow behind this one.
    pub(super) more: bool,
}

/// A fragment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment<'a> {
    /// Where it belongs.
    pub(super) place: Place,
    /// What the packet carries, as this fragment has it.
    pub(super) protocol: u8,
    /// The payload.
    pub(super) piece: Piece<'a>,
}

/// A packet's payload, whole again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rebuilt {
    /// What it carries.
    pub(super) protocol: u8,
    /// The bytes, up to the first that a snapshot length cut off.
    pub(super) bytes: Vec<u8>,
    /// How many there were behind that.
    pub(super) missing: usize,
}
