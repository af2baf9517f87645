//! What a report remembers until the end: findings as far as it can list them, their causes, and the connections.

mod shelf;
#[cfg(test)]
mod tests;

use super::FINDINGS;
use super::selection::Selection;
use crate::analyzer::{
    Cause, ConnectionReport, ConnectionsWanted, Event, Place, Standing, Summary, place,
};
use crate::model::ConnectionId;
use crate::rules::{self, Finding};
use shelf::Shelf;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Connections that may be kept beyond those that a kept finding names.
const CONNECTIONS_SPARE: usize = 10_000;

/// Findings, causes and connections. The number of findings does not decide how large it gets: of each rule the ones that
/// say most are kept, and all of them are counted.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Findings of one rule that are kept.
    most: usize,
    shelves: BTreeMap<&'static str, Shelf>,
    /// All findings, listed or not.
    standing: Standing,
    connections: BTreeMap<ConnectionId, Arc<ConnectionReport>>,
    /// Connections at which the unnamed are looked for next.
    sweep_at: usize,
    wanted: ConnectionsWanted,
}

/// What of [`Kept`] is shown under a [`Selection`], in report order.
#[derive(Debug)]
pub struct Shown<'k> {
    /// The worst first, then by time of the first packet.
    pub findings: Vec<&'k Finding>,
    /// By number.
    pub connections: Vec<&'k ConnectionReport>,
    /// Chosen findings by rule, kept or not, those that `--min-severity` hides included.
    pub by_rule: BTreeMap<&'static str, u64>,
    /// Chosen findings that `--min-severity` hides.
    pub hidden: u64,
    /// Findings of rules that were not chosen.
    pub not_chosen: u64,
    /// Findings that are counted and not listed.
    pub unlisted: u64,
}

/// As much as a document lists by default.
impl Default for Kept {
    fn default() -> Self {
        Kept::new(FINDINGS, ConnectionsWanted::Notable)
    }
}

impl Kept {
    /// Keeps at most `most` findings of each rule, and the connections they name or all of them.
    pub fn new(most: usize, wanted: ConnectionsWanted) -> Kept {
        Kept {
            most,
            shelves: BTreeMap::new(),
            standing: Standing::default(),
            connections: BTreeMap::new(),
            sweep_at: CONNECTIONS_SPARE,
            wanted,
        }
    }

    /// Takes a finding or a connection; exchanges pass by.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Finding(finding) => {
                self.standing.take(finding);
                let shelf = self.shelves.entry(finding.rule).or_default();
                match finding.withdrawn {
                    true => shelf.remove(&finding.id),
                    false => shelf.put(finding, self.most),
                }
            }
            Event::Connection(connection) => {
                self.connections
                    .insert(connection.id, Arc::clone(connection));
                self.sweep();
            }
            Event::Exchange(_) => {}
        }
    }

    /// Lets go of connections that no kept finding names, once there are many of them.
    fn sweep(&mut self) {
        if self.wanted == ConnectionsWanted::All || self.connections.len() < self.sweep_at {
            return;
        }
        let kept = self.shelves.values().flat_map(Shelf::findings);
        let named = named(kept.chain(self.standing.all_open()));
        self.connections.retain(|id, _| named.contains(id));
        self.sweep_at = self.connections.len() + CONNECTIONS_SPARE;
    }

    /// Nothing follows: what could still change stays as it is.
    pub fn end(&mut self) {
        self.standing.end();
    }

    /// The verdict is not the one already taken: a revision may also just end or join a story.
    pub fn is_news(&self, finding: &Finding) -> bool {
        let verdict = |f: &Finding| (f.withdrawn, f.confidence, f.affected, f.title.clone());
        match self.finding(&finding.id) {
            Some(known) => verdict(known) != verdict(finding),
            // It was told before, and did not say enough to be kept.
            None => !self.standing.is_settled(finding),
        }
    }

    /// The connection of that number, if it was reported.
    pub fn connection(&self, id: ConnectionId) -> Option<&ConnectionReport> {
        self.connections.get(&id).map(|c| &**c)
    }

    /// The finding as it was last told, if it is kept.
    pub(super) fn finding(&self, id: &str) -> Option<&Finding> {
        let kept = self.shelves.values().find_map(|shelf| shelf.get(id));
        self.standing.open(id).or(kept)
    }

    /// A finding shows an error reply of that text.
    pub(super) fn explains(&self, text: &str) -> bool {
        self.standing.explains(text)
    }

    /// What the selected findings have in common, the worst first.
    pub fn causes(&self, selection: &Selection, summary: &Summary) -> Vec<Cause> {
        self.standing.causes(summary, |best| selection.shows(best))
    }

    /// The kept findings of one cause, the one that says most first.
    pub(super) fn of_cause(&self, rule: &str, at: Place) -> impl Iterator<Item = &Finding> {
        let shelf = self.shelves.get(rule).into_iter();
        shelf
            .flat_map(Shelf::findings)
            .filter(move |f| place(f) == at)
    }

    /// Sorts and selects.
    pub fn shown(&self, selection: &Selection) -> Shown<'_> {
        let mut shown = Shown {
            findings: Vec::new(),
            connections: Vec::new(),
            by_rule: BTreeMap::new(),
            hidden: 0,
            not_chosen: 0,
            unlisted: 0,
        };
        for (rule, n) in self.standing.by_rule() {
            let shelf = self.shelves.get(rule);
            let kept: Vec<&Finding> = shelf.into_iter().flat_map(Shelf::findings).collect();
            if !selection.chooses(rule) {
                shown.not_chosen += n;
                continue;
            }
            shown.by_rule.insert(rule, n);
            let severity = rules::rule(rule).map(|info| info.severity);
            if severity.is_none_or(|severity| selection.severe_enough(severity)) {
                shown.unlisted += n.saturating_sub(kept.len() as u64);
                shown.findings.extend(kept);
            } else {
                shown.hidden += n;
            }
        }
        shown
            .findings
            .sort_by(|a, b| report_order(a).cmp(&report_order(b)));
        let named = named(shown.findings.iter().copied());
        let wanted =
            |c: &&ConnectionReport| self.wanted == ConnectionsWanted::All || named.contains(&c.id);
        let all = self.connections.values().map(|c| &**c);
        shown.connections = all.filter(wanted).collect();
        shown
    }
}

fn report_order(f: &Finding) -> impl Ord {
    (
        Reverse(f.severity),
        f.first.time,
        f.first.at,
        f.rule,
        f.id.as_str(),
    )
}

fn named<'f>(findings: impl Iterator<Item = &'f Finding>) -> BTreeSet<ConnectionId> {
    let ids = |f: &Finding| {
        let exchanges = f.exchanges.iter().map(|e| e.connection);
        f.connections
            .iter()
            .copied()
            .chain(exchanges)
            .collect::<Vec<_>>()
    };
    findings.flat_map(ids).collect()
}
