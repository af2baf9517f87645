//! `unanswered`: commands were left without a reply, and nothing better explains it.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `unanswered`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "unanswered",
    severity: Severity::Warning,
    summary: "commands had no answer for at least a second when the connection or the capture ended",
    explanation: "The client sent commands, waited for at least one second and for ten times the slowest usual latency of \
        that server, and got nothing. Then the connection or the capture ended.\n\n\
        One leg can not say why. The server may hang, Redis behind a proxy may be slow, or the network lost the way \
        back. The finding gives the age of the oldest command and which of the two ends closed.",
    example: "\
client -> server   GET a
server -> client   (TCP acknowledgement only)
                   (5 s)
client -> server   (FIN)",
    silent_when: "The client closed sooner: then it did not want the answer. A blocking command such as BLPOP is in front, \
        or CLIENT PAUSE holds the server. The reply had begun to arrive. The command gets no reply by rule (CLIENT REPLY \
        OFF), or may get none because the start of the connection was not captured. The capture of that connection ended. The commands stand behind AUTH and others of their flight \
        were answered (auth-stranded). The replies may be in a gap of the capture.",
    advice: "\
Look at the server at that moment: slow log, CPU, memory, a long script, a disk that stalls.
If it is a proxy, capture the leg to Redis as well: it shows whether the command was forwarded.
Compare the age of the oldest command with the timeout of the client: equal numbers mean that the client gave up.",
    references: &["https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/"],
    file: file!(),
};
