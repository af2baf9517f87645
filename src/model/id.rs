//! Numbers that name things, each with a type of its own.

/// A packet as a person finds it again: which input, and the 1-based number Wireshark shows in that file.
///
/// Packed into eight bytes (16 bits of file, 48 of number), since one is kept per command in flight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct PacketRef(u64);

const NUMBER_BITS: u32 = 48;
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;

impl PacketRef {
    /// The packet `number` (1-based) of input `file` (index into the inputs).
    pub const fn new(file: u16, number: u64) -> Self {
        PacketRef(((file as u64) << NUMBER_BITS) | (number & NUMBER_MASK))
    }

    /// Index into the inputs.
    pub const fn file(self) -> u16 {
        (self.0 >> NUMBER_BITS) as u16
    }

    /// 1-based packet number within that input.
    pub const fn number(self) -> u64 {
        self.0 & NUMBER_MASK
    }
}

/// One TCP connection of the run, numbered from 0 in order of its first packet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ConnectionId(pub u64);
