//! Random values in any segmentation, arbitrary bytes, and the same answer as another implementation.

use super::super::*;
use super::{frames, head};
use proptest::prelude::*;

/// A value as it is sent, and what the framer should say of it.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(ReplyKind, Vec<u8>, Vec<u8>),
    /// Type byte, streamed, elements.
    Node(u8, bool, Vec<Child>),
}

#[derive(Clone, Debug)]
struct Child {
    /// Attributes and, inside other frames, pushes in front of it.
    in_front: Vec<&'static [u8]>,
    tree: Tree,
}

const ATTRIBUTES: &[u8] = b"|1\r\n+ttl\r\n*1\r\n:3600\r\n";
const MESSAGE: &[u8] = b">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$0\r\n\r\n";

fn line(byte: char, kind: ReplyKind, text: String) -> Tree {
    let wire = format!("{byte}{text}\r\n").into_bytes();
    Tree::Leaf(kind, text.into_bytes(), wire)
}

fn string(byte: char, kind: ReplyKind, text: Vec<u8>) -> Tree {
    let mut wire = format!("{byte}{}\r\n", text.len()).into_bytes();
    wire.extend_from_slice(&text);
    wire.extend_from_slice(b"\r\n");
    Tree::Leaf(kind, text, wire)
}

fn pieces(parts: Vec<Vec<u8>>) -> Tree {
    let mut wire = b"$?\r\n".to_vec();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        wire.extend_from_slice(format!(";{}\r\n", part.len()).as_bytes());
        wire.extend_from_slice(part);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b";0\r\n");
    Tree::Leaf(ReplyKind::Bulk, parts.concat(), wire)
}

fn tree() -> impl Strategy<Value = Tree> {
    let nothing = |wire: &'static [u8]| Just(Tree::Leaf(ReplyKind::Null, vec![], wire.to_vec()));
    let bytes = || prop::collection::vec(any::<u8>(), 0..200);
    let leaf = prop_oneof![
        "[ -~]{0,12}".prop_map(|s| line('+', ReplyKind::Simple, s)),
        "[ -~]{0,400}".prop_map(|s| line('-', ReplyKind::Error, s)),
        any::<i64>().prop_map(|n| line(':', ReplyKind::Integer, n.to_string())),
        any::<f64>().prop_map(|n| line(',', ReplyKind::Double, n.to_string())),
        "-?[0-9]{1,60}".prop_map(|s| line('(', ReplyKind::BigNumber, s)),
        "[tf]".prop_map(|s| line('#', ReplyKind::Boolean, s)),
        nothing(b"$-1\r\n"),
        nothing(b"*-1\r\n"),
        nothing(b"_\r\n"),
        bytes().prop_map(|b| string('$', ReplyKind::Bulk, b)),
        bytes().prop_map(|b| string('=', ReplyKind::Verbatim, b)),
        bytes().prop_map(|b| string('!', ReplyKind::BulkError, b)),
        prop::collection::vec(bytes(), 0..4).prop_map(pieces),
    ];
    leaf.prop_recursive(12, 40, 5, |inner| {
        let in_front = prop::collection::vec(prop::sample::select(vec![ATTRIBUTES, MESSAGE]), 0..2);
        let child = (prop::bool::weighted(0.2), in_front, inner).prop_map(|(some, front, tree)| {
            let in_front = if some { front } else { vec![] };
            Child { in_front, tree }
        });
        let children = prop::collection::vec(child, 0..6);
        (
            prop::sample::select(&b"*~%"[..]),
            prop::bool::weighted(0.2),
            children,
        )
            .prop_map(|(kind, streamed, mut children)| {
                if kind == b'%' {
                    children.truncate(children.len() / 2 * 2);
                }
                Tree::Node(kind, streamed, children)
            })
    })
}

fn encode(tree: &Tree, out: &mut Vec<u8>) {
    match tree {
        Tree::Leaf(_, _, wire) => out.extend_from_slice(wire),
        Tree::Node(kind, streamed, children) => {
            let count = children.len() / if *kind == b'%' { 2 } else { 1 };
            out.push(*kind);
            if *streamed {
                out.extend_from_slice(b"?\r\n");
            } else {
                out.extend_from_slice(format!("{count}\r\n").as_bytes());
            }
            for child in children {
                child.in_front.iter().for_each(|b| out.extend_from_slice(b));
                encode(&child.tree, out);
            }
            if *streamed {
                out.extend_from_slice(b".\r\n");
            }
        }
    }
}

fn summary(tree: &Tree) -> (ReplyKind, String) {
    let kept = Limits::default().head_bytes;
    match tree {
        Tree::Leaf(kind, text, _) => {
            let bytes = text.get(..kept).unwrap_or(text);
            let len = text.len() as u64;
            (*kind, head(&Head { bytes, len }))
        }
        Tree::Node(b'%', ..) => (ReplyKind::Map, "/0".to_owned()),
        Tree::Node(b'~', ..) => (ReplyKind::Set, "/0".to_owned()),
        Tree::Node(..) => (ReplyKind::Array, "/0".to_owned()),
    }
}

/// Feeds `bytes` in pieces and compares each reply with its tree.
fn compare(trees: &[Tree], bytes: &[u8], cuts: &[usize]) -> Result<(), TestCaseError> {
    let limits = Limits::default();
    let mut framer = Framer::new(Role::Replies);
    let mut expected = trees.iter();
    let mut start = 0;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        let mut left = &bytes[start..end];
        start = end;
        loop {
            let mut rest = left;
            let step = framer.step(&mut rest, &limits);
            left = &left[left.len() - rest.len()..];
            match step {
                Step::More => break,
                Step::Reply(reply) => compare_one(expected.next().unwrap(), &reply)?,
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
    prop_assert!(expected.next().is_none() && !framer.is_mid_frame());
    Ok(())
}

fn compare_one(tree: &Tree, reply: &Reply<'_>) -> Result<(), TestCaseError> {
    let mut wire = Vec::new();
    encode(tree, &mut wire);
    prop_assert_eq!(reply.wire_len, wire.len() as u64);
    prop_assert_eq!((reply.kind, head(&reply.head)), summary(tree));
    if let Tree::Node(_, _, children) = tree {
        prop_assert_eq!(reply.elements, children.len() as u64);
        let most = Limits::default().kept_elements;
        for (i, child) in children.iter().enumerate() {
            let found = reply.element(i).map(|(kind, h)| (kind, head(&h)));
            prop_assert_eq!(found, (i < most).then(|| summary(&child.tree)));
        }
        prop_assert!(reply.element(children.len()).is_none());
    }
    Ok(())
}

/// Places to cut `len` bytes, in order.
fn places(cuts: Vec<usize>, len: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c % (len + 1)).collect();
    cuts.sort_unstable();
    cuts
}

/// Bytes that look like RESP often enough to get somewhere.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        4 => prop::sample::select(vec![
            "*", "$", "+", "-", ":", "%", "~", ">", "|", ";", ".", "_", "#", ",", "(", "=", "!", "?", "0", "1", "2",
            "\r\n", "\r\n", "\r\n", "\n", "\r", "-1", "*1\r\n", "$1\r\n", "$?\r\n", "*?\r\n", "a", "\"", "'", "\\x4",
        ]).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(token, 0..80).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn values_in_any_segmentation(
        trees in prop::collection::vec(tree(), 1..5),
        cuts in prop::collection::vec(0usize..4000, 0..12),
    ) {
        let mut bytes = Vec::new();
        trees.iter().for_each(|tree| encode(tree, &mut bytes));
        compare(&trees, &bytes, &[])?;
        compare(&trees, &bytes, &places(cuts, bytes.len()))?;
        let all: Vec<usize> = (0..bytes.len()).collect();
        compare(&trees, &bytes, &all)?;
    }

    #[test]
    fn commands_in_any_segmentation(
        args in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..12),
        cuts in prop::collection::vec(0usize..4000, 0..6),
    ) {
        let mut bytes = format!("*{}\r\n", args.len()).into_bytes();
        for arg in &args {
            bytes.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
            bytes.extend_from_slice(arg);
            bytes.extend_from_slice(b"\r\n");
        }
        let heads: Vec<String> = args.iter().take(ARGS_MAX).map(|arg| {
            let bytes = arg.get(..Limits::default().head_bytes).unwrap_or(arg);
            head(&Head { bytes, len: arg.len() as u64 })
        }).collect();
        let expected = format!("{} {} {}", bytes.len(), args.len(), heads.join(" "));
        prop_assert_eq!(frames(Role::Commands, &bytes, &[]), [expected.clone()]);
        prop_assert_eq!(frames(Role::Commands, &bytes, &places(cuts, bytes.len())), [expected]);
    }

    #[test]
    fn noise_frames_the_same_in_any_segmentation(
        bytes in noise(),
        cuts in prop::collection::vec(0usize..300, 0..6),
    ) {
        let cuts = places(cuts, bytes.len());
        for role in [Role::Commands, Role::Replies] {
            prop_assert_eq!(frames(role, &bytes, &[]), frames(role, &bytes, &cuts));
        }
        let _ = (starts_command(&bytes), starts_reply(&bytes), value::decode(&bytes));
    }

    /// Whatever starts a frame by the strict test is framed as one.
    #[test]
    fn what_starts_a_reply_is_no_unknown_type(bytes in noise()) {
        if starts_reply(&bytes) == Start::Yes {
            let line = bytes.iter().position(|b| *b == b'\n').map_or(0, |end| end + 1);
            let first = frames(Role::Replies, &bytes[..line], &[]);
            prop_assert!(
                first == ["…"] || first[0].starts_with(|c: char| c.is_ascii_digit()),
                "{:?}", first
            );
        }
    }

    #[test]
    fn frames_end_where_another_implementation_ends_them(bytes in noise()) {
        // It knows RESP2 only, is not strict (a sign in a length, what stands behind a string), and wants integers to
        // fit in 64 bits. Where both see a frame, it ends at the same byte.
        let theirs = redis_protocol::resp2::decode::decode_range(&bytes);
        let ours = frames(Role::Replies, &bytes, &[]);
        let first = ours.first().and_then(|frame| frame.split(' ').next()?.parse::<usize>().ok());
        if let (Ok(Some((_, used))), Some(len)) = (theirs, first)
            && ours.first().is_some_and(|frame| frame != "blank")
        {
            prop_assert_eq!(len, used);
        }
    }

    #[test]
    fn resp2_values_end_where_another_implementation_ends_them(tree in tree()) {
        let mut bytes = Vec::new();
        encode(&tree, &mut bytes);
        if let Ok(Some((_, used))) = redis_protocol::resp2::decode::decode_range(&bytes) {
            let ours = frames(Role::Replies, &bytes, &[]);
            let first = ours.first().and_then(|frame| frame.split(' ').next()?.parse().ok());
            prop_assert_eq!(first, Some(used));
        }
    }
}
