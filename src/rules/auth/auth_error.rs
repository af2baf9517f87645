//! `auth-error`: AUTH got an error that says nothing about the credential.

use crate::finding::{
    Confidence, Culprit, EXCHANGES_MAX, Identity, ProofText, RuleInfo, Severity, Words, number_of,
};
use crate::rules::boundary::Refusals;
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `auth-error`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-error",
    family: "auth",
    severity: Severity::Warning,
    summary: "AUTH got an error that is not about the credential, and it mattered",
    explanation: "The server did not judge the password. It could not, or did not want to, for another reason: the \
        connection is in subscriber mode, the command is unknown or has the wrong number of arguments, the server is \
        still loading, or it does not speak the protocol version that HELLO asked for. The error says nothing about \
        the credential.\n\n\
        An error of this kind changes no login. On a connection that was logged in, the old login stays; one that was \
        not logged in stays so, and what the client sends next is refused with NOAUTH.",
    example:
        "\
client -> server   SUBSCRIBE news
server -> client   *3 subscribe news 1
client -> server   AUTH <secret>                         the renewal
server -> client   -ERR Can't execute 'auth': only (P|S)SUBSCRIBE / ... are allowed in this context",
    silent_when: "The error refuses the credential (auth-refused, reauth-refused). A handshake tries HELLO first, is told \
        that it is unknown or that the version is not supported, and logs in another way with nothing refused behind \
        it. The server has no password set and nothing is refused. The proxy could not ask its auth service \
        (auth-service-failed).",
    advice: "\
Read the text of the error: it names the reason, and the credential is not it.
Subscriber mode: renew the login on another connection, use RESP3, or unsubscribe first.
Unknown command: AUTH was renamed on the server, or something in front of it does not know AUTH.
LOADING: wait until the server has read its data, and send AUTH again.",
    references: &[
        "https://redis.io/docs/latest/commands/auth/",
        "https://redis.io/docs/latest/develop/interact/pubsub/",
    ],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct AuthError;

impl Rule for AuthError {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::AuthError(scene, error) = *case else {
            return None;
        };
        // That no login followed is known when the end was captured.
        let by_absence = error.open && error.affected() == 0 && !error.renewal;
        let most = match error.login_unseen || by_absence {
            true => Confidence::Possible,
            false => Confidence::Likely,
        };
        Some(Claim {
            confidence: scene.cap(error.anchor).min(most),
            affected: error.affected(),
            culprit: Culprit::Unknown,
            culprit_endpoint: None,
            basis: Basis::Itself,
            explains: Refusals::NONE,
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
        let Case::AuthError(_, error) = *case else {
            return None;
        };
        let auth = show.exchange(&error.auth, None);
        let reply = auth.reply.as_deref().unwrap_or_default();
        let renewal = if error.renewal { "a renewal by " } else { "" };
        let mut title = format!(
            "{renewal}{} got an error that is not about the credential: {reply}",
            auth.command
        );
        if claim.affected > 0 {
            title.push_str(&format!(
                "; {} refused behind it",
                number_of(claim.affected, "command")
            ));
        }
        let mut proof = ProofText::default();
        proof.exchange(&auth, "was answered");
        let kept = error.refused.iter().flat_map(|all| &all.kept);
        let hit: Vec<_> = kept.map(|e| show.exchange(e, Some(false))).collect();
        if let Some(first) = hit.first() {
            proof.exchange(first, "was sent behind it and got");
        }
        let stays = match (error.renewal, error.login_unseen) {
            (true, _) => "the old login stays: this error changes none",
            (false, false) => "there is no login on this connection",
            (false, true) => "whether an old login stands is not known",
        };
        let last = error
            .refused
            .as_ref()
            .map_or(error.received, |all| all.last.max(error.received));
        Some(Words {
            identity: Identity::Connection(error.sent, error.auth.command.index),
            title,
            advice: INFO.steps(),
            proof: proof.done(),
            exchanges: std::iter::once(auth)
                .chain(hit)
                .take(EXCHANGES_MAX)
                .collect(),
            measures: vec![("refused", claim.affected as i64)],
            not_seen: vec!["Whether the credential is good: nobody has judged it here.".to_owned()],
            notes: vec![stays.to_owned()],
            first: error.sent,
            last,
        })
    }
}
