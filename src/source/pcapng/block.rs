//! Block headers, and the three blocks that hold a packet.

use super::super::byte_order::ByteOrder;
use super::super::damage::Damage;
use super::super::record::MAX_PACKET;
use super::super::window::Window;
use super::options::{COMMENT, Options};
use super::{Outcome, PcapNg, text};

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

/// From the start of a block to its body.
const BODY: usize = 8;

impl PcapNg {
    #[inline]
    pub(super) fn enhanced_packet(&mut self, body: &[u8], window: &Window) -> Outcome {
        const FIXED: usize = 20;
        let order = self.section.order;
        let (Some([id, high, low, captured]), Some(wire)) =
            (order.words4(body), order.u32_at(body, 16))
        else {
            return Outcome::Bad("an Enhanced Packet Block is too short".to_owned());
        };
        let Some(interface) = self.section.interfaces.get(id as usize) else {
            return self.unknown_interface(id);
        };
        if captured as usize > body.len() - FIXED || captured > MAX_PACKET {
            return too_long(captured, body.len() - FIXED);
        }
        let (time, link) = (interface.time(high, low), interface.link);
        let options = FIXED + (captured as usize).next_multiple_of(4);
        if options < body.len() {
            self.packet_comments(body.get(options..).unwrap_or_default());
        }
        let span = window.span(BODY + FIXED, captured as usize);
        self.packet(span, time, wire.max(captured), link)
    }

    /// The Packet Block, which the Enhanced Packet Block replaced.
    pub(super) fn old_packet(&mut self, body: &[u8], window: &Window) -> Outcome {
        const FIXED: usize = 20;
        let order = self.section.order;
        let (Some([_, high, low, captured]), Some(wire), Some(id)) = (
            order.words4(body),
            order.u32_at(body, 16),
            order.u16_at(body, 0),
        ) else {
            return Outcome::Bad("a Packet Block is too short".to_owned());
        };
        let Some(interface) = self.section.interfaces.get(usize::from(id)) else {
            return self.unknown_interface(u32::from(id));
        };
        if captured as usize > body.len() - FIXED || captured > MAX_PACKET {
            return too_long(captured, body.len() - FIXED);
        }
        let (time, link) = (interface.time(high, low), interface.link);
        let options = FIXED + (captured as usize).next_multiple_of(4);
        self.packet_comments(body.get(options..).unwrap_or_default());
        let span = window.span(BODY + FIXED, captured as usize);
        self.packet(span, time, wire.max(captured), link)
    }

    /// A Simple Packet Block has neither interface, time nor captured length: the first interface, the time of the
    /// packet before, and what the snapshot length leaves.
    pub(super) fn simple_packet(
        &mut self,
        body: &[u8],
        window: &Window,
        damage: &mut Damage,
    ) -> Outcome {
        const FIXED: usize = 4;
        let Some(wire) = self.section.order.u32_at(body, 0) else {
            return Outcome::Bad("a Simple Packet Block is too short".to_owned());
        };
        let Some(interface) = self.section.interfaces.first() else {
            return self.unknown_interface(0);
        };
        let limit = match interface.snaplen {
            0 => u32::MAX,
            snaplen => snaplen,
        };
        let captured = wire.min(limit);
        if captured as usize > body.len() - FIXED || captured > MAX_PACKET {
            return too_long(captured, body.len() - FIXED);
        }
        let link = interface.link;
        if !self.timeless {
            self.timeless = true;
            damage.note(window.offset(), || {
                "packets without a time (Simple Packet Blocks): each takes the time of the packet before it".to_owned()
            });
        }
        let span = window.span(BODY + FIXED, captured as usize);
        self.packet(span, self.last_time, wire, link)
    }

    #[cold]
    fn packet_comments(&mut self, options: &[u8]) {
        for (code, value) in Options::new(self.section.order, options) {
            if code == COMMENT {
                self.annotations.comment(Some(self.number + 1), text(value));
            }
        }
    }

    #[cold]
    fn unknown_interface(&self, id: u32) -> Outcome {
        let known = self.section.interfaces.len();
        Outcome::Bad(format!(
            "a packet of interface {id}, but only {known} are described"
        ))
    }
}

#[cold]
fn too_long(captured: u32, room: usize) -> Outcome {
    Outcome::Bad(format!(
        "a packet of {captured} bytes in a block with room for {room}"
    ))
}
