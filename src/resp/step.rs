//! What the framer hands out.

use super::frame::{Head, Malformed, NullForm, ReplyKind};
use super::machine::Kept;
use super::whole;

/// Arguments of a command that are looked at, the name included.
pub const ARGS_MAX: usize = 8;

/// Which direction a framer reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// From the client.
    Commands,
    /// From the server.
    Replies,
}

/// The next thing in a stream. Borrowed parts live until the framer is used again.
#[derive(Debug)]
pub enum Step<'f> {
    /// A whole command.
    Command(Command<'f>),
    /// A whole reply.
    Reply(Reply<'f>),
    /// An empty line, `*0` or `*-1` where a command could start; a lone line feed where a reply could.
    Blank,
    /// The input is used up; the frame goes on in the next one.
    More,
    /// No RESP. Stays until [`super::Framer::reset`].
    Malformed(Malformed),
}

/// A whole command.
#[derive(Debug)]
pub struct Command<'f> {
    /// Bytes of the whole frame, those that were never captured included.
    pub wire_len: u64,
    /// Words, the name included.
    pub argc: u64,
    /// Sent as a plain text line.
    pub inline: bool,
    /// The whole frame, if [`super::Framer::set_keep_raw`] asks for it, no byte is missing and it is short enough.
    pub raw: Option<&'f [u8]>,
    pub(super) skipped: bool,
    pub(super) args: [Head<'f>; ARGS_MAX],
    pub(super) kept: usize,
}

impl<'f> Command<'f> {
    /// The word at `i` (0 is the name), if it is one of the first `Limits::kept_args`.
    pub fn arg(&self, i: usize) -> Option<Head<'f>> {
        self.args.get(..self.kept)?.get(i).copied()
    }

    /// Some of its bytes were never captured.
    pub fn skipped(&self) -> bool {
        self.skipped
    }
}

/// A whole reply.
#[derive(Debug)]
pub struct Reply<'f> {
    /// Bytes of the whole frame: attributes in front of it and bytes that were never captured included.
    pub wire_len: u64,
    /// Its type.
    pub kind: ReplyKind,
    /// Which null.
    pub null: Option<NullForm>,
    /// The line or string; empty for aggregates.
    pub head: Head<'f>,
    /// Declared elements; a map's pairs count twice. Counted elements if it was streamed.
    pub elements: u64,
    /// Attributes in front of it.
    pub attributes: u64,
    /// The whole frame, if [`super::Framer::set_keep_raw`] asks for it, no byte is missing and it is short enough.
    pub raw: Option<&'f [u8]>,
    pub(super) skipped: bool,
    pub(super) children: Children<'f>,
}

/// Where the first elements of an aggregate are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Children<'f> {
    /// It has none.
    None,
    /// They were kept while the frame came in.
    Kept { kept: &'f [Kept], text: &'f [u8] },
    /// The frame lies whole in the input; they are read when asked for.
    InPlace {
        body: &'f [u8],
        count: u64,
        head_bytes: usize,
    },
}

impl<'f> Reply<'f> {
    /// The direct element at `i`, if it is one of the first `Limits::kept_elements`. Aggregates have an empty head.
    pub fn element(&self, i: usize) -> Option<(ReplyKind, Head<'f>)> {
        match self.children {
            Children::None => None,
            Children::Kept { kept, text } => kept.get(i).map(|kept| (kept.kind(), kept.head(text))),
            Children::InPlace {
                body,
                count,
                head_bytes,
            } => {
                let inside = (i as u64) < count;
                inside.then(|| whole::nth(body, i, head_bytes)).flatten()
            }
        }
    }

    /// Some of its bytes were never captured.
    pub fn skipped(&self) -> bool {
        self.skipped
    }
}
