//! Hand-built events: the classic race, in which PING overtakes the verdict on AUTH.

use redorder::analyzer::{
    AuthRecord, AuthResult, BusyPort, ClientConnection, ClientReport, CodeCounts, ConnectionEnd,
    ConnectionReport, Counts, EndpointReport, ErrorSeen, Event, ExchangeLine, FirstAuth,
    LatencySummary, Leg, LineKind, Load, Login, NextFate, Protocol, Role, Summary, Totals, Vantage,
};
use redorder::model::{ConnectionId, Endpoint, PacketRef, Timestamp};
use redorder::report::{Format, Options};
use redorder::rules::{
    Confidence, Culprit, Finding, FindingExchange, Moment, Proof, Scope, Severity,
};
use redorder::source::{InputReport, Problem};
use std::collections::BTreeMap;

/// 2023-11-14T22:13:20Z.
const START: i64 = 1_700_000_000_000_000_000;

pub(crate) fn time(ns: i64) -> Timestamp {
    Timestamp::from_nanos(START).plus(ns)
}

fn moment(ns: i64, packet: u64) -> Moment {
    Moment {
        time: time(ns),
        at: PacketRef::new(0, packet),
    }
}

pub(crate) fn end(text: &str) -> Endpoint {
    let end: std::net::SocketAddr = text.parse().unwrap();
    Endpoint {
        addr: end.ip(),
        port: end.port(),
    }
}

fn exchange(n: u64, command: &str, args: &[&str], blind: Option<bool>) -> FindingExchange {
    FindingExchange {
        connection: ConnectionId(0),
        index: n,
        command: command.to_owned().into(),
        args: args.iter().collect(),
        sent: moment(0, 4),
        reply: None,
        received: None,
        instead: None,
        blind,
    }
}

/// AUTH and PING in packet 4, +OK in packet 6, -NOAUTH in packet 7.
pub(crate) fn race() -> Finding {
    let mut auth = exchange(0, "AUTH", &["<secret 6B>"], None);
    auth.reply = Some("+OK".into());
    auth.received = Some(moment(5_120_000, 6));
    let mut ping = exchange(1, "PING", &[], Some(true));
    ping.reply = Some("-NOAUTH Authentication required.".into());
    ping.received = Some(moment(5_121_300, 7));
    Finding {
        id: "00112233445566aa".to_owned(),
        revision: 1,
        is_final: true,
        withdrawn: false,
        became: None,
        rule: "auth-race",
        severity: Severity::Error,
        confidence: Confidence::Certain,
        scope: Scope::Connection,
        title: "AUTH was accepted, yet PING right behind it was refused with NOAUTH".to_owned(),
        explanation: "The server judged PING before it had decided about the AUTH in front of it, and answered both in order. Redis itself can not do that; a proxy that asks an auth service can.",
        advice: vec![
            "Wait for +OK before the next command is sent.",
            "Upgrade the proxy to a release that holds commands back while AUTH is undecided.",
        ],
        culprit: Culprit::Server,
        culprit_endpoint: Some(end("10.0.0.2:6379")),
        client: Some(end("10.0.0.1:40000")),
        server: Some(end("10.0.0.2:6379")),
        connections: vec![ConnectionId(0)],
        connections_total: 1,
        affected: 1,
        first: moment(0, 4),
        last: moment(5_121_300, 7),
        group: None,
        exchanges: vec![auth, ping],
        proof: Proof {
            text: "PING (#4) acknowledges 1 byte less than the end of +OK (#6): the client could not have seen it. A later GET on the same connection succeeds (#9).".to_owned(),
            packets: vec![PacketRef::new(0, 4), PacketRef::new(0, 6), PacketRef::new(0, 9)],
            values: vec![("sent_ack", 0), ("auth_reply_end", 5)],
        },
        measures: vec![("auth_latency_ns", 5_120_000)],
        not_seen: vec!["the leg between the proxy and Redis".to_owned()],
        notes: vec![],
    }
}

/// The same race again, `n` connections later.
pub(crate) fn race_again(n: u64, group: Option<&str>) -> Finding {
    let mut finding = race();
    finding.id = format!("{n:016x}");
    finding.group = group.map(str::to_owned);
    finding.connections = vec![ConnectionId(n)];
    finding.first = moment(i64::try_from(n).unwrap() * 1_000_000_000, 4 + 10 * n);
    finding.last = finding.first;
    finding
}

pub(crate) fn note() -> Finding {
    Finding {
        id: "ffeeddccbbaa9988".to_owned(),
        rule: "slow-auth",
        severity: Severity::Note,
        confidence: Confidence::Likely,
        scope: Scope::Endpoint,
        title: "AUTH takes 5.12 ms, a hundred times as long as other commands".to_owned(),
        exchanges: vec![],
        affected: 0,
        ..race()
    }
}

pub(crate) fn counts() -> Counts {
    let mut errors = CodeCounts::default();
    errors.add("NOAUTH", 1);
    Counts {
        commands: 3,
        replies: 3,
        exchanges: 3,
        errors,
        ..Counts::default()
    }
}

pub(crate) fn connection() -> ConnectionReport {
    ConnectionReport {
        id: ConnectionId(0),
        vantages: vec![Vantage {
            file: 0,
            tcp_stream: Some(0),
        }],
        community_id: "1:LQU9qZlK+B5F3KDmev6m5PMibrg=".to_owned(),
        client: end("10.0.0.1:40000"),
        server: end("10.0.0.2:6379"),
        leg: Leg::Unknown,
        protocol: Protocol::Redis,
        opened: time(-1_000_000),
        closed: Some(time(1_000_000_000)),
        end: ConnectionEnd::Fin,
        closed_by_client: Some(true),
        midstream: false,
        encrypted: false,
        tls: None,
        resp: Some(2),
        client_library: None,
        auth_total: 1,
        auth: vec![AuthRecord {
            at: PacketRef::new(0, 4),
            sent: time(0),
            received: Some(time(5_120_000)),
            result: AuthResult::Ok,
            next_sent_ns: Some(0),
            hello: false,
        }],
        counts: counts(),
    }
}

pub(crate) fn summary() -> Summary {
    Summary {
        totals: Totals {
            packets: 15,
            tcp_segments: 12,
            skipped: BTreeMap::from([("not-tcp", 2), ("fragment", 1)]),
            connections: 2,
            redis_connections: 1,
            encrypted_connections: 1,
            counts: counts(),
            limits: BTreeMap::from([("held_bytes", 2)]),
            ..Totals::default()
        },
        endpoints: vec![
            EndpointReport {
                address: "10.0.0.1".to_owned(),
                role: Role::Client,
                evidence: Some("sends commands only".to_owned()),
                software: None,
                latency: None,
                auth_latency: None,
            },
            EndpointReport {
                address: "10.0.0.2:6379".to_owned(),
                role: Role::Unknown,
                evidence: None,
                software: None,
                latency: Some(LatencySummary {
                    count: 2,
                    p50_ns: 41_000,
                    p99_ns: 310_000,
                    exact: true,
                    max_ns: 5_120_000,
                }),
                auth_latency: Some(LatencySummary {
                    count: 1,
                    p50_ns: 5_120_000,
                    p99_ns: 5_120_000,
                    exact: true,
                    max_ns: 5_120_000,
                }),
            },
        ],
        busiest: vec![],
        span: Some((time(-1_000_000), time(1_000_000_000))),
        clients: vec![client()],
        loads: vec![Load {
            client: end("10.0.0.1:0").addr,
            server: end("10.0.0.2:6379"),
            connections: 1,
        }],
        errors: vec![ErrorSeen {
            text: "-ERR unknown command".to_owned(),
            command: "GETT".into(),
            count: 2,
            first: moment(6_000_000, 9),
        }],
        ..Summary::default()
    }
}

/// The client of the race: PING left with AUTH.
fn client() -> ClientReport {
    ClientReport {
        address: end("10.0.0.1:0").addr,
        library: Some("StackExchange.Redis (by its handshake)".to_owned()),
        name: None,
        connections: 1,
        order: vec![ClientConnection {
            connection: ConnectionId(0),
            server: end("10.0.0.2:6379"),
            opened: time(-1_000_000),
            auth: Some(FirstAuth {
                at: PacketRef::new(0, 4),
                sent: time(0),
                hello: false,
                latency_ns: Some(5_120_000),
                result: AuthResult::Ok,
                gap_ns: Some(0),
                blind: true,
                next: NextFate::Refused,
            }),
        }],
    }
}

/// Nothing but other traffic.
pub(crate) fn no_redis() -> Summary {
    let busy = |server, connections, bytes, looks_like| BusyPort {
        server: end(server),
        connections,
        bytes,
        looks_like,
    };
    Summary {
        totals: Totals {
            packets: 1200,
            tcp_segments: 1190,
            skipped: BTreeMap::from([("cut-before-tcp", 10)]),
            connections: 13,
            encrypted_connections: 12,
            ..Totals::default()
        },
        busiest: vec![
            busy("10.0.0.2:6380", 12, 456_789, "TLS"),
            busy("[2001:db8::1]:443", 1, 99, "one direction only"),
        ],
        span: Some((time(0), time(61_500_000_000))),
        ..Summary::default()
    }
}

pub(crate) fn inputs() -> Vec<InputReport> {
    vec![InputReport {
        path: "race.pcapng".to_owned(),
        format: "pcapng+gzip".to_owned(),
        packets: 15,
        link_types: vec!["ETHERNET".to_owned()],
        interfaces: vec!["eth0".to_owned()],
        first: Some(time(-1_000_000)),
        last: Some(time(1_000_000_000)),
        dropped: Some((3, 0)),
        problems_total: 1,
        problems: vec![Problem {
            offset: 1234,
            reason: "block length 7 is no multiple of four; skipped".to_owned(),
        }],
    }]
}

pub(crate) fn lines() -> Vec<ExchangeLine> {
    let base = ExchangeLine {
        kind: LineKind::Exchange,
        connection: ConnectionId(0),
        index: Some(0),
        client: end("10.0.0.1:40000"),
        server: end("10.0.0.2:6379"),
        command: Some("AUTH".into()),
        args: ["<secret 6B>"].iter().collect(),
        sent: Some((time(0), PacketRef::new(0, 4))),
        reply_type: Some("simple"),
        reply: ["+OK"].iter().collect(),
        received: Some((time(5_120_000), PacketRef::new(0, 6))),
        place: time(0),
        told: time(5_120_000),
        settled: redorder::model::Timestamp::MIN,
        command_bytes: Some(26),
        reply_bytes: Some(5),
        login: Some(Login::In),
        taken_back: false,
    };
    let ping = ExchangeLine {
        index: Some(1),
        command: Some("PING".into()),
        args: redorder::model::Texts::default(),
        reply_type: Some("error"),
        reply: ["-NOAUTH Authentication required."].iter().collect(),
        received: Some((time(5_121_300), PacketRef::new(0, 7))),
        command_bytes: Some(14),
        reply_bytes: Some(34),
        login: Some(Login::Blind),
        ..base.clone()
    };
    let unanswered = ExchangeLine {
        kind: LineKind::Unanswered,
        index: Some(2),
        command: Some("GET".into()),
        args: ["<key#1 5B>"].iter().collect(),
        reply_type: None,
        reply: redorder::model::Texts::default(),
        received: None,
        reply_bytes: None,
        ..base.clone()
    };
    let orphan = ExchangeLine {
        kind: LineKind::Orphan,
        index: None,
        command: None,
        args: redorder::model::Texts::default(),
        sent: None,
        place: time(5_120_000),
        command_bytes: None,
        reply_bytes: Some(19),
        login: None,
        reply_type: Some("bulk"),
        reply: ["\x1b[2J<value 12B>\t"].iter().collect(),
        ..base.clone()
    };
    vec![orphan, base, ping, unanswered]
}

/// What a report of `format` writes for these events.
pub(crate) fn report(
    format: Format,
    options: Options,
    events: &[Event],
    summary: &Summary,
    inputs: &[InputReport],
) -> String {
    let mut out = Vec::new();
    let mut report = format.report(&mut out, options);
    for event in events {
        report.event(event).unwrap();
    }
    report.finish(summary, inputs).unwrap();
    drop(report);
    String::from_utf8(out).unwrap()
}

pub(crate) fn race_events() -> Vec<Event> {
    vec![
        Event::Finding(std::sync::Arc::new(note())),
        Event::Finding(std::sync::Arc::new(race())),
        Event::Connection(std::sync::Arc::new(connection())),
    ]
}
