//! `slow-auth`: AUTH takes much longer than anything else, so somebody else is asked.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `slow-auth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "slow-auth",
    severity: Severity::Note,
    summary: "AUTH takes at least a millisecond and ten times as long as other commands: it is judged asynchronously",
    explanation: "Redis checks a password in microseconds. Here AUTH takes ten times as long as the median of the other \
        commands of the same server. Somewhere a call to another service is made for it. That is not a fault. It is the \
        condition under which commands behind AUTH can be judged too early, get stuck, or run under an old login.\n\n\
        The finding is reported once for each server address and gives the latencies that were seen.",
    example: "\
client -> server   AUTH <secret>
server -> client   +OK              after 52 ms
client -> server   GET a
server -> client   $5 ...           after 0.2 ms",
    silent_when: "There are no other commands to compare with, or all of them were sent blind behind AUTH and had to wait \
        for it. The whole server is slow. AUTH takes less than a millisecond.",
    advice: "\
Nothing is broken by this alone. Look for auth-race and auth-stranded of the same server.
Let clients wait for the reply of AUTH before they send more, at least where the proxy is older than its fix.
Make the auth service faster or let the proxy cache its verdicts: each new connection pays this time.",
    references: &["envoyproxy/envoy#35983"],
    file: file!(),
};
