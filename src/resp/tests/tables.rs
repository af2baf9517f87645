//! Every type and every fault, whole, cut in two everywhere, and byte by byte.

use super::super::*;
use super::frames;

const COMMANDS: &[(&[u8], &str)] = &[
    (b"*1\r\n$4\r\nPING\r\n", "14 1 PING/4"),
    (b"*2\r\n$3\r\nGET\r\n$0\r\n\r\n", "19 2 GET/3 /0"),
    (b"*1\r\n$6\r\na\r\nb\r\n\r\n", "16 1 a\\r\\nb\\r\\n/6"),
    (b"*01\r\n$04\r\nPING\r\n", "16 1 PING/4"),
    (
        b"*10\r\n$1\r\n0\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n4\r\n$1\r\n5\r\n$1\r\n6\r\n$1\r\n7\r\n$1\r\n8\r\n$1\r\n9\r\n",
        "75 10 0/1 1/1 2/1 3/1 4/1 5/1 6/1 7/1",
    ),
    (b"PING\r\n", "inline 6 1 PING/4"),
    (b"PING\n", "inline 5 1 PING/4"),
    (b"\x0bPING\r\n", "inline 7 1 PING/4"),
    (b"\x0c\x0bGET\x0ba\n", "inline 8 2 GET/3 a/1"),
    (b"SET a \"b c\"\n", "inline 12 3 SET/3 a/1 b c/3"),
    (b"  GET\t'a'\r\n", "inline 11 2 GET/3 a/1"),
    (b"\r\n", "blank"),
    (b"\n", "blank"),
    (b"  \r\n", "blank"),
    (b"*0\r\n", "blank"),
    (b"*-1\r\n", "blank"),
    (b"*1\r\n:1\r\n", "NotABulk"),
    (b"*1\r\n*1\r\n", "NotABulk"),
    (b"*1\r\n$-1\r\n", "BadLength"),
    (b"*1\r\n$?\r\n", "BadLength"),
    (b"*-2\r\n", "blank"),
    (b"*-10\r\n", "blank"),
    (b"*-0\r\n", "BadLength"),
    (b"*-01\r\n", "BadLength"),
    (b"*x\r\n", "BadLength"),
    (b"*\r\n", "BadLength"),
    (b"*?\r\n", "BadLength"),
    (b"*1048577\r\n", "TooManyElements"),
    (b"*99999999999999999999\r\n", "TooManyElements"),
    (b"*1\r\n$536870913\r\n", "BulkTooLong"),
    (b"*1\r\n$4\r\nPINGxx", "MissingTerminator"),
    (b"*1\r\n$4\r\nPING\rx", "MissingTerminator"),
    (b"*1\n$4\n", "MissingTerminator"),
    (b"\x16\x03\x01", "UnknownType(22)"),
    (b"\x00", "UnknownType(0)"),
    (b"\xc3\xa9\r\n", "UnknownType(195)"),
    (b"SET \"a\r\n", "UnbalancedQuotes"),
    (b"SET 'a'b\r\n", "UnbalancedQuotes"),
];

const REPLIES: &[(&[u8], &str)] = &[
    (b"+OK\r\n", "5 simple OK/2"),
    (b"+\r\n", "3 simple /0"),
    (b"+a\rb\r\n", "6 simple a\\rb/3"),
    (b"-ERR x\r\n", "8 error ERR x/5"),
    (b"-\xff\r\n", "4 error \\xff/1"),
    (b":-12\r\n", "6 integer -12/3"),
    (b":+12\r\n", "6 integer +12/3"),
    (b"$0\r\n\r\n", "6 bulk /0"),
    (b"$3\r\na\r\n\r\n", "9 bulk a\\r\\n/3"),
    (b"$-1\r\n", "5 null Bulk"),
    (b"*-1\r\n", "5 null Array"),
    (b"_\r\n", "3 null Resp3"),
    (b"#t\r\n", "4 boolean t/1"),
    (b"#f\r\n", "4 boolean f/1"),
    (b",1.5\r\n", "6 double 1.5/3"),
    (b",-inf\r\n", "7 double -inf/4"),
    (b"(-123\r\n", "7 big-number -123/4"),
    (b"=5\r\ntxt:a\r\n", "11 verbatim txt:a/5"),
    (b"!3\r\nE x\r\n", "9 bulk-error E x/3"),
    (b"*0\r\n", "4 array"),
    (b"%0\r\n", "4 map"),
    (b"*2\r\n$-1\r\n*-1\r\n", "14 array of 2: null=/0 null=/0"),
    (
        b"*3\r\n:1\r\n*1\r\n:2\r\n$1\r\na\r\n",
        "23 array of 3: integer=1/1 array=/0 bulk=a/1",
    ),
    (
        b"*4\r\n+a\r\n-ERR\r\n+c\r\n+d\r\n",
        "22 array of 4: simple=a/1 error=ERR/3 simple=c/1",
    ),
    (b"*1\r\n*1\r\n!1\r\nE\r\n", "15 array of 1: array=/0"),
    (b"*1\r\n*0\r\n", "8 array of 1: array=/0"),
    (b"%1\r\n+a\r\n:1\r\n", "12 map of 2: simple=a/1 integer=1/1"),
    (b"~1\r\n_\r\n", "7 set of 1: null=/0"),
    (b">1\r\n+x\r\n", "8 push of 1: simple=x/1"),
    (b"\n", "blank"),
];

/// Attributes, streamed types, and pushes inside other frames.
const RARE: &[(&[u8], &str)] = &[
    (b"|1\r\n+a\r\n:1\r\n+OK\r\n", "17 simple OK/2 attributes 1"),
    (
        b"|0\r\n|1\r\n+a\r\n-b\r\n$-1\r\n",
        "21 null Bulk attributes 2",
    ),
    (
        b"*2\r\n|1\r\n+a\r\n*1\r\n:9\r\n:1\r\n:2\r\n",
        "28 array of 2: integer=1/1 integer=2/1",
    ),
    (
        b"|1\r\n|1\r\n+x\r\n+y\r\n+a\r\n:1\r\n>1\r\n+p\r\n",
        "32 push of 1: simple=p/1 attributes 1",
    ),
    (b"$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n", "23 bulk abc/3"),
    (b"$?\r\n;0\r\n", "8 bulk /0"),
    (
        b"*2\r\n$?\r\n;1\r\nx\r\n;0\r\n:1\r\n",
        "23 array of 2: bulk=x/1 integer=1/1",
    ),
    (
        b"*?\r\n:1\r\n:2\r\n.\r\n",
        "15 array of 2: integer=1/1 integer=2/1",
    ),
    (b"*?\r\n.\r\n", "7 array"),
    (
        b"%?\r\n+a\r\n*?\r\n:1\r\n.\r\n.\r\n",
        "22 map of 2: simple=a/1 array=/0",
    ),
    // The reply of EXEC: a message between the elements, and the confirmation that stands for SUBSCRIBE's reply.
    (
        b"*2\r\n+a\r\n>2\r\n$7\r\nmessage\r\n:7\r\n:1\r\n",
        "33 array of 2: simple=a/1 integer=1/1",
    ),
    (
        b"*2\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n-k\r\n:1\r\n:2\r\n",
        "41 array of 2: integer=1/1 integer=2/1",
    ),
    (
        b"*2\r\n>3\r\n$9\r\nsubscribe\r\n+c\r\n:1\r\n+a\r\n",
        "35 array of 2: push=/0 simple=a/1",
    ),
    (b"*1\r\n>0\r\n", "8 array of 1: push=/0"),
];

const FAULTS: &[(&[u8], &str)] = &[
    (b"$x\r\n", "BadLength"),
    (b"$\r\n", "BadLength"),
    (b"$-2\r\n", "BadLength"),
    (b"$+3\r\n", "BadLength"),
    (b"*-2\r\n", "BadLength"),
    (b"%-1\r\n", "BadLength"),
    (b"=-1\r\n", "BadLength"),
    (b"=?\r\n", "BadLength"),
    (b":1x\r\n", "BadLength"),
    (b":\r\n", "BadLength"),
    (b"#x\r\n", "BadLength"),
    (b"_x\r\n", "BadLength"),
    (b",1.5.2\r\n", "BadLength"),
    (b"(1.5\r\n", "BadLength"),
    (b"*?\r\n.x\r\n", "BadLength"),
    (b"$1\r\nab\r\n", "MissingTerminator"),
    (b"$0\r\n\n", "MissingTerminator"),
    (b"+OK\n", "MissingTerminator"),
    (b"$1\n", "MissingTerminator"),
    (b"HTTP/1.1 200\r\n", "UnknownType(72)"),
    (b"\r\n", "UnknownType(13)"),
    (b".\r\n", "UnknownType(46)"),
    (b";1\r\n", "UnknownType(59)"),
    (b"*1\r\n.\r\n", "UnknownType(46)"),
    (b"$?\r\n+a\r\n", "UnknownType(43)"),
    (b"*1\r\nx", "UnknownType(120)"),
    (b"$536870913\r\n", "BulkTooLong"),
    (b"$1000000000000\r\n", "BulkTooLong"),
    (b"$99999999999999999999999\r\n", "BulkTooLong"),
    (b"$?\r\n;536870913\r\n", "BulkTooLong"),
    (b"*4294967297\r\n", "TooManyElements"),
    (b"%9223372036854775807\r\n", "TooManyElements"),
];

fn check(role: Role, bytes: &[u8], expected: &str) {
    let context = bytes.escape_ascii().to_string();
    assert_eq!(frames(role, bytes, &[]), [expected], "{context}");
    for cut in 0..bytes.len() {
        assert_eq!(
            frames(role, bytes, &[cut]),
            [expected],
            "{context} at {cut}"
        );
    }
    let all: Vec<usize> = (0..bytes.len()).collect();
    assert_eq!(
        frames(role, bytes, &all),
        [expected],
        "{context} byte by byte"
    );
}

#[test]
fn commands_however_they_are_cut() {
    for (bytes, expected) in COMMANDS {
        check(Role::Commands, bytes, expected);
    }
}

#[test]
fn replies_however_they_are_cut() {
    for (bytes, expected) in REPLIES.iter().chain(RARE).chain(FAULTS) {
        check(Role::Replies, bytes, expected);
    }
}

#[test]
fn a_frame_without_its_last_byte_is_unfinished() {
    let commands = COMMANDS.iter().filter(|(b, _)| !b.is_empty());
    let roles = commands
        .map(|c| (Role::Commands, c))
        .chain(REPLIES.iter().chain(RARE).map(|r| (Role::Replies, r)));
    for (role, (bytes, expected)) in roles {
        let whole = expected.starts_with(|c: char| c.is_ascii_digit() || c == 'i');
        if let (true, Some((_, cut))) = (whole, bytes.split_last()) {
            assert_eq!(frames(role, cut, &[]), ["…"], "{}", bytes.escape_ascii());
        }
    }
}

#[test]
fn one_frame_behind_the_other() {
    for (role, tables) in [
        (Role::Replies, [REPLIES, RARE]),
        (Role::Commands, [COMMANDS.get(..14).unwrap(), &[]]),
    ] {
        let all: Vec<_> = tables.into_iter().flatten().collect();
        let stream: Vec<u8> = all.iter().flat_map(|(b, _)| b.iter().copied()).collect();
        let expected: Vec<&str> = all.iter().map(|(_, e)| *e).collect();
        assert_eq!(frames(role, &stream, &[]), expected);
        for size in [1, 2, 3, 7, 64] {
            let cuts: Vec<usize> = (0..stream.len()).step_by(size).collect();
            assert_eq!(frames(role, &stream, &cuts), expected, "pieces of {size}");
        }
    }
}

#[test]
fn what_is_malformed_stays_so_until_reset() {
    let limits = Limits::default();
    let mut framer = Framer::new(Role::Replies);
    for bytes in ["+a\nrest", "+OK\r\n"] {
        let mut input = bytes.as_bytes();
        let step = framer.step(&mut input, &limits);
        assert!(matches!(
            step,
            Step::Malformed(Malformed::MissingTerminator)
        ));
    }
    framer.reset();
    let mut input = &b"+OK\r\n"[..];
    assert!(matches!(framer.step(&mut input, &limits), Step::Reply(_)));
}

#[test]
fn prints_are_of_all_bytes_however_the_frame_is_cut() {
    let limits = Limits::default();
    let long = "v".repeat(5000);
    let wire = format!("*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\nEX\r\n$1\r\n9\r\n$5000\r\n{long}\r\n");
    for cut in [0, 1, 15, 40, 100, wire.len() - 1] {
        for all in [false, true] {
            let mut framer = Framer::new(Role::Commands);
            framer.set_prints(all);
            let (mut first, mut rest) = wire.as_bytes().split_at(cut);
            assert!(matches!(framer.step(&mut first, &limits), Step::More));
            let Step::Command(command) = framer.step(&mut rest, &limits) else {
                panic!("a command");
            };
            let print = |i| command.print(i, &limits.key);
            assert_eq!(print(1), Some(limits.key.of(b"k")), "{cut}");
            assert_eq!(print(3), Some(limits.key.of(b"9")), "{cut}");
            // Of a long word that came in pieces only when it is wanted.
            let whole = Some(limits.key.of(long.as_bytes()));
            let made = all || cut == 0;
            assert_eq!(print(4), whole.filter(|_| made), "{cut}");
            assert_eq!(print(5), None);
        }
    }
}

#[test]
fn a_long_reply_in_pieces_has_a_print_only_when_it_is_wanted() {
    let limits = Limits::default();
    for (len, wanted, made) in [(5000, false, false), (5000, true, true), (50, false, true)] {
        let text = "v".repeat(len);
        let wire = format!("${len}\r\n{text}\r\n");
        let mut framer = Framer::new(Role::Replies);
        framer.set_prints(wanted);
        let (mut first, mut rest) = wire.as_bytes().split_at(20);
        assert!(matches!(framer.step(&mut first, &limits), Step::More));
        let Step::Reply(reply) = framer.step(&mut rest, &limits) else {
            panic!("a reply");
        };
        let whole = Some(limits.key.of(text.as_bytes()));
        assert_eq!(reply.print(&limits.key), whole.filter(|_| made));
    }
}
