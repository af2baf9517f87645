//! `encrypted`: the connection is TLS and no keys are at hand.

use crate::finding::{
    Confidence, Culprit, Identity, ProofText, RuleInfo, Scope, Severity, Words, number_of,
};
use crate::rules::boundary::Refusals;
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `encrypted`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "encrypted",
    family: "capture",
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

/// See [`INFO`].
pub(crate) struct Encrypted;

impl Rule for Encrypted {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Encrypted(facts) = *case else {
            return None;
        };
        facts.span.map(|_| Claim {
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
        let Case::Encrypted(facts) = *case else {
            return None;
        };
        let (first, last) = facts.span?;
        let servers: Vec<String> = facts.servers.iter().map(ToString::to_string).collect();
        let mut proof = ProofText::default();
        proof.say("The bytes are TLS records and no keys were given: commands and replies can not be read.");
        Some(Words {
            identity: Identity::Named(Scope::Capture, "capture".to_owned()),
            title: format!(
                "{} to {} encrypted",
                number_of(facts.total, "connection"),
                servers.join(", ")
            ),
            advice: INFO.steps(),
            proof: proof.done(),
            exchanges: Vec::new(),
            measures: vec![("connections", facts.total as i64)],
            not_seen: vec!["Every command and reply on them.".to_owned()],
            notes: Vec::new(),
            first,
            last,
        })
    }
}
