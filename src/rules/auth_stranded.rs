//! `auth-stranded`: commands sent behind AUTH were taken in and never answered.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `auth-stranded`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-stranded",
    severity: Severity::Error,
    summary: "commands behind an accepted AUTH stay without an answer although others of the same flight were answered",
    explanation: "The server held back the commands that came behind AUTH until it knew the verdict, which is right. Then \
        it released some of them and forgot the rest. AUTH got its +OK, the first command or two got their answers, \
        and the connection went silent. What the client sends later waits behind the forgotten commands, because replies \
        keep their order.\n\n\
        Usually the client gives up after its own timeout. If it sends another AUTH on the same connection, the verdict \
        on that one releases everything in a burst. The held commands then run late, and may run after commands that \
        were sent long after them.",
    example: "\
client -> server   AUTH <secret>
client -> server   GET a                blind
client -> server   GET b                blind
server -> client   +OK
server -> client   $5 ...               answer to GET a
                   (silence)            GET b is never answered, nor is anything behind it",
    silent_when: "The connection was open for less than a second, or less than ten times the slowest usual latency of the \
        server, after the first command without an answer. A blocking command is in front of them, CLIENT PAUSE \
        holds the server, or an answer had begun to arrive. No command of the flight was answered at all (unanswered). The commands were seen in flight between proxy and Redis: then Redis is slow.",
    advice: "\
Envoy 1.32 to 1.39 with external_auth_provider: upgrade to 1.40.0.
Until then let the client wait for the reply of AUTH before it sends anything else.
Where writes were among the commands, check the data: a held write can run after a newer one.",
    references: &["envoyproxy/envoy#44936", "envoyproxy/envoy#35988"],
    file: file!(),
};
