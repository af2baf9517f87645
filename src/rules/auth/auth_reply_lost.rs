//! `auth-reply-lost`: the server dropped the error of a failing AUTH, and later replies move up by one.

use crate::finding::{RuleInfo, Severity, Words};
use crate::redis::FaultKind;
use crate::rules::boundary::Refusals;
use crate::rules::replies::order::{Said, claim, words};
use crate::rules::{Case, Claim, Context, Rule, Show};

/// The documentation of `auth-reply-lost`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-reply-lost",
    family: "auth",
    severity: Severity::Warning,
    summary: "the server dropped the error of a failing AUTH, and later replies move up by one",
    explanation: "Redis 7.2 and later, and Valkey from 7.2 to 8.1, may drop the error reply of a failing AUTH or HELLO with AUTH while an earlier reply is still on its way. Every later reply then seems to \
        belong to the command in front of its own. A failed login may look like a good one.",
    example: "\
client -> server   PING
client -> server   AUTH wrong
client -> server   ECHO a
server -> client   +PONG
server -> client   a",
    silent_when: "AUTH was sent after all earlier replies were received: then the server does not drop its error. The replies fit without this explanation as well.",
    advice: "\
Send AUTH first and alone, and wait for its reply.
Update: Valkey has fixed it (valkey pull request 2287); for Redis see issue 15640.
StackExchange.Redis from 3.1.31 on no longer sends two logins in one flight.",
    references: &["https://redis.io/docs/latest/develop/reference/protocol-spec/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct AuthReplyLost;

impl Rule for AuthReplyLost {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        claim(case, FaultKind::AuthErrorDropped)
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
                "the error of {} was dropped: later replies belong to other commands",
                first.command
            ),
            why: "The replies behind it fit only if this AUTH got none, and an earlier reply was still on its way when it was sent.",
            not_seen: "The server's version, where the connection does not tell it: only some versions do this.",
        })
    }
}
