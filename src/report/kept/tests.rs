//! What is kept of findings, whatever the order they come in, and that all of them are counted.

use super::*;
use crate::analyzer::{ConnectionEnd, Counts, Leg, Protocol};
use crate::model::{Endpoint, PacketRef, Timestamp};
use crate::rules::{Confidence, Culprit, Moment, Proof, Scope, Severity};

fn moment(packet: u64) -> Moment {
    Moment {
        time: Timestamp::from_nanos(i64::try_from(packet).unwrap_or(0)),
        at: PacketRef::new(0, packet),
    }
}

fn end(host: u8, port: u16) -> Endpoint {
    Endpoint {
        addr: [10, 0, 0, host].into(),
        port,
    }
}

/// A race of the connection with that number, told for good.
fn race(number: u64) -> Finding {
    Finding {
        id: format!("{number:016x}"),
        revision: 1,
        is_final: true,
        withdrawn: false,
        became: None,
        rule: "auth-race",
        severity: Severity::Error,
        confidence: Confidence::Likely,
        scope: Scope::Connection,
        title: String::new(),
        explanation: "",
        advice: Vec::new(),
        culprit: Culprit::Server,
        culprit_endpoint: Some(end(9, 6379)),
        client: Some(end(1, 40_000)),
        server: Some(end(9, 6379)),
        connections: vec![ConnectionId(number)],
        connections_total: 1,
        affected: 2,
        first: moment(number),
        last: moment(number + 1),
        group: None,
        exchanges: Vec::new(),
        proof: Proof::default(),
        measures: Vec::new(),
        not_seen: Vec::new(),
        notes: Vec::new(),
    }
}

fn connection(number: u64) -> ConnectionReport {
    ConnectionReport {
        id: ConnectionId(number),
        vantages: Vec::new(),
        community_id: String::new(),
        client: end(1, 40_000),
        server: end(9, 6379),
        leg: Leg::Unknown,
        protocol: Protocol::Unknown,
        opened: Timestamp::default(),
        closed: None,
        end: ConnectionEnd::Open,
        closed_by_client: None,
        midstream: false,
        encrypted: false,
        tls: None,
        resp: None,
        client_library: None,
        auth_total: 0,
        auth: Vec::new(),
        counts: Counts::default(),
    }
}

fn tell(kept: &mut Kept, finding: &Finding) {
    kept.apply(&Event::Finding(std::sync::Arc::new(finding.clone())));
}

/// Findings listed, findings counted, findings and commands of the cause.
fn counts(kept: &Kept) -> (usize, u64, u64, u64) {
    let selection = Selection::default();
    let shown = kept.shown(&selection);
    let causes = kept.causes(&selection, &Summary::default());
    let counted = shown.by_rule.get("auth-race").copied().unwrap_or(0);
    assert_eq!(shown.findings.len() as u64 + shown.unlisted, counted);
    let of_causes = causes.iter().map(|c| c.findings).sum();
    let affected = causes.iter().map(|c| c.affected).sum();
    (shown.findings.len(), counted, of_causes, affected)
}

#[test]
fn what_says_least_goes_and_is_counted() {
    let mut kept = Kept::new(3, ConnectionsWanted::Notable);
    for number in 1..=500 {
        let mut finding = race(number);
        if number == 400 {
            finding.confidence = Confidence::Certain;
        }
        if number == 300 {
            finding.affected = 5;
        }
        tell(&mut kept, &finding);
    }
    kept.end();
    assert_eq!(counts(&kept), (3, 500, 500, 1_003));
    let selection = Selection::default();
    let causes = kept.causes(&selection, &Summary::default());
    let cause = causes.first().expect("one cause");
    assert_eq!(
        (cause.best.id.as_str(), cause.connections),
        ("0000000000000190", 500)
    );
    assert_eq!((cause.first, cause.last), (moment(1), moment(501)));
    let listed = kept
        .of_cause("auth-race", cause.place)
        .map(|f| f.first.at.number());
    assert_eq!(listed.collect::<Vec<_>>(), [400, 300, 1]);
}

#[test]
fn a_finding_counts_once_however_often_it_is_told() {
    let mut kept = Kept::new(3, ConnectionsWanted::Notable);
    let mut finding = race(1);
    finding.is_final = false;
    tell(&mut kept, &finding);
    assert_eq!(counts(&kept), (1, 1, 0, 0), "it may still change");
    finding.revision = 2;
    finding.affected = 3;
    tell(&mut kept, &finding);
    finding.revision = 3;
    finding.is_final = true;
    tell(&mut kept, &finding);
    assert_eq!(counts(&kept), (1, 1, 1, 3));
    finding.revision = 4;
    finding.group = Some("of two".to_owned());
    tell(&mut kept, &finding);
    assert_eq!(counts(&kept), (1, 1, 1, 3), "only its group is new");
    let selection = Selection::default();
    let causes = kept.causes(&selection, &Summary::default());
    let best = causes.first().map(|c| c.best.group.clone());
    assert_eq!(best, Some(Some("of two".to_owned())));
}

#[test]
fn what_was_taken_back_is_not_counted() {
    let mut kept = Kept::new(3, ConnectionsWanted::Notable);
    let mut finding = race(1);
    finding.is_final = false;
    tell(&mut kept, &finding);
    assert!(!kept.is_news(&finding));
    finding.revision = 2;
    finding.withdrawn = true;
    assert!(kept.is_news(&finding));
    tell(&mut kept, &finding);
    kept.end();
    assert_eq!(counts(&kept), (0, 0, 0, 0));
}

#[test]
fn what_is_open_at_the_end_belongs_to_its_cause() {
    let mut kept = Kept::new(0, ConnectionsWanted::Notable);
    let mut finding = race(1);
    finding.is_final = false;
    tell(&mut kept, &finding);
    kept.end();
    assert_eq!(counts(&kept), (0, 1, 1, 2), "counted, not listed");
}

#[test]
fn connections_of_findings_that_went_go_as_well() {
    let mut kept = Kept::new(3, ConnectionsWanted::Notable);
    for number in 1..=30_000 {
        tell(&mut kept, &race(number));
        kept.apply(&Event::Connection(std::sync::Arc::new(connection(number))));
    }
    assert!(kept.connections.len() <= CONNECTIONS_SPARE + 3);
    let shown = kept.shown(&Selection::default());
    let listed = shown.connections.iter().map(|c| c.id.0);
    assert_eq!(listed.collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn what_may_still_change_is_bounded() {
    let mut kept = Kept::new(3, ConnectionsWanted::Notable);
    let (open, beyond) = (12_288, 10);
    let all = open + beyond;
    for number in 1..=all {
        let mut finding = race(number);
        finding.is_final = false;
        tell(&mut kept, &finding);
        // Each is told twice.
        finding.revision = 2;
        tell(&mut kept, &finding);
    }
    assert_eq!(kept.standing.all_open().count() as u64, open);
    let (_, _, of_causes, _) = counts(&kept);
    assert_eq!(of_causes, beyond);
    kept.end();
    let (listed, counted, of_causes, _) = counts(&kept);
    assert_eq!((listed, counted, of_causes), (3, all, all));
}
