//! `capture-incomplete`: what the capture does not show.

use crate::finding::{Confidence, Culprit, Identity, ProofText, RuleInfo, Scope, Severity, Words};
use crate::rules::boundary::Refusals;
use crate::rules::capture::IncompleteFacts;
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `capture-incomplete`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "capture-incomplete",
    family: "capture",
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

/// See [`INFO`].
pub(crate) struct CaptureIncomplete;

impl Rule for CaptureIncomplete {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Incomplete(facts) = *case else {
            return None;
        };
        facts.span().map(|_| Claim {
            confidence: Confidence::Likely,
            affected: 0,
            culprit: Culprit::Capture,
            culprit_endpoint: None,
            basis: Basis::Itself,
            explains: Refusals::NONE,
            waits: false,
        })
    }

    fn words(
        &self,
        case: &Case<'_>,
        _: &Claim,
        _: &Context<'_>,
        _: &mut Show<'_>,
    ) -> Option<Words> {
        let Case::Incomplete(facts) = *case else {
            return None;
        };
        let (first, last) = facts.span()?;
        Some(Words {
            identity: Identity::Named(Scope::Capture, "capture".to_owned()),
            title: format!("the capture is incomplete: {}", parts(facts).join(", ")),
            advice: INFO.steps(),
            proof: proof(facts).done(),
            exchanges: Vec::new(),
            measures: vec![
                ("gaps", facts.gaps as i64),
                ("midstream", facts.midstream as i64),
                ("one_direction", facts.one_sided as i64),
                ("stopped", facts.holes as i64),
                ("cut_connections", facts.cut as i64),
                ("cut_bytes", facts.cut_bytes as i64),
                ("unread_bytes", facts.unread_bytes as i64),
                ("dropped", i64::try_from(facts.dropped).unwrap_or(i64::MAX)),
            ],
            not_seen: vec!["What the missing bytes held.".to_owned()],
            notes: Vec::new(),
            first,
            last,
        })
    }
}

fn parts(facts: &IncompleteFacts) -> Vec<String> {
    [
        (facts.gaps, "gap", "gaps"),
        (
            facts.midstream,
            "connection joined in the middle",
            "connections joined in the middle",
        ),
        (
            facts.one_sided,
            "connection with one direction only",
            "connections with one direction only",
        ),
        (
            facts.holes,
            "connection that stops in the middle",
            "connections that stop in the middle",
        ),
        (
            facts.cut,
            "connection cut by the snapshot length",
            "connections cut by the snapshot length",
        ),
        (
            facts.dropped,
            "packet dropped while capturing",
            "packets dropped while capturing",
        ),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, one, many)| format!("{n} {}", if n == 1 { one } else { many }))
    .collect()
}

fn proof(facts: &IncompleteFacts) -> ProofText {
    let mut proof = ProofText::default();
    if facts.total > 0 {
        proof.say(&format!(
            "{} Redis connection{} not whole. What the missing bytes held is unknown; pairs near them are left out.",
            facts.total,
            if facts.total == 1 { " is" } else { "s are" }
        ));
    }
    if facts.unread_bytes > 0 {
        proof.say(&format!(
            "{} byte{} next to such places {} captured, but where a command or reply begins in them is not known.",
            facts.unread_bytes,
            if facts.unread_bytes == 1 { "" } else { "s" },
            if facts.unread_bytes == 1 { "was" } else { "were" },
        ));
    }
    if facts.holes > 0 {
        proof.say(
            "Bytes were neither acknowledged nor sent again: TCP would have sent them again, so packets are missing.",
        );
    }
    if facts.dropped > 0 {
        proof.say(
            "The capturing system counted the packets it dropped. It does not say which connections they belonged to.",
        );
    }
    proof
}
