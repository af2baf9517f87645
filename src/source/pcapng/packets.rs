//! The three blocks that hold a packet.

use super::super::damage::Damage;
use super::super::record::MAX_PACKET;
use super::super::window::Window;
use super::options::{COMMENT, Options, text};
use super::{Outcome, PcapNg};

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
