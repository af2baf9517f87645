//! What the framer hands out.

use super::frame::{Head, Malformed, NullForm, ReplyKind};
use super::in_place;
use super::kept::Kept;
use super::print::PrintKey;

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
    pub(super) words: Words<'f>,
}

/// Where the first words of a command are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Words<'f> {
    /// They were kept while the command came in.
    Kept { kept: &'f [Kept], text: &'f [u8] },
    /// The command lies whole in the input: the first two, and what follows them, which is read when asked for.
    InPlace {
        first: [&'f [u8]; 2],
        rest: &'f [u8],
        count: usize,
        head_bytes: usize,
    },
}

impl<'f> Command<'f> {
    /// The word at `i` (0 is the name), if it is one of the first `Limits::kept_args`.
    // The name and the key of each command go through here.
    #[inline(always)]
    pub fn arg(&self, i: usize) -> Option<Head<'f>> {
        match self.words {
            Words::Kept { kept, text } => kept.get(i).map(|kept| kept.head(text)),
            Words::InPlace { head_bytes, .. } => Some(head_of(self.in_place(i)?, head_bytes)),
        }
    }

    /// Both of the word at `i`: it is looked for once.
    #[inline]
    pub fn arg_and_print(&self, i: usize, key: &PrintKey) -> Option<(Head<'f>, Option<u64>)> {
        let Words::InPlace { head_bytes, .. } = self.words else {
            return Some((self.arg(i)?, self.print(i, key)));
        };
        let word = self.in_place(i)?;
        let print = (!self.skipped).then(|| key.of(word));
        Some((head_of(word, head_bytes), print))
    }

    /// The print of the word at `i` over all its bytes. `None` where some were not captured, or nobody wanted it.
    #[inline]
    pub fn print(&self, i: usize, key: &PrintKey) -> Option<u64> {
        match self.words {
            _ if self.skipped => None,
            Words::Kept { kept, .. } => kept.get(i)?.print(key),
            Words::InPlace { .. } => self.in_place(i).map(|word| key.of(word)),
        }
    }

    #[inline]
    fn in_place(&self, i: usize) -> Option<&'f [u8]> {
        let Words::InPlace {
            first, rest, count, ..
        } = self.words
        else {
            return None;
        };
        match first.get(i).filter(|_| i < count) {
            Some(word) => Some(word),
            None if i < count => in_place::word(rest, i.checked_sub(first.len())?),
            None => None,
        }
    }

    /// Some of its bytes were never captured.
    pub fn skipped(&self) -> bool {
        self.skipped
    }
}

fn head_of(word: &[u8], head_bytes: usize) -> Head<'_> {
    Head {
        bytes: word.get(..head_bytes).unwrap_or(word),
        len: word.len() as u64,
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
    pub(super) text: Text<'f>,
    pub(super) children: Children<'f>,
}

/// All bytes of a line or string, or their print.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'f> {
    InPlace(&'f [u8]),
    Printed(Option<u64>),
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
    /// The print of the line or string over all its bytes. `None` where some were not captured, or nobody wanted it.
    pub fn print(&self, key: &PrintKey) -> Option<u64> {
        match self.text {
            _ if self.skipped => None,
            Text::InPlace(text) => Some(key.of(text)),
            Text::Printed(print) => print,
        }
    }

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
                inside.then(|| in_place::nth(body, i, head_bytes)).flatten()
            }
        }
    }

    /// Some of its bytes were never captured.
    pub fn skipped(&self) -> bool {
        self.skipped
    }
}
