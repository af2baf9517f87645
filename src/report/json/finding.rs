//! `findings[]`.

use crate::model::{ConnectionId, PacketRef};
use crate::report::{Utc, frame_filter};
use crate::rules;
use serde::{Serialize, Serializer};
use smallvec::SmallVec;

/// `{file, packet}`: index into `inputs`, and the 1-based number Wireshark shows in that file.
#[derive(Serialize, Clone, Copy)]
pub(in crate::report) struct At {
    pub(super) file: u16,
    pub(super) packet: u64,
}

impl At {
    pub(in crate::report) fn new(at: PacketRef) -> Self {
        At {
            file: at.file(),
            packet: at.number(),
        }
    }
}

/// One finding as published.
#[derive(Serialize)]
pub(in crate::report) struct Finding<'a> {
    id: &'a str,
    rule: &'a str,
    severity: &'a str,
    confidence: &'a str,
    scope: &'a str,
    title: &'a str,
    explanation: &'a str,
    advice: &'a [&'static str],
    culprit: &'a str,
    culprit_endpoint: Option<String>,
    connections: Numbers<'a>,
    connections_total: u64,
    affected: u64,
    first: Moment,
    last: Moment,
    group: Option<&'a str>,
    exchanges: Exchanges<'a>,
    proof: Proof<'a>,
    measures: ByName<'a>,
    not_seen: &'a [String],
    notes: &'a [String],
    wireshark: String,
}

impl<'a> Finding<'a> {
    pub(in crate::report) fn new(f: &'a rules::Finding) -> Self {
        Finding {
            id: &f.id,
            rule: f.rule,
            severity: f.severity.name(),
            confidence: f.confidence.name(),
            scope: f.scope.name(),
            title: &f.title,
            explanation: f.explanation,
            advice: &f.advice,
            culprit: f.culprit.name(),
            culprit_endpoint: f.culprit_endpoint.map(|e| e.to_string()),
            connections: Numbers(&f.connections),
            connections_total: f.connections_total,
            affected: f.affected,
            first: Moment::new(f.first),
            last: Moment::new(f.last),
            group: f.group.as_deref(),
            exchanges: Exchanges(&f.exchanges),
            proof: Proof::new(&f.proof),
            measures: ByName(&f.measures),
            not_seen: &f.not_seen,
            notes: &f.notes,
            wireshark: frame_filter(f),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Moment {
    time: Utc,
    file: u16,
    packet: u64,
}

impl Moment {
    pub(super) fn new(m: rules::Moment) -> Self {
        Moment {
            time: Utc::of(m.time),
            file: m.at.file(),
            packet: m.at.number(),
        }
    }
}

#[derive(Serialize)]
struct Exchange<'a> {
    connection: u64,
    index: u64,
    command: &'a str,
    args: Vec<&'a str>,
    sent: Utc,
    sent_at: At,
    reply: Option<&'a str>,
    received: Option<Utc>,
    received_at: Option<At>,
    latency_ns: Option<i64>,
    blind: Option<bool>,
    instead: Option<Instead<'a>>,
}

/// What came where the reply was due and is no RESP.
#[derive(Serialize)]
struct Instead<'a> {
    text: &'a str,
    time: Utc,
    at: At,
}

impl<'a> Exchange<'a> {
    fn new(e: &'a rules::FindingExchange) -> Self {
        Exchange {
            connection: e.connection.0,
            index: e.index,
            command: &e.command,
            args: e.args.iter().collect(),
            sent: Utc::of(e.sent.time),
            sent_at: At::new(e.sent.at),
            reply: e.reply.as_deref(),
            received: e.received.map(|r| Utc::of(r.time)),
            received_at: e.received.map(|r| At::new(r.at)),
            latency_ns: e.latency_ns(),
            blind: e.blind,
            instead: e.instead.as_ref().map(|(seen, text)| Instead {
                text,
                time: Utc::of(seen.time),
                at: At::new(seen.at),
            }),
        }
    }
}

#[derive(Serialize)]
struct Proof<'a> {
    text: &'a str,
    packets: Places<'a>,
    values: ByName<'a>,
}

impl<'a> Proof<'a> {
    fn new(p: &'a rules::Proof) -> Self {
        Proof {
            text: &p.text,
            packets: Places(&p.packets),
            values: ByName(&p.values),
        }
    }
}

/// Values by name, in the order of the names.
struct ByName<'a>(&'a [(&'static str, i64)]);

impl Serialize for ByName<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut sorted: SmallVec<[(&str, i64); 8]> = SmallVec::from_slice(self.0);
        sorted.sort();
        out.collect_map(sorted)
    }
}

struct Numbers<'a>(&'a [ConnectionId]);

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.0.iter().map(|id| id.0))
    }
}

struct Places<'a>(&'a [PacketRef]);

impl Serialize for Places<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.0.iter().map(|at| At::new(*at)))
    }
}

struct Exchanges<'a>(&'a [rules::FindingExchange]);

impl Serialize for Exchanges<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.0.iter().map(Exchange::new))
    }
}
