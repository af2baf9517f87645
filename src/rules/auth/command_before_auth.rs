//! `command-before-auth`: the client asked first and logged in afterwards.

use crate::finding::{
    Confidence, Culprit, EXCHANGES_MAX, FindingExchange, Identity, Moment, Proof, ProofText,
    RuleInfo, Scene, Severity, Words, packet, some_commands,
};
use crate::rules::boundary::{Refusals, Sequel};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `command-before-auth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "command-before-auth",
    family: "auth",
    severity: Severity::Warning,
    summary: "the client sent a command in front of AUTH and it was refused with NOAUTH",
    explanation: "The command stands in front of AUTH in the bytes that the client sent, so the server had to refuse it. \
        The server is right. In the client's log it can look like the race, because NOAUTH and +OK come close together; \
        the order of the bytes tells them apart.\n\n\
        Typical causes are a credential that is fetched in the background while the connection is already in use, a \
        connection hook that runs before the login, and automatic pipelining that moves AUTH behind another command.",
    example: "\
client -> server   INFO
client -> server   AUTH <secret>
server -> client   -NOAUTH Authentication required.      right: INFO came first
server -> client   +OK",
    silent_when: "The command was a bare HELLO: clients ask that way which protocol the server speaks. No AUTH ever follows \
        (auth-missing). The command came behind an AUTH. A replica asked with PING whether its master is \
        there, and logged in then. The start of the connection was not captured, so an earlier AUTH \
        may exist.",
    advice: "\
Make AUTH, or HELLO with AUTH, the first thing the client sends on a new connection.
Lettuce with a credentials provider: upgrade to 6.5.0 or later.
ioredis with automatic pipelining: upgrade to a release that keeps AUTH in front (ioredis#1242).
Check hooks and health checks that use a connection before the login has finished.",
    references: &[
        "redis/lettuce#2996",
        "redis/lettuce#3104",
        "redis/ioredis#1237",
        "redis/ioredis#1242",
    ],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct CommandBeforeAuth;

impl Rule for CommandBeforeAuth {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Unauthenticated(scene, refused) = *case else {
            return None;
        };
        // Served first and refused then: there was a login that was not seen.
        if !matches!(refused.sequel, Sequel::Auth(_)) || refused.served {
            return None;
        }
        let most = match scene.whole {
            true => Confidence::Likely,
            false => Confidence::Possible,
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
        claim: &Claim,
        _: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        let Case::Unauthenticated(scene, refused) = *case else {
            return None;
        };
        let Sequel::Auth(auth) = &refused.sequel else {
            return None;
        };
        let auth = show.exchange(auth, None);
        let hit: Vec<_> = refused
            .kept
            .iter()
            .map(|e| show.exchange(e, None))
            .collect();
        let commands: Vec<_> = hit.iter().collect();
        let mut title = format!(
            "{} sent before AUTH and refused with NOAUTH",
            some_commands(&commands, claim.affected)
        );
        let mut notes = Vec::new();
        if refused.multi {
            title.push_str(", so its transaction was lost");
            notes.push(
                "MULTI was refused: no transaction was open, and the commands behind it ran one by one, each at once"
                    .to_owned(),
            );
        }
        let last = auth
            .received
            .map_or(refused.last, |at| at.max(refused.last));
        Some(Words {
            identity: Identity::Connection(refused.first, refused.index),
            title,
            advice: INFO.steps(),
            proof: prove(scene, refused.first, &auth),
            exchanges: std::iter::once(auth)
                .chain(hit)
                .take(EXCHANGES_MAX)
                .collect(),
            measures: vec![("refused", refused.total as i64)],
            not_seen: vec![
                match scene.whole {
                    true => "What the client does with the refusal is not on the wire.",
                    false => "What was sent before the capture began: an earlier AUTH may exist.",
                }
                .to_owned(),
            ],
            notes,
            first: refused.first,
            last: if refused.multi { last } else { refused.last },
        })
    }
}

fn prove(scene: &Scene, first: Moment, auth: &FindingExchange) -> Proof {
    let which = match scene.whole {
        true => "first AUTH of the connection",
        false => "first AUTH that was captured",
    };
    let mut proof = ProofText::default();
    proof.say(&format!(
        "The first refused command is in {}; the {which} is in {}, behind it.",
        packet(first.at),
        packet(auth.sent.at)
    ));
    proof.packet(first.at);
    proof.packet(auth.sent.at);
    proof.done()
}
