//! `reply-swapped`: the replies to two neighbouring commands changed places.

use super::order::{Said, claim, words};
use crate::finding::{RuleInfo, Severity, Words};
use crate::redis::FaultKind;
use crate::rules::boundary::Refusals;
use crate::rules::{Case, Claim, Context, Rule, Show};

/// The documentation of `reply-swapped`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "reply-swapped",
    family: "replies",
    severity: Severity::Error,
    summary: "the replies to two neighbouring commands changed places",
    explanation: "Each of two neighbouring commands got a reply that it can not have, and that the other one can. Exchanged, both fit.",
    example: "\
client -> server   BLPOP q 0
client -> server   PING
server -> client   +PONG
server -> client   *2 …",
    silent_when: "Both replies fit both commands: then an exchange leaves no trace. Bytes are missing from the capture near that place.",
    advice: "\
Ask for the fault at the proxy or server named here, with the packets of the proof.
Until then send such commands one at a time, or on connections of their own.",
    references: &["https://redis.io/docs/latest/develop/reference/protocol-spec/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct ReplySwapped;

impl Rule for ReplySwapped {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        claim(case, FaultKind::Swapped)
    }

    fn words(
        &self,
        case: &Case<'_>,
        _: &Claim,
        _: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        words(case, &INFO, show, |_, first| Said {
            title: format!(
                "replies to {} and its neighbour are exchanged",
                first.command
            ),
            why: "The next reply can not belong to the next command either; exchanged, both fit.",
            not_seen: "Who exchanged them: the leg behind the server is not in these packets.",
        })
    }
}
