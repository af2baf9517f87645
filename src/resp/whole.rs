//! The fast part of framing: a frame that lies whole at the start of the input is read where it lies.
//!
//! Nothing is copied and nothing is remembered. `None` means "not here": the frame is cut, malformed, or of a rare form
//! (attributes, streamed types, deep nesting). Then the resumable part reads it and says which.

use super::frame::{Head, ReplyKind};
use super::in_place::{Element, argument, element, head, walk};
use super::limits::{ARGS_MAX, Limits};
use super::number::short_length;
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
    let (argc, used) = short_length(bytes.get(1..)?)?;
    if argc == 0 {
        return Some((Step::Blank, 1 + used));
    }
    if argc > limits.args || argc.saturating_mul(ARGUMENT_MIN) > bytes.len() as u64 {
        return None;
    }
    let mut first = [&[][..]; 2];
    let mut at = 1 + used;
    let mut words = 0;
    // The name and the first argument are looked at in nearly every command, the others hardly ever.
    while words < argc.min(first.len() as u64) {
        let (word, used) = argument(bytes.get(at..)?, limits)?;
        *first.get_mut(usize::try_from(words).ok()?)? = word;
        at += used;
        words += 1;
    }
    let behind = at;
    while words < argc {
        at += argument(bytes.get(at..)?, limits)?.1;
        words += 1;
    }
    let most = limits.kept_args.min(ARGS_MAX);
    let command = Command {
        wire_len: at as u64,
        argc,
        inline: false,
        raw: raw(bytes, at, limits, keep_raw),
        skipped: false,
        words: Words::InPlace {
            first,
            rest: bytes.get(behind..at)?,
            count: usize::try_from(argc).unwrap_or(most).min(most),
            head_bytes: limits.head_bytes,
        },
    };
    Some((Step::Command(command), at))
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
