//! Refusals that no finding explains: said by what may say any text, or where nothing is known of the login.

use crate::finding::Moment;
use std::collections::BTreeMap;

/// So many different ones are told apart.
const KEPT: usize = 64;

/// A text that was answered to a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unexplained {
    /// The error text, masked.
    pub text: String,
    /// First word of the command, in capitals.
    pub command: String,
    /// How often.
    pub count: u64,
    /// The first time.
    pub first: Moment,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct UnexplainedTable {
    all: BTreeMap<(String, String), (u64, Moment)>,
    others: u64,
}

impl UnexplainedTable {
    pub(super) fn add(&mut self, text: String, command: String, count: u64, first: Moment) {
        if self.all.len() >= KEPT && !self.all.contains_key(&(text.clone(), command.clone())) {
            self.others += count;
            return;
        }
        let entry = self.all.entry((text, command)).or_insert((0, first));
        entry.0 += count;
        entry.1 = entry.1.min(first);
    }

    /// The earliest first. What found no room is counted in the last one.
    pub(super) fn all(&self) -> Vec<Unexplained> {
        let rows = self
            .all
            .iter()
            .map(|((text, command), (count, first))| Unexplained {
                text: text.clone(),
                command: command.clone(),
                count: *count,
                first: *first,
            });
        let mut rows: Vec<Unexplained> = rows.collect();
        rows.sort_by_key(|row| row.first);
        if let Some(last) = rows.last_mut() {
            last.count += self.others;
        }
        rows
    }
}
