//! The framer over dialogues recorded from real servers.

use flate2::read::MultiGzDecoder;
use redorder::resp::{Framer, Limits, Malformed, Role, Step};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

const SESSIONS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../shared/captures/sessions/real-server-sessions.jsonl.gz"
);

/// One recorded dialogue: pieces of both directions as they were sent.
#[derive(Debug, Default)]
struct Session {
    client: Vec<Vec<u8>>,
    server: Vec<Vec<u8>>,
}

impl Session {
    fn read(line: &str) -> Session {
        let (_, pieces): (String, Vec<(f64, String, String)>) = serde_json::from_str(line).unwrap();
        let mut session = Session::default();
        for (_, direction, text) in pieces {
            // Each code point is a byte.
            let bytes = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
            match direction.as_str() {
                "c" => session.client.push(bytes),
                "s" => session.server.push(bytes),
                _ => {}
            }
        }
        session
    }
}

/// What a direction frames to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Framed {
    /// Lengths of the frames.
    frames: Vec<u64>,
    /// Empty requests.
    blanks: u64,
    malformed: Option<Malformed>,
    unfinished: bool,
}

fn framed<'p>(role: Role, pieces: impl Iterator<Item = &'p [u8]>) -> Framed {
    let limits = Limits::default();
    let mut framer = Framer::new(role);
    let mut framed = Framed::default();
    for mut left in pieces {
        while !left.is_empty() {
            let mut rest = left;
            let step = framer.step(&mut rest, &limits);
            let used = left.len() - rest.len();
            match step {
                Step::Command(command) => framed.frames.push(command.wire_len),
                Step::Reply(reply) => framed.frames.push(reply.wire_len),
                Step::Blank => framed.blanks += 1,
                Step::More => {}
                Step::Malformed(reason) => {
                    framed.malformed = Some(reason);
                    return framed;
                }
            }
            left = &left[used..];
        }
    }
    framed.unfinished = framer.is_mid_frame();
    framed
}

/// Frames the pieces as recorded, all in one, and in small pieces; all must agree.
fn however_cut(role: Role, pieces: &[Vec<u8>]) -> Framed {
    let whole = pieces.concat();
    let recorded = framed(role, pieces.iter().map(Vec::as_slice));
    assert_eq!(recorded, framed(role, std::iter::once(&whole[..])));
    assert_eq!(recorded, framed(role, whole.chunks(13)));
    recorded
}

fn contains(pieces: &[Vec<u8>], text: &str) -> bool {
    memchr::memmem::find(&pieces.concat(), text.as_bytes()).is_some()
}

#[test]
fn real_dialogues_are_framed_to_the_last_byte() {
    if !Path::new(SESSIONS).exists() {
        eprintln!("skipped: no recorded dialogues at {SESSIONS}");
        return;
    }
    let lines = BufReader::new(MultiGzDecoder::new(File::open(SESSIONS).unwrap())).lines();
    let (mut requests, mut unfinished, mut dumps, mut silenced_arrays) = (0, 0, 0, 0);
    for (number, line) in (1..).zip(lines) {
        let session = Session::read(&line.unwrap());
        let sent = however_cut(Role::Commands, &session.client);
        assert_eq!(sent.malformed, None, "{number}");
        requests += sent.frames.len() as u64 + sent.blanks;
        unfinished += u64::from(sent.unfinished);
        let received = however_cut(Role::Replies, &session.server);
        // SYNC and PSYNC are answered with a dump, which has a length but no CR LF behind it.
        let dump = contains(&session.server, "REDIS00");
        // Replies that are switched off inside MULTI leave the array of EXEC unfinished.
        let silenced = contains(&session.client, "MULTI") && contains(&session.client, "REPLY");
        assert!(
            received.malformed.is_none() || dump,
            "{number}: {received:?}"
        );
        assert!(
            !received.unfinished || dump || silenced,
            "{number}: {received:?}"
        );
        dumps += u64::from(dump);
        silenced_arrays += u64::from(received.unfinished && !dump);
    }
    // Counted by a program of its own. Six sessions end inside a request.
    assert_eq!((requests, unfinished), (80_848, 6));
    assert_eq!(silenced_arrays, 3);
    assert!(dumps > 0);
}
