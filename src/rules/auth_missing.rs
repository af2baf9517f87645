//! `auth-missing`: the client never logged in.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `auth-missing`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-missing",
    severity: Severity::Warning,
    summary: "commands are refused with NOAUTH on a connection that never sends AUTH",
    explanation: "The connection was captured from its first packet, and no AUTH was sent on it. The server wants one and \
        refuses each command. The server is right. A HELLO with AUTH that the server does not \
        understand counts as none, and the finding says so.\n\n\
        Health checks of load balancers and orchestrators are the usual senders, then pools that log in on the first \
        connection and forget it when they reconnect, and programs whose password setting is empty.",
    example: "\
client -> server   PING
server -> client   -NOAUTH Authentication required.
client -> server   (FIN)",
    silent_when: "The start of the connection was not captured, or a gap could hide an AUTH. An AUTH follows later \
        (command-before-auth). The only refused command is a bare HELLO. \
        Commands were served before without an AUTH: then a password was set meanwhile.",
    advice: "\
Look at the client address: if it is a health check, let it log in or accept NOAUTH as a sign of life.
Check that the client sends the password after a reconnect, and that the setting reaches the program at all.
If the server was given a password while it was running, clients without one have to be configured and restarted.",
    references: &["https://redis.io/docs/latest/commands/auth/"],
    file: file!(),
};
