//! `auth-not-honoured`: AUTH was accepted, and nothing afterwards was allowed.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `auth-not-honoured`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-not-honoured",
    severity: Severity::Error,
    summary: "AUTH got +OK, and commands sent after that reply had arrived are still refused with NOAUTH",
    explanation: "The client waited for +OK and then sent a command, and that command was refused with NOAUTH. Order can \
        not explain this: the verdict was known on both sides. The server accepted the password and does not act on it.\n\n\
        On a proxy with an external auth service this is the usual sign of an expiration that is missing or already \
        over: the check of the expiration is switched on, the service sends no time or one in the past, and the \
        connection counts as expired from the first command on. If the connection ends right after two blind replies, the \
        same cause looks like auth-race; a single command sent after +OK tells them apart.",
    example: "\
client -> server   AUTH <secret>
server -> client   +OK
client -> server   PING                                  sent after +OK was received
server -> client   -NOAUTH Authentication required.
client -> server   GET a
server -> client   -NOAUTH Authentication required.",
    silent_when: "Some command of the same AUTH succeeded (auth-expired, auth-race or upstream-noauth). RESET or another \
        AUTH came between. Every refused command was blind (auth-race).",
    advice: "\
Envoy: if enable_auth_expiration is on, the auth service must send an expiration that lies in the future. Without one the connection is never authorised.
Compare the clocks of the proxy and of the auth service: an expiration of a few seconds is over at once when they differ.
Other proxies: check that the login is kept for the connection it came from, and not for one of several workers or nodes.",
    references: &["envoyproxy/envoy#35673", "envoyproxy/envoy#9179"],
    file: file!(),
};
