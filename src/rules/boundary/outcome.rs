//! What an answer says about authentication: AUTH's own, and those of the commands behind it.

use crate::redis::{Anchor, CommandInfo, Exchange, Kind, errors};

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
        if errors::is_auth_service_failure(text) {
            Outcome::ServiceFailed
        } else if errors::is_no_password_set(text)
            || errors::is_about_request(text)
            || super::texts::is_proxy_failure(text)
            || is_about_server(text)
        {
            Outcome::NotJudged
        } else {
            Outcome::Refused
        }
    }
}

/// The server is loading, full or closed to strangers, or forbids the command: nothing about the credentials.
fn is_about_server(text: &[u8]) -> bool {
    let word = errors::first_word(text);
    BEHIND_AUTH_CHECK.contains(&word)
        || [&b"NOPERM"[..], b"DENIED"].contains(&word)
        || text.starts_with(b"ERR max number of clients")
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
            return if refused { Sign::NoAuthSaid } else { Sign::Nothing };
        }
        if refused {
            return Sign::NoAuth;
        }
        // Answered to everybody, logged in or not.
        if matches!(info.kind, Kind::Auth | Kind::Hello | Kind::Reset | Kind::Quit) {
            return Sign::Nothing;
        }
        let proves_nothing = exchange.is_error()
            && (errors::is_about_request(text)
                || super::texts::is_any_proxy_text(text)
                || errors::is_auth_only(text)
                || errors::first_word(text) == b"EXECABORT");
        if proves_nothing {
            Sign::Nothing
        } else {
            Sign::Served
        }
    }
}

/// Codes that a server says only behind its auth check.
const BEHIND_AUTH_CHECK: [&[u8]; 11] = [
    b"WRONGTYPE",
    b"LOADING",
    b"MASTERDOWN",
    b"BUSY",
    b"READONLY",
    b"OOM",
    b"MISCONF",
    b"NOREPLICAS",
    b"MOVED",
    b"ASK",
    b"CLUSTERDOWN",
];
