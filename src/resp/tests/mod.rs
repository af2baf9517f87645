//! Framing: what a stream frames to, written as text, however it is cut.

mod hostile;
mod random;
mod skipped;
mod tables;

use super::*;

/// Everything a stream frames to, as text; fed in pieces that end at `cuts`.
///
/// An unfinished frame at the end is `…`. Panics when a step neither takes bytes nor ends the feeding.
pub(super) fn frames_within(
    limits: &Limits,
    role: Role,
    bytes: &[u8],
    cuts: &[usize],
) -> Vec<String> {
    let mut framer = Framer::new(role);
    framer.set_keep_raw(true);
    let mut out = Vec::new();
    let mut start = 0;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        let Some(mut left) = bytes.get(start..end) else {
            continue;
        };
        start = end;
        loop {
            let mut rest = left;
            let step = framer.step(&mut rest, limits);
            let used = left.len() - rest.len();
            match step {
                Step::More => {
                    assert!(rest.is_empty(), "more is wanted when nothing is left");
                    break;
                }
                Step::Blank => out.push("blank".to_owned()),
                Step::Command(c) => out.push(command(&c)),
                Step::Reply(r) => out.push(reply(&r)),
                Step::Malformed(reason) => {
                    out.push(format!("{reason:?}"));
                    assert_eq!(framer.is_broken(), Some(reason));
                    assert!(!framer.is_mid_frame());
                    return out;
                }
            }
            assert!(used > 0, "a frame takes bytes");
            left = &left[used..];
        }
    }
    if framer.is_mid_frame() {
        out.push("…".to_owned());
    }
    out
}

pub(super) fn frames(role: Role, bytes: &[u8], cuts: &[usize]) -> Vec<String> {
    frames_within(&Limits::default(), role, bytes, cuts)
}

pub(super) fn head(h: &Head<'_>) -> String {
    format!("{}/{}", h.bytes.escape_ascii(), h.len)
}

pub(super) fn command(c: &Command<'_>) -> String {
    let args: Vec<String> = (0..ARGS_MAX)
        .filter_map(|i| c.arg(i))
        .map(|h| head(&h))
        .collect();
    let raw = raw_mark(c.raw, c.wire_len);
    let inline = if c.inline { "inline " } else { "" };
    format!("{inline}{} {} {}{raw}", c.wire_len, c.argc, args.join(" "))
}

pub(super) fn reply(r: &Reply<'_>) -> String {
    let null = r.null.map(|n| format!(" {n:?}")).unwrap_or_default();
    let mut out = format!("{} {}{null}", r.wire_len, r.kind.name());
    if !matches!(
        r.kind,
        ReplyKind::Null | ReplyKind::Array | ReplyKind::Map | ReplyKind::Set | ReplyKind::Push
    ) {
        out += &format!(" {}", head(&r.head));
    } else {
        assert_eq!(r.head, Head::default());
    }
    if r.elements > 0 {
        out += &format!(" of {}:", r.elements);
    }
    for (kind, h) in (0..8).filter_map(|i| r.element(i)) {
        out += &format!(" {}={}", kind.name(), head(&h));
    }
    if r.attributes > 0 {
        out += &format!(" attributes {}", r.attributes);
    }
    assert!(!r.skipped());
    out + raw_mark(r.raw, r.wire_len)
}

/// Nothing when the raw frame is there and as long as it should be.
fn raw_mark(raw: Option<&[u8]>, wire_len: u64) -> &'static str {
    match raw {
        Some(raw) if raw.len() as u64 == wire_len => "",
        Some(_) => " raw of another length",
        None => " no raw",
    }
}
