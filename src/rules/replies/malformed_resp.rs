//! `malformed-resp`: the server's bytes are not RESP.

use crate::finding::{Confidence, Culprit, Identity, ProofText, RuleInfo, Severity, Words, packet};
use crate::redis::Anchor;
use crate::resp::Malformed;
use crate::rules::boundary::Refusals;
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `malformed-resp`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "malformed-resp",
    family: "replies",
    severity: Severity::Error,
    summary: "the server sent bytes that are no RESP: HTTP, TLS, plain text, or a length that does not match",
    explanation: "The client spoke RESP and what came back can not be read as RESP. The finding says what it looks like. \
        HTTP means that the connection reached a web server or a gateway that answers for one. TLS means that one end \
        wants encryption and the other does not. Plain text is often a message of a load balancer. A nested length that \
        does not match means that a reply was lost inside another one, and every later reply may be read wrongly.\n\n\
        Nothing behind the bad bytes is paired with commands: it is counted as undecided.",
    example: "\
client -> server   PING
server -> client   HTTP/1.1 400 Bad Request",
    silent_when: "The connection never spoke RESP in either direction: then it is no Redis connection. The bytes follow a \
        gap in the capture, so the position in the stream is not known. The capture starts in the middle of a reply.",
    advice: "\
HTTP: check address and port, and the routing of the load balancer or service mesh in front.
TLS: switch TLS on in the client, or use the plain port of the server.
Plain text: read it in the packet that is named (only its form is shown here): it names its sender more often than not.
A length that does not match: close the connection, since its replies can no longer be told apart, and update the server or proxy.",
    references: &["https://redis.io/docs/latest/develop/reference/protocol-spec/"],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct MalformedResp;

impl Rule for MalformedResp {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Broken(scene, broken) = *case else {
            return None;
        };
        (broken.anchor > Anchor::Weak).then(|| Claim {
            confidence: scene.cap(broken.anchor).min(Confidence::Likely),
            affected: broken.outstanding,
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
        let Case::Broken(scene, broken) = *case else {
            return None;
        };
        let begins = show.first_bytes(&broken.first_bytes);
        let mut oldest = broken.oldest.as_ref().map(|e| show.exchange(e, None));
        if let Some(oldest) = &mut oldest {
            oldest.instead = Some((broken.seen, begins.clone()));
        }
        let mut proof = ProofText::default();
        let due = match &oldest {
            Some(oldest) => {
                proof.say(&format!(
                    "{} ({}) waited for its reply.",
                    oldest.command,
                    packet(oldest.sent.at)
                ));
                proof.packet(oldest.sent.at);
                "where a reply was due"
            }
            None => {
                proof.say("Nothing was asked.");
                "and no reply was due"
            }
        };
        proof.say(&format!(
            "At byte {} of the server's stream ({}) no RESP frame starts or continues: {}. What stands there begins with `{begins}`.",
            broken.offset,
            packet(broken.seen.at),
            reason(broken.reason)
        ));
        proof.packet(broken.seen.at);
        proof.value("offset", broken.offset);
        let index = oldest.as_ref().map_or(0, |oldest| oldest.index);
        Some(Words {
            identity: Identity::Connection(broken.seen, index),
            title: format!("the server sent {} {due}", broken.looks_like),
            advice: INFO.steps(),
            proof: proof.done(),
            exchanges: oldest.into_iter().collect(),
            measures: Vec::new(),
            not_seen: vec![format!(
                "Who wrote these bytes: {} itself, or something between it and the client.",
                scene.server
            )],
            notes: Vec::new(),
            first: broken.seen,
            last: broken.seen,
        })
    }
}

fn reason(reason: Malformed) -> &'static str {
    match reason {
        Malformed::UnknownType(_) => "the first byte is no RESP type",
        Malformed::BadLength => "a length is no number",
        Malformed::BulkTooLong => "a string is longer than any server sends",
        Malformed::TooManyElements => "an aggregate has more elements than any server sends",
        Malformed::TooDeep => "aggregates are nested too deep",
        Malformed::LineTooLong => "a line does not end",
        Malformed::MissingTerminator => "a string does not end where its length says",
        Malformed::NotABulk => "an element of a command is no string",
        Malformed::UnbalancedQuotes => "quotes do not close",
    }
}
