//! `pipelined-past-auth`: the client does not wait for AUTH. It went well this time.

use crate::finding::{
    Confidence, Culprit, Identity, ProofText, RuleInfo, Scope, Severity, Words, number_of,
};
use crate::model::span;
use crate::rules::boundary::Refusals;
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `pipelined-past-auth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "pipelined-past-auth",
    family: "auth",
    severity: Severity::Note,
    summary: "the client sends commands behind AUTH without waiting, and they are answered well",
    explanation: "The client may do that: RESP promises that commands take effect in order. It depends on the server to \
        keep the promise while it judges AUTH. This server kept it. A proxy that judges AUTH asynchronously and does not \
        hold back what follows would refuse these commands (auth-race).\n\n\
        The finding is reported once for each client address. It counts the connections and says how long AUTH took and \
        which pause between AUTH and the next command would have been enough to stay out of the window.",
    example: "\
client -> server   AUTH <secret>
client -> server   PING             blind
server -> client   +OK
server -> client   +PONG            as promised",
    silent_when: "The client waits for the reply of AUTH. One of the commands behind AUTH was refused or left without an \
        answer: then that is reported instead.",
    advice: "\
Nothing has to change while the server keeps the order.
Before you put a proxy with an external auth service in front, test with this client: it is exposed.
If the client can be told to wait for AUTH, that removes the exposure at the price of one round trip per connection.",
    references: &[
        "https://redis.io/docs/latest/develop/use/pipelining/",
        "StackExchange/StackExchange.Redis#2785",
    ],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct PipelinedPastAuth;

impl Rule for PipelinedPastAuth {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Client(_) = case else {
            return None;
        };
        Some(Claim {
            confidence: Confidence::Likely,
            affected: 0,
            culprit: Culprit::Client,
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
        let Case::Client(exposure) = *case else {
            return None;
        };
        let at = |percent| exposure.auth.percentile(percent);
        let (p50, p99, max) = (at(50), at(99), exposure.auth.max());
        let mut proof = ProofText::default();
        proof.say(&format!(
            "{} left before AUTH's reply had arrived; none was refused for want of a login. AUTH took {} (median), {} at most. A pause \
             of {} behind AUTH would have been enough.",
            number_of(exposure.commands, "command"),
            span(p50),
            span(max),
            span(max)
        ));
        proof.packet(exposure.first.at);
        let client = exposure.client.addr.to_string();
        Some(Words {
            title: format!(
                "{client} sends commands before AUTH is answered, on {}",
                number_of(exposure.total, "connection")
            ),
            identity: Identity::Named(Scope::Client, client),
            advice: INFO.steps(),
            proof: proof.done(),
            exchanges: Vec::new(),
            measures: vec![
                ("connections", exposure.total as i64),
                ("commands", exposure.commands as i64),
                ("auth_p50_ns", p50),
                ("auth_p99_ns", p99),
                ("auth_max_ns", max),
                ("delay_that_would_do_ns", max),
            ],
            not_seen: vec!["Whether another server would keep the order as well.".to_owned()],
            notes: Vec::new(),
            first: exposure.first,
            last: exposure.last,
        })
    }
}
