//! Windows that are closed and may still be judged otherwise, since other connections of their server go on.

use super::super::boundary::{Outcome, Window};
use crate::finding::Scene;
use crate::model::Endpoint;
use hashbrown::HashMap;
use std::collections::{BTreeMap, VecDeque};

/// A closed window that was told.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) scene: Scene,
    pub(super) window: Box<Window>,
}

/// What has become known of a server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    /// A login that is not honoured, or blind commands that are served after all.
    Logins,
    /// This credential was accepted.
    Credential(u64),
    /// A command was refused though it was not blind.
    Refused,
}

impl Change {
    /// It may change the verdict on this window.
    fn concerns(self, window: &Window) -> bool {
        match self {
            Change::Logins | Change::Refused => window.outcome == Outcome::Accepted,
            Change::Credential(print) => {
                window.outcome == Outcome::Refused
                    && window.auth.credential().is_some_and(|c| c.hash == print)
            }
        }
    }
}

/// All of them, in the order in which they were closed.
#[derive(Debug, Default)]
pub(super) struct Cases {
    kept: BTreeMap<u64, Kept>,
    next: u64,
    /// Their numbers, ascending.
    of_server: HashMap<Endpoint, VecDeque<u64>>,
    /// Those that had to be final because there were too many.
    pub(super) let_go: u64,
}

impl Cases {
    /// Keeps one. Returns the oldest when there are more than `limit`.
    pub(super) fn keep(&mut self, kept: Kept, limit: usize) -> Option<Kept> {
        self.of_server
            .entry(kept.scene.server)
            .or_default()
            .push_back(self.next);
        self.kept.insert(self.next, kept);
        self.next += 1;
        if self.kept.len() <= limit {
            return None;
        }
        self.let_go += 1;
        let (number, oldest) = self.kept.pop_first()?;
        self.forget(number, &oldest.scene.server);
        Some(oldest)
    }

    fn forget(&mut self, number: u64, server: &Endpoint) {
        if let Some(numbers) = self.of_server.get_mut(server) {
            if let Ok(at) = numbers.binary_search(&number) {
                numbers.remove(at);
            }
            if numbers.is_empty() {
                self.of_server.remove(server);
            }
        }
    }

    /// The numbers of those that a change of this server may change.
    pub(super) fn concerned(&self, server: &Endpoint, change: Change) -> Vec<u64> {
        let all = self.of_server.get(server).into_iter().flatten().copied();
        all.filter(|n| {
            self.kept
                .get(n)
                .is_some_and(|kept| change.concerns(&kept.window))
        })
        .collect()
    }

    /// The numbers of those of one connection whose first command is `from` or later.
    pub(super) fn of_connection(&self, scene: &Scene, from: u64) -> Vec<u64> {
        let all = self
            .of_server
            .get(&scene.server)
            .into_iter()
            .flatten()
            .copied();
        let mine = |kept: &Kept| {
            kept.scene.connection == scene.connection && kept.window.auth.index() >= from
        };
        all.filter(|n| self.kept.get(n).is_some_and(mine)).collect()
    }

    /// Takes one out, to judge it again. Give it back with [`Cases::put_back`].
    pub(super) fn take(&mut self, number: u64) -> Option<Kept> {
        self.kept.remove(&number)
    }

    /// See [`Cases::take`].
    pub(super) fn put_back(&mut self, number: u64, kept: Kept) {
        self.kept.insert(number, kept);
    }

    /// It is final: nothing changes it any more.
    pub(super) fn done(&mut self, number: u64, server: &Endpoint) {
        self.forget(number, server);
    }

    /// The oldest of all, taken out.
    pub(super) fn pop(&mut self) -> Option<Kept> {
        self.kept.pop_first().map(|(_, kept)| kept)
    }
}
