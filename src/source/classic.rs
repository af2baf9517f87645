//! The pcap format: a header, then records (draft-ietf-opsawg-pcap), and its relatives of old.

use super::byte_order::ByteOrder;
use super::damage::Damage;
use super::record::{
    MAX_PACKET, RESYNC_BYTES, RESYNC_RECORD, RESYNC_WINDOW, Record, USUAL_PACKET, passed_over,
};
use super::window::{Span, Window};
use crate::model::Timestamp;

/// Bytes of the file header.
pub(super) const FILE_HEADER: usize = 24;

/// Bytes of a record header, but for [`Variant::Modified`].
const PLAIN_HEADER: usize = 16;

/// While looking for the next good record: how far its time may be from the last good one.
const NEARBY_SECONDS: u32 = 86_400;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// The three kinds of pcap file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Variant {
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
    /// Microseconds, and eight bytes more per record: the patched libpcap of Alexey Kuznetzov.
    Modified,
}

/// What the first four bytes say, if they are those of a pcap file.
pub(super) fn variant(magic: [u8; 4]) -> Option<(Variant, ByteOrder)> {
    let of = |n: u32| match n {
        0xA1B2_C3D4 => Some(Variant::Micros),
        0xA1B2_3C4D => Some(Variant::Nanos),
        0xA1B2_CD34 => Some(Variant::Modified),
        _ => None,
    };
    let little = of(u32::from_le_bytes(magic)).map(|v| (v, ByteOrder::Little));
    little.or_else(|| of(u32::from_be_bytes(magic)).map(|v| (v, ByteOrder::Big)))
}

/// A record header.
#[derive(Clone, Copy, Debug)]
struct Head {
    seconds: u32,
    fraction: u32,
    captured: u32,
    wire: u32,
}

/// A plain record header.
#[inline(always)]
fn head_of(bytes: [u8; PLAIN_HEADER]) -> Head {
    let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| bytes[at + i]));
    Head {
        seconds: word(0),
        fraction: word(4),
        captured: word(8),
        wire: word(12),
    }
}

/// Reader of one pcap file, past its header.
pub(super) struct Classic {
    pub(super) variant: Variant,
    pub(super) link: u16,
    order: ByteOrder,
    header_len: usize,
    fractions_per_second: u32,
    nanos_per_fraction: i64,
    usual_len: u32,
    lengths: Lengths,
    /// As nearly all are written today: little-endian, 16 bytes, the captured length first.
    plain: bool,
    last_seconds: Option<u32>,
    number: u64,
}

/// Which of the two lengths of a record comes first. Writers before version 2.4 did not agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lengths {
    CapturedFirst,
    WireFirst,
    LargerIsWire,
}

impl Classic {
    /// From the file header. `None` when it is cut off or no pcap header.
    pub(super) fn new(header: &[u8]) -> Option<Self> {
        let header: &[u8; FILE_HEADER] = header.first_chunk()?;
        let (variant, order) = variant(*header.first_chunk()?)?;
        let version = (order.u16_at(header, 4)?, order.u16_at(header, 6)?);
        let snaplen = order.u32_at(header, 16)?;
        let nanos = variant == Variant::Nanos;
        let lengths = match version {
            (2, 3) => Lengths::LargerIsWire,
            (major, minor) if (major, minor) < (2, 3) => Lengths::WireFirst,
            _ => Lengths::CapturedFirst,
        };
        Some(Classic {
            variant,
            // The upper bits say whether and how long a frame check sequence is; 16 bits name the link type.
            link: (order.u32_at(header, 20)? & 0xFFFF) as u16,
            order,
            header_len: match variant {
                Variant::Modified => 24,
                _ => PLAIN_HEADER,
            },
            fractions_per_second: if nanos { 1_000_000_000 } else { 1_000_000 },
            nanos_per_fraction: if nanos { 1 } else { 1_000 },
            usual_len: snaplen.clamp(USUAL_PACKET, MAX_PACKET),
            lengths,
            plain: order == ByteOrder::Little
                && variant != Variant::Modified
                && lengths == Lengths::CapturedFirst,
            last_seconds: None,
            number: 0,
        })
    }

    /// The next packet, past anything damaged; `None` at the end.
    #[inline(always)]
    pub(super) fn next(&mut self, window: &mut Window, damage: &mut Damage) -> Option<Record> {
        match self.next_plain(window) {
            Some(record) => Some(record),
            None => self.next_any(window, damage),
        }
    }

    /// The next packet, if it is there already and nothing about it is odd: nearly always.
    #[inline(always)]
    fn next_plain(&mut self, window: &mut Window) -> Option<Record> {
        let head = match self.plain {
            true => head_of(*window.bytes().first_chunk()?),
            false => return None,
        };
        if !self.is_usual(head) {
            return None;
        }
        let span = window.take(PLAIN_HEADER, head.captured as usize)?;
        Some(self.record(head, span))
    }

    #[inline(never)]
    fn next_any(&mut self, window: &mut Window, damage: &mut Damage) -> Option<Record> {
        loop {
            if !window.have(self.header_len) {
                damage.note_rest(window, "record header");
                return None;
            }
            let head = self.head(window.bytes())?;
            let good = if self.is_usual(head) {
                window.have(self.total(head))
            } else {
                self.is_believable(head, window)
            };
            if good {
                return Some(self.take(head, window));
            }
            if !self.resync(head, window, damage) {
                return None;
            }
        }
    }

    #[inline]
    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let [seconds, fraction, first, second] = self.order.words4(bytes)?;
        let swap = match self.lengths {
            Lengths::CapturedFirst => false,
            Lengths::WireFirst => true,
            Lengths::LargerIsWire => first > second,
        };
        let (captured, wire) = if swap {
            (second, first)
        } else {
            (first, second)
        };
        Some(Head {
            seconds,
            fraction,
            captured,
            wire,
        })
    }

    #[inline]
    fn total(&self, head: Head) -> usize {
        self.header_len + head.captured as usize
    }

    /// Nothing odd about the header.
    #[inline]
    fn is_usual(&self, head: Head) -> bool {
        head.captured <= self.usual_len
            && head.captured <= head.wire
            && head.fraction < self.fractions_per_second
    }

    /// An odd header is still believed when the record is followed by another one, or by the end.
    fn is_believable(&self, head: Head, window: &mut Window) -> bool {
        let total = self.total(head);
        if head.captured > MAX_PACKET || !window.have(total) {
            return false;
        }
        if !window.have(total + self.header_len) {
            return true;
        }
        self.head(window.bytes_from(total)).is_some_and(|next| {
            next.captured <= MAX_PACKET && near(next.seconds, Some(head.seconds))
        })
    }

    #[inline]
    fn take(&mut self, head: Head, window: &mut Window) -> Record {
        let span = window.span(self.header_len, head.captured as usize);
        window.consume(self.total(head));
        self.record(head, span)
    }

    #[inline(always)]
    fn record(&mut self, head: Head, span: Span) -> Record {
        self.number += 1;
        self.last_seconds = Some(head.seconds);
        Record {
            span,
            number: self.number,
            time: self.time(head),
            wire_len: head.wire.max(head.captured),
            link: self.link,
        }
    }

    #[inline]
    fn time(&self, head: Head) -> Timestamp {
        let whole = i64::from(head.seconds) * NANOS_PER_SECOND;
        Timestamp::from_nanos(whole + i64::from(head.fraction) * self.nanos_per_fraction)
    }

    /// Leaves the window at the next good record, and says what was passed over. `false` when there is none.
    #[cold]
    fn resync(&self, bad: Head, window: &mut Window, damage: &mut Damage) -> bool {
        let from = window.offset();
        let cut = self.is_usual(bad);
        let had = window.len().saturating_sub(self.header_len);
        let found = self.find_record(window);
        let passed = window.offset() - from;
        if window.is_stopped() {
            return found;
        }
        let error = window.take_error();
        damage.note(from, || {
            let what = if cut && !found {
                format!(
                    "the file ends inside a packet: {had} of {} bytes are there",
                    bad.captured
                )
            } else {
                format!(
                    "a record header makes no sense (captured length {}, length on the wire {})",
                    bad.captured, bad.wire
                )
            };
            let done = if found {
                format!("{passed} bytes skipped up to the next record")
            } else {
                passed_over(passed)
            };
            let why = error.map_or_else(String::new, |e| format!("; reading failed: {e}"));
            format!("{what}; {done}{why}")
        });
        found
    }

    /// Steps on byte by byte to a record that another one, or the end of the file, follows.
    fn find_record(&self, window: &mut Window) -> bool {
        let limit = window.offset().saturating_add(RESYNC_BYTES);
        window.reserve(RESYNC_WINDOW);
        window.consume(1);
        while window.have(self.header_len) && window.offset() < limit {
            if self.starts_chain(window) {
                return true;
            }
            window.consume(1);
        }
        window.consume(window.len());
        false
    }

    fn starts_chain(&self, window: &mut Window) -> bool {
        let Some(head) = self.head(window.bytes()) else {
            return false;
        };
        if !self.is_plausible(head, self.last_seconds) {
            return false;
        }
        let total = self.total(head);
        if !window.have(total) {
            return false;
        }
        if !window.have(total + self.header_len) {
            return window.len() == total;
        }
        self.head(window.bytes_from(total))
            .is_some_and(|next| self.is_plausible(next, Some(head.seconds)))
    }

    fn is_plausible(&self, head: Head, near_to: Option<u32>) -> bool {
        self.is_usual(head)
            && head.captured > 0
            && head.captured <= RESYNC_RECORD
            && head.wire <= MAX_PACKET
            && near(head.seconds, near_to)
    }
}

fn near(seconds: u32, to: Option<u32>) -> bool {
    to.is_none_or(|to| seconds.abs_diff(to) <= NEARBY_SECONDS)
}
