//! `reauth-refused`: a second login on an open connection was not accepted.

use super::auth_refused::{basis, blamed, blamed_endpoint, most, refused_title, unseen_login};
use super::evidence::{Beside, Evidence, cap};
use crate::finding::{RuleInfo, Severity, Words};
use crate::rules::boundary::{Outcome, Refusals, Window};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `reauth-refused`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "reauth-refused",
    family: "auth",
    severity: Severity::Warning,
    summary: "AUTH was refused on a connection that was already logged in",
    explanation: "The client renewed its login on an open connection and the server said no. Whether the old login is kept \
        depends on the server, and the finding says which of the two was seen. Redis since version 6 keeps it: commands \
        go on working and the problem stays hidden until the next reconnect. Redis 5 and Envoy with an external auth \
        service drop it: everything that follows is refused with NOAUTH.",
    example: "\
client -> server   AUTH <secret>                         the renewal
server -> client   -WRONGPASS invalid username-password pair or user is disabled.
client -> server   GET a
server -> client   $5 ...                                Redis kept the old login",
    silent_when: "The connection was not logged in before (auth-refused). Blind commands behind the refused AUTH were \
        served and later ones refused (served-during-reauth). The auth service could not be asked (auth-service-failed).",
    advice: "\
Check the renewed credential: a rotated password or a token that was fetched too late.
If the old login was dropped, close the connection and open a new one with a good credential.
If it was kept, fix it before the connections are opened anew: they will all fail together.",
    references: &["https://redis.io/docs/latest/commands/auth/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct ReauthRefused;

impl Rule for ReauthRefused {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        let refused = window.outcome == Outcome::Refused && window.was_authed;
        refused.then(|| Claim {
            confidence: cap(window, scene, most(window)),
            affected: window.mixture.refused(),
            culprit: blamed(window, context),
            culprit_endpoint: blamed_endpoint(scene, blamed(window, context)),
            basis: basis(window, context),
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
        let title = refused_title("a new ", window, &evidence, claim);
        let old = old_login(window);
        let mut not_seen = unseen_login(window);
        if old.is_none() {
            not_seen.push(
                "No command came behind the refusal: whether the old login was kept is not known."
                    .to_owned(),
            );
        } else {
            not_seen.push(
                "Why it was refused: whether the credential was wrong or old is not on the wire."
                    .to_owned(),
            );
        }
        let mut words = evidence.words(scene, claim, title, steps(claim), not_seen);
        words.notes.splice(0..0, old.map(str::to_owned));
        Some(words)
    }
}

/// What became of the old login; `None` where no command tells.
fn old_login(window: &Window) -> Option<&'static str> {
    let mixture = &window.mixture;
    let served = mixture.late_served() > 0 || mixture.served_behind(mixture.set(|_| true));
    let late = mixture.refused() > mixture.blind_refused();
    match (served, late) {
        (true, false) => Some("the old login was kept: later commands succeeded"),
        (false, true) => Some("the old login was dropped: later commands got NOAUTH"),
        (true, true) => Some("of the later commands some got NOAUTH, some succeeded"),
        (false, false) => None,
    }
}

fn steps(claim: &Claim) -> Vec<&'static str> {
    match claim.basis {
        Basis::GoodCredential => super::auth_refused::good_credential_steps(),
        _ => INFO.steps(),
    }
}
