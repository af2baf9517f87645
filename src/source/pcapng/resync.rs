//! Past a damaged block to the next good one.

use super::super::byte_order::ByteOrder;
use super::super::damage::Damage;
use super::super::record::{RESYNC_BYTES, RESYNC_RECORD, RESYNC_WINDOW, passed_over};
use super::super::window::Window;
use super::block::{Head, SMALLEST, kind};
use super::{MAX_BLOCK, PcapNg};

/// Block types that count as a good place.
const KNOWN: [u32; 7] = [
    kind::SECTION_HEADER,
    kind::INTERFACE,
    kind::PACKET,
    kind::SIMPLE_PACKET,
    kind::NAMES,
    kind::STATISTICS,
    kind::ENHANCED_PACKET,
];

impl PcapNg {
    /// Leaves the window at the next good block, and says what was passed over. `false` when there is none.
    #[cold]
    pub(super) fn resync(&self, window: &mut Window, damage: &mut Damage) -> bool {
        let from = window.offset();
        let order = self.section.order;
        let bad = Head::read(window.bytes(), order, MAX_BLOCK);
        let had = window.len();
        let cut = bad.is_some_and(|bad| bad.padded() > had);
        let found = jump(bad, order, window) || scan(order, window);
        let passed = window.offset() - from;
        if window.is_stopped() {
            return found;
        }
        let error = window.take_error();
        damage.note(from, || {
            let what = match bad {
                Some(bad) if cut && !found => {
                    format!(
                        "the file ends inside a block: {had} of {} bytes are there",
                        bad.len
                    )
                }
                Some(bad) => format!(
                    "a block of {} bytes whose two lengths do not agree",
                    bad.len
                ),
                None => "a block header makes no sense".to_owned(),
            };
            let done = if found {
                format!("{passed} bytes skipped up to the next block")
            } else {
                passed_over(passed)
            };
            let why = error.map_or_else(String::new, |e| format!("; reading failed: {e}"));
            format!("{what}; {done}{why}")
        });
        found
    }
}

/// Skips the block by its first length, if a good one follows there. Tried before scanning, because the damaged
/// block's own bytes may look like blocks.
fn jump(bad: Option<Head>, order: ByteOrder, window: &mut Window) -> bool {
    let Some(next) = bad.map(Head::padded) else {
        return false;
    };
    let good = window.have(next + SMALLEST) && is_good_at(window, next, order);
    if good {
        window.consume(next);
    }
    good
}

fn scan(order: ByteOrder, window: &mut Window) -> bool {
    let limit = window.offset().saturating_add(RESYNC_BYTES);
    window.reserve(RESYNC_WINDOW);
    window.consume(1);
    while window.have(SMALLEST) && window.offset() < limit {
        if is_good_at(window, 0, order) {
            return true;
        }
        window.consume(1);
    }
    window.consume(window.len());
    false
}

fn is_good_at(window: &mut Window, at: usize, order: ByteOrder) -> bool {
    let known = order
        .u32_at(window.bytes_from(at), 0)
        .is_some_and(|kind| KNOWN.contains(&kind));
    known && Head::whole_at(window, at, order, RESYNC_RECORD).is_some()
}
