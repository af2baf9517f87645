//! `reply-shift`: each reply belongs to the command in front, and where that began was not captured.

use super::order::{Said, claim, words};
use crate::finding::{Confidence, RuleInfo, Severity, Words};
use crate::redis::FaultKind;
use crate::rules::boundary::Refusals;
use crate::rules::{Case, Claim, Context, Rule, Show};

/// The documentation of `reply-shift`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "reply-shift",
    family: "replies",
    severity: Severity::Error,
    summary: "each reply belongs to the command in front; where that began was not captured",
    explanation: "The connection was joined in the middle, or bytes are missing. Behind a pause nothing was outstanding, as far as acknowledgements show. \
        Then each reply came directly behind a command that it can not belong to, and it fits the command in front of that one: at least three times in a row, and never otherwise. \
        The server or proxy holds one reply back, and every caller gets what another one asked for.\n\n\
        Where the beginning is seen it is `reply-surplus` or `reply-missing`. `affected` counts the replies that are wrong, as far as was seen.",
    example: "\
(joined in the middle)
client -> server   ECHO 2
server -> client   1
client -> server   ECHO 3
server -> client   2
client -> server   ECHO 4
server -> client   3",
    silent_when: "The beginning was captured. The client does not pause in front of its commands, or a reply comes late behind its command: then a slow server looks the same. So it does where the client asks at even intervals. \
        One reply fits its own command and not the one in front.",
    advice: "\
Treat what the client got from this connection as mixed up, and close it.
Ask for the fault at the proxy or server named here, with the packets of the proof.
To see where it began, capture from the start of the connection.",
    references: &["https://redis.io/docs/latest/develop/reference/protocol-spec/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct ReplyShift;

impl Rule for ReplyShift {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    /// Never more than possible: what was not captured may explain it.
    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let claim = claim(case, FaultKind::Shifted)?;
        Some(Claim {
            confidence: claim.confidence.min(Confidence::Possible),
            ..claim
        })
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
                "from {} on at the latest, each reply belongs to the command in front",
                first.command
            ),
            why: "Each came directly behind a command that it can not belong to, and fits the command in front.",
            not_seen: "Where it began. A command from before that is still unanswered, or a reply that was lost in the capture, would look the same.",
        })
    }
}
