//! `reply-surplus`: a reply that no command asked for; all later replies move down by one.

use super::order::{Said, claim, words};
use crate::finding::{RuleInfo, Severity, Words};
use crate::redis::FaultKind;
use crate::rules::boundary::Refusals;
use crate::rules::{Case, Claim, Context, Rule, Show};

/// The documentation of `reply-surplus`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "reply-surplus",
    family: "replies",
    severity: Severity::Error,
    summary: "a reply that no command asked for; all later replies move down by one",
    explanation: "A reply arrived with no command left that it could answer. It is no push, no message of a subscription and no greeting. A client that counts takes it for the reply to \
        its next command, and every later reply goes to the wrong caller.\n\n\
        `affected` counts those later replies up to the end of the connection.",
    example: "\
client -> server   SET a 1
client -> server   INCR a
server -> client   +OK
server -> client   +OK
server -> client   :2",
    silent_when: "The client sent an empty request or one that is no valid RESP: some proxies answer those. The reply is a push, a message or a line of MONITOR. Bytes are missing from the capture \
        near that place.",
    advice: "\
Close the connection: its replies can no longer be told apart.
Ask for the fault at the proxy or server named here, with the packets of the proof.",
    references: &["https://redis.io/docs/latest/develop/reference/protocol-spec/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct ReplySurplus;

impl Rule for ReplySurplus {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        claim(case, FaultKind::Surplus)
    }

    fn words(
        &self,
        case: &Case<'_>,
        _: &Claim,
        _: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        words(case, &INFO, show, |fault, first| Said {
            title: match fault.onset {
                Some(_) => format!(
                    "a reply too many in front of {}: later replies belong to other commands",
                    first.command
                ),
                None => format!("a reply too many behind that of {}", first.command),
            },
            why: "The server had sent as many replies as commands, and this one more.",
            not_seen: "Where the additional reply comes from: the leg behind the server is not in these packets.",
        })
    }
}
