//! `auth-missing`: the client never logged in.

use crate::finding::{
    Confidence, Culprit, Identity, ProofText, RuleInfo, Severity, Words, number_of, packet,
};
use crate::rules::boundary::{Refusals, Sequel};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `auth-missing`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-missing",
    family: "auth",
    severity: Severity::Warning,
    summary: "commands are refused with NOAUTH on a connection that never sends AUTH",
    explanation: "The connection was captured from its first packet, and no AUTH was sent on it. The server wants one and \
        refuses each command. The server is right. A HELLO with AUTH that the server does not \
        understand counts as none, and the finding says so.\n\n\
        Health checks of load balancers and orchestrators are the usual senders, then pools that log in on the first \
        connection and forget it when they reconnect, and programs whose password setting is empty.",
    example: "\
client -> server   PING
server -> client   -NOAUTH Authentication required.
client -> server   (FIN)",
    silent_when: "The start of the connection was not captured, or a gap could hide an AUTH. An AUTH follows later \
        (command-before-auth). The only refused command is a bare HELLO. \
        Commands were served before without an AUTH: then a password was set meanwhile.",
    advice: "\
Look at the client address: if it is a health check, let it log in or accept NOAUTH as a sign of life.
Check that the client sends the password after a reconnect, and that the setting reaches the program at all.
If the server was given a password while it was running, clients without one have to be configured and restarted.",
    references: &["https://redis.io/docs/latest/commands/auth/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct AuthMissing;

impl Rule for AuthMissing {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Unauthenticated(scene, refused) = *case else {
            return None;
        };
        let Sequel::Never { open } = refused.sequel else {
            return None;
        };
        // Still open: an AUTH may come. Served: there was a login by another name, or a password was set meanwhile.
        let most = match open || refused.served {
            true => Confidence::Possible,
            false => Confidence::Likely,
        };
        Some(Claim {
            confidence: refused.cap(scene).min(most),
            affected: refused.total,
            culprit: Culprit::Client,
            culprit_endpoint: Some(scene.client),
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
        let Case::Unauthenticated(_, refused) = *case else {
            return None;
        };
        let mut proof = ProofText::default();
        proof.say(&format!(
            "The connection was captured from its start. The first refusal answers {}; no AUTH was sent until the end.",
            packet(refused.first.at)
        ));
        proof.packet(refused.first.at);
        let mut not_seen = Vec::new();
        if matches!(refused.sequel, Sequel::Never { open: true }) {
            not_seen.push(
                "The connection is still open: an AUTH may come behind the end of the capture."
                    .to_owned(),
            );
        }
        if refused.served {
            not_seen.push(
                "Why other commands were served: AUTH may have another name on this server, or a password was set \
                 meanwhile."
                    .to_owned(),
            );
        }
        if refused.only_switches {
            not_seen.push(
                "Whether the server said it of CLIENT REPLY: that gets no reply when it is accepted, and a script behind it \
                 may have said NOAUTH of its own."
                    .to_owned(),
            );
        }
        if not_seen.is_empty() {
            not_seen.push(
                "Whether the client has a password at all: its settings are not on the wire."
                    .to_owned(),
            );
        }
        Some(Words {
            identity: Identity::Connection(refused.first, refused.index),
            title: format!(
                "{} refused with NOAUTH on a connection that never sends AUTH",
                number_of(refused.total, "command")
            ),
            advice: INFO.steps(),
            proof: proof.done(),
            exchanges: refused
                .kept
                .iter()
                .map(|e| show.exchange(e, None))
                .collect(),
            measures: vec![("refused", refused.total as i64)],
            not_seen,
            notes: Vec::new(),
            first: refused.first,
            last: refused.last,
        })
    }
}
