//! `auth-expired`: a connection that worked is refused from some moment on.

use super::evidence::{Beside, Evidence, cap};
use crate::finding::{Confidence, Culprit, RuleInfo, Severity, Words, some_commands};
use crate::redis::Answerer;
use crate::rules::boundary::{Outcome, Refusals};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `auth-expired`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-expired",
    family: "auth",
    severity: Severity::Warning,
    summary: "commands succeeded after +OK, then everything is refused with NOAUTH until the next AUTH",
    explanation: "The login had a lifetime and it ended while the connection was in use. Up to that moment commands \
        succeeded; from then on each one is refused, even PING, until the client sends AUTH again.\n\n\
        This is what a proxy does whose auth service gives out tokens with an expiration. Nobody broke the order of \
        replies. The client did not renew its login in time, or does not know that it has to.",
    example: "\
client -> server   AUTH <secret>
server -> client   +OK
client -> server   GET a
server -> client   $5 ...
                   (2 s later)
client -> server   GET a
server -> client   -NOAUTH Authentication required.
client -> server   PING
server -> client   -NOAUTH Authentication required.",
    silent_when: "Nothing succeeded behind that AUTH (auth-not-honoured), or only commands that a proxy answers by itself \
        (upstream-noauth). A later command succeeds without another AUTH. RESET was sent. The connection was simply closed.",
    advice: "\
Renew the login on the open connection before the token ends: send AUTH with the new token some minutes early.
Envoy: the lifetime is the expiration that the auth service sends, in whole seconds, checked when enable_auth_expiration is on. Make it longer than the client's renewal interval.
Wait for the reply of the new AUTH before sending more: an expired connection that pipelines behind it may race.",
    references: &["envoyproxy/envoy#35673", "redis/redis-py#3405"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct AuthExpired;

impl Rule for AuthExpired {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, left: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        let mixture = &window.mixture;
        let explains = left.and(mixture.behind_all());
        let late = explains == left && mixture.of(left).all(|r| !r.blind);
        if window.outcome != Outcome::Accepted || left.is_empty() || !late || mixture.served() == 0
        {
            return None;
        }
        let own = |r: &crate::rules::boundary::Refusal| {
            r.answerer != Answerer::Redis && mixture.own_was_served(r.print)
        };
        let passed = context.direct || mixture.forwarded_served() > 0 || mixture.of(left).any(own);
        let affected = mixture.size(explains);
        passed.then_some(Claim {
            confidence: cap(window, scene, Confidence::Likely),
            affected,
            culprit: Culprit::Unknown,
            culprit_endpoint: None,
            basis: Basis::Itself,
            explains,
            // Whether a login expired is known when the next one comes or the connection ends.
            waits: !context.closed && affected < 2,
        })
    }

    fn words(
        &self,
        case: &Case<'_>,
        claim: &Claim,
        _: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        let evidence = Evidence::of(window, claim, Beside::Around, show);
        let hit: Vec<_> = evidence.refused.iter().collect();
        let title = format!(
            "the login stopped working: {} got NOAUTH after earlier successes",
            some_commands(&hit, claim.affected)
        );
        let not_seen = vec![
            "Why the login ended: the lifetime that the auth service gave is not on this leg."
                .to_owned(),
        ];
        Some(evidence.words(scene, claim, title, INFO.steps(), not_seen))
    }
}
