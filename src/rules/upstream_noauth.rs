//! `upstream-noauth`: the proxy let the client in, Redis did not let the proxy in.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `upstream-noauth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "upstream-noauth",
    severity: Severity::Error,
    summary: "the refusal comes from Redis behind the proxy: the proxy itself is not authenticated there",
    explanation: "There are two logins on the path, one from the client to the proxy and one from the proxy to Redis. The \
        first one worked. The second is missing or wrong, and the proxy hands Redis' own NOAUTH through to the client. \
        The text is the same as the proxy's, so the client can not tell.\n\n\
        On the client's leg it shows as a pattern: commands that a proxy answers by itself succeed (PING, ECHO, TIME), \
        those that it forwards fail. A health check that only sends PING sees nothing. On the leg between proxy and \
        Redis the refusal can be read directly.",
    example: "\
client -> proxy    AUTH <secret>
proxy  -> client   +OK                                   the proxy's own verdict
client -> proxy    PING
proxy  -> client   +PONG                                 answered by the proxy
client -> proxy    GET a
proxy  -> redis    GET a
redis  -> proxy    -NOAUTH Authentication required.
proxy  -> client   -NOAUTH Authentication required.",
    silent_when: "A forwarded command succeeded behind the same AUTH. A command that the proxy answers by itself was \
        refused as well (auth-race, auth-not-honoured or auth-expired).",
    advice: "\
Give the proxy the password of Redis. Envoy: auth_password (and auth_username) in the protocol options of the upstream cluster.
Read the leg between proxy and Redis: -WRONGPASS answering the proxy's AUTH means that the password is there and wrong. Envoy drops that reply.
Let the health check send a command that is forwarded, such as GET of a fixed key, instead of PING.",
    references: &[
        "envoyproxy/envoy#15045",
        "envoyproxy/envoy#21389",
        "envoyproxy/envoy#23962",
    ],
    file: file!(),
};
