//! `command-before-auth`: the client asked first and logged in afterwards.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `command-before-auth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "command-before-auth",
    severity: Severity::Warning,
    summary: "the client sent a command in front of AUTH and it was refused with NOAUTH",
    explanation: "The command stands in front of AUTH in the bytes that the client sent, so the server had to refuse it. \
        The server is right. In the client's log it can look like the race, because NOAUTH and +OK come close together; \
        the order of the bytes tells them apart.\n\n\
        Typical causes are a credential that is fetched in the background while the connection is already in use, a \
        connection hook that runs before the login, and automatic pipelining that moves AUTH behind another command.",
    example: "\
client -> server   INFO
client -> server   AUTH <secret>
server -> client   -NOAUTH Authentication required.      right: INFO came first
server -> client   +OK",
    silent_when: "The command was a bare HELLO: clients ask that way which protocol the server speaks. No AUTH ever follows \
        (auth-missing). The command came behind an AUTH. A replica asked with PING whether its master is \
        there, and logged in then. The start of the connection was not captured, so an earlier AUTH \
        may exist.",
    advice: "\
Make AUTH, or HELLO with AUTH, the first thing the client sends on a new connection.
Lettuce with a credentials provider: upgrade to 6.5.0 or later.
ioredis with automatic pipelining: upgrade to a release that keeps AUTH in front (ioredis#1242).
Check hooks and health checks that use a connection before the login has finished.",
    references: &[
        "redis/lettuce#2996",
        "redis/lettuce#3104",
        "redis/ioredis#1237",
        "redis/ioredis#1242",
    ],
    file: file!(),
};
