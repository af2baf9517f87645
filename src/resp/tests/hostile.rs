//! Sizes nobody sends in good faith, and sizes at which something is cut off.

use super::super::*;
use super::{frames, frames_within};

#[test]
fn depth_and_length_cost_nothing() {
    let deep = b"*1\r\n".repeat(1_000_000);
    assert_eq!(frames(Role::Replies, &deep, &[]), ["TooDeep"]);
    let deep = b"|1\r\n".repeat(1_000_000);
    assert_eq!(frames(Role::Replies, &deep, &[]), ["TooDeep"]);
    let deep = b"*?\r\n".repeat(1_000_000);
    assert_eq!(frames(Role::Replies, &deep, &[]), ["TooDeep"]);
    assert_eq!(frames(Role::Replies, b"*1000000000\r\n:1\r\n", &[]), ["…"]);
    assert_eq!(frames(Role::Replies, b"$536870912\r\nabc", &[]), ["…"]);
}

#[test]
fn as_deep_as_allowed() {
    let nested = |depth: usize| [b"*1\r\n".repeat(depth), b":1\r\n".to_vec()].concat();
    let limits = Limits::default();
    let deepest = frames(Role::Replies, &nested(limits.depth), &[]);
    assert_eq!(deepest, ["4100 array of 1: array=/0"]);
    let deeper = frames(Role::Replies, &nested(limits.depth + 1), &[]);
    assert_eq!(deeper, ["TooDeep"]);
    // The fast path has a smaller bound of its own. The limit must not depend on it.
    for depth in 1..12 {
        let limits = Limits {
            depth: 5,
            ..Limits::default()
        };
        let whole = frames_within(&limits, Role::Replies, &nested(depth), &[]);
        let cut = frames_within(&limits, Role::Replies, &nested(depth), &[1]);
        assert_eq!(whole, cut, "{depth}");
        assert_eq!(whole == ["TooDeep"], depth > 5, "{depth}");
    }
}

#[test]
fn lines_up_to_the_limit() {
    let limit = Limits::default().line;
    for (len, fits) in [
        (159, true),
        (160, true),
        (161, true),
        (limit, true),
        (limit + 1, false),
    ] {
        let text = "x".repeat(len);
        let reply = format!("-{text}\r\n");
        let inline = format!("{text}\r\n");
        for (role, line) in [(Role::Replies, reply), (Role::Commands, inline)] {
            let bytes = line.as_bytes();
            let whole = frames(role, bytes, &[]);
            assert_eq!(whole == ["LineTooLong"], !fits, "{len}");
            // Between CR and LF too: the end of a line does not depend on how much of it is kept.
            for cut in [1, 160, 163, bytes.len() - 2, bytes.len() - 1] {
                assert_eq!(frames(role, bytes, &[cut]), whole, "{len} at {cut}");
            }
        }
    }
    for endless in [
        vec![b'+'; 1 << 20],
        vec![b':'; 1 << 20],
        vec![b'$'; 1 << 20],
    ] {
        assert_eq!(frames(Role::Replies, &endless, &[]), ["LineTooLong"]);
        assert_eq!(frames(Role::Commands, &endless, &[]), ["LineTooLong"]);
    }
}

#[test]
fn of_long_strings_the_beginning_is_kept() {
    let limits = Limits {
        head_bytes: 4,
        ..Limits::default()
    };
    for (role, bytes, expected) in [
        (Role::Replies, "$6\r\nabcdef\r\n", "12 bulk abcd/6"),
        (Role::Replies, "-abcdef\r\n", "9 error abcd/6"),
        (
            Role::Replies,
            "*1\r\n$6\r\nabcdef\r\n",
            "16 array of 1: bulk=abcd/6",
        ),
        (
            Role::Replies,
            "$?\r\n;3\r\nabc\r\n;3\r\ndef\r\n;0\r\n",
            "26 bulk abcd/6",
        ),
        (Role::Commands, "*1\r\n$6\r\nabcdef\r\n", "16 1 abcd/6"),
        (Role::Commands, "abcdef\r\n", "inline 8 1 abcd/6"),
    ] {
        for cut in 0..bytes.len() {
            let frames = frames_within(&limits, role, bytes.as_bytes(), &[cut]);
            assert_eq!(frames, [expected], "{bytes:?} at {cut}");
        }
    }
}

#[test]
fn frames_are_kept_whole_up_to_a_limit() {
    let limits = Limits {
        raw: 10,
        ..Limits::default()
    };
    for (bytes, expected) in [
        ("$4\r\nabcd\r\n", "10 bulk abcd/4"),
        ("$5\r\nabcde\r\n", "11 bulk abcde/5 no raw"),
    ] {
        for cut in 0..bytes.len() {
            let frames = frames_within(&limits, Role::Replies, bytes.as_bytes(), &[cut]);
            assert_eq!(frames, [expected], "at {cut}");
        }
    }
}

#[test]
fn an_array_in_small_pieces_is_read_once_and_kept_small() {
    let mut bytes = b"*100000\r\n".to_vec();
    for i in 0..100_000 {
        bytes.extend_from_slice(format!("$5\r\n{i:05}\r\n").as_bytes());
    }
    let limits = Limits::default();
    let mut framer = Framer::new(Role::Replies);
    let pieces = bytes.chunks(1448).count();
    for (i, piece) in bytes.chunks(1448).enumerate() {
        let mut left = piece;
        match framer.step(&mut left, &limits) {
            // All of the piece is taken for good: no byte is ever offered twice.
            Step::More => assert!(left.is_empty() && i + 1 < pieces),
            Step::Reply(reply) => {
                assert_eq!((i + 1, reply.elements), (pieces, 100_000));
                assert_eq!(reply.wire_len, bytes.len() as u64);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_framer_is_small() {
    assert!(size_of::<Framer>() <= 32, "{}", size_of::<Framer>());
}
