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
    /// An error that says nothing about the credentials: HELLO unknown, wrong arity, subscriber mode, loading.
    NotJudged,
    /// It was queued in a transaction, or it is not sure that the reply is its own.
    NotSeen,
}

impl Outcome {
    /// Of the reply to an AUTH or HELLO … AUTH.
    pub(crate) fn of(exchange: &Exchange<'_>) -> Outcome {
        let text = exchange.reply.head.bytes;
        if !exchange.is_error() {
            return if exchange.is_queued() {
                Outcome::NotSeen
            } else {
                Outcome::Accepted
            };
        }
        let other = exchange.anchor == Anchor::Weak
            && !errors::is_auth_only(text)
            && !errors::is_noauth(text);
        if other {
            // Perhaps the error of another command.
            return Outcome::NotSeen;
        }
        match errors::subject(text) {
            Subject::AuthService => Outcome::ServiceFailed,
            Subject::NoPasswordSet
            | Subject::Request
            | Subject::Transaction
            | Subject::State
            | Subject::Permission
            | Subject::TurnedAway
            | Subject::ProxyFailure => Outcome::NotJudged,
            Subject::NoAuth | Subject::Credential | Subject::Other => Outcome::Refused,
        }
    }
}

/// What the answer to a command behind AUTH says about authentication.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sign {
    /// It passed the auth check.
    Served,
    /// It was refused for want of a login.
    NoAuth,
    /// The text of a refusal, from something that may say any text.
    NoAuthSaid,
    /// It shows nothing.
    Nothing,
}

impl Sign {
    pub(super) fn of(info: &CommandInfo, exchange: &Exchange<'_>) -> Sign {
        let text = exchange.reply.head.bytes;
        let refused = exchange.is_error() && errors::is_noauth(text);
        let says_anything = !info.known || matches!(info.kind, Kind::Script | Kind::Debug);
        if says_anything || exchange.command.torn {
            return if refused {
                Sign::NoAuthSaid
            } else {
                Sign::Nothing
            };
        }
        if refused {
            return Sign::NoAuth;
        }
        // Answered to everybody, logged in or not.
        if matches!(
            info.kind,
            Kind::Auth | Kind::Hello | Kind::Reset | Kind::Quit
        ) {
            return Sign::Nothing;
        }
        if !exchange.is_error() {
            return Sign::Served;
        }
        match errors::subject(text) {
            // The server looks at these only behind its auth check.
            Subject::State | Subject::Permission => Sign::Served,
            Subject::Other if errors::first_word(text) != b"EXECABORT" => Sign::Served,
            _ => Sign::Nothing,
        }
    }
}
