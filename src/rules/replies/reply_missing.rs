//! `reply-missing`: the reply to a command is missing, and all later replies move up by one.

use super::order::{Said, claim, words};
use crate::finding::{RuleInfo, Severity, Words};
use crate::redis::FaultKind;
use crate::rules::boundary::Refusals;
use crate::rules::{Case, Claim, Context, Rule, Show};

/// The documentation of `reply-missing`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "reply-missing",
    family: "replies",
    severity: Severity::Error,
    summary: "the reply to a command is missing, and all later replies move up by one",
    explanation: "A server answers every command once, in order. Here one answer is absent while later commands of the connection are answered. \
        What comes back later fits only if the answers are counted from the next command on. A client that counts gives each \
        later reply to the wrong caller.\n\n\
        `affected` counts those later replies up to the end of the connection.",
    example: "\
client -> server   PING
client -> server   INCR a
client -> server   GET x
server -> client   :1
server -> client   $-1",
    silent_when: "Bytes are missing from the capture near that place. The connection was joined in the middle and nothing confirmed the order yet. The commands may \
        get no reply by rule: CLIENT REPLY, subscriptions, REPLCONF ACK. The shapes of the later replies fit without a shift.",
    advice: "\
Close the connection: its replies can no longer be told apart.
Ask for the fault at the proxy or server named here, with the packets of the proof.
In the client, switch on what checks replies where there is such a setting (for example the high integrity mode of StackExchange.Redis).",
    references: &["https://redis.io/docs/latest/develop/reference/protocol-spec/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct ReplyMissing;

impl Rule for ReplyMissing {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        claim(case, FaultKind::Missing)
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
                "reply to {} is missing: later replies belong to other commands",
                first.command
            ),
            why: "No reply of its own for this command fits into the order, and the replies behind it fit the commands behind it.",
            not_seen: "What the server or proxy did with the reply: the leg behind it is not in these packets.",
        })
    }
}
