//! Joins what connections tell: knows the servers, asks the rules, keeps the cases that others may still change, and
//! tells findings.
//!
//! Facts come in the order of the packets. Text is made here, at the moment a finding is told, and nowhere else.

mod cases;
mod ending;
mod receive;
mod tell;
mod unexplained;

pub(crate) use receive::Teller;
pub use unexplained::Unexplained;

use super::boundary::Exposures;
use super::capture::{EncryptedFacts, IncompleteFacts};
use super::{Context, Losses};
use crate::finding::{Finding, Journal, Scene};
use crate::legs::{Endpoints, ServerFacts};
use crate::model::{Endpoint, Role, Roles};
use cases::Cases;
use std::collections::BTreeMap;
use unexplained::UnexplainedTable;

/// An asynchronous AUTH takes at least so long, ns: who answers faster asks nobody.
const ASKS_NOBODY_NS: i64 = 1_000_000;

/// Bounds of the desk.
#[derive(Clone, Copy, Debug)]
pub struct DeskLimits {
    /// Closed cases that others may still change; the oldest is final then.
    pub cases: usize,
    /// Servers with statistics.
    pub endpoints: usize,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Desk {
    limits: DeskLimits,
    /// Findings are told while they may still change.
    revisions: bool,
    roles: Roles,
    journal: Journal,
    pub(crate) endpoints: Endpoints,
    exposures: Exposures,
    pub(crate) incomplete: IncompleteFacts,
    pub(crate) encrypted: EncryptedFacts,
    pub(crate) losses: Losses,
    cases: Cases,
    unexplained: UnexplainedTable,
    /// What only the whole of the run shows has been told.
    finished: bool,
}

impl Desk {
    /// Nothing told yet. `revisions`: findings are told while they may still change.
    pub(crate) fn new(limits: DeskLimits, revisions: bool, roles: Roles) -> Desk {
        Desk {
            limits,
            revisions,
            roles,
            journal: Journal::new(limits.cases),
            endpoints: Endpoints::new(limits.endpoints),
            exposures: Exposures::new(limits.endpoints),
            incomplete: IncompleteFacts::default(),
            encrypted: EncryptedFacts::default(),
            losses: Losses::default(),
            cases: Cases::default(),
            unexplained: UnexplainedTable::default(),
            finished: false,
        }
    }

    /// A finding is to be told.
    #[inline]
    pub(crate) fn has_news(&self) -> bool {
        self.journal.has_news()
    }

    /// The next finding to be told.
    pub(crate) fn next(&mut self) -> Option<Finding> {
        self.journal.next()
    }

    /// Findings by rule, without those taken back. Exact, whatever an output keeps.
    pub(crate) fn by_rule(&self) -> &BTreeMap<&'static str, u64> {
        self.journal.by_rule()
    }

    /// Refusals that no finding explains.
    pub(crate) fn unexplained(&self) -> Vec<Unexplained> {
        self.unexplained.all()
    }

    /// Limits that were hit, by name.
    pub(crate) fn limit_hits(&self) -> [(&'static str, u64); 3] {
        [
            ("cases", self.cases.let_go),
            (
                "endpoints",
                self.endpoints.dropped() + self.exposures.dropped(),
            ),
            ("groups", self.journal.ungrouped()),
        ]
    }

    /// Known to be no proxy.
    fn is_direct(&self, address: &Endpoint, server: Option<&ServerFacts>) -> bool {
        match self.roles.of(address) {
            Some(role) => role == Role::Redis,
            None => server.is_some_and(|server| {
                server.says_redis && server.proxy.is_none() && server.auth.max() < ASKS_NOBODY_NS
            }),
        }
    }

    fn context(&self, scene: Option<&Scene>, closed: bool) -> Context<'_> {
        let server = scene.and_then(|scene| self.endpoints.known(&scene.server));
        Context {
            server,
            direct: scene.is_some_and(|scene| self.is_direct(&scene.server, server)),
            losses: &self.losses,
            closed,
        }
    }
}
