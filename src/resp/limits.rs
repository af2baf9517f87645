//! Bounds of framing. A frame beyond one of them is malformed: no server sends it.

use super::print::PrintKey;

/// So much of a line is always kept: more than any length or count has digits.
const LINE_KEPT_MIN: usize = 32;

/// Arguments of a command that are looked at, the name included.
pub const ARGS_MAX: usize = 8;

/// Bounds of framing, and the key of prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes kept of a line or string.
    pub head_bytes: usize,
    /// Arguments kept of a command, its name included; at most [`ARGS_MAX`].
    pub kept_args: usize,
    /// Elements kept of an aggregate.
    pub kept_elements: usize,
    /// Aggregates inside each other.
    pub depth: usize,
    /// Bytes of a line, or of an inline command. Redis closes the connection beyond 64 KiB.
    pub line: usize,
    /// Bytes of a bulk string: `proto-max-bulk-len`.
    pub bulk: u64,
    /// Elements of an aggregate.
    pub elements: u64,
    /// Arguments of a command: Redis takes 1,048,576.
    pub args: u64,
    /// Bytes of a frame that is kept as a whole.
    pub raw: usize,
    /// The key of the prints of strings.
    pub key: PrintKey,
}

impl Limits {
    /// Bytes of a line that are looked at: enough for its head and for every legal number.
    pub(super) fn line_kept(&self) -> usize {
        self.head_bytes.max(LINE_KEPT_MIN)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            head_bytes: 160,
            kept_args: ARGS_MAX,
            kept_elements: 3,
            depth: 1024,
            line: 64 << 10,
            bulk: 512 << 20,
            elements: 1 << 32,
            args: 1 << 20,
            raw: 64 << 10,
            key: PrintKey::default(),
        }
    }
}
