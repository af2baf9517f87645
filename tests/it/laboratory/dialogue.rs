//! Dialogues recorded from real servers, as packets, and what the analysis says of them.

use crate::account::balance;
use crate::conversation::{Ending, Sent, Step, connection};
use flate2::read::MultiGzDecoder;
use redorder::analyzer::{Analyzer, Config, Event, ExchangeLine, LineKind, Show};
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;
use redorder::resp::{self, Framer, Role};
use redorder::rules::Finding;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

const SESSIONS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../shared/captures/sessions/real-server-sessions.jsonl.gz"
);
/// Some of them, which the repository holds itself.
const FEW: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/laboratory/dialogues.jsonl.gz"
);
const LINKTYPE_ETHERNET: u16 = 1;
const PORT: u16 = 40_001;

/// A small generator of numbers: the same on every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `below`.
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

/// Who wrote, and the bytes of one write.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) by_client: bool,
    pub(crate) bytes: Vec<u8>,
}

/// What was said on one connection, in order.
pub(crate) type Dialogue = Vec<Write>;

/// The dialogues of the repository: every twentieth of those that were recorded.
pub(crate) fn few() -> Vec<Dialogue> {
    few_of_servers().into_iter().map(|(_, d)| d).collect()
}

/// The same, each with the version of its server.
pub(crate) fn few_of_servers() -> Vec<(String, Dialogue)> {
    read(Path::new(FEW))
}

/// All recorded dialogues. None, and a note, where they are not at hand.
pub(crate) fn all() -> Vec<Dialogue> {
    let path = Path::new(SESSIONS);
    if !path.exists() {
        eprintln!("skipped: no recorded dialogues at {SESSIONS}");
        return Vec::new();
    }
    read(path).into_iter().map(|(_, d)| d).collect()
}

fn read(path: &Path) -> Vec<(String, Dialogue)> {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    text.lines().map(dialogue).collect()
}

/// `[server, [[step, direction, bytes], …]]`; each code point of the text is a byte.
fn dialogue(line: &str) -> (String, Dialogue) {
    let (server, pieces): (String, Vec<(f64, String, String)>) =
        serde_json::from_str(line).unwrap();
    let write = |(_, direction, text): (f64, String, String)| Write {
        by_client: direction == "c",
        bytes: text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
    };
    let said = pieces
        .into_iter()
        .filter(|(_, direction, _)| direction != "S");
    (server, said.map(write).collect())
}

/// A frame of the server: which write it lies in, where, and the stream offset behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) write: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) end: u64,
}

/// The frames of the server that lie in one write each.
pub(crate) fn frames(dialogue: &Dialogue) -> Vec<Place> {
    let (mut framer, limits) = (Framer::new(Role::Replies), resp::Limits::default());
    let (mut out, mut offset) = (Vec::new(), 0);
    let said = dialogue.iter().enumerate().filter(|(_, w)| !w.by_client);
    for (write, Write { bytes, .. }) in said {
        let mut from = 0;
        while from < bytes.len() && !framer.is_mid_frame() {
            let rest = &bytes[from..];
            let mut left = rest;
            let step = framer.step(&mut left, &limits);
            let to = from + rest.len() - left.len();
            match step {
                resp::Step::Reply(_) => out.push(Place {
                    write,
                    from,
                    to,
                    end: offset + to as u64,
                }),
                resp::Step::Blank => {}
                _ => return out,
            }
            from = to;
        }
        if framer.is_mid_frame() {
            return out;
        }
        offset += bytes.len() as u64;
    }
    out
}

/// The dialogue as packets, each write cut at random places.
pub(crate) fn packets(dialogue: &Dialogue, cuts: &mut Dice) -> Vec<Sent> {
    let mut steps = Vec::new();
    for Write { by_client, bytes } in dialogue {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let len = match cuts.roll(3) {
                0 => 1 + cuts.roll(rest.len()),
                _ => rest.len(),
            };
            let (piece, behind) = rest.split_at(len);
            rest = behind;
            steps.push(match by_client {
                true => Step::Asks(piece.to_vec()),
                false => Step::Says(piece.to_vec()),
            });
        }
    }
    connection(PORT, 0, &steps, Ending::Fin)
}

/// What was said of a dialogue.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) lines: Vec<ExchangeLine>,
    /// Those that stand.
    pub(crate) findings: Vec<Finding>,
    /// By packet number: the stream offset behind the server's bytes.
    ends: Vec<u64>,
    pub(crate) undecided: u64,
    pub(crate) commands: u64,
}

impl Heard {
    /// The stream offset behind a reply, with the number of its command and its name.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (u64, u64, &str)> {
        let paired = self.lines.iter().filter(|l| l.kind == LineKind::Exchange);
        paired.filter_map(|line| {
            let (_, at) = line.received?;
            let end = self.ends.get(usize::try_from(at.number()).ok()? - 1)?;
            Some((*end, line.index?, line.command.as_deref()?))
        })
    }
}

/// Analyses packets of one connection.
pub(crate) fn hear(sent: &[Sent]) -> Heard {
    let mut analyzer = Analyzer::new(Config {
        exchanges: true,
        show: Show::Secrets,
        ..Config::default()
    });
    let mut heard = Heard::default();
    let mut findings = BTreeMap::new();
    let mut end = 0;
    let mut take = |analyzer: &mut Analyzer| {
        while let Some(event) = analyzer.poll() {
            match event {
                Event::Exchange(line) => heard.lines.push(*line),
                Event::Finding(f) if f.withdrawn => drop(findings.remove(&f.id)),
                Event::Finding(f) => {
                    drop(findings.insert(f.id.clone(), std::sync::Arc::unwrap_or_clone(f)))
                }
                Event::Connection(_) => {}
            }
        }
    };
    for (number, segment) in (1..).zip(sent) {
        let bytes = segment.frame();
        analyzer.push(&Packet {
            at: PacketRef::new(0, number),
            time: Timestamp::from_nanos(segment.time),
            link: LINKTYPE_ETHERNET,
            wire_len: u32::try_from(bytes.len()).unwrap(),
            bytes: &bytes,
        });
        take(&mut analyzer);
    }
    let totals = analyzer.finish().totals;
    take(&mut analyzer);
    // Whatever is damaged, each command and each reply is counted once.
    assert_eq!(balance(&totals), Ok(()));
    for segment in sent {
        if !segment.from_client {
            end += segment.payload.len() as u64;
        }
        heard.ends.push(end);
    }
    heard.findings = findings.into_values().collect();
    (heard.undecided, heard.commands) = (totals.counts.undecided_commands, totals.counts.commands);
    heard
}

/// What is said of the dialogue as it was recorded, each reply in a packet of its own.
pub(crate) fn healthy(dialogue: &Dialogue) -> Heard {
    let places = frames(dialogue);
    let mut steps = Vec::new();
    for (number, Write { by_client, bytes }) in dialogue.iter().enumerate() {
        if *by_client {
            steps.push(Step::Asks(bytes.clone()));
            continue;
        }
        let mut from = 0;
        for place in places.iter().filter(|place| place.write == number) {
            steps.push(Step::Says(bytes[from..place.to].to_vec()));
            from = place.to;
        }
        if from < bytes.len() {
            steps.push(Step::Says(bytes[from..].to_vec()));
        }
    }
    hear(&connection(PORT, 0, &steps, Ending::Fin))
}
