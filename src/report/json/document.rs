//! The document itself: `schema`, `tool`, `inputs`, `endpoints`, `totals`, and the order of its keys.

use super::clients::Client;
use super::codes::Codes;
use super::coverage::{Cause, Coverage};
use super::{Connection, Finding};
use crate::analyzer::{
    self, ClockOffset, ConnectionReport, EndpointReport, LatencySummary, Role, StreamBytes, Summary,
};
use crate::report::Utc;
use crate::report::answer::Answer;
use crate::rules;
use crate::source::InputReport;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The published shape. Keys are added within a version, none goes or changes its meaning.
pub(in crate::report) const SCHEMA: &str = "redorder/1";

#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    inputs: Vec<Input<'a>>,
    endpoints: Vec<Endpoint<'a>>,
    connections: Lazily<'a, ConnectionReport>,
    findings: Lazily<'a, rules::Finding>,
    totals: Totals<'a>,
    coverage: Coverage<'a>,
    causes: Vec<Cause<'a>>,
    clients: Vec<Client<'a>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(answer: &'a Answer<'a>) -> Self {
        let (summary, inputs, shown) = (answer.summary, answer.inputs, &answer.shown);
        Document {
            schema: SCHEMA,
            tool: Tool {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            inputs: Input::all(inputs, summary),
            endpoints: Endpoint::all(answer),
            connections: Lazily(&shown.connections),
            findings: Lazily(&shown.findings),
            totals: Totals::new(&summary.totals, shown.by_rule.clone())
                .with_unlisted(shown.unlisted),
            coverage: Coverage::new(&answer.coverage),
            causes: answer.causes.iter().map(Cause::new).collect(),
            clients: Client::all(answer),
        }
    }
}

/// What is published of each, made when it is written: a long list is never in memory twice.
struct Lazily<'a, T>(&'a [&'a T]);

impl Serialize for Lazily<'_, ConnectionReport> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.0.iter().map(|c| Connection::new(c)))
    }
}

impl Serialize for Lazily<'_, rules::Finding> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.0.iter().map(|f| Finding::new(f)))
    }
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// One input as published.
#[derive(Serialize)]
pub(in crate::report) struct Input<'a> {
    path: &'a str,
    format: &'a str,
    packets: u64,
    link_types: &'a [String],
    interfaces: &'a [String],
    first: Option<Utc>,
    last: Option<Utc>,
    dropped: Option<Dropped>,
    /// `null` for the first input, and where no handshake is shared with it.
    clock: Option<Clock>,
    problems_total: u64,
    problems: Vec<Problem<'a>>,
}

#[derive(Serialize)]
struct Clock {
    offset_ns: i64,
    drift_ppb: i64,
}

#[derive(Serialize)]
struct Dropped {
    kernel: u64,
    interface: u64,
}

#[derive(Serialize)]
struct Problem<'a> {
    offset: u64,
    reason: &'a str,
}

impl<'a> Input<'a> {
    pub(in crate::report) fn all(inputs: &'a [InputReport], summary: &Summary) -> Vec<Self> {
        let clock = |file| summary.clocks.iter().find(|c| c.file == file);
        (0..)
            .zip(inputs)
            .map(|(file, input)| Input::new(input, clock(file)))
            .collect()
    }

    fn new(i: &'a InputReport, clock: Option<&ClockOffset>) -> Self {
        let problem = |p: &'a crate::source::Problem| Problem {
            offset: p.offset,
            reason: &p.reason,
        };
        Input {
            path: &i.path,
            format: &i.format,
            packets: i.packets,
            link_types: &i.link_types,
            interfaces: &i.interfaces,
            first: i.first.map(Utc::of),
            last: i.last.map(Utc::of),
            dropped: i
                .dropped
                .map(|(kernel, interface)| Dropped { kernel, interface }),
            clock: clock.map(|c| Clock {
                offset_ns: c.offset_ns,
                drift_ppb: c.drift_ppb,
            }),
            problems_total: i.problems_total,
            problems: i.problems.iter().map(problem).collect(),
        }
    }
}

#[derive(Serialize)]
struct Endpoint<'a> {
    address: Cow<'a, str>,
    role: &'a str,
    evidence: Option<&'a str>,
    software: Option<&'a str>,
    latency: Option<Latency>,
    auth_latency: Option<Latency>,
}

#[derive(Serialize)]
struct Latency {
    count: u64,
    p50_ns: i64,
    p99_ns: i64,
    max_ns: i64,
    exact: bool,
}

impl<'a> Endpoint<'a> {
    /// Those of the summary, and the clients of listed connections that found no room in it.
    fn all(answer: &'a Answer<'a>) -> Vec<Endpoint<'a>> {
        let known: BTreeSet<&str> = answer
            .summary
            .endpoints
            .iter()
            .map(|e| e.address.as_str())
            .collect();
        let clients = answer
            .shown
            .connections
            .iter()
            .map(|c| c.client.addr.to_string());
        let more: BTreeSet<String> = clients.filter(|c| !known.contains(c.as_str())).collect();
        let more = more.into_iter().map(|address| Endpoint {
            address: Cow::Owned(address),
            role: Role::Client.name(),
            evidence: Some("it sends commands"),
            software: None,
            latency: None,
            auth_latency: None,
        });
        answer
            .summary
            .endpoints
            .iter()
            .map(Endpoint::new)
            .chain(more)
            .collect()
    }

    fn new(e: &'a EndpointReport) -> Self {
        Endpoint {
            address: Cow::Borrowed(&e.address),
            role: e.role.name(),
            evidence: e.evidence.as_deref(),
            software: e.software.as_deref(),
            latency: e.latency.map(Latency::new),
            auth_latency: e.auth_latency.map(Latency::new),
        }
    }
}

impl Latency {
    fn new(l: LatencySummary) -> Self {
        Latency {
            count: l.count,
            p50_ns: l.p50_ns,
            p99_ns: l.p99_ns,
            max_ns: l.max_ns,
            exact: l.exact,
        }
    }
}

/// Counters of the run as published.
#[derive(Serialize)]
pub(in crate::report) struct Totals<'a> {
    packets: u64,
    tcp_segments: u64,
    skipped: &'a BTreeMap<&'static str, u64>,
    connections: u64,
    redis_connections: u64,
    encrypted_connections: u64,
    decrypted_connections: u64,
    commands: u64,
    inline_commands: u64,
    replies: u64,
    exchanges: u64,
    pushes: u64,
    orphan_replies: u64,
    unanswered: u64,
    silent: u64,
    undecided_commands: u64,
    undecided_replies: u64,
    errors: u64,
    error_codes: Codes<'a>,
    gaps: u64,
    findings: BTreeMap<&'static str, u64>,
    malformed_requests: u64,
    unread_bytes: UnreadBytes,
    skipped_bytes: BTreeMap<&'static str, u64>,
    limits: BTreeMap<&'static str, u64>,
}

/// Bytes of Redis connections that were captured and could not be framed.
#[derive(Serialize)]
struct UnreadBytes {
    client: u64,
    server: u64,
}

/// Bytes of Redis connections that are neither commands nor replies, by what they are.
fn skipped_bytes(bytes: &StreamBytes) -> BTreeMap<&'static str, u64> {
    let all = [
        ("proxy-header", bytes.proxy_header()),
        ("replication", bytes.replication()),
    ];
    all.into_iter().filter(|(_, n)| *n > 0).collect()
}

impl<'a> Totals<'a> {
    /// So many findings were counted and are not listed.
    fn with_unlisted(mut self, findings: u64) -> Self {
        if findings > 0 {
            self.limits.insert("findings", findings);
        }
        self
    }

    /// `findings` = those kept, by rule.
    pub(in crate::report) fn new(
        t: &'a analyzer::Totals,
        findings: BTreeMap<&'static str, u64>,
    ) -> Self {
        let n = &t.counts;
        Totals {
            packets: t.packets,
            tcp_segments: t.tcp_segments,
            skipped: &t.skipped,
            connections: t.connections,
            redis_connections: t.redis_connections,
            encrypted_connections: t.encrypted_connections,
            decrypted_connections: t.decrypted_connections,
            commands: n.commands,
            inline_commands: n.inline_commands,
            replies: n.replies,
            exchanges: n.exchanges,
            pushes: n.pushes,
            orphan_replies: n.orphan_replies,
            unanswered: n.unanswered,
            silent: n.silent,
            undecided_commands: n.undecided_commands,
            undecided_replies: n.undecided_replies,
            errors: n.errors.total(),
            error_codes: Codes(&n.errors),
            gaps: n.gaps,
            findings,
            malformed_requests: t.malformed_requests,
            unread_bytes: UnreadBytes {
                client: t.stream_bytes.client.unread,
                server: t.stream_bytes.server.unread,
            },
            skipped_bytes: skipped_bytes(&t.stream_bytes),
            limits: t.limits.clone(),
        }
    }
}
