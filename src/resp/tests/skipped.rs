//! Bytes that were never captured.

use super::super::*;

/// A framer in the middle of the frame that starts with `bytes`.
fn inside(role: Role, bytes: &[u8]) -> Framer {
    let mut framer = Framer::new(role);
    framer.set_keep_raw(true);
    let mut rest = bytes;
    let step = framer.step(&mut rest, &Limits::default());
    assert!(matches!(step, Step::More));
    framer
}

#[test]
fn inside_a_string_and_up_to_the_end_of_it() {
    // Every stretch of `cdef CR LF` may be missing.
    let bytes = b"$6\r\nabcdef\r\n";
    for from in 4..bytes.len() {
        for to in from + 1..=bytes.len() {
            let mut framer = inside(Role::Replies, &bytes[..from]);
            assert!(framer.skip((to - from) as u64), "{from}..{to}");
            let mut rest = &bytes[to..];
            let step = framer.step(&mut rest, &Limits::default());
            let Step::Reply(reply) = step else {
                panic!("{from}..{to}: {step:?}");
            };
            assert_eq!((reply.wire_len, reply.head.len), (12, 6));
            let text = &b"abcdef"[..(from - 4).min(6)];
            assert_eq!(reply.head.bytes, text, "only what is in front of the gap");
            assert!(reply.skipped() && reply.raw.is_none());
        }
    }
}

#[test]
fn the_frame_behind_is_not_touched() {
    let mut framer = inside(Role::Replies, b"$4\r\nab");
    assert!(framer.skip(4), "the whole rest of the frame");
    for (kind, skipped) in [(ReplyKind::Bulk, true), (ReplyKind::Simple, false)] {
        let mut rest = &b"+OK\r\n"[..];
        let step = framer.step(&mut rest, &Limits::default());
        let Step::Reply(reply) = step else {
            panic!("{step:?}");
        };
        assert_eq!((reply.kind, reply.skipped()), (kind, skipped));
    }
}

#[test]
fn elements_and_arguments_behind_the_gap_are_kept() {
    let mut framer = inside(Role::Commands, b"*3\r\n$3\r\nSET\r\n$9\r\nabc");
    assert!(framer.skip(6));
    let mut rest = &b"\r\n$1\r\nv\r\n"[..];
    let step = framer.step(&mut rest, &Limits::default());
    let Step::Command(command) = step else {
        panic!("{step:?}");
    };
    let args: Vec<_> = (0..3).filter_map(|i| command.arg(i)).collect();
    let texts: Vec<_> = args.iter().map(|a| (a.bytes, a.len)).collect();
    assert_eq!(texts, [(&b"SET"[..], 3), (b"abc", 9), (b"v", 1)]);
    assert!(command.skipped());

    let mut framer = inside(Role::Replies, b"$?\r\n;4\r\nab");
    assert!(framer.skip(2));
    let mut rest = &b"\r\n;2\r\nef\r\n;0\r\n"[..];
    let step = framer.step(&mut rest, &Limits::default());
    let Step::Reply(reply) = step else {
        panic!("{step:?}");
    };
    assert_eq!((reply.head.bytes, reply.head.len), (&b"ab"[..], 6));
}

#[test]
fn anywhere_else_nothing_changes() {
    for (bytes, missing) in [
        (&b"$4\r\nab"[..], 5),
        (b"$4\r\nab", u64::MAX),
        (b"$4\r\nabcd\r", 2),
        (b"$4", 1),
        (b"$4\r", 1),
        (b"+a", 1),
        (b"*2\r\n", 1),
        (b"*2\r\n+a\r\n", 1),
    ] {
        let mut framer = inside(Role::Replies, bytes);
        assert!(!framer.skip(missing), "{}", bytes.escape_ascii());
        assert!(framer.is_mid_frame());
    }
    assert!(!Framer::new(Role::Replies).skip(1), "between frames");
}
