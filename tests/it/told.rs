//! Conversations told packet by packet, straight into the engine: a builder for short stories.

use super::golden;
use redorder::analyzer::{
    Analyzer, Config, ConnectionReport, ConnectionsWanted, Event, Show, Summary,
};
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;
use redorder::rules::{Finding, Severity};
use std::collections::BTreeMap;

pub(crate) const MS: i64 = 1_000_000;
pub(crate) const START: i64 = 1_767_225_600_000_000_000;
pub(crate) const OK: &str = "+OK\r\n";
pub(crate) const NOAUTH: &str = "-NOAUTH Authentication required.\r\n";
pub(crate) const AUTH: &str = "*2\r\n$4\r\nAUTH\r\n$3\r\npwd\r\n";
pub(crate) const PING: &str = "*1\r\n$4\r\nPING\r\n";
pub(crate) const PONG: &str = "+PONG\r\n";
pub(crate) const GET: &str = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
pub(crate) const VALUE: &str = "$1\r\nv\r\n";
pub(crate) const BLPOP: &str = "*3\r\n$5\r\nBLPOP\r\n$1\r\nq\r\n$1\r\n0\r\n";

pub(crate) const WRONG: &str = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
pub(crate) const SET: &str = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n";
pub(crate) const HELLO_AUTH: &str =
    "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$7\r\ndefault\r\n$3\r\npwd\r\n";

/// A system acknowledges within so many ns.
const DELAYED_ACK_NS: i64 = 40 * MS;

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const ACK: u8 = 0x10;

/// What one packet of a connection holds. The client acknowledges all that the server has sent so far, and the other
/// way round.
#[derive(Clone, Copy)]
pub(crate) enum Step<'a> {
    Asks(&'a str),
    Says(&'a str),
    /// The client acknowledges.
    Hears,
    /// Sent, but not captured.
    Unseen(&'a str),
    Waits(i64),
    ClientEnds,
}
use Step::{Asks, ClientEnds, Hears, Says, Unseen, Waits};

pub(crate) struct Ends {
    pub(crate) port: u16,
    pub(crate) client: u32,
    pub(crate) server: u32,
}

/// A run under construction.
pub(crate) struct Run {
    pub(crate) analyzer: Analyzer,
    pub(crate) now: i64,
    pub(crate) packets: u64,
    /// Packets of the server are not captured.
    pub(crate) deaf: bool,
    /// Every packet is captured at two points.
    pub(crate) twice: bool,
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
        Run {
            analyzer: Analyzer::new(Config {
                connections: ConnectionsWanted::All,
                show,
                ..Config::default()
            }),
            now: START,
            packets: 0,
            deaf: false,
            twice: false,
            unheard: false,
        }
    }

    pub(crate) fn open(&mut self, port: u16) -> Ends {
        let mut ends = Ends {
            port,
            client: 1000,
            server: 5000,
        };
        self.send(&mut ends, true, SYN, "");
        self.send(&mut ends, false, SYN | ACK, "");
        self.send(&mut ends, true, ACK, "");
        ends
    }

    pub(crate) fn send(&mut self, ends: &mut Ends, client: bool, flags: u8, text: &str) {
        let (seq, ack) = match client {
            true => (ends.client, ends.server),
            false => (ends.server, ends.client),
        };
        let used = u32::try_from(text.len()).unwrap() + u32::from(flags & (SYN | FIN) != 0);
        match client {
            true => ends.client = ends.client.wrapping_add(used),
            false => ends.server = ends.server.wrapping_add(used),
        }
        if client || !self.deaf {
            self.capture(&packet(ends.port, client, seq, ack, flags, text.as_bytes()));
        }
    }

    pub(crate) fn capture(&mut self, bytes: &[u8]) {
        self.packets += 1;
        self.now += MS / 5;
        for file in 0..=u16::from(self.twice) {
            self.analyzer.push(&Packet {
                at: PacketRef::new(file, self.packets),
                time: Timestamp::from_nanos(self.now + i64::from(file)),
                link: 101,
                wire_len: u32::try_from(bytes.len()).unwrap(),
                bytes,
            });
        }
    }

    pub(crate) fn talk(&mut self, ends: &mut Ends, steps: &[Step<'_>]) {
        for step in steps {
            match step {
                Asks(text) => {
                    self.send(ends, true, ACK, text);
                    self.unheard = true;
                }
                Says(text) => {
                    self.send(ends, false, ACK, text);
                    self.unheard = false;
                }
                Hears => self.send(ends, true, ACK, ""),
                Unseen(text) => ends.server += u32::try_from(text.len()).unwrap(),
                Waits(ns) => {
                    // A system acknowledges what came, whatever its programs do.
                    if self.unheard && *ns >= DELAYED_ACK_NS {
                        self.send(ends, false, ACK, "");
                        self.unheard = false;
                    }
                    self.now += ns;
                }
                ClientEnds => {
                    self.send(ends, true, FIN | ACK, "");
                    self.send(ends, false, FIN | ACK, "");
                    self.send(ends, true, ACK, "");
                }
            }
        }
    }

    pub(crate) fn end(mut self) -> Said {
        let summary = self.analyzer.finish();
        let mut said = Said {
            findings: BTreeMap::new(),
            connections: Vec::new(),
            summary,
        };
        while let Some(event) = self.analyzer.poll() {
            match event {
                Event::Finding(f) if f.withdrawn => drop(said.findings.remove(&f.id)),
                Event::Finding(f) => drop(said.findings.insert(f.id.clone(), *f)),
                Event::Connection(c) => said.connections.push(*c),
                Event::Exchange(_) => {}
            }
        }
        golden::conversation(said.findings.values().cloned(), &said.summary);
        said
    }
}

pub(crate) fn packet(
    port: u16,
    client: bool,
    seq: u32,
    ack: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let length = u16::try_from(40 + payload.len()).unwrap();
    let (from, to) = match client {
        true => (([192, 0, 2, 1], port), ([192, 0, 2, 2], 6379)),
        false => (([192, 0, 2, 2], 6379), ([192, 0, 2, 1], port)),
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
pub(crate) fn told(steps: &[Step<'_>]) -> Said {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(&mut ends, steps);
    run.end()
}
