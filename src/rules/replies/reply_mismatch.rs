//! `reply-mismatch`: a reply that can not belong to its command.

use super::order::{Said, claim, words};
use crate::finding::{RuleInfo, Severity, Words};
use crate::redis::FaultKind;
use crate::rules::boundary::Refusals;
use crate::rules::{Case, Claim, Context, Rule, Show};

/// The documentation of `reply-mismatch`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "reply-mismatch",
    family: "replies",
    severity: Severity::Error,
    summary: "a reply that can not belong to its command",
    explanation: "The number of replies is right, and one of them is of a kind that its command never answers with: another type, another payload than ECHO was given, another number of values than \
        were asked for, or a type of RESP3 on a connection that speaks RESP2. The client got data that belongs to somebody else, or damaged data.",
    example: "\
client -> server   ECHO 11112222
server -> client   33334444",
    silent_when: "The command is not known, or is a script or a module's: those may answer anything. Bytes are missing from the capture near that place.",
    advice: "\
Treat what the client got from this connection as wrong, and close it.
Ask for the fault at the proxy or server named here, with the packets of the proof.",
    references: &["https://redis.io/docs/latest/develop/reference/protocol-spec/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct ReplyMismatch;

impl Rule for ReplyMismatch {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        claim(case, FaultKind::Mismatch)
    }

    fn words(
        &self,
        case: &Case<'_>,
        _: &Claim,
        _: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        words(case, &INFO, show, |_, first| Said {
            title: format!("{} got a reply that can not be its own", first.command),
            why: "No correct server answers this command so, and the replies around it fit their own commands.",
            not_seen: "Whose reply it is.",
        })
    }
}
