//! What a report remembers until the end: the last revision of each finding, and the connections.

use super::selection::Selection;
use crate::analyzer::{ConnectionReport, ConnectionsWanted, Event};
use crate::model::ConnectionId;
use crate::rules::Finding;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Findings by id and connections by number. The analyzer's limits bound both.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    findings: BTreeMap<String, Finding>,
    connections: BTreeMap<ConnectionId, ConnectionReport>,
}

/// What of [`Kept`] is shown under a [`Selection`], in report order.
#[derive(Debug)]
pub struct Shown<'k> {
    /// The worst first, then by time of the first packet.
    pub findings: Vec<&'k Finding>,
    /// By number.
    pub connections: Vec<&'k ConnectionReport>,
    /// Chosen findings by rule, those that `--min-severity` hides included.
    pub by_rule: BTreeMap<&'static str, u64>,
    /// Chosen findings that `--min-severity` hides.
    pub hidden: u64,
    /// Findings of rules that were not chosen.
    pub not_chosen: u64,
    /// Findings that a limit keeps from being listed.
    pub unlisted: u64,
}

impl Kept {
    /// Takes a finding or a connection; exchanges pass by.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Finding(finding) if finding.withdrawn => {
                self.findings.remove(&finding.id);
            }
            Event::Finding(finding) => self.keep(finding),
            Event::Connection(connection) => {
                self.connections
                    .insert(connection.id, ConnectionReport::clone(connection));
            }
            Event::Exchange(_) => {}
        }
    }

    fn keep(&mut self, finding: &Finding) {
        let known = self.findings.get(&finding.id);
        if known.is_none_or(|k| k.revision <= finding.revision) {
            self.findings.insert(finding.id.clone(), finding.clone());
        }
    }

    /// The verdict is not the one already taken: a revision may also just end or join a story.
    pub fn is_news(&self, finding: &Finding) -> bool {
        let verdict = |f: &Finding| (f.withdrawn, f.confidence, f.affected, f.title.clone());
        let known = self.findings.get(&finding.id);
        known.is_none_or(|known| verdict(known) != verdict(finding))
    }

    /// The connection of that number, if it was reported.
    pub fn connection(&self, id: ConnectionId) -> Option<&ConnectionReport> {
        self.connections.get(&id)
    }

    /// The finding as it was last told.
    pub(super) fn finding(&self, id: &str) -> Option<&Finding> {
        self.findings.get(id)
    }

    /// Every finding that stands, selected or not.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> + Clone {
        self.findings.values()
    }

    /// Sorts and selects.
    pub fn shown(&self, selection: &Selection, wanted: ConnectionsWanted) -> Shown<'_> {
        let mut shown = Shown {
            findings: Vec::new(),
            connections: Vec::new(),
            by_rule: BTreeMap::new(),
            hidden: 0,
            not_chosen: 0,
            unlisted: 0,
        };
        for finding in self.findings.values() {
            if !selection.chooses(finding.rule) {
                shown.not_chosen += 1;
                continue;
            }
            *shown.by_rule.entry(finding.rule).or_default() += 1;
            if selection.severe_enough(finding.severity) {
                shown.findings.push(finding);
            } else {
                shown.hidden += 1;
            }
        }
        shown.findings.sort_by_key(|f| report_order(f));
        let named = named(&shown.findings);
        let wanted =
            |c: &&ConnectionReport| wanted == ConnectionsWanted::All || named.contains(&c.id);
        shown.connections = self.connections.values().filter(wanted).collect();
        shown
    }
}

impl Shown<'_> {
    /// Keeps at most `most` findings of each rule: the surest, then those that hit most commands, then the earliest.
    /// Connections that only the others name go as well, unless all are wanted.
    pub(super) fn limit(&mut self, most: usize, wanted: ConnectionsWanted) {
        let mut ranked: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            ranked.entry(finding.rule).or_default().push(finding);
        }
        if ranked.values().all(|findings| findings.len() <= most) {
            return;
        }
        let mut listed: BTreeSet<&str> = BTreeSet::new();
        for findings in ranked.values_mut() {
            findings.sort_by_key(|f| (Reverse(f.confidence), Reverse(f.affected), f.first));
            listed.extend(findings.iter().take(most).map(|f| f.id.as_str()));
        }
        let all = self.findings.len();
        self.findings.retain(|f| listed.contains(f.id.as_str()));
        self.unlisted = (all - self.findings.len()) as u64;
        if wanted == ConnectionsWanted::Notable {
            let named = named(&self.findings);
            self.connections.retain(|c| named.contains(&c.id));
        }
    }
}

fn report_order(f: &Finding) -> impl Ord + use<> {
    (
        Reverse(f.severity),
        f.first.time,
        f.first.at,
        f.rule,
        f.id.clone(),
    )
}

fn named(findings: &[&Finding]) -> BTreeSet<ConnectionId> {
    let ids = |f: &&Finding| {
        let exchanges = f.exchanges.iter().map(|e| e.connection);
        f.connections
            .iter()
            .copied()
            .chain(exchanges)
            .collect::<Vec<_>>()
    };
    findings.iter().flat_map(ids).collect()
}
