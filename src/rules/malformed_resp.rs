//! `malformed-resp`: the server's bytes are not RESP.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `malformed-resp`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "malformed-resp",
    severity: Severity::Error,
    summary: "the server sent bytes that are no RESP: HTTP, TLS, plain text, or a length that does not match",
    explanation: "The client spoke RESP and what came back can not be read as RESP. The finding says what it looks like. \
        HTTP means that the connection reached a web server or a gateway that answers for one. TLS means that one end \
        wants encryption and the other does not. Plain text is often a message of a load balancer. A nested length that \
        does not match means that a reply was lost inside another one, and every later reply may be read wrongly.\n\n\
        Nothing behind the bad bytes is paired with commands: it is counted as undecided.",
    example: "\
client -> server   PING
server -> client   HTTP/1.1 400 Bad Request",
    silent_when: "The connection never spoke RESP in either direction: then it is no Redis connection. The bytes follow a \
        gap in the capture, so the position in the stream is not known. The capture starts in the middle of a reply.",
    advice: "\
HTTP: check address and port, and the routing of the load balancer or service mesh in front.
TLS: switch TLS on in the client, or use the plain port of the server.
Plain text: read the text, it names its sender more often than not.
A length that does not match: close the connection, since its replies can no longer be told apart, and update the server or proxy.",
    references: &["https://redis.io/docs/latest/develop/reference/protocol-spec/"],
    file: file!(),
};
