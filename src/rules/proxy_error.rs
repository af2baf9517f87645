//! `proxy-error`: a proxy reports its own failure.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `proxy-error`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "proxy-error",
    severity: Severity::Warning,
    summary: "the reply is an error that only a proxy says: it could not get an answer from Redis",
    explanation: "Redis has no such error text. A proxy on the path made it because the part of the work that it forwards \
        failed. `no upstream host`: there is no route or no healthy server for that key. `upstream failure`: the \
        connection to Redis was refused, closed, or timed out. `upstream protocol error`: Redis answered with a type that \
        the proxy did not expect. `finished with N error(s)`: a command over several keys failed for some of them.\n\n\
        Order is not at fault. The text also proves that a proxy is there, which other findings use.",
    example: "\
client -> proxy    GET b:k
proxy  -> client   -no upstream host",
    silent_when: "The text is about the request and not about a failure: unknown command, wrong number of arguments, \
        `invalid request`, `EXEC without MULTI`. Such texts only tell which proxy it is. The proxy's auth service failed \
        (auth-service-failed). The error stands behind the first eight values of MGET's reply.",
    advice: "\
no upstream host: check the routes (prefixes, catch-all) and the health of the cluster in the proxy.
upstream failure: check Redis, then the connect timeout and the operation timeout of the proxy.
finished with N error(s): part of the command took effect. Read the keys back before you repeat it.
Capture the leg between proxy and Redis to see which of these it was.",
    references: &[
        "envoyproxy/envoy#21352",
        "envoyproxy/envoy#24215",
        "https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/other_protocols/redis",
    ],
    file: file!(),
};
