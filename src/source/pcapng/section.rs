//! A section: its byte order, its interfaces, and what they say about time and losses.

use super::super::byte_order::ByteOrder;
use super::options::{COMMENT, Options};
use crate::model::Timestamp;

/// How many interfaces of one section are kept.
pub(super) const MAX_INTERFACES: usize = 65_536;

const IF_NAME: u16 = 2;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;
const ISB_IFDROP: u16 = 5;
const ISB_OSDROP: u16 = 7;

/// So many bytes of an interface's name are kept.
const MAX_NAME: usize = 256;

/// State of the section being read.
pub(super) struct Section {
    pub(super) order: ByteOrder,
    pub(super) interfaces: Vec<Interface>,
}

/// One Interface Description Block.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub(super) link: u16,
    pub(super) snaplen: u32,
    pub(super) name: Option<String>,
    pub(super) comments: Vec<String>,
    /// An option ran past the block: resolution or offset may be missing.
    pub(super) overrun: bool,
    tick: Tick,
    offset_nanos: i64,
    /// Lost by the kernel and by the interface, from the latest statistics block.
    pub(super) dropped: Option<(u64, u64)>,
}

/// How long one unit of a time stamp is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tick {
    /// Nanoseconds per unit.
    Multiply(u64),
    /// Units per nanosecond.
    Divide(u128),
    /// 2^n units per second.
    Binary(u32),
}

impl Tick {
    /// From `if_tsresol`: the top bit chooses base 2, the rest is the negative exponent.
    fn from_tsresol(value: u8) -> Tick {
        let exponent = u32::from(value & 0x7F);
        if value & 0x80 != 0 {
            return Tick::Binary(exponent);
        }
        match exponent {
            0..=9 => Tick::Multiply(10u64.pow(9 - exponent)),
            _ => Tick::Divide(10u128.checked_pow(exponent - 9).unwrap_or(u128::MAX)),
        }
    }

    #[inline]
    fn nanos(self, units: u64) -> i64 {
        let wide = match self {
            Tick::Multiply(factor) => return saturate(units.saturating_mul(factor)),
            Tick::Divide(divisor) => u128::from(units) / divisor,
            Tick::Binary(shift) => (u128::from(units) * 1_000_000_000) >> shift,
        };
        saturate(u64::try_from(wide).unwrap_or(u64::MAX))
    }
}

#[inline]
fn saturate(nanos: u64) -> i64 {
    i64::try_from(nanos).unwrap_or(i64::MAX)
}

impl Interface {
    /// From the body of an Interface Description Block; `None` when it is too short.
    pub(super) fn new(order: ByteOrder, body: &[u8]) -> Option<Self> {
        let mut interface = Interface {
            link: order.u16_at(body, 0)?,
            snaplen: order.u32_at(body, 4)?,
            name: None,
            comments: Vec::new(),
            overrun: false,
            // Microseconds unless an option says otherwise.
            tick: Tick::Multiply(1_000),
            offset_nanos: 0,
            dropped: None,
        };
        let mut options = Options::new(order, body.get(8..).unwrap_or_default());
        for (code, value) in &mut options {
            interface.set(order, code, value);
        }
        interface.overrun = options.overrun;
        Some(interface)
    }

    fn set(&mut self, order: ByteOrder, code: u16, value: &[u8]) {
        match (code, value) {
            (COMMENT, text) => self.comments.push(super::options::text(text)),
            (IF_NAME, name) => {
                let shown = name.get(..MAX_NAME).unwrap_or(name);
                self.name = Some(super::options::text(shown));
            }
            (IF_TSRESOL, [resolution, ..]) => self.tick = Tick::from_tsresol(*resolution),
            (IF_TSOFFSET, value) => {
                if let Some(seconds) = value.first_chunk() {
                    // Two's complement: the offset may be negative.
                    let seconds = order.u64(*seconds) as i64;
                    self.offset_nanos = seconds.saturating_mul(1_000_000_000);
                }
            }
            _ => {}
        }
    }

    /// The time of a packet from its two halves.
    #[inline]
    pub(super) fn time(&self, high: u32, low: u32) -> Timestamp {
        let units = (u64::from(high) << 32) | u64::from(low);
        Timestamp::from_nanos(self.tick.nanos(units).saturating_add(self.offset_nanos))
    }

    /// Takes the counters of an Interface Statistics Block. They count from the start, so the latest is right.
    pub(super) fn take_statistics(&mut self, order: ByteOrder, options: &[u8]) {
        let (mut kernel, mut interface) = self.dropped.unwrap_or_default();
        let mut said = self.dropped.is_some();
        for (code, value) in Options::new(order, options) {
            let Some(count) = value.first_chunk().map(|v| order.u64(*v)) else {
                continue;
            };
            match code {
                ISB_OSDROP => kernel = count,
                ISB_IFDROP => interface = count,
                _ => continue,
            }
            said = true;
        }
        self.dropped = said.then_some((kernel, interface));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resolution_becomes_nanoseconds() {
        let cases = [
            (0, 3, 3_000_000_000),
            (3, 5, 5_000_000),
            (6, 5, 5_000),
            (9, 5, 5),
            (12, 5_999, 5),
            (127, u64::MAX, 0),
            (0x80, 2, 2_000_000_000),
            (0x80 | 10, 1024, 1_000_000_000),
            (0x80 | 20, 1, 953),
            (0x80 | 127, u64::MAX, 0),
            (0, u64::MAX, i64::MAX),
            (9, u64::MAX, i64::MAX),
        ];
        for (resolution, units, nanos) in cases {
            assert_eq!(
                Tick::from_tsresol(resolution).nanos(units),
                nanos,
                "{resolution}"
            );
        }
    }

    #[test]
    fn offsets_move_time_and_may_be_negative() {
        let body = |seconds: i64| {
            let mut body = vec![0, 1, 0, 0, 0, 0, 0, 0, 0, 14, 0, 8];
            body.extend(seconds.to_be_bytes());
            body
        };
        let time = |seconds| {
            let interface = Interface::new(ByteOrder::Big, &body(seconds)).unwrap();
            interface.time(0, 1).as_nanos()
        };
        assert_eq!(time(7), 7_000_001_000);
        assert_eq!(time(-7), -6_999_999_000);
        assert_eq!(time(i64::MAX), i64::MAX);
        assert_eq!(time(i64::MIN), i64::MIN + 1_000);
    }

    #[test]
    fn statistics_replace_each_other() {
        let mut interface = Interface::new(ByteOrder::Little, &[1, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        assert_eq!(interface.dropped, None);
        let block = |code: u8, count: u8| [code, 0, 8, 0, count, 0, 0, 0, 0, 0, 0, 0];
        interface.take_statistics(ByteOrder::Little, &block(4, 1));
        assert_eq!(interface.dropped, None);
        interface.take_statistics(ByteOrder::Little, &block(5, 3));
        interface.take_statistics(ByteOrder::Little, &block(7, 4));
        interface.take_statistics(ByteOrder::Little, &block(5, 5));
        assert_eq!(interface.dropped, Some((4, 5)));
    }
}
