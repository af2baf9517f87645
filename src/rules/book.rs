//! What all connections of a run add to: findings on their way out, endpoints, clients.

use super::exposure::Exposures;
use super::finding::Finding;
use super::latency::Latency;
use crate::model::{Endpoint, PacketRef, Timestamp};
use hashbrown::HashMap;
use std::collections::{BTreeMap, VecDeque};

/// Bounds of the book.
#[derive(Clone, Copy, Debug)]
pub struct BookLimits {
    /// Findings in all; beyond it they are only counted.
    pub findings: usize,
    /// Servers with statistics.
    pub endpoints: usize,
}

/// CLIENT PAUSE: when it began, and when it ends or ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pause {
    /// When it was confirmed.
    pub from: Timestamp,
    /// See there.
    pub until: Timestamp,
}

impl Pause {
    /// Of the time from `sent` to `end`, the longest part that the pause does not explain, ns.
    fn unexplained(&self, sent: Timestamp, end: Timestamp) -> i64 {
        if self.from >= end || self.until <= sent {
            return end.since(sent);
        }
        self.from.since(sent).max(end.since(self.until))
    }
}

/// What is known of one server address.
#[derive(Clone, Debug, Default)]
pub struct ServerStats {
    /// Answered commands, without AUTH, blocking commands and suspects.
    pub latency: Latency,
    /// Accepted AUTHs.
    pub auth: Latency,
    /// Why it is thought to be a proxy.
    pub proxy: Option<String>,
    /// Product and version, as it said.
    pub software: Option<String>,
    /// The latest time in which it made clients wait.
    pub pause: Option<Pause>,
    /// First packet and time of an accepted AUTH.
    pub first_auth: Option<(Timestamp, PacketRef)>,
    /// Connections with an accepted AUTH: how many, and the first few.
    pub with_auth_total: u64,
    /// See there.
    pub with_auth: Vec<crate::model::ConnectionId>,
}

impl ServerStats {
    /// CLIENT PAUSE was confirmed at `at`, for so many ms; `None` = nobody knows how long. It prolongs one that runs.
    pub(crate) fn note_pause(&mut self, at: Timestamp, ms: Option<u32>) {
        let until = ms.map_or(Timestamp::MAX, |ms| at.plus(i64::from(ms) * 1_000_000));
        let running = self.pause.filter(|pause| pause.until >= at);
        self.pause = Some(Pause {
            from: running.map_or(at, |pause| pause.from),
            until: running.map_or(until, |pause| pause.until.max(until)),
        });
    }

    /// CLIENT UNPAUSE was confirmed.
    pub(crate) fn end_pause(&mut self, at: Timestamp) {
        if let Some(pause) = &mut self.pause {
            pause.until = pause.until.min(at);
        }
    }
}

/// What has been told of one finding.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    revision: u32,
    stands: bool,
}

/// The findings of one group.
#[derive(Debug)]
enum Members {
    /// One so far: its last revision.
    One(Box<Finding>),
    /// More than one.
    Several,
}

/// Findings and statistics of a run.
#[derive(Debug)]
pub struct Book {
    limits: BookLimits,
    outbox: VecDeque<Finding>,
    told: BTreeMap<String, Told>,
    groups: BTreeMap<String, Members>,
    servers: HashMap<Endpoint, ServerStats>,
    /// Clients whose blind commands were answered well.
    pub(crate) exposures: Exposures,
    by_rule: BTreeMap<&'static str, u64>,
    dropped: u64,
    endpoints_dropped: u64,
}

impl Book {
    /// An empty book.
    pub fn new(limits: BookLimits) -> Book {
        Book {
            limits,
            outbox: VecDeque::new(),
            told: BTreeMap::new(),
            groups: BTreeMap::new(),
            servers: HashMap::new(),
            exposures: Exposures::new(limits.endpoints),
            by_rule: BTreeMap::new(),
            dropped: 0,
            endpoints_dropped: 0,
        }
    }

    /// Says a finding, or a new revision of one; numbers the revisions. `false` when there are too many already.
    pub(crate) fn say(&mut self, mut finding: Finding) -> bool {
        let new = !self.told.contains_key(&finding.id);
        if new && self.told.len() >= self.limits.findings {
            self.dropped += 1;
            return false;
        }
        self.join_group(&mut finding);
        self.tell(finding);
        true
    }

    fn tell(&mut self, mut finding: Finding) {
        let told = self.told.entry(finding.id.clone()).or_default();
        told.revision += 1;
        finding.revision = told.revision;
        let was = std::mem::replace(&mut told.stands, !finding.withdrawn);
        match (was, told.stands) {
            (false, true) => self.count(finding.rule, 1),
            (true, false) => self.count(finding.rule, -1),
            _ => {}
        }
        self.outbox.push_back(finding);
    }

    /// A group of one joins nothing: its name is told once there is a second finding, of the first one too.
    fn join_group(&mut self, finding: &mut Finding) {
        let Some(group) = &finding.group else {
            return;
        };
        match self.groups.get_mut(group) {
            Some(Members::Several) => return,
            Some(Members::One(first)) if first.id != finding.id => {
                let first = std::mem::replace(first, Box::new(finding.clone()));
                self.groups.insert(group.clone(), Members::Several);
                self.tell(*first);
                return;
            }
            _ => {}
        }
        if finding.withdrawn {
            self.groups.remove(group);
        } else {
            let first = Members::One(Box::new(finding.clone()));
            self.groups.insert(group.clone(), first);
        }
        finding.group = None;
    }

    fn count(&mut self, rule: &'static str, by: i64) {
        let count = self.by_rule.entry(rule).or_default();
        *count = count.saturating_add_signed(by);
        if *count == 0 {
            self.by_rule.remove(rule);
        }
    }

    /// The next finding to be told.
    pub fn take_news(&mut self) -> Option<Finding> {
        self.outbox.pop_front()
    }

    /// Findings by rule, without those taken back.
    pub fn by_rule(&self) -> &BTreeMap<&'static str, u64> {
        &self.by_rule
    }

    /// Findings that found no room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Servers that found no room.
    pub fn endpoints_dropped(&self) -> u64 {
        self.endpoints_dropped + self.exposures.dropped()
    }

    /// Statistics of a server; `None` when there is no room for another one.
    pub fn server(&mut self, address: Endpoint) -> Option<&mut ServerStats> {
        if !self.servers.contains_key(&address) && self.servers.len() >= self.limits.endpoints {
            self.endpoints_dropped += 1;
            return None;
        }
        Some(self.servers.entry(address).or_default())
    }

    /// Statistics of a server seen before.
    pub fn known_server(&self, address: &Endpoint) -> Option<&ServerStats> {
        self.servers.get(address)
    }

    /// All servers, in order of their addresses.
    pub fn servers(&self) -> Vec<(&Endpoint, &ServerStats)> {
        let mut all: Vec<_> = self.servers.iter().collect();
        all.sort_unstable_by_key(|(address, _)| **address);
        all
    }

    /// Of the time from `sent` to `end`, the longest part in which nobody had told the server to make clients wait, ns.
    pub(crate) fn unexplained_ns(&self, server: &Endpoint, sent: Timestamp, end: Timestamp) -> i64 {
        let pause = self.known_server(server).and_then(|stats| stats.pause);
        pause.map_or(end.since(sent), |pause| pause.unexplained(sent, end))
    }

    /// How long a command may stay without an answer before that is worth a finding: one second, and ten times the
    /// endpoint's 99th percentile (ns).
    pub(crate) fn patience_ns(&self, server: &Endpoint) -> i64 {
        let p99 = self
            .known_server(server)
            .and_then(|s| s.latency.percentile(99))
            .unwrap_or(0);
        p99.saturating_mul(10).max(1_000_000_000)
    }
}
