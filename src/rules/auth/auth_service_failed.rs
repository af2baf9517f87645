//! `auth-service-failed`: nobody judged the password.

use super::evidence::{Beside, Evidence, auth_name, cap};
use crate::finding::{Confidence, Culprit, RuleInfo, Severity, Words};
use crate::rules::boundary::{Outcome, Refusals};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `auth-service-failed`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-service-failed",
    family: "auth",
    severity: Severity::Error,
    summary: "the proxy could not ask its auth service and answered AUTH with an error",
    explanation: "The proxy took the AUTH and tried to ask the service that judges passwords. That call failed: the service \
        was down, had no address, took longer than the timeout, or answered with an error of its own. Envoy then says \
        `ERR external authentication failed`. The password was neither accepted nor refused.\n\n\
        Commands behind that AUTH are refused with NOAUTH. On a connection that was logged in before, the old login \
        stays. The time to the answer is a hint: at once means no address or connection refused, about one second or \
        more means a timeout.",
    example: "\
client -> proxy    AUTH <secret>
client -> proxy    PING
proxy  -> client   -ERR external authentication failed
proxy  -> client   -NOAUTH Authentication required.",
    silent_when: "The service answered and said no (auth-refused, reauth-refused). The failure concerns Redis behind the \
        proxy and not the auth service (proxy-error).",
    advice: "\
Check that the auth service runs and that the proxy reaches it: its cluster, address, certificate and health.
If the answer came after a round number of seconds, raise the timeout of the auth call or make the service faster.
Capture the leg between proxy and auth service as well: it shows a reset, a cancelled stream or an error status.",
    references: &["envoyproxy/envoy#35643"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct AuthServiceFailed;

impl Rule for AuthServiceFailed {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        (window.outcome == Outcome::ServiceFailed).then(|| Claim {
            confidence: cap(window, scene, Confidence::Likely),
            affected: window.mixture.refused(),
            culprit: Culprit::AuthService,
            culprit_endpoint: None,
            basis: Basis::Itself,
            explains: window.mixture.set(|_| true),
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
        let evidence = Evidence::of(window, claim, Beside::Later, show);
        let title = format!(
            "the proxy could not ask its auth service about {}",
            auth_name(window)
        );
        let not_seen = vec![format!(
            "Only the leg from {} to {} decides here: why the auth service could not be asked is not visible on it.",
            scene.client.addr, scene.server
        )];
        Some(evidence.words(scene, claim, title, INFO.steps(), not_seen))
    }
}
