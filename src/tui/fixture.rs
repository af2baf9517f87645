//! Findings made by hand, for tests.

use super::message::Feed;
use crate::analyzer::{Event, Summary};
use crate::model::{ConnectionId, Endpoint, PacketRef, Timestamp};
use crate::rules::{Confidence, Culprit, Finding, FindingExchange, Moment, Proof, Scope, Severity};
use std::net::IpAddr;

const START_NS: i64 = 1_750_000_000_123_456_789;

fn end(host: u8, port: u16) -> Option<Endpoint> {
    let addr = IpAddr::from([10, 0, 0, host]);
    Some(Endpoint { addr, port })
}

fn moment(after_ns: i64, packet: u64) -> Moment {
    Moment {
        time: Timestamp::from_nanos(START_NS).plus(after_ns),
        at: PacketRef::new(0, packet),
    }
}

fn exchange(index: u64, command: &str, arg: &str) -> FindingExchange {
    FindingExchange {
        connection: ConnectionId(3),
        index,
        command: command.to_owned().into(),
        args: [arg].iter().collect(),
        sent: moment(0, 4),
        reply: None,
        received: None,
        instead: None,
        blind: None,
    }
}

/// AUTH and two commands behind it; one of them was refused before AUTH's `+OK`, one never answered.
pub(super) fn race() -> Finding {
    let auth = FindingExchange {
        reply: Some("+OK".into()),
        received: Some(moment(5_120_031, 7)),
        ..exchange(0, "AUTH", "<secret 6B>")
    };
    let refused = FindingExchange {
        sent: moment(42_000, 5),
        reply: Some("-NOAUTH Authentication required.".into()),
        received: Some(moment(5_201_000, 8)),
        blind: Some(true),
        ..exchange(1, "GET", "<key#1 5B>")
    };
    let open = FindingExchange {
        sent: moment(43_500, 6),
        blind: Some(true),
        ..exchange(2, "GET", "<key#2 7B>")
    };
    Finding {
        revision: 2,
        confidence: Confidence::Certain,
        title: "commands sent behind AUTH were answered -NOAUTH although AUTH got +OK".to_owned(),
        explanation: "The proxy checked the password in the background and judged the commands behind it too early.",
        advice: vec!["Wait for AUTH's reply before sending more."],
        culprit: Culprit::Proxy,
        culprit_endpoint: end(2, 6379),
        affected: 2,
        last: moment(5_201_000, 8),
        exchanges: vec![auth, refused, open],
        proof: Proof {
            text: "Packet 5 left 5.078 ms before +OK in packet 7 could arrive.".to_owned(),
            packets: vec![PacketRef::new(0, 5), PacketRef::new(0, 7)],
            values: vec![("lead_ns", 5_078_031)],
        },
        not_seen: vec!["What the proxy asked its auth service.".to_owned()],
        rule: "auth-race",
        ..plain("00000000000000aa", Severity::Error, 0)
    }
}

/// A finding with nothing in it but its place in the list.
pub(super) fn plain(id: &str, severity: Severity, after_ns: i64) -> Finding {
    Finding {
        id: id.to_owned(),
        revision: 1,
        is_final: true,
        withdrawn: false,
        became: None,
        rule: "slow-auth",
        severity,
        confidence: Confidence::Likely,
        scope: Scope::Connection,
        title: "AUTH took long".to_owned(),
        explanation: "",
        advice: Vec::new(),
        culprit: Culprit::Server,
        culprit_endpoint: None,
        client: end(1, 50_000),
        server: end(2, 6379),
        connections: vec![ConnectionId(3)],
        connections_total: 1,
        affected: 0,
        first: moment(after_ns, 4),
        last: moment(after_ns, 4),
        group: None,
        exchanges: Vec::new(),
        proof: Proof::default(),
        measures: Vec::new(),
        not_seen: Vec::new(),
        notes: Vec::new(),
    }
}

/// One batch with `findings`.
pub(super) fn events(findings: Vec<Finding>) -> Feed {
    let event = |finding| Event::Finding(std::sync::Arc::new(finding));
    Feed::Events(findings.into_iter().map(event).collect())
}

/// The last word of an analysis of 12 packets.
pub(super) fn done(redis_connections: u64) -> Feed {
    let mut summary = Summary::default();
    summary.totals.packets = 12;
    summary.totals.tcp_segments = 12;
    summary.totals.connections = 1;
    summary.totals.redis_connections = redis_connections;
    summary.totals.counts.commands = 3 * redis_connections;
    summary.totals.counts.exchanges = 2 * redis_connections;
    Feed::Done(Box::new(summary), Vec::new())
}
