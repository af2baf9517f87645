//! An AUTH that got an error which says nothing about the credential.

use super::moments::{received, sent};
use super::unauthenticated::Unauthenticated;
use crate::finding::Moment;
use crate::redis::errors::{self, Subject};
use crate::redis::{Anchor, Exchange, KeptExchange, Kind};

/// Such an AUTH, and what came of it.
#[derive(Debug)]
pub(crate) struct AuthError {
    pub auth: KeptExchange,
    pub sent: Moment,
    pub received: Moment,
    pub anchor: Anchor,
    /// It was HELLO, which may have logged in before it failed (Redis 6.0 to 7.0).
    pub hello: bool,
    /// The connection was logged in: it was a renewal.
    pub renewal: bool,
    /// Whether it was is not known.
    pub login_unseen: bool,
    /// Commands refused behind it.
    pub refused: Option<Box<Unauthenticated>>,
    /// No AUTH was accepted behind it until the end.
    pub never_accepted: bool,
    /// The end of the connection was not captured: one may have come.
    pub open: bool,
    /// The server has no password to check against.
    pub no_password: bool,
    /// The error tells of another cause, which is told by itself.
    other_cause: bool,
}

impl AuthError {
    pub(super) fn new(
        exchange: &Exchange<'_>,
        renewal: bool,
        login_unseen: bool,
        other_cause: bool,
    ) -> AuthError {
        AuthError {
            sent: sent(exchange),
            received: received(exchange),
            anchor: exchange.anchor,
            hello: exchange.command.kind == Kind::Hello,
            renewal,
            login_unseen,
            refused: None,
            never_accepted: false,
            open: false,
            other_cause,
            no_password: errors::subject(exchange.reply.head.bytes) == Subject::NoPasswordSet,
            auth: KeptExchange::of(exchange, false),
        }
    }

    /// How many commands it took down.
    pub(crate) fn affected(&self) -> u64 {
        self.refused.as_ref().map_or(0, |all| all.total)
    }

    /// It mattered: a handshake that falls back to another login did not.
    pub(super) fn mattered(&self) -> bool {
        let left_out = self.other_cause || (self.no_password && self.refused.is_none());
        !left_out && (self.refused.is_some() || self.renewal || self.never_accepted)
    }
}
