//! `served-during-reauth`: data was given out while the login was being judged anew, and the verdict was no.

use super::auth_refused::{most, unseen_login};
use super::evidence::{Beside, Evidence, auth_name, cap, one_leg};
use crate::finding::{Culprit, RuleInfo, Severity, Words};
use crate::rules::boundary::{Outcome, Refusals};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `served-during-reauth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "served-during-reauth",
    family: "auth",
    severity: Severity::Error,
    summary: "a command behind a new AUTH was answered with data under the old login, and the new AUTH was refused",
    explanation: "The connection was logged in and sent AUTH again, for example with a renewed token. The server asked its \
        auth service and in the meantime went on serving the commands behind that AUTH under the old login. Then the \
        service refused, and from there on everything is refused. The data had already been sent.\n\n\
        It is the same defect as auth-race, seen from the other side: commands behind AUTH did not wait for its verdict. \
        Here it lets somebody read who should not, instead of refusing somebody who may.",
    example: "\
client -> server   AUTH <secret>                         a new one, on a connection already logged in
client -> server   GET a                                 blind
server -> client   -ERR unauthorized
server -> client   $5 ...                                answered under the old login
client -> server   PING
server -> client   -NOAUTH Authentication required.      the old login is gone",
    silent_when: "Commands after the refusal still succeed: a Redis server since version 6 keeps the old login when a new \
        AUTH fails, and that is correct (reauth-refused reports the refusal). The connection was not logged in before. \
        The command was sent after the refusal had arrived.",
    advice: "\
Envoy built from its main branch of August and September 2024: upgrade to 1.40.0.
Another proxy: hold back what follows an AUTH until its verdict is there, on connections that are already logged in as well.
Until then treat a refused renewal as an incident: list what was answered between the new AUTH and its refusal.",
    references: &["envoyproxy/envoy#35983", "envoyproxy/envoy#35988"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct ServedDuringReauth;

impl Rule for ServedDuringReauth {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        let mixture = &window.mixture;
        let bypassed = window.outcome == Outcome::Refused
            && window.was_authed
            && mixture.blind_forwarded() > 0
            && mixture.refused() > 0
            && mixture.late_served() == 0
            && !mixture.served_behind(mixture.set(|_| true));
        bypassed.then(|| Claim {
            confidence: cap(window, scene, most(window)),
            affected: mixture.blind_served,
            culprit: Culprit::Server,
            culprit_endpoint: Some(scene.server),
            basis: Basis::Itself,
            explains: mixture.set(|_| true),
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
        let evidence = Evidence::of(window, claim, Beside::Bypass, show);
        let title = format!(
            "data was served behind a new {} that was then refused",
            auth_name(window)
        );
        let mut not_seen = unseen_login(window);
        not_seen.push(one_leg(scene));
        Some(evidence.words(scene, claim, title, INFO.steps(), not_seen))
    }
}
