//! Conversations as packets in memory: each end keeps its own numbers, and a change of the wire may be applied in between.

use super::made::packet;
use redorder::analyzer::{Analyzer, Config, ConnectionsWanted, Event, Show, Totals};
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;
use std::borrow::Cow;
use std::net::Ipv4Addr;

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;

const SERVER_PORT: u16 = 6379;
const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 10);
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 20);
const LINKTYPE_ETHERNET: u16 = 1;
const MAC: [u8; 14] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
const START_NS: i64 = 1_767_225_600_000_000_000;
/// Between two segments of a connection.
const STEP_NS: i64 = 300_000;
const MTU_PAYLOAD: usize = 1448;

/// One thing that happens on a connection.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The client sends; it has received everything so far.
    Asks(Vec<u8>),
    /// The client sends before it has received what the server said last.
    Crosses(Vec<u8>),
    /// The server sends.
    Says(Vec<u8>),
    /// The client acknowledges and says nothing.
    Acks,
    /// The server acknowledges and says nothing.
    Hears,
    /// Milliseconds of silence.
    Waits(i64),
}

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    Fin,
    Rst,
    Open,
}

/// A segment on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) time: i64,
    pub(crate) port: u16,
    pub(crate) from_client: bool,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) id: u16,
    pub(crate) payload: Vec<u8>,
}

impl Sent {
    /// The Ethernet frame.
    pub(crate) fn frame(&self) -> Vec<u8> {
        let numbers = (self.seq, self.ack);
        let mut ip = if self.from_client {
            let ports = (self.port, SERVER_PORT);
            packet(CLIENT, SERVER, ports, numbers, self.flags, &self.payload)
        } else {
            let ports = (SERVER_PORT, self.port);
            packet(SERVER, CLIENT, ports, numbers, self.flags, &self.payload)
        };
        ip[4..6].copy_from_slice(&self.id.to_be_bytes());
        [&MAC[..], &ip].concat()
    }
}

/// One connection under construction.
struct Ends {
    port: u16,
    now: i64,
    ids: u16,
    client: u32,
    server: u32,
    /// What each end has received.
    client_got: u32,
    server_got: u32,
    sent: Vec<Sent>,
}

impl Ends {
    fn send(&mut self, from_client: bool, flags: u8, payload: &[u8]) {
        let (seq, ack) = if from_client {
            (self.client, self.client_got)
        } else {
            (self.server, self.server_got)
        };
        self.ids += 1;
        self.sent.push(Sent {
            time: self.now,
            port: self.port,
            from_client,
            seq,
            ack,
            flags,
            id: self.ids,
            payload: payload.to_vec(),
        });
        self.now += STEP_NS;
        let taken = payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        let next = if from_client {
            &mut self.client
        } else {
            &mut self.server
        };
        *next = next.wrapping_add(taken);
    }

    fn data(&mut self, from_client: bool, bytes: &[u8]) {
        for part in bytes.chunks(MTU_PAYLOAD) {
            self.send(from_client, PSH | ACK, part);
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Asks(bytes) => {
                self.client_got = self.server;
                self.data(true, bytes);
            }
            Step::Crosses(bytes) => self.data(true, bytes),
            Step::Says(bytes) => {
                self.server_got = self.client;
                self.data(false, bytes);
            }
            Step::Acks => {
                self.client_got = self.server;
                self.send(true, ACK, b"");
            }
            Step::Hears => {
                self.server_got = self.client;
                self.send(false, ACK, b"");
            }
            Step::Waits(ms) => self.now += ms * 1_000_000,
        }
    }

    fn end(&mut self, ending: Ending) {
        match ending {
            Ending::Open => {}
            Ending::Rst => {
                self.client_got = self.server;
                self.send(true, RST | ACK, b"");
            }
            Ending::Fin => {
                self.client_got = self.server;
                self.send(true, FIN | ACK, b"");
                self.server_got = self.client;
                self.send(false, FIN | ACK, b"");
                self.client_got = self.server;
                self.send(true, ACK, b"");
            }
        }
    }
}

/// A connection from its SYN on. Its first sequence numbers are so close to the wrap that most connections cross it.
pub(crate) fn connection(port: u16, after_ms: i64, steps: &[Step], ending: Ending) -> Vec<Sent> {
    let mut ends = Ends {
        port,
        now: START_NS + after_ms * 1_000_000,
        ids: 0,
        client: u32::from(port).wrapping_sub(40_040),
        server: u32::from(port).wrapping_sub(40_100),
        client_got: 0,
        server_got: 0,
        sent: Vec::new(),
    };
    ends.send(true, SYN, b"");
    ends.server_got = ends.client;
    ends.send(false, SYN | ACK, b"");
    ends.step(&Step::Acks);
    for step in steps {
        ends.step(step);
    }
    ends.end(ending);
    ends.sent
}

/// All segments in order of their times.
pub(crate) fn merged(connections: Vec<Vec<Sent>>) -> Vec<Sent> {
    let mut all = connections.concat();
    all.sort_by_key(|sent| sent.time);
    all
}

/// A line of an exchange without times and packets.
pub(crate) type Line = (
    u16,
    u8,
    Option<u64>,
    Option<Cow<'static, str>>,
    Vec<String>,
    Option<String>,
);

/// What the analysis says, without times, packets and confidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Said {
    pub(crate) lines: Vec<Line>,
    /// Rule, affected commands and client ports.
    pub(crate) findings: Vec<(&'static str, u64, Option<u16>)>,
}

/// Feeds the frames in this order.
pub(crate) fn analyse(frames: &[(i64, Vec<u8>)]) -> (Said, Totals) {
    let mut analyzer = Analyzer::new(Config {
        exchanges: true,
        connections: ConnectionsWanted::All,
        show: Show::Secrets,
        ..Config::default()
    });
    let mut events = Vec::new();
    for (number, (time, bytes)) in (1..).zip(frames) {
        analyzer.push(&Packet {
            at: PacketRef::new(0, number),
            time: Timestamp::from_nanos(*time),
            link: LINKTYPE_ETHERNET,
            wire_len: u32::try_from(bytes.len()).unwrap(),
            bytes,
        });
        events.extend(std::iter::from_fn(|| analyzer.poll()));
    }
    let totals = analyzer.finish().totals;
    events.extend(std::iter::from_fn(|| analyzer.poll()));
    (said(events), totals)
}

fn said(events: Vec<Event>) -> Said {
    let mut lines: Vec<Line> = Vec::new();
    let mut findings = std::collections::BTreeMap::new();
    for event in events {
        match event {
            Event::Exchange(line) if line.taken_back => {
                let told = (line.client.port, line.index);
                lines.retain(|(port, _, index, ..)| (*port, *index) != told);
            }
            Event::Exchange(line) => lines.push((
                line.client.port,
                line.kind as u8,
                line.index,
                line.command.clone(),
                line.args.iter().map(str::to_owned).collect(),
                line.reply().map(str::to_owned),
            )),
            Event::Finding(finding) if finding.withdrawn => {
                findings.remove(&finding.id);
            }
            Event::Finding(finding) => {
                let one = finding.connections_total == 1;
                let port = finding.client.map(|end| end.port).filter(|_| one);
                findings.insert(finding.id.clone(), (finding.rule, finding.affected, port));
            }
            Event::Connection(_) => {}
        }
    }
    // Stable: within a connection and a kind the order stays that of the events.
    lines.sort_by_key(|line| (line.0, line.1));
    let mut findings: Vec<_> = findings.into_values().collect();
    findings.sort_unstable();
    Said { lines, findings }
}
