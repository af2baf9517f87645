//! `encrypted`: the connection is TLS and no keys are at hand.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `encrypted`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "encrypted",
    severity: Severity::Note,
    summary: "a Redis connection is encrypted, so its commands and replies can not be read",
    explanation: "The connection is taken for Redis because of its port or because you said so, and it speaks TLS. Version, \
        server name, times, sizes and how it ended are visible. Commands, replies and their order are not. No rule about \
        them is applied to it, so silence about such a connection is no sign of health.\n\n\
        Every TLS connection is counted in the totals. This note is written for those that matter.",
    example: "\
client -> server   TLS ClientHello, server name redis.example
server -> client   TLS ServerHello
                   (encrypted from here on)",
    silent_when: "Nothing says that the TLS connection carries Redis: an unknown port and no hint. Name it with --port to \
        have it reported.",
    advice: "\
Capture where the traffic is plain: between the proxy that ends TLS and Redis, or on the loopback interface behind a sidecar.
Or repeat the problem without TLS in a test environment: the order of commands is the same.
If the port is not the usual one, give it with --port so that the connection is listed.",
    references: &["https://www.rfc-editor.org/rfc/rfc8446"],
    file: file!(),
};
