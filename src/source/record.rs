//! What both file formats hand out: where a packet lies in the window, and what is known of it.

use super::window::Span;
use crate::model::Timestamp;

/// The longest packet that is believed. Captures of large receive offload stay far below; libpcap and Wireshark
/// stop at 256 KiB.
pub(super) const MAX_PACKET: u32 = 16 << 20;

/// The longest packet that needs no second look, unless the file's snapshot length says more.
pub(super) const USUAL_PACKET: u32 = 262_144;

/// How far past a damaged place the next good one is looked for.
pub(super) const RESYNC_BYTES: u64 = 64 << 20;

/// The longest record or block that counts as a good place while looking for one.
pub(super) const RESYNC_RECORD: u32 = 256 * 1024;

/// Window width while looking, so that sliding it costs no more than reading.
pub(super) const RESYNC_WINDOW: usize = 1 << 20;

/// A packet record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) span: Span,
    pub(super) number: u64,
    pub(super) time: Timestamp,
    pub(super) wire_len: u32,
    pub(super) link: u16,
}

/// What is said when no good place follows a damaged one.
pub(super) fn passed_over(bytes: u64) -> String {
    if bytes < RESYNC_BYTES {
        format!("the last {bytes} bytes are not used")
    } else {
        format!("nothing good in the next {bytes} bytes, and the input is not read any further")
    }
}
