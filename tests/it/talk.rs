//! Conversations as text, packet by packet into the engine: the one builder of the suite.
//!
//! One line is one segment, in capture order. Each end acknowledges all that the other has sent so far:
//!
//! ```text
//! C: AUTH pwd ; PING    commands of the client, encoded
//! C= PING\r\n           bytes of the client
//! S: +OK / $1 / v       lines of the server, CRLF behind each
//! S= $1\r\nv            bytes of the server
//! S- +OK                the same as `S:`, but sent before the client's last segment was received
//! S! +OK                sent by the server, but not captured
//! C! PING               so for the client
//! C.  S.                that end acknowledges and says nothing
//! W 60                  milliseconds pass
//! FIN                   the client ends the connection, then the server does
//! RST                   the server resets it
//! ```

#[path = "../../src/redis/tests/text.rs"]
mod text;

use super::golden;
use redorder::analyzer::{
    Analyzer, Config, ConnectionReport, ConnectionsWanted, Event, Show, Summary,
};
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;
use redorder::rules::{Confidence, Finding, Severity};
use std::collections::BTreeMap;
use std::sync::Arc;
use text::{commands, lines, trimmed, unescape};

pub(crate) const MS: i64 = 1_000_000;
pub(crate) const START: i64 = 1_767_225_600_000_000_000;

/// A system acknowledges within so many ns.
const DELAYED_ACK_NS: i64 = 40 * MS;

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
const RST: u8 = 0x04;
/// The server, if a test says nothing else.
const HOST: u8 = 2;
const SERVICE: u16 = 6379;
pub(crate) const ACK: u8 = 0x10;

/// Where both ends of a connection are: their next sequence numbers.
#[derive(Clone, Copy)]
pub(crate) struct Ends {
    pub(crate) port: u16,
    /// Last byte of the server's address, and its port.
    pub(crate) host: u8,
    pub(crate) service: u16,
    pub(crate) client: u32,
    pub(crate) server: u32,
    /// Where the client's last segment with data began.
    client_last: u32,
}

impl Ends {
    /// A connection whose start was not captured.
    pub(crate) fn midstream(port: u16) -> Ends {
        Ends::at(port, 1000, 5000)
    }

    pub(crate) fn at(port: u16, client: u32, server: u32) -> Ends {
        Ends {
            port,
            host: HOST,
            service: SERVICE,
            client,
            server,
            client_last: client,
        }
    }
}

/// A run under construction.
pub(crate) struct Run {
    pub(crate) analyzer: Analyzer,
    /// Hears the same packets, and tells each finding only once.
    once: Option<Analyzer>,
    pub(crate) now: i64,
    pub(crate) packets: u64,
    /// Packets of the server are not captured.
    pub(crate) deaf: bool,
    /// Every packet is captured at two points.
    pub(crate) twice: bool,
    /// The input of the packets.
    file: u16,
    /// The server's system has not acknowledged the client's latest bytes.
    pub(crate) unheard: bool,
}

/// What a run said.
pub(crate) struct Said {
    pub(crate) findings: BTreeMap<String, Finding>,
    pub(crate) connections: Vec<ConnectionReport>,
    pub(crate) summary: Summary,
}

impl Said {
    pub(crate) fn one(&self, rule: &str) -> &Finding {
        let all: Vec<&Finding> = self.findings.values().filter(|f| f.rule == rule).collect();
        assert_eq!(all.len(), 1, "{rule}: {:?}", self.rules());
        all[0]
    }

    pub(crate) fn rules(&self) -> Vec<&str> {
        self.findings.values().map(|f| f.rule).collect()
    }

    /// Notes, and what is only possible.
    pub(crate) fn is_weak(&self) -> bool {
        let mut all = self.findings.values();
        all.all(|f| f.severity == Severity::Note || f.confidence == Confidence::Possible)
    }

    pub(crate) fn accusations(&self) -> Vec<&str> {
        let grave = self
            .findings
            .values()
            .filter(|f| f.severity > Severity::Note);
        grave.map(|f| f.rule).collect()
    }
}

impl Run {
    pub(crate) fn new() -> Run {
        Run::showing(Show::Tags)
    }

    pub(crate) fn showing(show: Show) -> Run {
        Run::with(Config {
            connections: ConnectionsWanted::All,
            show,
            ..Config::default()
        })
    }

    pub(crate) fn with(config: Config) -> Run {
        let once = (!golden::is_enough()).then(|| quiet(&config));
        Run {
            once,
            ..Run::once(config)
        }
    }

    /// Both analyzers listen, however many conversations the test has told.
    pub(crate) fn both(config: Config) -> Run {
        Run {
            once: Some(quiet(&config)),
            ..Run::once(config)
        }
    }

    fn once(config: Config) -> Run {
        Run {
            analyzer: Analyzer::new(config),
            once: None,
            now: START,
            packets: 0,
            deaf: false,
            twice: false,
            file: 0,
            unheard: false,
        }
    }

    pub(crate) fn open(&mut self, port: u16) -> Ends {
        let mut ends = Ends::midstream(port);
        self.handshake(&mut ends);
        ends
    }

    pub(crate) fn handshake(&mut self, ends: &mut Ends) {
        self.send(ends, true, SYN, b"");
        self.send(ends, false, SYN | ACK, b"");
        self.send(ends, true, ACK, b"");
    }

    /// The packets from here on are of this input, which starts at its first one.
    pub(crate) fn begin_file(&mut self, file: u16) {
        (self.file, self.packets) = (file, 0);
    }

    pub(crate) fn send(&mut self, ends: &mut Ends, client: bool, flags: u8, bytes: &[u8]) {
        let (seq, ack) = match client {
            true => (ends.client, ends.server),
            false => (ends.server, ends.client),
        };
        let used = u32::try_from(bytes.len()).unwrap() + u32::from(flags & (SYN | FIN) != 0);
        match client {
            true => ends.client = ends.client.wrapping_add(used),
            false => ends.server = ends.server.wrapping_add(used),
        }
        if client || !self.deaf {
            self.capture(&packet_of(ends, client, (seq, ack), flags, bytes));
        }
    }

    pub(crate) fn capture(&mut self, bytes: &[u8]) {
        self.packets += 1;
        self.now += MS / 5;
        for file in self.file..=self.file + u16::from(self.twice) {
            self.push(&Packet {
                at: PacketRef::new(file, self.packets),
                time: Timestamp::from_nanos(self.now + i64::from(file - self.file)),
                link: 101,
                wire_len: u32::try_from(bytes.len()).unwrap(),
                bytes,
            });
        }
    }

    fn push(&mut self, packet: &Packet<'_>) {
        self.each(|analyzer| analyzer.push(packet));
    }

    /// Both analyzers are told the same.
    pub(crate) fn each(&mut self, tell: impl Fn(&mut Analyzer)) {
        tell(&mut self.analyzer);
        self.once.iter_mut().for_each(tell);
    }

    /// Plays lines of text.
    pub(crate) fn talk(&mut self, ends: &mut Ends, dialogue: &str) {
        for line in trimmed(dialogue) {
            self.line(ends, line);
        }
    }

    fn line(&mut self, ends: &mut Ends, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "C:" => self.client(ends, &commands(rest)),
            "C=" => self.client(ends, &unescape(rest)),
            "C!" => ends.client += u32::try_from(commands(rest).len()).unwrap(),
            "S:" => self.server(ends, &lines(rest)),
            "S=" => self.server(ends, &unescape(rest)),
            "S-" => {
                let now = std::mem::replace(&mut ends.client, ends.client_last);
                self.server(ends, &lines(rest));
                ends.client = now;
            }
            "S!" => ends.server += u32::try_from(lines(rest).len()).unwrap(),
            "C." => self.send(ends, true, ACK, b""),
            "S." => self.send(ends, false, ACK, b""),
            "W" => self.wait(ends, rest.parse::<i64>().unwrap() * MS),
            "FIN" => {
                self.send(ends, true, FIN | ACK, b"");
                self.send(ends, false, FIN | ACK, b"");
                self.send(ends, true, ACK, b"");
            }
            "RST" => self.send(ends, false, RST | ACK, b""),
            _ => panic!("no such line: {line}"),
        }
    }

    fn client(&mut self, ends: &mut Ends, bytes: &[u8]) {
        ends.client_last = ends.client;
        self.send(ends, true, ACK, bytes);
        self.unheard = true;
    }

    fn server(&mut self, ends: &mut Ends, bytes: &[u8]) {
        self.send(ends, false, ACK, bytes);
        self.unheard = false;
    }

    fn wait(&mut self, ends: &mut Ends, ns: i64) {
        // A system acknowledges what came, whatever its programs do.
        if self.unheard && ns >= DELAYED_ACK_NS {
            self.send(ends, false, ACK, b"");
            self.unheard = false;
        }
        self.now += ns;
    }

    /// One packet of an input, a moment later.
    pub(crate) fn push_in(&mut self, file: u16, number: u64, bytes: &[u8]) {
        self.now += MS / 5;
        self.push(&Packet {
            at: PacketRef::new(file, number),
            time: Timestamp::from_nanos(self.now),
            link: 101,
            wire_len: u32::try_from(bytes.len()).unwrap(),
            bytes,
        });
    }

    pub(crate) fn end(self) -> Said {
        let (said, revisions) = self.hear();
        golden::conversation(said.findings.values().cloned(), &revisions, &said.summary);
        said
    }

    /// What was said, and each telling of a finding.
    pub(crate) fn hear(self) -> (Said, Vec<String>) {
        let (said, revisions) = heard(self.analyzer);
        if let Some(once) = self.once {
            let (once, _) = heard(once);
            let words = (last_words(&once), last_words(&said));
            assert_eq!(words.0, words.1, "told once, told along");
        }
        (said, revisions)
    }
}

/// It tells each finding only once.
fn quiet(config: &Config) -> Analyzer {
    Analyzer::new(Config {
        revisions: false,
        ..config.clone()
    })
}

/// What an analyzer says, and each telling of a finding.
fn heard(mut analyzer: Analyzer) -> (Said, Vec<String>) {
    let summary = analyzer.finish();
    let mut said = Said {
        findings: BTreeMap::new(),
        connections: Vec::new(),
        summary,
    };
    let mut revisions = Vec::new();
    while let Some(event) = analyzer.poll() {
        if let Event::Finding(finding) = &event {
            revisions.push(golden::revision(finding));
        }
        match event {
            Event::Finding(f) if f.withdrawn => drop(said.findings.remove(&f.id)),
            Event::Finding(f) => drop(said.findings.insert(f.id.clone(), Arc::unwrap_or_clone(f))),
            Event::Connection(c) => said.connections.push(Arc::unwrap_or_clone(c)),
            Event::Exchange(_) => {}
        }
    }
    (said, revisions)
}

/// Findings as they are in the end, whatever was told before. Tags are numbered as they are shown.
fn last_words(said: &Said) -> Vec<String> {
    let words = |f: &Finding| {
        let (title, proof) = (&f.title, &f.proof.packets);
        let (confidence, culprit) = (f.confidence, f.culprit);
        format!(
            "{} {confidence:?} {culprit:?} {} {title} {proof:?} {:?}",
            f.id, f.affected, f.not_seen
        )
    };
    said.findings.values().map(words).collect()
}

pub(crate) fn packet(
    port: u16,
    client: bool,
    seq: u32,
    ack: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    packet_of(&Ends::midstream(port), client, (seq, ack), flags, payload)
}

fn packet_of(
    ends: &Ends,
    client: bool,
    (seq, ack): (u32, u32),
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let length = u16::try_from(40 + payload.len()).unwrap();
    let ends = (
        ([192, 0, 2, 1], ends.port),
        ([192, 0, 2, ends.host], ends.service),
    );
    let (from, to) = match client {
        true => ends,
        false => (ends.1, ends.0),
    };
    let mut ip = vec![0x45, 0];
    ip.extend(length.to_be_bytes());
    ip.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
    ip.extend(from.0);
    ip.extend(to.0);
    ip.extend(from.1.to_be_bytes());
    ip.extend(to.1.to_be_bytes());
    ip.extend(seq.to_be_bytes());
    ip.extend(if flags & ACK == 0 { 0 } else { ack }.to_be_bytes());
    ip.extend([5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
    ip.extend(payload);
    ip
}

/// One connection from its SYN on, told to the end of the capture.
pub(crate) fn told(dialogue: &str) -> Said {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(&mut ends, dialogue);
    run.end()
}

/// One connection whose start was not captured.
pub(crate) fn midstream(dialogue: &str) -> Said {
    let mut run = Run::new();
    run.talk(&mut Ends::midstream(40_000), dialogue);
    run.end()
}

#[test]
fn a_crossing_segment_acknowledges_less() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(&mut ends, "C: GET a");
    let before = ends.client_last;
    run.talk(&mut ends, "S- $1 / v");
    assert!(before < ends.client);
    assert_eq!(ends.server, 5001 + 7);
}
