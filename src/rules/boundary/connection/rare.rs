//! What few connections have: something refused, failed, or left without an answer.

use crate::redis::KeptExchange;
use crate::rules::Told;
use crate::rules::boundary::absence::Waiting;
use crate::rules::boundary::auth_error::AuthError;
use crate::rules::boundary::failures::Failures;
use crate::rules::boundary::unauthenticated::Unauthenticated;
use crate::rules::boundary::waiters::Waiters;

/// In a place of its own: there may be many connections, and most are well.
#[derive(Debug, Default)]
pub(super) struct Rare {
    pub(super) refused: Option<Box<Unauthenticated>>,
    /// Refused commands in front of the AUTH that has been answered last, until it is clear that no replica sent them.
    pub(super) refused_and_auth: Option<Box<(Unauthenticated, KeptExchange)>>,
    /// AUTHs that got an error which says nothing about the credential, until it is clear whether they mattered.
    pub(super) errors: Vec<AuthError>,
    pub(super) failures: Failures,
    pub(super) left: Vec<Waiting>,
    pub(super) left_total: Waiters,
    /// What was said of commands that wait.
    pub(super) overdue_told: Vec<Told>,
}

impl Rare {
    /// Nothing of it waits for the next answer.
    pub(super) fn is_settled(&self) -> bool {
        self.refused_and_auth.is_none() && self.overdue_told.is_empty()
    }
}
