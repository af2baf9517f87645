//! `auth-not-honoured`: AUTH was accepted, and nothing afterwards was allowed.

use super::evidence::{Beside, Evidence, auth_name, cap, refuser};
use crate::finding::{Confidence, RuleInfo, Severity, Words, some_commands};
use crate::rules::boundary::{Outcome, Refusals};
use crate::rules::{Basis, Case, Claim, Context, Lesson, Rule, Show};

/// The documentation of `auth-not-honoured`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-not-honoured",
    family: "auth",
    severity: Severity::Error,
    summary: "AUTH got +OK, and commands sent after that reply had arrived are still refused with NOAUTH",
    explanation: "The client waited for +OK and then sent a command, and that command was refused with NOAUTH. Order can \
        not explain this: the verdict was known on both sides. The server accepted the password and does not act on it.\n\n\
        On a proxy with an external auth service this is the usual sign of an expiration that is missing or already \
        over: the check of the expiration is switched on, the service sends no time or one in the past, and the \
        connection counts as expired from the first command on. If the connection ends right after two blind replies, the \
        same cause looks like auth-race; a single command sent after +OK tells them apart.",
    example: "\
client -> server   AUTH <secret>
server -> client   +OK
client -> server   PING                                  sent after +OK was received
server -> client   -NOAUTH Authentication required.
client -> server   GET a
server -> client   -NOAUTH Authentication required.",
    silent_when: "Some command of the same AUTH succeeded (auth-expired, auth-race or upstream-noauth). RESET or another \
        AUTH came between. Every refused command was blind (auth-race).",
    advice: "\
Envoy: if enable_auth_expiration is on, the auth service must send an expiration that lies in the future. Without one the connection is never authorised.
Compare the clocks of the proxy and of the auth service: an expiration of a few seconds is over at once when they differ.
Other proxies: check that the login is kept for the connection it came from, and not for one of several workers or nodes.",
    references: &["envoyproxy/envoy#35673", "envoyproxy/envoy#9179"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct AuthNotHonoured;

impl Rule for AuthNotHonoured {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, left: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        let mixture = &window.mixture;
        if window.outcome != Outcome::Accepted || mixture.served() > 0 || left.is_empty() {
            return None;
        }
        let late = mixture.of(left).any(|r| !r.blind);
        let siblings = context
            .server
            .is_some_and(|s| s.not_honoured && !s.blind_served);
        if !(late || siblings) {
            return None;
        }
        Some(Claim {
            confidence: cap(window, scene, Confidence::Likely),
            affected: mixture.size(left),
            culprit: refuser(window),
            culprit_endpoint: Some(scene.server),
            basis: if late { Basis::Itself } else { Basis::Siblings },
            explains: left,
            waits: false,
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
        let mut evidence = Evidence::of(window, claim, Beside::Later, show);
        evidence.late_first();
        let hit: Vec<_> = evidence.refused.iter().collect();
        let title = format!(
            "{} was accepted, yet {} got NOAUTH and nothing succeeds",
            auth_name(window),
            some_commands(&hit, claim.affected)
        );
        Some(evidence.words(scene, claim, title, INFO.steps(), Vec::new()))
    }

    fn teaches(&self, claim: &Claim) -> Option<Lesson> {
        let sure = claim.basis == Basis::Itself && claim.confidence > Confidence::Possible;
        sure.then_some(Lesson::LoginsCountForNothing)
    }
}
