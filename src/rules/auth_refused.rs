//! `auth-refused`: the password was not accepted.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `auth-refused`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-refused",
    severity: Severity::Warning,
    summary: "AUTH was refused on a connection that was not logged in, with the commands it took down",
    explanation: "The server answered AUTH, or HELLO with AUTH, with an error that means no. Whatever the client sent \
        behind it is refused with NOAUTH, and that is a consequence, not a second fault.\n\n\
        The text tells who spoke. `WRONGPASS invalid username-password pair or user is disabled.` is Redis. \
        `ERR unauthorized` is Envoy with an external auth service, and `ERR` with another text may be a message of that \
        service. HELLO with AUTH answered NOAUTH is a proxy that does not read the login inside HELLO.",
    example: "\
client -> server   AUTH <secret>
client -> server   PING
server -> client   -WRONGPASS invalid username-password pair or user is disabled.
server -> client   -NOAUTH Authentication required.",
    silent_when: "The connection was logged in already (reauth-refused). The server has no password set and says so. HELLO \
        is unknown to the server, or it does not speak the protocol version. The error is about something else in the \
        command, such as the client's name. The auth service could not be asked \
        (auth-service-failed).",
    advice: "\
Check user and password, and whether the user is enabled (ACL LIST on the server).
Where the error is `ERR unauthorized`, look into the log of the proxy's auth service: it made the decision.
Where HELLO with AUTH is answered NOAUTH (Envoy 1.37 to 1.39): send AUTH as a command of its own, use RESP2 in the client, or upgrade to 1.40.0.
After a change of password look for clients that still use the old one: findings like this one name their addresses.",
    references: &[
        "https://redis.io/docs/latest/commands/auth/",
        "https://redis.io/docs/latest/commands/hello/",
    ],
    file: file!(),
};
