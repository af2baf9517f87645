//! The pcapng format: blocks in sections (draft-ietf-opsawg-pcapng).

mod annotations;
mod block;
mod options;
mod packets;
mod resync;
mod section;

pub use annotations::{Annotations, Comment, Secrets};

use super::byte_order::ByteOrder;
use super::damage::Damage;
use super::record::{MAX_PACKET, Record};
use super::window::{Span, Window};
use crate::model::Timestamp;
use block::{Head, kind};
use options::{COMMENT, Options, text};
use section::{Interface, MAX_INTERFACES, Section};

/// First four bytes of a file: a Section Header Block, the same in both byte orders.
pub(super) const MAGIC: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];

/// The longest block that is taken into memory: the longest packet, and room for its options.
const MAX_BLOCK: u32 = MAX_PACKET + (1 << 20);

/// How many different link types and interface names of one file are listed.
const MAX_LISTED: usize = 256;

/// Reader of one pcapng file.
pub(super) struct PcapNg {
    section: Section,
    pub(super) annotations: Annotations,
    pub(super) links: Vec<u16>,
    pub(super) names: Vec<String>,
    dropped_before: Option<(u64, u64)>,
    last_time: Timestamp,
    number: u64,
    timeless: bool,
}

/// What a block turned out to be.
enum Outcome {
    Packet(Record),
    Aside,
    Bad(String),
}

impl PcapNg {
    pub(super) fn new() -> Self {
        PcapNg {
            section: Section {
                order: ByteOrder::Little,
                interfaces: Vec::new(),
            },
            annotations: Annotations::default(),
            links: Vec::new(),
            names: Vec::new(),
            dropped_before: None,
            last_time: Timestamp::default(),
            number: 0,
            timeless: false,
        }
    }

    /// The next packet, past anything damaged; `None` at the end.
    #[inline]
    pub(super) fn next(&mut self, window: &mut Window, damage: &mut Damage) -> Option<Record> {
        loop {
            if !window.have(block::SMALLEST) {
                damage.note_rest(window, "block header");
                return None;
            }
            let Some(head) = Head::whole(window, self.section.order, MAX_BLOCK) else {
                if !self.resync(window, damage) {
                    return None;
                }
                continue;
            };
            let outcome = self.take_block(head, window, damage);
            let offset = window.offset();
            window.consume(head.padded());
            match outcome {
                Outcome::Packet(record) => return Some(record),
                Outcome::Aside => {}
                Outcome::Bad(reason) => {
                    damage.note(offset, || {
                        format!("{reason}; the block ({} bytes) is skipped", head.len)
                    });
                }
            }
        }
    }

    #[inline]
    fn take_block(&mut self, head: Head, window: &Window, damage: &mut Damage) -> Outcome {
        let body = head.body(window.bytes());
        match head.kind {
            kind::ENHANCED_PACKET => self.enhanced_packet(body, window),
            kind::SIMPLE_PACKET => self.simple_packet(body, window, damage),
            kind::PACKET => self.old_packet(body, window),
            _ => self.side_block(head, body, damage, window.offset()),
        }
    }

    /// Everything that is no packet.
    #[cold]
    fn side_block(&mut self, head: Head, body: &[u8], damage: &mut Damage, at: u64) -> Outcome {
        let order = self.section.order;
        let bad = |what: &str| Outcome::Bad(format!("{what} is too short for what it claims"));
        match head.kind {
            kind::SECTION_HEADER => self.section_header(head.order, body),
            kind::INTERFACE => return self.interface(body, damage, at),
            kind::STATISTICS => {
                let id = order.u32_at(body, 0).map(|id| id as usize);
                let Some(interface) = id.and_then(|id| self.section.interfaces.get_mut(id)) else {
                    return Outcome::Bad(
                        "statistics of an interface that was not described".to_owned(),
                    );
                };
                interface.take_statistics(order, body.get(12..).unwrap_or_default());
            }
            kind::NAMES => match self.annotations.take_names(order, body) {
                Some(()) => {}
                None => return bad("a Name Resolution Block"),
            },
            kind::SECRETS => match self.annotations.take_secrets(order, body) {
                Some(()) => {}
                None => return bad("a Decryption Secrets Block"),
            },
            // Wireshark shows these as rows of their own, so they take a number.
            kind if kind::NUMBERED_ASIDE.contains(&kind) => self.number += 1,
            _ => {}
        }
        Outcome::Aside
    }

    fn section_header(&mut self, order: ByteOrder, body: &[u8]) {
        self.dropped_before = self.dropped();
        self.section = Section {
            order,
            interfaces: Vec::new(),
        };
        for (code, value) in Options::new(order, body.get(16..).unwrap_or_default()) {
            if code == COMMENT {
                self.annotations.comment(None, text(value));
            }
        }
    }

    fn interface(&mut self, body: &[u8], damage: &mut Damage, at: u64) -> Outcome {
        let Some(mut interface) = Interface::new(self.section.order, body) else {
            return Outcome::Bad("an Interface Description Block is too short".to_owned());
        };
        if self.section.interfaces.len() >= MAX_INTERFACES {
            return Outcome::Bad(format!(
                "more than {MAX_INTERFACES} interfaces in one section"
            ));
        }
        if interface.overrun {
            damage.note(at, || {
                "an option of an interface runs past its block; the options before it are used"
                    .to_owned()
            });
        }
        for comment in std::mem::take(&mut interface.comments) {
            self.annotations.comment(None, comment);
        }
        if let Some(name) = interface.name.take() {
            list(&mut self.names, name, &mut self.annotations.left_out);
        }
        list(
            &mut self.links,
            interface.link,
            &mut self.annotations.left_out,
        );
        self.section.interfaces.push(interface);
        Outcome::Aside
    }

    /// Packets lost by the kernel and by the interfaces, as far as the file says so.
    pub(super) fn dropped(&self) -> Option<(u64, u64)> {
        let here = self.section.interfaces.iter().filter_map(|i| i.dropped);
        self.dropped_before
            .into_iter()
            .chain(here)
            .reduce(|a, b| (a.0.saturating_add(b.0), a.1.saturating_add(b.1)))
    }

    /// Counts a packet and remembers its time.
    #[inline]
    fn packet(&mut self, span: Span, time: Timestamp, wire_len: u32, link: u16) -> Outcome {
        self.number += 1;
        self.last_time = time;
        Outcome::Packet(Record {
            span,
            number: self.number,
            time,
            wire_len,
            link,
        })
    }
}

fn list<T: PartialEq>(all: &mut Vec<T>, new: T, left_out: &mut u64) {
    if all.contains(&new) {
        return;
    }
    if all.len() < MAX_LISTED {
        all.push(new);
    } else {
        *left_out += 1;
    }
}
