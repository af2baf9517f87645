//! The findings of one rule that a report can list.

use crate::analyzer::{Rank, rank};
use crate::rules::Finding;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// At most so many findings of one rule; what says least goes first.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    by_rank: BTreeMap<Rank, Arc<Finding>>,
    rank_of: HashMap<String, Rank>,
}

impl Shelf {
    /// Puts a finding, or a later revision of one, in its place.
    pub(super) fn put(&mut self, finding: &Arc<Finding>, most: usize) {
        let known = self.get(&finding.id);
        if known.is_some_and(|k| k.revision > finding.revision) {
            return;
        }
        self.remove(&finding.id);
        let rank = rank(finding);
        self.rank_of.insert(finding.id.clone(), rank.clone());
        self.by_rank.insert(rank, Arc::clone(finding));
        if self.by_rank.len() > most
            && let Some((_, least)) = self.by_rank.pop_last()
        {
            self.rank_of.remove(&least.id);
        }
    }

    pub(super) fn remove(&mut self, id: &str) {
        if let Some(rank) = self.rank_of.remove(id) {
            self.by_rank.remove(&rank);
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Finding> {
        self.by_rank.get(self.rank_of.get(id)?).map(|f| &**f)
    }

    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.by_rank.values().map(|f| &**f)
    }
}
