//! `proxy-error`: a proxy reports its own failure.

use crate::finding::{
    Confidence, Culprit, EXCHANGES_MAX, Identity, ProofText, RuleInfo, Severity, Words, packet,
};
use crate::rules::boundary::Refusals;
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `proxy-error`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "proxy-error",
    family: "replies",
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

/// See [`INFO`].
pub(crate) struct ProxyError;

impl Rule for ProxyError {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Failure(scene, failure) = *case else {
            return None;
        };
        Some(Claim {
            confidence: scene.cap(failure.anchor).min(Confidence::Likely),
            affected: failure.total,
            culprit: Culprit::Proxy,
            culprit_endpoint: Some(scene.server),
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
        show: &mut Show<'_>,
    ) -> Option<Words> {
        let Case::Failure(_, failure) = *case else {
            return None;
        };
        let shown: Vec<_> = failure
            .kept
            .iter()
            .map(|e| show.exchange(e, None))
            .collect();
        let example = shown.first()?;
        let whole = example.reply.as_deref().filter(|_| !failure.inside);
        let said = whole.unwrap_or(failure.text.start);
        let said = said.trim_start_matches('-').trim_end();
        let received = example.received.unwrap_or(example.sent);
        let mut proof = ProofText::default();
        proof.say(&format!(
            "{} ({}) got the error{} in {}. Redis has no such text; {} has.",
            example.command,
            packet(example.sent.at),
            if failure.inside {
                " between its values"
            } else {
                ""
            },
            packet(received.at),
            failure.proxy
        ));
        proof.packet(example.sent.at);
        proof.packet(received.at);
        Some(Words {
            identity: Identity::Connection(example.sent, example.index),
            title: format!("{said}: {} could not do its part", failure.proxy),
            advice: INFO.steps(),
            proof: proof.done(),
            measures: vec![("errors", failure.total as i64)],
            not_seen: vec![
                "The leg between the proxy and Redis, which would show the cause.".to_owned(),
            ],
            notes: Vec::new(),
            first: example.sent,
            last: failure.last,
            exchanges: shown.into_iter().take(EXCHANGES_MAX).collect(),
        })
    }
}
