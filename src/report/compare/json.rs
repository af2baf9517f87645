//! The comparison as one document, `redorder-compare/1`.

use super::comparison::{CauseRow, ClientSide, Comparison, Extent, Side};
use crate::analyzer::{EndpointReport, LatencySummary, Place};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    verdict: &'static str,
    before: Input<'a>,
    after: Input<'a>,
    causes: Vec<Cause>,
    clients: Vec<Client>,
    servers: Vec<Server<'a>>,
}

#[derive(Serialize)]
struct Input<'a> {
    paths: Vec<&'a str>,
    connections: u64,
    commands: u64,
    complete: bool,
    not_judged: BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct Cause {
    rule: &'static str,
    culprit_endpoint: Option<String>,
    change: &'static str,
    before: Option<Hit>,
    after: Option<Hit>,
}

#[derive(Serialize)]
struct Hit {
    severity: &'static str,
    confidence: &'static str,
    connections: u64,
    connections_of: u64,
    affected: u64,
}

#[derive(Serialize)]
struct Client {
    client: String,
    before: Counted,
    after: Counted,
}

#[derive(Serialize)]
struct Counted {
    connections: u64,
    refused: u64,
    exposed: u64,
}

#[derive(Serialize)]
struct Server<'a> {
    address: &'a str,
    before: Option<Times>,
    after: Option<Times>,
}

#[derive(Serialize)]
struct Times {
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

pub(super) fn write(out: &mut impl Write, c: &Comparison<'_>) -> io::Result<()> {
    let clients = c
        .clients()
        .into_iter()
        .map(|(client, [before, after])| Client {
            client,
            before: counted(before),
            after: counted(after),
        });
    let servers = c
        .servers()
        .into_iter()
        .map(|(address, before, after)| Server {
            address,
            before: before.map(times),
            after: after.map(times),
        });
    let document = Document {
        schema: "redorder-compare/1",
        version: env!("CARGO_PKG_VERSION"),
        verdict: c.verdict(),
        before: input(c, c.before),
        after: input(c, c.after),
        causes: c.causes.iter().map(cause).collect(),
        clients: clients.collect(),
        servers: servers.collect(),
    };
    crate::report::json::write_pretty(out, &document)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn input<'a>(c: &Comparison<'_>, side: &'a Side) -> Input<'a> {
    let coverage = c.coverage(side);
    Input {
        paths: side.inputs.iter().map(|i| i.path.as_str()).collect(),
        connections: coverage.connections,
        commands: coverage.commands,
        complete: coverage.is_complete(),
        not_judged: coverage.not_judged,
    }
}

fn cause(row: &CauseRow) -> Cause {
    let hit = |e: Extent| Hit {
        severity: e.severity.name(),
        confidence: e.confidence.name(),
        connections: e.connections,
        connections_of: e.of,
        affected: e.affected,
    };
    Cause {
        rule: row.rule,
        culprit_endpoint: match row.place {
            Place::Capture => None,
            place => Some(place.to_string()),
        },
        change: row.change().name(),
        before: row.before.map(hit),
        after: row.after.map(hit),
    }
}

fn counted(side: ClientSide) -> Counted {
    Counted {
        connections: side.connections,
        refused: side.refused,
        exposed: side.exposed,
    }
}

fn times(e: &EndpointReport) -> Times {
    let latency = |l: LatencySummary| Latency {
        count: l.count,
        p50_ns: l.p50_ns,
        p99_ns: l.p99_ns,
        max_ns: l.max_ns,
        exact: l.exact,
    };
    Times {
        latency: e.latency.map(latency),
        auth_latency: e.auth_latency.map(latency),
    }
}
