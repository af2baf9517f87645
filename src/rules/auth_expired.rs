//! `auth-expired`: a connection that worked is refused from some moment on.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `auth-expired`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-expired",
    severity: Severity::Warning,
    summary: "commands succeeded after +OK, then everything is refused with NOAUTH until the next AUTH",
    explanation: "The login had a lifetime and it ended while the connection was in use. Up to that moment commands \
        succeeded; from then on each one is refused, even PING, until the client sends AUTH again.\n\n\
        This is what a proxy does whose auth service gives out tokens with an expiration. Nobody broke the order of \
        replies. The client did not renew its login in time, or does not know that it has to.",
    example: "\
client -> server   AUTH <secret>
server -> client   +OK
client -> server   GET a
server -> client   $5 ...
                   (2 s later)
client -> server   GET a
server -> client   -NOAUTH Authentication required.
client -> server   PING
server -> client   -NOAUTH Authentication required.",
    silent_when: "Nothing succeeded behind that AUTH (auth-not-honoured), or only commands that a proxy answers by itself \
        (upstream-noauth). A later command succeeds without another AUTH. RESET was sent. The connection was simply closed.",
    advice: "\
Renew the login on the open connection before the token ends: send AUTH with the new token some minutes early.
Envoy: the lifetime is the expiration that the auth service sends, in whole seconds, checked when enable_auth_expiration is on. Make it longer than the client's renewal interval.
Wait for the reply of the new AUTH before sending more: an expired connection that pipelines behind it may race.",
    references: &["envoyproxy/envoy#35673", "redis/redis-py#3405"],
    file: file!(),
};
