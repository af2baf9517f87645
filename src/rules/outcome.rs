//! What an answer says about authentication: AUTH's own, and those of the commands behind it.

use super::proxies;
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
        let other = exchange.anchor == Anchor::Weak
            && !errors::is_auth_only(text)
            && !errors::is_noauth(text);
        if other {
            // Perhaps the error of another command.
            return Outcome::Neither;
        }
        if errors::is_auth_service_failure(text) {
            Outcome::ServiceFailed
        } else if errors::is_no_password_set(text)
            || errors::is_about_request(text)
            || proxies::is_failure(text)
            || is_about_server(text)
        {
            Outcome::Neither
        } else {
            Outcome::Refused
        }
    }
}

/// The server is loading, full or closed to strangers, or forbids the command: nothing about the credentials.
fn is_about_server(text: &[u8]) -> bool {
    let word = errors::first_word(text);
    AFTER_AUTH_CHECK.contains(&word)
        || [&b"NOPERM"[..], b"DENIED"].contains(&word)
        || text.starts_with(b"ERR max number of clients")
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
        let text = exchange.reply.head.bytes;
        if errors::is_noauth(text) {
            Sign::NoAuth
        } else if AFTER_AUTH_CHECK.contains(&errors::first_word(text)) {
            Sign::Served
        } else {
            Sign::Nothing
        }
    }
}

/// Codes that a server says only behind its auth check.
const AFTER_AUTH_CHECK: [&[u8]; 11] = [
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
