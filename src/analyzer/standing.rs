//! The findings that stand: those that can not change any more are added to their causes, the others may still be
//! revised or taken back.

use super::causes::{Cause, Causes};
use super::event::Summary;
use crate::rules::Finding;
use hashbrown::HashSet;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Texts of error replies that findings show, remembered to tell which errors no finding speaks of.
const TEXTS_MAX: usize = 10_000;
/// Findings that may still change. The analyzer keeps fewer cases ([`Limits::cases`](super::Limits::cases)), so that the
/// one told longest ago is final.
const OPEN_MAX: usize = 12_288;

/// Follows every finding through its revisions.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Of findings that will not change any more.
    causes: Causes,
    /// Those that may still change, by id.
    open: BTreeMap<String, Arc<Finding>>,
    /// Their ids as they were first told, and some that are not open any more.
    told: VecDeque<String>,
    /// Ids of all that will not change, to tell one that is told again from a new one.
    settled: HashSet<u64>,
    /// Error replies that a finding shows.
    texts: HashSet<String>,
}

impl Standing {
    /// Takes a finding, a later revision of one, or its withdrawal.
    pub fn take(&mut self, finding: &Arc<Finding>) {
        let was_open = self.open.remove(&finding.id).is_some();
        if finding.withdrawn {
            return;
        }
        self.note_texts(finding);
        if !finding.is_final {
            self.open.insert(finding.id.clone(), Arc::clone(finding));
            if !was_open {
                self.told.push_back(finding.id.clone());
                self.settle_oldest();
            }
        } else if self.settled.insert(id_of(finding)) {
            self.causes.add(finding);
        } else {
            // It was final before: only its group is new.
            self.causes.renew(finding);
        }
    }

    /// Nothing follows: what could still change stays as it is.
    pub fn end(&mut self) {
        for finding in std::mem::take(&mut self.open).values() {
            self.causes.add(finding);
        }
    }

    /// The finding of that id as it was last told, if it may still change.
    pub fn open(&self, id: &str) -> Option<&Finding> {
        self.open.get(id).map(|f| &**f)
    }

    /// Those that may still change, by id.
    pub fn all_open(&self) -> impl Iterator<Item = &Finding> {
        self.open.values().map(|f| &**f)
    }

    /// A finding of that id was told that can not change any more.
    pub fn is_settled(&self, finding: &Finding) -> bool {
        self.settled.contains(&id_of(finding))
    }

    /// A finding shows an error reply of that text.
    pub fn explains(&self, text: &str) -> bool {
        self.texts.contains(text)
    }

    /// The causes of findings that can not change any more: see [`Causes::list`].
    pub fn causes(&self, summary: &Summary, chosen: impl Fn(&Finding) -> bool) -> Vec<Cause> {
        self.causes.list(summary, chosen)
    }

    /// The causes of all findings, those that may still change included.
    pub fn causes_so_far(&self) -> Causes {
        let mut causes = self.causes.clone();
        for finding in self.open.values() {
            causes.add(finding);
        }
        causes
    }

    /// How many findings stand, by rule.
    pub fn by_rule(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = self.causes.by_rule();
        for finding in self.open.values() {
            *counts.entry(finding.rule).or_default() += 1;
        }
        counts
    }

    fn note_texts(&mut self, finding: &Finding) {
        let replies = finding.exchanges.iter().filter_map(|e| e.reply.as_deref());
        for text in replies.filter(|r| r.starts_with(['-', '!'])) {
            if self.texts.len() < TEXTS_MAX && !self.texts.contains(text) {
                self.texts.insert(text.to_owned());
            }
        }
    }

    /// Takes the findings told longest ago as final, beyond those that may change.
    fn settle_oldest(&mut self) {
        while self.open.len() > OPEN_MAX {
            let Some(id) = self.told.pop_front() else {
                return;
            };
            if let Some(finding) = self.open.remove(&id)
                && self.settled.insert(id_of(&finding))
            {
                self.causes.add(&finding);
            }
        }
        if self.told.len() > 2 * OPEN_MAX {
            self.told.retain(|id| self.open.contains_key(id));
        }
    }
}

/// The id as a number: it is 16 hex digits.
fn id_of(finding: &Finding) -> u64 {
    u64::from_str_radix(&finding.id, 16).unwrap_or_default()
}
