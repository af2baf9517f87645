//! `noauth-before-auth-reply`: the refusal of the command behind AUTH arrived before the reply to AUTH.

use crate::finding::{RuleInfo, Severity, Words};
use crate::redis::FaultKind;
use crate::rules::boundary::Refusals;
use crate::rules::replies::order::{Said, claim, words};
use crate::rules::{Case, Claim, Context, Rule, Show};

/// The documentation of `noauth-before-auth-reply`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "noauth-before-auth-reply",
    family: "auth",
    severity: Severity::Error,
    summary: "the refusal of the command behind AUTH arrived before the reply to AUTH",
    explanation: "AUTH and the command behind it were sent together. The first reply is NOAUTH, which no server says to AUTH, and the second is `+OK`. So the command behind AUTH was judged and answered \
        first, and its refusal overtook the reply to AUTH. The client takes the refusal for the answer to AUTH.",
    example: "\
client -> server   AUTH secret
client -> server   PING
server -> client   -NOAUTH Authentication required.
server -> client   +OK",
    silent_when: "HELLO with AUTH is answered NOAUTH: some proxies say so, and it is reported as a refused login. An error that the server dropped explains the order.",
    advice: "\
In the proxy, hold back what comes behind AUTH until AUTH is answered, and send replies in the order of the commands.
In the client, wait for the reply to AUTH before the next command.",
    references: &["https://redis.io/docs/latest/develop/reference/protocol-spec/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct NoauthBeforeAuthReply;

impl Rule for NoauthBeforeAuthReply {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        claim(case, FaultKind::RefusedBeforeAuth)
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
                "the refusal of the command behind {} overtook its reply",
                first.command
            ),
            why: "NOAUTH is no answer to AUTH, and the reply behind it is.",
            not_seen: "Why the command was judged first: the leg between proxy and auth service is not in these packets.",
        })
    }
}
