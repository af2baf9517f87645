//! The fast part of framing: a frame that lies whole at the start of the input is read where it lies.
//!
//! Nothing is copied and nothing is remembered. `None` means "not here": the frame is cut, malformed, or of a rare form
//! (attributes, streamed types, deep nesting). Then the resumable part reads it and says which.

use super::frame::{Head, NullForm, ReplyKind};
use super::limits::Limits;
use super::machine::{bulk_kind, line_kind};
use super::number::short_length;
use super::step::{ARGS_MAX, Children, Command, Reply, Step, Text, Words};

/// Deeper aggregates are left to the resumable part.
const NESTING: usize = 8;
/// Bytes of the shortest element of a reply (`_ CR LF`) and of a command (`$0 CR LF CR LF`).
const ELEMENT_MIN: u64 = 3;
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

/// `$`, a length, so many bytes and their end. Gives the bytes used.
#[inline]
fn argument<'i>(bytes: &'i [u8], limits: &Limits) -> Option<(&'i [u8], usize)> {
    let (b'$', length) = bytes.split_first()? else {
        return None;
    };
    let (word, used) = string(length, limits)?;
    Some((word, used + 1))
}

/// The word at `i` of words that lie at `bytes`, all of them known to be whole.
pub(super) fn word(bytes: &[u8], i: usize) -> Option<&[u8]> {
    let limits = Limits {
        bulk: u64::MAX,
        ..Limits::default()
    };
    let mut rest = bytes;
    for _ in 0..i {
        rest = rest.get(argument(rest, &limits)?.1..)?;
    }
    Some(argument(rest, &limits)?.0)
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

/// The direct element at `i` of an aggregate whose elements lie at `body`, all of them known to be whole.
pub(super) fn nth(body: &[u8], i: usize, head_bytes: usize) -> Option<(ReplyKind, Head<'_>)> {
    let limits = Limits {
        head_bytes,
        line: usize::MAX,
        bulk: u64::MAX,
        elements: u64::MAX,
        ..Limits::default()
    };
    let before = walk(body, i as u64, &limits)?;
    match element(body.get(before..)?, &limits)?.0 {
        Element::Leaf(leaf) => Some((leaf.kind, head(leaf.text, head_bytes))),
        Element::Open(kind, _) => Some((kind, Head::default())),
    }
}

/// Steps over `count` elements; gives the bytes they take.
fn walk(body: &[u8], count: u64, limits: &Limits) -> Option<usize> {
    let mut taken = 0;
    let mut open = [0u64; NESTING];
    let mut depth = 0usize;
    let mut left = count;
    loop {
        while left == 0 {
            let Some(outer) = depth.checked_sub(1) else {
                return Some(taken);
            };
            depth = outer;
            left = *open.get(depth)?;
        }
        let rest = body.get(taken..)?;
        if left.saturating_mul(ELEMENT_MIN) > rest.len() as u64 {
            return None;
        }
        let (element, used) = element(rest, limits)?;
        taken += used;
        left -= 1;
        match element {
            Element::Leaf(_) => {}
            // Whether a push inside a frame counts as an element depends on its first word.
            Element::Open(ReplyKind::Push, _) => return None,
            Element::Open(..) if depth + 1 >= limits.depth => return None,
            Element::Open(_, elements) => {
                *open.get_mut(depth)? = left;
                depth += 1;
                left = elements;
            }
        }
    }
}

struct Leaf<'i> {
    kind: ReplyKind,
    null: Option<NullForm>,
    /// All of it.
    text: &'i [u8],
}

fn head(text: &[u8], head_bytes: usize) -> Head<'_> {
    Head {
        bytes: text.get(..head_bytes).unwrap_or(text),
        len: text.len() as u64,
    }
}

enum Element<'i> {
    Leaf(Leaf<'i>),
    /// An aggregate with so many elements.
    Open(ReplyKind, u64),
}

/// The element at the start of `bytes`, of an aggregate only its header. Gives the bytes used.
#[inline]
fn element<'i>(bytes: &'i [u8], limits: &Limits) -> Option<(Element<'i>, usize)> {
    let (&kind, rest) = bytes.split_first()?;
    let (element, used) = match kind {
        b'+' | b'-' | b',' | b'(' | b':' | b'#' | b'_' => line(kind, rest, limits)?,
        b'$' if rest.starts_with(b"-1\r\n") => (nothing(NullForm::Bulk), 4),
        b'$' | b'=' | b'!' => {
            let (text, used) = string(rest, limits)?;
            let (kind, null) = (bulk_kind(kind), None);
            (Element::Leaf(Leaf { kind, null, text }), used)
        }
        b'*' if rest.starts_with(b"-1\r\n") => (nothing(NullForm::Array), 4),
        b'*' => open(ReplyKind::Array, 1, rest, limits)?,
        b'%' => open(ReplyKind::Map, 2, rest, limits)?,
        b'~' => open(ReplyKind::Set, 1, rest, limits)?,
        b'>' => open(ReplyKind::Push, 1, rest, limits)?,
        _ => return None,
    };
    Some((element, used + 1))
}

fn nothing<'i>(form: NullForm) -> Element<'i> {
    Element::Leaf(Leaf {
        kind: ReplyKind::Null,
        null: Some(form),
        text: &[],
    })
}

fn open<'i>(
    kind: ReplyKind,
    times: u64,
    rest: &[u8],
    limits: &Limits,
) -> Option<(Element<'i>, usize)> {
    let (count, used) = short_length(rest)?;
    let elements = count.checked_mul(times)?;
    (elements <= limits.elements).then_some((Element::Open(kind, elements), used))
}

#[inline]
fn line<'i>(kind: u8, rest: &'i [u8], limits: &Limits) -> Option<(Element<'i>, usize)> {
    let end = match kind {
        // Short lines: a plain loop beats a search.
        b':' | b'_' | b'#' => rest.iter().position(|b| *b == b'\n')?,
        _ => memchr::memchr(b'\n', rest)?,
    };
    let text = rest.get(..end)?.strip_suffix(b"\r")?;
    if text.len() > limits.line {
        return None;
    }
    let looked_at = text.get(..limits.line_kept()).unwrap_or(text);
    let (kind, null) = line_kind(kind, looked_at)?;
    Some((Element::Leaf(Leaf { kind, null, text }), end + 1))
}

/// A length, so many bytes and their end. Gives the bytes used.
#[inline]
fn string<'i>(rest: &'i [u8], limits: &Limits) -> Option<(&'i [u8], usize)> {
    let (len, start) = short_length(rest)?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    let behind = end.checked_add(2)?;
    if len > limits.bulk || rest.get(end..behind)? != b"\r\n" {
        return None;
    }
    Some((rest.get(start..end)?, behind))
}

fn raw<'i>(bytes: &'i [u8], used: usize, limits: &Limits, keep: bool) -> Option<&'i [u8]> {
    (keep && used <= limits.raw).then(|| bytes.get(..used))?
}
