//! `served-before-auth`: data was given out before any login.

use crate::finding::{Confidence, Culprit, Identity, ProofText, RuleInfo, Severity, Words, packet};
use crate::rules::boundary::Refusals;
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `served-before-auth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "served-before-auth",
    family: "auth",
    severity: Severity::Error,
    summary: "data was answered before any login, on a server that has a password",
    explanation: "A command that needs a login was answered with data. Then the same connection sent AUTH with a password alone, and that was accepted. \
        A Redis server accepts such an AUTH only if a password is set. So the command should have been refused with NOAUTH.\n\n\
        Something in front of Redis lets commands pass before it knows who asks.",
    example: "\
client -> server   GET a
client -> server   AUTH secret
server -> client   $5 ...
server -> client   +OK",
    silent_when: "AUTH has a user's name: a user without a password is accepted with any. The settings of the server were changed in this capture: the password may be new. \
        The connection was open for more than ten seconds before AUTH. Its start was not captured. The command is one that a proxy answers itself, such as PING.",
    advice: "\
Treat it as an open door: find out from which networks this address can be reached.
In a proxy, refuse every command until the login is accepted.
Look whether the password was set at that very moment: then nothing is wrong.",
    references: &["https://redis.io/docs/latest/operate/oss_and_stack/management/security/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct ServedBeforeAuth;

impl Rule for ServedBeforeAuth {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::ServedBefore(scene, served) = *case else {
            return None;
        };
        if context.server.is_none_or(|server| server.logins_change) {
            return None;
        }
        let cap = scene.cap(served.served.anchor.min(served.auth.anchor));
        Some(Claim {
            confidence: cap.min(Confidence::Likely),
            affected: served.total,
            culprit: Culprit::Server,
            culprit_endpoint: Some(scene.server),
            basis: Basis::Itself,
            explains: Refusals::NONE,
            waits: false,
        })
    }

    fn words(
        &self,
        case: &Case<'_>,
        _: &Claim,
        _: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        let Case::ServedBefore(_, served) = *case else {
            return None;
        };
        let first = show.exchange(&served.served, None);
        let auth = show.exchange(&served.auth, None);
        let received = first.received?;
        let mut proof = ProofText::default();
        proof.say(&format!(
            "{} ({}) was answered with data ({}) before any login.",
            first.command,
            packet(first.sent.at),
            packet(received.at)
        ));
        proof.say(&format!(
            "AUTH with a password alone ({}) was accepted then: a server without a password refuses that.",
            packet(auth.sent.at)
        ));
        proof.packet(first.sent.at);
        proof.packet(received.at);
        proof.packet(auth.sent.at);
        Some(Words {
            identity: Identity::Connection(first.sent, first.index),
            title: format!("{} was served before any login", first.command),
            advice: INFO.steps(),
            proof: proof.done(),
            measures: Vec::new(),
            not_seen: vec![
                "Whether the password was set by somebody else in between, and whether the server takes any password (Dragonfly does where none is set).".to_owned(),
            ],
            notes: Vec::new(),
            first: first.sent,
            last: auth.received.unwrap_or(received),
            exchanges: vec![first, auth],
        })
    }
}
