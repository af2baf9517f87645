//! Block headers.

use super::super::byte_order::ByteOrder;
use super::super::window::Window;

/// Type, length, length again.
pub(super) const SMALLEST: usize = 12;

const BYTE_ORDER_MAGIC: u32 = 0x1A2B_3C4D;

/// Block types.
pub(super) mod kind {
    pub(in super::super) const SECTION_HEADER: u32 = 0x0A0D_0D0A;
    pub(in super::super) const INTERFACE: u32 = 1;
    pub(in super::super) const PACKET: u32 = 2;
    pub(in super::super) const SIMPLE_PACKET: u32 = 3;
    pub(in super::super) const NAMES: u32 = 4;
    pub(in super::super) const STATISTICS: u32 = 5;
    pub(in super::super) const ENHANCED_PACKET: u32 = 6;
    const JOURNAL: u32 = 9;
    pub(in super::super) const SECRETS: u32 = 10;
    const CUSTOM: u32 = 0x0BAD;
    const CUSTOM_NOT_COPIED: u32 = 0x4000_0BAD;
    const SYSCALL_V1: u32 = 0x0204;
    const SYSCALL_V2: u32 = 0x0216;
    const SYSCALL_V2_LARGE: u32 = 0x0221;

    /// Blocks that are no packets but have a packet number in Wireshark.
    pub(in super::super) const NUMBERED_ASIDE: [u32; 6] = [
        JOURNAL,
        CUSTOM,
        CUSTOM_NOT_COPIED,
        SYSCALL_V1,
        SYSCALL_V2,
        SYSCALL_V2_LARGE,
    ];
}

/// A block header that fits its trailer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) kind: u32,
    /// As in the file.
    pub(super) len: u32,
    /// Of the section that begins here, or of the current one.
    pub(super) order: ByteOrder,
}

impl Head {
    /// Reads a header. `None` when it can not be one.
    #[inline]
    pub(super) fn read(bytes: &[u8], order: ByteOrder, longest: u32) -> Option<Head> {
        let kind = order.u32_at(bytes, 0)?;
        let order = if kind == kind::SECTION_HEADER {
            section_order(bytes)?
        } else {
            order
        };
        let len = order.u32_at(bytes, 4)?;
        let plausible = len as usize >= SMALLEST && len <= longest;
        plausible.then_some(Head { kind, len, order })
    }

    /// Reads a header whose block is all there and whose second length agrees.
    #[inline]
    pub(super) fn whole(window: &mut Window, order: ByteOrder, longest: u32) -> Option<Head> {
        Head::whole_at(window, 0, order, longest)
    }

    #[inline]
    pub(super) fn whole_at(
        window: &mut Window,
        at: usize,
        order: ByteOrder,
        longest: u32,
    ) -> Option<Head> {
        let head = Head::read(window.bytes_from(at), order, longest)?;
        let end = at + head.padded();
        if !window.have(end) {
            return None;
        }
        let trailer = head.order.u32_at(window.bytes(), end - 4)?;
        (trailer == head.len).then_some(head)
    }

    /// Length in the file: a multiple of four, although some writers say less.
    #[inline]
    pub(super) const fn padded(self) -> usize {
        (self.len as usize).next_multiple_of(4)
    }

    /// Between header and trailer.
    #[inline]
    pub(super) fn body(self, bytes: &[u8]) -> &[u8] {
        bytes.get(8..self.padded() - 4).unwrap_or_default()
    }
}

fn section_order(bytes: &[u8]) -> Option<ByteOrder> {
    [ByteOrder::Little, ByteOrder::Big]
        .into_iter()
        .find(|order| order.u32_at(bytes, 8) == Some(BYTE_ORDER_MAGIC))
}
