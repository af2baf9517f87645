//! `capture-incomplete`: what the capture does not show.

use super::catalogue::RuleInfo;
use super::finding::Severity;

/// The documentation of `capture-incomplete`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "capture-incomplete",
    severity: Severity::Note,
    summary: "bytes that were on the wire are missing from the capture, so some things can not be said",
    explanation: "The capture has gaps, was cut by a snapshot length, shows one direction only, or starts in the middle of \
        a connection; or the system dropped packets while it captured. Commands and replies next to such a place can not \
        be paired for certain. They are counted as undecided, and findings near them are held with less confidence or not \
        reported at all.\n\n\
        It says nothing about the traffic. It tells how much the rest of the report can be trusted, and what to do for a \
        better capture.",
    example: "\
client -> server   AUTH <secret>
                   (1448 bytes of the server's stream are missing)
client -> server   GET a
server -> client   $5 ...",
    silent_when: "Segments arrived in another order or twice, and all bytes are there. A connection was still open when the \
        capture ended. Connections that are not Redis have gaps.",
    advice: "\
Capture whole packets (`tcpdump -s 0`) with a larger kernel buffer (`-B 65536`, in KiB), and filter by port.
Start the capture before the clients connect, or restart one client: its handshake matters most.
If one direction is missing, capture on the host itself or on both paths: routing is asymmetric or the mirror port sends one side.
Write to a fast disk and look at the count of dropped packets that tcpdump prints at the end.",
    references: &[
        "https://www.tcpdump.org/manpages/tcpdump.1.html",
        "https://www.rfc-editor.org/rfc/rfc9293",
    ],
    file: file!(),
};
