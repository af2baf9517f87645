//! `findings[]`.

use crate::model::PacketRef;
use crate::report::{frame_filter, rfc3339};
use crate::rules;
use serde::Serialize;
use std::collections::BTreeMap;

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
    advice: &'a [String],
    culprit: &'a str,
    culprit_endpoint: Option<String>,
    connections: Vec<u64>,
    connections_total: u64,
    affected: u64,
    first: Moment,
    last: Moment,
    group: Option<&'a str>,
    exchanges: Vec<Exchange<'a>>,
    proof: Proof<'a>,
    measures: BTreeMap<&'a str, i64>,
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
            explanation: &f.explanation,
            advice: &f.advice,
            culprit: f.culprit.name(),
            culprit_endpoint: f.culprit_endpoint.map(|e| e.to_string()),
            connections: f.connections.iter().map(|c| c.0).collect(),
            connections_total: f.connections_total,
            affected: f.affected,
            first: Moment::new(f.first),
            last: Moment::new(f.last),
            group: f.group.as_deref(),
            exchanges: f.exchanges.iter().map(Exchange::new).collect(),
            proof: Proof::new(&f.proof),
            measures: f.measures.iter().copied().collect(),
            not_seen: &f.not_seen,
            notes: &f.notes,
            wireshark: frame_filter(f),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Moment {
    time: String,
    file: u16,
    packet: u64,
}

impl Moment {
    pub(super) fn new(m: rules::Moment) -> Self {
        Moment {
            time: rfc3339(m.time),
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
    args: &'a [String],
    sent: String,
    sent_at: At,
    reply: Option<&'a str>,
    received: Option<String>,
    received_at: Option<At>,
    latency_ns: Option<i64>,
    blind: Option<bool>,
}

impl<'a> Exchange<'a> {
    fn new(e: &'a rules::FindingExchange) -> Self {
        Exchange {
            connection: e.connection.0,
            index: e.index,
            command: &e.command,
            args: &e.args,
            sent: rfc3339(e.sent.time),
            sent_at: At::new(e.sent.at),
            reply: e.reply.as_deref(),
            received: e.received.map(|r| rfc3339(r.time)),
            received_at: e.received.map(|r| At::new(r.at)),
            latency_ns: e.latency_ns(),
            blind: e.blind,
        }
    }
}

#[derive(Serialize)]
struct Proof<'a> {
    text: &'a str,
    packets: Vec<At>,
    values: BTreeMap<&'a str, i64>,
}

impl<'a> Proof<'a> {
    fn new(p: &'a rules::Proof) -> Self {
        Proof {
            text: &p.text,
            packets: p.packets.iter().map(|at| At::new(*at)).collect(),
            values: p.values.iter().copied().collect(),
        }
    }
}
