//! Findings that have one cause: the same rule and the same culprit.

use super::event::{Load, Summary};
use crate::model::{ConnectionId, Endpoint};
use crate::rules::{Confidence, Culprit, Finding, Moment, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What a cause is about: it keys the findings of one rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// A server, with its port.
    Server(Endpoint),
    /// A client, whatever ports it uses.
    Client(IpAddr),
    /// The whole capture.
    Capture,
}

impl Place {
    /// All Redis connections to that server, or of that client.
    pub fn connections(&self, summary: &Summary) -> u64 {
        let mine = |load: &&Load| match self {
            Place::Server(end) => load.server == *end,
            Place::Client(addr) => load.client == *addr,
            Place::Capture => true,
        };
        summary
            .loads
            .iter()
            .filter(mine)
            .map(|l| l.connections)
            .sum()
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Server(end) => end.fmt(f),
            Place::Client(addr) => addr.fmt(f),
            Place::Capture => f.write_str("the capture"),
        }
    }
}

/// All findings of one rule at one culprit.
#[derive(Clone, Debug)]
pub struct Cause<'f> {
    /// The rule.
    pub rule: &'static str,
    /// The highest of its findings.
    pub severity: Severity,
    /// The highest of its findings.
    pub confidence: Confidence,
    /// Of the finding that says most.
    pub culprit: Culprit,
    /// Where the culprit is.
    pub place: Place,
    /// Its findings, the one that says most first.
    pub findings: Vec<&'f Finding>,
    /// Connections hit.
    pub connections: u64,
    /// Connections to (or of) that place in all.
    pub connections_of: u64,
    /// Commands hit.
    pub affected: u64,
    /// Client addresses hit.
    pub clients: u64,
    /// Where it begins.
    pub first: Moment,
    /// Where it was last seen.
    pub last: Moment,
}

impl<'f> Cause<'f> {
    /// The finding that says most.
    pub fn best(&self) -> Option<&'f Finding> {
        self.findings.first().copied()
    }
}

/// Groups `findings`: the worst cause first, then the surest, the one that hits most connections, the earliest.
pub fn causes<'f>(findings: &[&'f Finding], summary: &Summary) -> Vec<Cause<'f>> {
    let mut by_key: BTreeMap<(&'static str, Place), Vec<&'f Finding>> = BTreeMap::new();
    for finding in findings {
        let key = (finding.rule, place(finding));
        by_key.entry(key).or_default().push(finding);
    }
    let mut causes: Vec<Cause<'f>> = by_key
        .into_iter()
        .filter_map(|((_, place), findings)| cause(place, findings, summary))
        .collect();
    causes.sort_by_key(|c| {
        let rank = (Reverse(c.severity), Reverse(c.confidence));
        (rank, Reverse(c.connections), c.first, c.rule)
    });
    causes
}

fn cause<'f>(place: Place, mut findings: Vec<&'f Finding>, summary: &Summary) -> Option<Cause<'f>> {
    findings.sort_by_key(|f| {
        let rank = (Reverse(f.severity), Reverse(f.confidence));
        (rank, Reverse(f.affected), f.first, f.id.clone())
    });
    let best = *findings.first()?;
    let named: BTreeSet<ConnectionId> = findings
        .iter()
        .flat_map(|f| f.connections.iter().copied())
        .collect();
    let beyond = |f: &&Finding| {
        f.connections_total
            .saturating_sub(f.connections.len() as u64)
    };
    let connections = named.len() as u64 + findings.iter().map(beyond).sum::<u64>();
    let clients: BTreeSet<IpAddr> = findings
        .iter()
        .filter_map(|f| f.client)
        .map(|c| c.addr)
        .collect();
    Some(Cause {
        rule: best.rule,
        severity: best.severity,
        confidence: findings.iter().map(|f| f.confidence).max()?,
        culprit: best.culprit,
        place,
        connections,
        connections_of: place.connections(summary).max(connections),
        affected: findings.iter().map(|f| f.affected).sum(),
        clients: clients.len() as u64,
        first: findings.iter().map(|f| f.first).min()?,
        last: findings.iter().map(|f| f.last).max()?,
        findings,
    })
}

/// The culprit's end, else the server, else the client.
fn place(finding: &Finding) -> Place {
    let client = finding.culprit == Culprit::Client;
    match (finding.culprit_endpoint, finding.server, finding.client) {
        (Some(end), ..) if client => Place::Client(end.addr),
        (None, _, Some(end)) if client => Place::Client(end.addr),
        (Some(end), ..) | (None, Some(end), _) => Place::Server(end),
        (None, None, Some(end)) => Place::Client(end.addr),
        (None, None, None) => Place::Capture,
    }
}
