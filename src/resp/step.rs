//! What the framer hands out.

use super::frame::{Head, Malformed, NullForm, ReplyKind};

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
    /// Bytes of the whole frame.
    pub wire_len: u64,
    /// Words, the name included.
    pub argc: u64,
    /// Sent as a plain text line.
    pub inline: bool,
    /// The whole frame, when it lay in one piece or was kept.
    pub raw: Option<&'f [u8]>,
    pub(super) args: [Head<'f>; ARGS_MAX],
    pub(super) kept: usize,
}

impl<'f> Command<'f> {
    /// The word at `i` (0 is the name), as far as it was kept.
    pub fn arg(&self, i: usize) -> Option<Head<'f>> {
        self.args.get(..self.kept)?.get(i).copied()
    }
}

/// A whole reply.
#[derive(Debug)]
pub struct Reply<'f> {
    /// Bytes of the whole frame, attributes in front of it included.
    pub wire_len: u64,
    /// Its type.
    pub kind: ReplyKind,
    /// Which null.
    pub null: Option<NullForm>,
    /// The line or string; empty for aggregates.
    pub head: Head<'f>,
    /// Declared elements; a map's pairs count twice.
    pub elements: u64,
    /// Attributes in front of it.
    pub attributes: u64,
    /// The whole frame, when it lay in one piece or was kept.
    pub raw: Option<&'f [u8]>,
    pub(super) children: Children<'f>,
}

/// The first elements of an aggregate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Children<'f> {
    pub kept: &'f [super::machine::Kept],
    pub text: &'f [u8],
}

impl<'f> Reply<'f> {
    /// The direct element at `i`, as far as it was kept. Aggregates have an empty head.
    pub fn element(&self, i: usize) -> Option<(ReplyKind, Head<'f>)> {
        let kept = self.children.kept.get(i)?;
        Some((kept.kind, kept.head(self.children.text)))
    }
}
