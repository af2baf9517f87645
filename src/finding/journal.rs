//! Findings on their way out: revisions, groups, what was taken back, and how many there are of each rule.
//!
//! The counts are exact whatever an output keeps: nothing is refused here.

use super::model::Finding;
use hashbrown::HashMap;
use std::collections::{BTreeMap, VecDeque};

/// What has been told of one finding that may still change.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing {
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

/// All findings of a run.
#[derive(Debug)]
pub(crate) struct Journal {
    outbox: VecDeque<Finding>,
    open: HashMap<String, Standing>,
    groups: HashMap<String, Members>,
    groups_max: usize,
    ungrouped: u64,
    by_rule: BTreeMap<&'static str, u64>,
}

impl Journal {
    /// An empty journal with room for so many groups. What finds no room stays without a group.
    pub(crate) fn new(groups_max: usize) -> Journal {
        Journal {
            outbox: VecDeque::new(),
            open: HashMap::new(),
            groups: HashMap::new(),
            groups_max,
            ungrouped: 0,
            by_rule: BTreeMap::new(),
        }
    }

    /// Tells a finding, or a new revision of one.
    pub(crate) fn tell(&mut self, mut finding: Finding) {
        self.join_group(&mut finding);
        self.revise(finding);
    }

    fn revise(&mut self, mut finding: Finding) {
        let mut standing = self.open.get(&finding.id).copied().unwrap_or_default();
        standing.revision += 1;
        finding.revision = finding.revision.max(standing.revision);
        standing.revision = finding.revision;
        let was = std::mem::replace(&mut standing.stands, !finding.withdrawn);
        match (was, standing.stands) {
            (false, true) => self.count(finding.rule, 1),
            (true, false) => self.count(finding.rule, -1),
            _ => {}
        }
        if finding.is_final {
            self.open.remove(&finding.id);
        } else {
            self.open.insert(finding.id.clone(), standing);
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
                let mut first = std::mem::replace(first, Box::new(finding.clone()));
                self.groups.insert(group.clone(), Members::Several);
                self.again(&mut first);
                return;
            }
            _ => {}
        }
        if finding.withdrawn {
            self.groups.remove(group);
        } else if self.groups.len() < self.groups_max || self.groups.contains_key(group) {
            let standing = self.open.get(&finding.id).copied().unwrap_or_default();
            let mut first = Box::new(finding.clone());
            first.revision = standing.revision + 1;
            self.groups.insert(group.clone(), Members::One(first));
        } else {
            self.ungrouped += 1;
        }
        finding.group = None;
    }

    /// The first finding of a group, told once more with the group's name. It was counted before.
    fn again(&mut self, first: &mut Finding) {
        first.revision += 1;
        if let Some(standing) = self.open.get_mut(&first.id) {
            standing.revision = first.revision;
        }
        self.outbox.push_back(first.clone());
    }

    fn count(&mut self, rule: &'static str, by: i64) {
        let count = self.by_rule.entry(rule).or_default();
        *count = count.saturating_add_signed(by);
        if *count == 0 {
            self.by_rule.remove(rule);
        }
    }

    /// Nothing more is told of a finding: it stands as it was told last.
    pub(crate) fn close(&mut self, id: &str) {
        self.open.remove(id);
    }

    /// A finding is to be told.
    #[inline]
    pub(crate) fn has_news(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// The next finding to be told.
    pub(crate) fn next(&mut self) -> Option<Finding> {
        self.outbox.pop_front()
    }

    /// Findings by rule, without those taken back.
    pub(crate) fn by_rule(&self) -> &BTreeMap<&'static str, u64> {
        &self.by_rule
    }

    /// Findings that found no room among the groups.
    pub(crate) fn ungrouped(&self) -> u64 {
        self.ungrouped
    }
}
