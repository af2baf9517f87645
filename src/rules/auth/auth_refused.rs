//! `auth-refused`: the password was not accepted.

use super::evidence::{Beside, Evidence, auth_name, cap};
use crate::finding::{Confidence, Culprit, RuleInfo, Scene, Severity, Words};
use crate::model::Endpoint;
use crate::rules::boundary::{Outcome, Refusals, Window};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `auth-refused`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-refused",
    family: "auth",
    severity: Severity::Warning,
    summary: "AUTH was refused on a connection that was not logged in, with the commands it took down",
    explanation: "The server answered AUTH, or HELLO with AUTH, with an error that means no. Whatever the client sent \
        behind it is refused with NOAUTH, and that is a consequence, not a second fault.\n\n\
        The text tells who spoke. `WRONGPASS invalid username-password pair or user is disabled.` is Redis. \
        `ERR unauthorized` is Envoy with an external auth service, and `ERR` with another text may be a message of that \
        service. HELLO with AUTH answered NOAUTH is a proxy that does not read the login inside HELLO.",
    example: "\
client -> server   AUTH <secret>
client -> server   PING
server -> client   -WRONGPASS invalid username-password pair or user is disabled.
server -> client   -NOAUTH Authentication required.",
    silent_when: "The connection was logged in already (reauth-refused). The server has no password set and says so. HELLO \
        is unknown to the server, or it does not speak the protocol version. The error is about something else in the \
        command, such as the client's name. The auth service could not be asked \
        (auth-service-failed).",
    advice: "\
Check user and password, and whether the user is enabled (ACL LIST on the server).
Where the error is `ERR unauthorized`, look into the log of the proxy's auth service: it made the decision.
Where HELLO with AUTH is answered NOAUTH (Envoy 1.37 to 1.39): send AUTH as a command of its own, use RESP2 in the client, or upgrade to 1.40.0.
After a change of password look for clients that still use the old one: findings like this one name their addresses.",
    references: &[
        "https://redis.io/docs/latest/commands/auth/",
        "https://redis.io/docs/latest/commands/hello/",
    ],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct AuthRefused;

impl Rule for AuthRefused {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        let refused = window.outcome == Outcome::Refused && !window.was_authed;
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
        let title = refused_title("", window, &evidence, claim);
        let mut not_seen = unseen_login(window);
        not_seen.push(match claim.basis {
            Basis::GoodCredential => "Why the same credential was refused here and accepted there.",
            _ => "Whether the credential is wrong, old or meant for another user is not on the wire.",
        }.to_owned());
        let advice = match claim.basis {
            Basis::GoodCredential => good_credential_steps(),
            _ => INFO.steps(),
        };
        Some(evidence.words(scene, claim, title, advice, not_seen))
    }
}

/// The most that may be said: whether the connection was logged in before may not have been captured.
pub(super) fn most(window: &Window) -> Confidence {
    if window.login_unseen {
        Confidence::Possible
    } else {
        Confidence::Likely
    }
}

/// The same credential was accepted by AUTH at that server: the client did nothing wrong.
pub(super) fn basis(window: &Window, context: &Context<'_>) -> Basis {
    let good = window.auth.credential().is_some_and(|print| {
        context
            .server
            .is_some_and(|server| server.accepts(print.hash))
    });
    if good {
        Basis::GoodCredential
    } else {
        Basis::Itself
    }
}

/// Who is to blame for a refused AUTH.
pub(super) fn blamed(window: &Window, context: &Context<'_>) -> Culprit {
    match basis(window, context) {
        Basis::GoodCredential => Culprit::Server,
        _ => Culprit::Client,
    }
}

/// The end that is to blame.
pub(super) fn blamed_endpoint(scene: &Scene, culprit: Culprit) -> Option<Endpoint> {
    match culprit {
        Culprit::Client => Some(scene.client),
        _ => Some(scene.server),
    }
}

/// What to do where the credential is good.
pub(super) fn good_credential_steps() -> Vec<&'static str> {
    vec![
        "The password is good: the same one was accepted by this server. Do not change it.",
        "Where HELLO with AUTH is refused and AUTH is accepted (Envoy 1.37 to 1.39): send AUTH as a command of its own, or upgrade to 1.40.0.",
        "Where one of several nodes behind the address refuses: compare their users and passwords.",
    ]
}

pub(super) fn unseen_login(window: &Window) -> Vec<String> {
    let unseen =
        "Whether the connection was logged in before: its start, or part of it, was not captured.";
    window
        .login_unseen
        .then(|| unseen.to_owned())
        .into_iter()
        .collect()
}

pub(super) fn refused_title(
    again: &str,
    window: &Window,
    evidence: &Evidence<'_>,
    claim: &Claim,
) -> String {
    let (auth, reply) = (auth_name(window), evidence.auth_reply());
    let good = match claim.basis {
        Basis::GoodCredential => " although the same credential was accepted by this server",
        _ => "",
    };
    match claim.affected {
        0 => format!("{again}{auth} was refused{good}: {reply}"),
        1 => format!("{again}{auth} was refused{good} ({reply}), and one command with it"),
        n => format!("{again}{auth} was refused{good} ({reply}), and {n} commands with it"),
    }
}
