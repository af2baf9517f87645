//! Numbers in the byte order of the machine that wrote the file.

/// Byte order of a file or of a pcapng section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    #[inline]
    pub(super) const fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        }
    }

    #[inline]
    pub(super) const fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        }
    }

    #[inline]
    pub(super) const fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            ByteOrder::Little => u64::from_le_bytes(bytes),
            ByteOrder::Big => u64::from_be_bytes(bytes),
        }
    }

    /// The four words of the first 16 bytes.
    #[inline]
    pub(super) fn words4(self, bytes: &[u8]) -> Option<[u32; 4]> {
        let b: &[u8; 16] = bytes.first_chunk()?;
        Some([
            self.u32([b[0], b[1], b[2], b[3]]),
            self.u32([b[4], b[5], b[6], b[7]]),
            self.u32([b[8], b[9], b[10], b[11]]),
            self.u32([b[12], b[13], b[14], b[15]]),
        ])
    }

    /// The number in the four bytes at `at`.
    #[inline]
    pub(super) fn u32_at(self, bytes: &[u8], at: usize) -> Option<u32> {
        Some(self.u32(*bytes.get(at..)?.first_chunk()?))
    }

    /// The number in the two bytes at `at`.
    #[inline]
    pub(super) fn u16_at(self, bytes: &[u8], at: usize) -> Option<u16> {
        Some(self.u16(*bytes.get(at..)?.first_chunk()?))
    }
}
