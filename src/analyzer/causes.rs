//! Findings that have one cause: the same rule and the same culprit.

use super::event::{Load, Summary};
use crate::model::{ConnectionId, Endpoint};
use crate::rules::{Confidence, Culprit, Finding, Moment, Severity};
use hashbrown::HashSet;
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

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
pub struct Cause {
    /// The finding that says most: its words stand for all.
    pub best: Arc<Finding>,
    /// The rule.
    pub rule: &'static str,
    /// Of the rule.
    pub severity: Severity,
    /// The highest of its findings.
    pub confidence: Confidence,
    /// Of the finding that says most.
    pub culprit: Culprit,
    /// Where the culprit is.
    pub place: Place,
    /// How many findings there are.
    pub findings: u64,
    /// Connections hit.
    pub connections: u64,
    /// Connections to (or of) that place in all.
    pub connections_of: u64,
    /// Commands hit.
    pub affected: u64,
    /// Client addresses hit.
    pub clients: u64,
    /// What hit each of them, up to 1,000 clients.
    pub hits: Arc<BTreeMap<IpAddr, Hits>>,
    /// Where it begins.
    pub first: Moment,
    /// Where it was last seen.
    pub last: Moment,
}

/// Clients of one cause whose hits are told one by one; the others are only counted.
const CLIENTS_MAX: usize = 1_000;
/// First packets of findings that are kept for one client of a cause.
const MOMENTS_MAX: usize = 100;

/// The findings of one client that have one cause.
#[derive(Clone, Debug)]
pub struct Hits {
    /// Connections hit.
    pub connections: HashSet<ConnectionId>,
    /// Where the findings begin: the earliest 100 that were told.
    pub moments: BTreeSet<Moment>,
    /// Where the last of them begins.
    pub last: Moment,
}

/// Everything that is known of one cause. A finding that may still change is not in it.
#[derive(Clone, Debug)]
struct Tally {
    best: Arc<Finding>,
    confidence: Confidence,
    findings: u64,
    connections: HashSet<ConnectionId>,
    /// Connections that their finding only counts.
    beyond: u64,
    affected: u64,
    clients: HashSet<IpAddr>,
    hits: Arc<BTreeMap<IpAddr, Hits>>,
    first: Moment,
    last: Moment,
}

/// The causes of a run. They grow with what was hit, not with the number of findings. A clone shares every cause until
/// one of the two changes it.
#[derive(Clone, Debug, Default)]
pub struct Causes {
    by_key: BTreeMap<(&'static str, Place), Arc<Tally>>,
}

impl Causes {
    /// Takes a finding that will not change any more.
    pub fn add(&mut self, finding: &Arc<Finding>) {
        match self.by_key.entry((finding.rule, place(finding))) {
            Entry::Vacant(entry) => {
                entry.insert(Arc::new(Tally::new(finding)));
            }
            Entry::Occupied(mut entry) => Arc::make_mut(entry.get_mut()).add(finding),
        }
    }

    /// A finding of a cause was told again, with nothing new but its group.
    pub fn renew(&mut self, finding: &Arc<Finding>) {
        if let Some(tally) = self.by_key.get_mut(&(finding.rule, place(finding)))
            && tally.best.id == finding.id
        {
            Arc::make_mut(tally).best = Arc::clone(finding);
        }
    }

    /// How many causes there are.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// How many findings there are of each rule.
    pub fn by_rule(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for ((rule, _), tally) in &self.by_key {
            *counts.entry(*rule).or_default() += tally.findings;
        }
        counts
    }

    /// The causes that `chosen` lets through: the worst first, then the surest, the one that hits most connections, the
    /// earliest.
    pub fn list(&self, summary: &Summary, chosen: impl Fn(&Finding) -> bool) -> Vec<Cause> {
        let chosen = self.by_key.iter().filter(|(_, tally)| chosen(&tally.best));
        let mut causes: Vec<Cause> = chosen
            .map(|((_, place), tally)| tally.cause(*place, summary))
            .collect();
        causes.sort_by_key(|c| {
            let rank = (Reverse(c.severity), Reverse(c.confidence));
            (rank, Reverse(c.connections), c.first, c.rule)
        });
        causes
    }
}

impl Tally {
    fn new(finding: &Arc<Finding>) -> Tally {
        let mut tally = Tally {
            best: Arc::clone(finding),
            confidence: finding.confidence,
            findings: 0,
            connections: HashSet::new(),
            beyond: 0,
            affected: 0,
            clients: HashSet::new(),
            hits: Arc::default(),
            first: finding.first,
            last: finding.last,
        };
        tally.add(finding);
        tally
    }

    fn add(&mut self, finding: &Arc<Finding>) {
        if rank_of(finding) < rank_of(&self.best) {
            self.best = Arc::clone(finding);
        }
        self.confidence = self.confidence.max(finding.confidence);
        self.findings += 1;
        self.connections.extend(&finding.connections);
        let listed = finding.connections.len() as u64;
        self.beyond += finding.connections_total.saturating_sub(listed);
        self.affected += finding.affected;
        self.first = self.first.min(finding.first);
        self.last = self.last.max(finding.last);
        if let Some(client) = finding.client {
            self.clients.insert(client.addr);
            self.hit(client.addr, finding);
        }
    }

    fn hit(&mut self, client: IpAddr, finding: &Finding) {
        if self.hits.len() >= CLIENTS_MAX && !self.hits.contains_key(&client) {
            return;
        }
        let hits = Arc::make_mut(&mut self.hits);
        let hits = hits.entry(client).or_insert_with(|| Hits {
            connections: HashSet::new(),
            moments: BTreeSet::new(),
            last: finding.first,
        });
        hits.connections.extend(&finding.connections);
        hits.last = hits.last.max(finding.first);
        hits.moments.insert(finding.first);
        if hits.moments.len() > MOMENTS_MAX {
            hits.moments.pop_last();
        }
    }

    fn cause(&self, place: Place, summary: &Summary) -> Cause {
        let connections = self.connections.len() as u64 + self.beyond;
        Cause {
            best: Arc::clone(&self.best),
            rule: self.best.rule,
            severity: self.best.severity,
            confidence: self.confidence,
            culprit: self.best.culprit,
            place,
            findings: self.findings,
            connections,
            connections_of: place.connections(summary).max(connections),
            affected: self.affected,
            clients: self.clients.len() as u64,
            hits: Arc::clone(&self.hits),
            first: self.first,
            last: self.last,
        }
    }
}

/// Where a finding stands among those of its rule: see [`rank`].
pub type Rank = (Reverse<Confidence>, Reverse<u64>, Moment, String);

/// The surer one says more and stands in front, then the one that hits more commands, then the earlier one.
pub fn rank(finding: &Finding) -> Rank {
    let (confidence, affected, first, id) = rank_of(finding);
    (confidence, affected, first, id.to_owned())
}

/// The same, to be compared at once.
fn rank_of(finding: &Finding) -> (Reverse<Confidence>, Reverse<u64>, Moment, &str) {
    (
        Reverse(finding.confidence),
        Reverse(finding.affected),
        finding.first,
        &finding.id,
    )
}

/// What the cause of a finding is about: the culprit's end, else the server, else the client.
pub fn place(finding: &Finding) -> Place {
    let client = finding.culprit == Culprit::Client;
    match (finding.culprit_endpoint, finding.server, finding.client) {
        (Some(end), ..) if client => Place::Client(end.addr),
        (None, _, Some(end)) if client => Place::Client(end.addr),
        (Some(end), ..) | (None, Some(end), _) => Place::Server(end),
        (None, None, Some(end)) => Place::Client(end.addr),
        (None, None, None) => Place::Capture,
    }
}
