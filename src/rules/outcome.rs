//! What an answer says about authentication: AUTH's own, and those of the commands behind it.

use crate::redis::errors::{self, Subject};
use crate::redis::{Anchor, CommandInfo, Exchange, Kind};

/// What AUTH got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// `+OK`, or the reply of HELLO.
    Accepted,
    /// The credentials were refused.
    Refused,
    /// The proxy could not ask.
    ServiceFailed,
    /// Nothing about the credentials: no password set, HELLO unknown, wrong arity, queued.
    Neither,
}

impl Outcome {
    /// Of the reply to an AUTH or HELLO … AUTH.
    pub(crate) fn of(exchange: &Exchange<'_>) -> Outcome {
        let text = exchange.reply.head.bytes;
        if !exchange.is_error() {
            return if exchange.is_queued() {
                Outcome::Neither
            } else {
                Outcome::Accepted
            };
        }
        if exchange.anchor == Anchor::Weak
            && !errors::is_auth_only(text)
            && !errors::is_noauth(text)
        {
            // Perhaps the error of another command.
            return Outcome::Neither;
        }
        match errors::subject(text) {
            Subject::AuthService => Outcome::ServiceFailed,
            Subject::NoPasswordSet
            | Subject::Request
            | Subject::Transaction
            | Subject::State
            | Subject::Permission
            | Subject::TurnedAway
            | Subject::ProxyFailure => Outcome::Neither,
            Subject::NoAuth | Subject::Credential | Subject::Other => Outcome::Refused,
        }
    }
}

/// What the answer to a command behind AUTH says about authentication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sign {
    Served,
    NoAuth,
    Nothing,
}

impl Sign {
    pub(super) fn of(info: &CommandInfo, exchange: &Exchange<'_>) -> Sign {
        let scripted = !info.known || info.kind == Kind::Script;
        if scripted
            || exchange.command.torn
            // Answered to everybody, logged in or not.
            || matches!(info.kind, Kind::Auth | Kind::Hello | Kind::Reset | Kind::Quit)
        {
            return Sign::Nothing;
        }
        if !exchange.is_error() {
            return Sign::Served;
        }
        match errors::subject(exchange.reply.head.bytes) {
            Subject::NoAuth => Sign::NoAuth,
            // The server looks at these only behind its auth check.
            Subject::State => Sign::Served,
            _ => Sign::Nothing,
        }
    }
}
