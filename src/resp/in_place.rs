//! Arguments and elements that lie whole in the input, read where they lie.

use super::frame::{Head, NullForm, ReplyKind, bulk_kind, line_kind};
use super::limits::Limits;
use super::number::short_length;

/// Deeper aggregates are left to the resumable part.
const NESTING: usize = 8;
/// Bytes of the shortest element of a reply (`_ CR LF`).
const ELEMENT_MIN: u64 = 3;

/// `$`, a length, so many bytes and their end. Gives the bytes used.
#[inline(always)]
pub(super) fn argument<'i>(bytes: &'i [u8], limits: &Limits) -> Option<(&'i [u8], usize)> {
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
pub(super) fn walk(body: &[u8], count: u64, limits: &Limits) -> Option<usize> {
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

pub(super) struct Leaf<'i> {
    pub(super) kind: ReplyKind,
    pub(super) null: Option<NullForm>,
    /// All of it.
    pub(super) text: &'i [u8],
}

pub(super) fn head(text: &[u8], head_bytes: usize) -> Head<'_> {
    Head {
        bytes: text.get(..head_bytes).unwrap_or(text),
        len: text.len() as u64,
    }
}

pub(super) enum Element<'i> {
    Leaf(Leaf<'i>),
    /// An aggregate with so many elements.
    Open(ReplyKind, u64),
}

/// The element at the start of `bytes`, of an aggregate only its header. Gives the bytes used.
#[inline]
pub(super) fn element<'i>(bytes: &'i [u8], limits: &Limits) -> Option<(Element<'i>, usize)> {
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
#[inline(always)]
pub(super) fn string<'i>(rest: &'i [u8], limits: &Limits) -> Option<(&'i [u8], usize)> {
    let (len, start) = short_length(rest)?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    let behind = end.checked_add(2)?;
    if len > limits.bulk || rest.get(end..behind)? != b"\r\n" {
        return None;
    }
    Some((rest.get(start..end)?, behind))
}
