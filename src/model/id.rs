//! Numbers that name things, each with a type of its own.

use std::fmt;
use std::num::NonZeroU64;

/// A packet as a person finds it again: which input, and the 1-based number Wireshark shows in that file.
///
/// Packed into eight bytes (16 bits of file, 48 of number), since one is kept per command in flight.
/// One is added, so that nothing is zero and a packet that may be missing takes no more room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketRef(NonZeroU64);

const NUMBER_BITS: u32 = 48;
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;

impl PacketRef {
    /// The packet `number` (1-based) of input `file` (index into the inputs).
    pub const fn new(file: u16, number: u64) -> Self {
        let packed = ((file as u64) << NUMBER_BITS) | (number & NUMBER_MASK);
        PacketRef(NonZeroU64::MIN.saturating_add(packed))
    }

    /// Index into the inputs.
    pub const fn file(self) -> u16 {
        (self.packed() >> NUMBER_BITS) as u16
    }

    /// 1-based packet number within that input.
    pub const fn number(self) -> u64 {
        self.packed() & NUMBER_MASK
    }

    const fn packed(self) -> u64 {
        self.0.get() - 1
    }
}

impl fmt::Debug for PacketRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PacketRef").field(&self.packed()).finish()
    }
}

impl Default for PacketRef {
    fn default() -> PacketRef {
        PacketRef::new(0, 0)
    }
}

/// One TCP connection of the run, numbered from 0 in order of its first packet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ConnectionId(pub u64);

#[cfg(test)]
mod tests {
    use super::PacketRef;

    #[test]
    fn a_packet_is_found_again() {
        for (file, number) in [(0, 0), (0, 1), (7, 1 << 40), (u16::MAX, (1 << 48) - 2)] {
            let at = PacketRef::new(file, number);
            assert_eq!((at.file(), at.number()), (file, number));
        }
        assert!(PacketRef::new(0, 9) < PacketRef::new(1, 0));
        assert_eq!(size_of::<Option<PacketRef>>(), size_of::<u64>());
    }
}
