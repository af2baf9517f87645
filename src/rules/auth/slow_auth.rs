//! `slow-auth`: AUTH takes much longer than anything else, so somebody else is asked.

use crate::finding::{
    Confidence, Culprit, Identity, Moment, ProofText, RuleInfo, Scope, Severity, Words,
};
use crate::model::span;
use crate::rules::boundary::Refusals;
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `slow-auth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "slow-auth",
    family: "auth",
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

/// AUTH slower than this is worth a note (ns).
const SLOW_NS: i64 = 1_000_000;
/// … if it also takes so many times as long as other commands.
const SLOW_TIMES: i64 = 10;

/// See [`INFO`].
pub(crate) struct SlowAuth;

impl Rule for SlowAuth {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Server(address, server) = *case else {
            return None;
        };
        let auth = server.auth.percentile(50)?;
        let other = server.latency.percentile(50)?;
        let slow = auth >= SLOW_NS && auth >= other.saturating_mul(SLOW_TIMES);
        slow.then_some(Claim {
            confidence: Confidence::Likely,
            affected: 0,
            culprit: Culprit::Server,
            culprit_endpoint: Some(*address),
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
        let Case::Server(address, server) = *case else {
            return None;
        };
        let auth = server.auth.percentile(50)?;
        let other = server.latency.percentile(50)?;
        let (time, at) = server.first_auth?;
        let first = Moment { time, at };
        let median = |count: u64, what: &str, ns: i64| match count {
            1 => format!("the one {what} took {}", span(ns)),
            many => format!("the median of {many} {what}s is {}", span(ns)),
        };
        let mut proof = ProofText::default();
        proof.say(&format!(
            "AUTH and the rest: {}; {}.",
            median(server.auth.count(), "accepted AUTH", auth),
            median(server.latency.count(), "other command", other)
        ));
        proof.packet(at);
        Some(Words {
            identity: Identity::Named(Scope::Endpoint, address.to_string()),
            title: format!(
                "{address} takes {} to answer AUTH, {} for other commands",
                span(auth),
                span(other)
            ),
            advice: INFO.steps(),
            proof: proof.done(),
            exchanges: Vec::new(),
            measures: vec![
                ("auths", server.auth.count() as i64),
                ("auth_p50_ns", auth),
                ("auth_max_ns", server.auth.max()),
                ("other_p50_ns", other),
            ],
            not_seen: vec![
                "Whom the server asks about the password: that leg is not part of it.".to_owned(),
            ],
            notes: Vec::new(),
            first,
            last: first,
        })
    }
}
