//! What the framer says of one complete frame: enough to pair, judge and quote it, never the whole value.

use super::number;

/// The beginning of a string and its full length.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Head<'f> {
    /// The first bytes, at most `Limits::head_bytes`.
    pub bytes: &'f [u8],
    /// Length of the whole string.
    pub len: u64,
}

impl Head<'_> {
    /// All of the string is in `bytes`.
    pub fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.len
    }
}

/// RESP types (RESP2 and RESP3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReplyKind {
    /// `+`
    Simple,
    /// `-`
    Error,
    /// `:`
    Integer,
    /// `$`
    Bulk,
    /// `$-1`, `*-1` or `_`
    Null,
    /// `*`
    Array,
    /// `%`
    Map,
    /// `~`
    Set,
    /// `>`
    Push,
    /// `,`
    Double,
    /// `#`
    Boolean,
    /// `(`
    BigNumber,
    /// `=`
    Verbatim,
    /// `!`
    BulkError,
}

impl ReplyKind {
    /// `-` or `!`.
    pub const fn is_error(self) -> bool {
        matches!(self, ReplyKind::Error | ReplyKind::BulkError)
    }

    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            ReplyKind::Simple => "simple",
            ReplyKind::Error => "error",
            ReplyKind::Integer => "integer",
            ReplyKind::Bulk => "bulk",
            ReplyKind::Null => "null",
            ReplyKind::Array => "array",
            ReplyKind::Map => "map",
            ReplyKind::Set => "set",
            ReplyKind::Push => "push",
            ReplyKind::Double => "double",
            ReplyKind::Boolean => "boolean",
            ReplyKind::BigNumber => "big-number",
            ReplyKind::Verbatim => "verbatim",
            ReplyKind::BulkError => "bulk-error",
        }
    }
}

/// Why bytes are no RESP.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Malformed {
    /// The first byte starts no RESP type (and, for commands, no inline command).
    UnknownType(u8),
    /// A length or count is no number, or negative beyond -1.
    BadLength,
    /// A bulk longer than the limit.
    BulkTooLong,
    /// More elements than the limit.
    TooManyElements,
    /// Deeper nesting than the limit.
    TooDeep,
    /// A line without an end within the limit.
    LineTooLong,
    /// No CR LF behind a bulk or a line.
    MissingTerminator,
    /// An element of a command that is no bulk string.
    NotABulk,
    /// Quotes of an inline command that do not close.
    UnbalancedQuotes,
}

impl Malformed {
    /// A bound of this program was hit: the frame may be legal all the same.
    pub fn is_limit(self) -> bool {
        matches!(
            self,
            Malformed::BulkTooLong
                | Malformed::TooManyElements
                | Malformed::TooDeep
                | Malformed::LineTooLong
        )
    }
}

/// Where the null came from: RESP2 has two, RESP3 a third. Tells the protocol version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NullForm {
    /// `$-1`
    Bulk,
    /// `*-1`
    Array,
    /// `_`
    Resp3,
}

/// The type of an element that is only a line; `None` when the text does not fit the type byte. Of a long line `text`
/// is the beginning.
pub(super) fn line_kind(kind: u8, text: &[u8]) -> Option<(ReplyKind, Option<NullForm>)> {
    let (kind, fits) = match kind {
        b'+' => (ReplyKind::Simple, true),
        b'-' => (ReplyKind::Error, true),
        b':' => (ReplyKind::Integer, number::is_integer(text)),
        b'(' => (ReplyKind::BigNumber, number::is_integer(text)),
        b',' => (ReplyKind::Double, number::is_double(text)),
        b'#' => (ReplyKind::Boolean, matches!(text, b"t" | b"f")),
        b'_' if text.is_empty() => return Some((ReplyKind::Null, Some(NullForm::Resp3))),
        _ => return None,
    };
    fits.then_some((kind, None))
}

/// The type of a string with a length in front.
pub(super) fn bulk_kind(kind: u8) -> ReplyKind {
    match kind {
        b'=' => ReplyKind::Verbatim,
        b'!' => ReplyKind::BulkError,
        _ => ReplyKind::Bulk,
    }
}
