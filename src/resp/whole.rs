//! The fast part of framing: a frame that lies whole at the start of the input is read where it lies.
//!
//! Nothing is copied and nothing is remembered. `None` means "not here": the frame is cut, malformed, or of a rare form
//! (attributes, streamed types, deep nesting). Then the resumable part reads it and says which.

use super::frame::{Head, NullForm, ReplyKind};
use super::in_place::{Element, argument, element, head, string, walk};
use super::limits::{ARGS_MAX, Limits};
use super::number::{short_integer, short_length};
use super::step::{Children, Command, Reply, Step, Text, Words};

/// Bytes of the shortest argument of a command (`$0 CR LF CR LF`).
const ARGUMENT_MIN: u64 = 6;

/// A multibulk command, or the empty one. Gives the bytes used.
#[inline]
pub(super) fn command<'i>(
    bytes: &'i [u8],
    limits: &Limits,
    keep_raw: bool,
) -> Option<(Step<'i>, usize)> {
    let words = words(bytes, limits)?;
    if words.count == 0 {
        return Some((Step::Blank, words.end));
    }
    let raw = raw(bytes, words.end, limits, keep_raw);
    let rest = bytes.get(words.behind_first..words.end)?;
    let command = in_place(words.count, words.first, rest, words.end, limits);
    Some((Step::Command(Command { raw, ..command }), words.end))
}

/// A command that lies whole in the input.
#[inline(always)]
fn in_place<'i>(
    argc: u64,
    first: [&'i [u8]; 2],
    rest: &'i [u8],
    len: usize,
    limits: &Limits,
) -> Command<'i> {
    let most = limits.kept_args.min(ARGS_MAX);
    Command {
        wire_len: len as u64,
        argc,
        inline: false,
        raw: None,
        skipped: false,
        words: Words::InPlace {
            first,
            rest,
            count: usize::try_from(argc).unwrap_or(most).min(most),
            head_bytes: limits.head_bytes,
        },
    }
}

/// The words of a multibulk command.
struct Found<'i> {
    count: u64,
    /// The name and the first argument are looked at in nearly every command, the others hardly ever.
    first: [&'i [u8]; 2],
    behind_first: usize,
    /// Bytes that the command takes.
    end: usize,
}

#[inline(always)]
fn words<'i>(bytes: &'i [u8], limits: &Limits) -> Option<Found<'i>> {
    let (count, used) = short_length(bytes.get(1..)?)?;
    let mut first = [&[][..]; 2];
    let mut end = 1 + used;
    if count > limits.args || count.saturating_mul(ARGUMENT_MIN) > bytes.len() as u64 {
        return None;
    }
    let mut read = 0;
    while read < count.min(first.len() as u64) {
        let (word, used) = argument(bytes.get(end..)?, limits)?;
        *first.get_mut(usize::try_from(read).ok()?)? = word;
        end += used;
        read += 1;
    }
    let behind_first = end;
    while read < count {
        end += argument(bytes.get(end..)?, limits)?.1;
        read += 1;
    }
    Some(Found {
        count,
        first,
        behind_first,
        end,
    })
}

/// A multibulk command that lies whole in the input: what is looked at of an ordinary one.
#[derive(Clone, Copy, Debug)]
pub struct PlainCommand<'i> {
    /// The name as it was sent.
    pub name: &'i [u8],
    /// The first argument; empty without one.
    pub first: &'i [u8],
    /// Words, the name included; at least 1.
    pub argc: u64,
    /// Bytes that it takes.
    pub len: usize,
    behind_first: usize,
}

impl<'i> PlainCommand<'i> {
    /// The same with all its words; `bytes` is where it was found.
    pub fn with_words(&self, bytes: &'i [u8], limits: &Limits) -> Command<'i> {
        let rest = bytes.get(self.behind_first..self.len);
        let first = [self.name, self.first];
        in_place(self.argc, first, rest.unwrap_or_default(), self.len, limits)
    }
}

/// The command at the start of `bytes`. `None` where it is cut, of another form, or no RESP: the [`super::Framer`] tells.
#[inline(always)]
pub fn plain_command<'i>(bytes: &'i [u8], limits: &Limits) -> Option<PlainCommand<'i>> {
    if bytes.first() != Some(&b'*') {
        return None;
    }
    let words = words(bytes, limits)?;
    let [name, first] = words.first;
    (words.count > 0).then_some(PlainCommand {
        name,
        first,
        argc: words.count,
        len: words.end,
        behind_first: words.behind_first,
    })
}

/// A reply of the usual forms that lies whole in the input.
#[derive(Clone, Copy, Debug)]
pub struct PlainReply<'i> {
    /// Its type: a string, an integer or null.
    pub kind: ReplyKind,
    /// Which null.
    pub null: Option<NullForm>,
    /// The string, or the digits.
    pub head: Head<'i>,
    /// Bytes that it takes.
    pub len: usize,
}

/// The reply at the start of `bytes`: `+OK`, an integer, a bulk string or a null of RESP2. `None` for anything else,
/// and where it is cut or no RESP: the [`super::Framer`] tells.
#[inline(always)]
pub fn plain_reply<'i>(bytes: &'i [u8], limits: &Limits) -> Option<PlainReply<'i>> {
    if let Some(b"+OK\r\n") = bytes.get(..5) {
        return Some(PlainReply {
            kind: ReplyKind::Simple,
            null: None,
            head: head(bytes.get(1..3)?, limits.head_bytes),
            len: 5,
        });
    }
    let (kind, null, text, used) = match bytes.split_first()? {
        (b':', rest) => {
            let digits = short_integer(rest).filter(|digits| *digits <= limits.line)?;
            (ReplyKind::Integer, None, rest.get(..digits)?, digits + 2)
        }
        (b'$', rest) if rest.starts_with(b"-1\r\n") => {
            (ReplyKind::Null, Some(NullForm::Bulk), &[][..], 4)
        }
        (b'$', rest) => {
            let (text, used) = string(rest, limits)?;
            (ReplyKind::Bulk, None, text, used)
        }
        _ => return None,
    };
    Some(PlainReply {
        kind,
        null,
        head: head(text, limits.head_bytes),
        len: used + 1,
    })
}

/// A reply without rare parts. Gives the bytes used.
#[inline]
pub(super) fn reply<'i>(
    bytes: &'i [u8],
    limits: &Limits,
    keep_raw: bool,
) -> Option<(Step<'i>, usize)> {
    let mut reply = Reply {
        wire_len: 0,
        kind: ReplyKind::Simple,
        null: None,
        head: Head::default(),
        elements: 0,
        attributes: 0,
        raw: None,
        skipped: false,
        text: Text::InPlace(&[]),
        children: Children::None,
    };
    let (element, mut used) = element(bytes, limits)?;
    match element {
        Element::Leaf(leaf) => {
            (reply.kind, reply.null) = (leaf.kind, leaf.null);
            reply.head = head(leaf.text, limits.head_bytes);
            reply.text = Text::InPlace(leaf.text);
        }
        Element::Open(kind, elements) => {
            (reply.kind, reply.elements) = (kind, elements);
            let body = bytes.get(used..)?;
            let inside = walk(body, elements, limits)?;
            reply.children = Children::InPlace {
                body,
                count: elements.min(limits.kept_elements as u64),
                head_bytes: limits.head_bytes,
            };
            used += inside;
        }
    }
    reply.wire_len = used as u64;
    reply.raw = raw(bytes, used, limits, keep_raw);
    Some((Step::Reply(reply), used))
}

fn raw<'i>(bytes: &'i [u8], used: usize, limits: &Limits, keep: bool) -> Option<&'i [u8]> {
    (keep && used <= limits.raw).then(|| bytes.get(..used))?
}
