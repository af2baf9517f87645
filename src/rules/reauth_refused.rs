//! `reauth-refused`: a second login on an open connection was not accepted.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `reauth-refused`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "reauth-refused",
    severity: Severity::Warning,
    summary: "AUTH was refused on a connection that was already logged in",
    explanation: "The client renewed its login on an open connection and the server said no. Whether the old login is kept \
        depends on the server, and the finding says which of the two was seen. Redis since version 6 keeps it: commands \
        go on working and the problem stays hidden until the next reconnect. Redis 5 and Envoy with an external auth \
        service drop it: everything that follows is refused with NOAUTH.",
    example: "\
client -> server   AUTH <secret>                         the renewal
server -> client   -WRONGPASS invalid username-password pair or user is disabled.
client -> server   GET a
server -> client   $5 ...                                Redis kept the old login",
    silent_when: "The connection was not logged in before (auth-refused). Blind commands behind the refused AUTH were \
        served and later ones refused (served-during-reauth). The auth service could not be asked (auth-service-failed).",
    advice: "\
Check the renewed credential: a rotated password or a token that was fetched too late.
If the old login was dropped, close the connection and open a new one with a good credential.
If it was kept, fix it before the connections are opened anew: they will all fail together.",
    references: &["https://redis.io/docs/latest/commands/auth/"],
    file: file!(),
};
