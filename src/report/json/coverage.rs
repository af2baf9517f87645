//! `coverage` and `causes[]`.

use super::finding::{At, Moment};
use crate::analyzer::{self, ErrorSeen, Place, Stopped};
use serde::Serialize;
use std::collections::BTreeMap;

/// What was judged, as published.
#[derive(Serialize)]
pub(super) struct Coverage<'a> {
    complete: bool,
    stopped: Option<Stop>,
    judged: Judged,
    not_judged: &'a BTreeMap<&'static str, u64>,
    unexplained_errors: Vec<UnexplainedError<'a>>,
}

#[derive(Serialize)]
struct Stop {
    reason: &'static str,
    file: Option<u16>,
    packet: Option<u64>,
    bytes_read: u64,
    bytes_total: Option<u64>,
}

#[derive(Serialize)]
struct Judged {
    connections: u64,
    commands: u64,
}

#[derive(Serialize)]
struct UnexplainedError<'a> {
    text: &'a str,
    command: &'a str,
    count: u64,
    first: Moment,
}

impl<'a> Coverage<'a> {
    pub(super) fn new(c: &'a analyzer::Coverage) -> Self {
        Coverage {
            complete: c.is_complete(),
            stopped: c.stopped.as_ref().map(Stop::new),
            judged: Judged {
                connections: c.connections,
                commands: c.commands,
            },
            not_judged: &c.not_judged,
            unexplained_errors: c
                .unexplained_errors
                .iter()
                .map(UnexplainedError::new)
                .collect(),
        }
    }
}

impl Stop {
    fn new(s: &Stopped) -> Self {
        let at = s.at.map(At::new);
        Stop {
            reason: s.reason.name(),
            file: at.map(|at| at.file),
            packet: at.map(|at| at.packet),
            bytes_read: s.bytes_read,
            bytes_total: s.bytes_total,
        }
    }
}

impl<'a> UnexplainedError<'a> {
    fn new(e: &'a ErrorSeen) -> Self {
        UnexplainedError {
            text: &e.text,
            command: &e.command,
            count: e.count,
            first: Moment::new(e.first),
        }
    }
}

/// All findings of one rule at one culprit, as published.
#[derive(Serialize)]
pub(super) struct Cause<'a> {
    rule: &'a str,
    severity: &'a str,
    confidence: &'a str,
    culprit: &'a str,
    culprit_endpoint: Option<String>,
    findings: u64,
    connections: u64,
    connections_of: u64,
    affected: u64,
    clients: u64,
    first: Moment,
    last: Moment,
    explanation: &'a str,
    advice: &'a [&'static str],
}

impl<'a> Cause<'a> {
    pub(super) fn new(c: &'a analyzer::Cause) -> Self {
        Cause {
            rule: c.rule,
            severity: c.severity.name(),
            confidence: c.confidence.name(),
            culprit: c.culprit.name(),
            culprit_endpoint: match c.place {
                Place::Capture => None,
                place => Some(place.to_string()),
            },
            findings: c.findings,
            connections: c.connections,
            connections_of: c.connections_of,
            affected: c.affected,
            clients: c.clients,
            first: Moment::new(c.first),
            last: Moment::new(c.last),
            explanation: c.best.explanation,
            advice: &c.best.advice,
        }
    }
}
