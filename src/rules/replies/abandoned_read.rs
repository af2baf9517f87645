//! `abandoned-read`: a client that gave up waiting goes on with the connection, and reads each reply one command late.

use crate::finding::{
    Confidence, Culprit, FindingExchange, Identity, ProofText, RuleInfo, Severity, Words,
    number_of, packet,
};
use crate::model::span;
use crate::rules::boundary::{FOR_GOOD, Refusals};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `abandoned-read`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "abandoned-read",
    family: "replies",
    severity: Severity::Error,
    summary: "a client that waited for each reply goes on with one reply unread, for good: its callers get each other's data",
    explanation: "For at least twenty commands the client waited for each reply. Then it waited longer than usual, and sent its next command without having read the reply. \
        From there on one reply is always unread: each command leaves when the reply in front of the last one has just arrived. \
        The client takes the late reply for the answer to its next command, and every caller gets what another one asked for.\n\n\
        The server is innocent: on the wire each command has its own reply, in order. It happens when a timeout or a cancelled task ends the reading and the connection goes back to its pool.",
    example: "\
client -> server   GET user:1                 cancelled while it waits
client -> server   GET user:2                 sent before the reply to user:1 arrived
server -> client   $5 ...                     user:1, read as the answer to user:2
client -> server   GET user:3
server -> client   $5 ...                     user:2, read as the answer to user:3",
    silent_when: "The client ever sends several commands in one flight, or its library shares one connection between callers: \
        then the wire can not tell who reads what. The client waits again later. The connection ends soon. \
        The start of the connection was not captured, or bytes are missing.",
    advice: "\
Treat what this connection delivered since then as mixed up.
Close the connection when a read times out or is cancelled; never give it back to the pool.
redis-py: 4.5.5 or later. redis-rb with redis-client: 0.26.4 or later. Jedis: 7.4.0 or later, and `close()`.",
    references: &["redis/redis-py#2624", "redis/redis-py#2665"],
    file: file!(),
};

/// Libraries that send for several callers on one connection.
const SHARED: [&str; 8] = [
    "StackExchange",
    "SE.Redis",
    "lettuce",
    "redis-rs",
    "ioredis",
    "node-redis",
    "rueidis",
    "fred",
];

/// See [`INFO`].
pub(crate) struct AbandonedRead;

impl Rule for AbandonedRead {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, _: Refusals, _: &Context<'_>) -> Option<Claim> {
        let Case::Abandoned(scene, abandoned) = *case else {
            return None;
        };
        let library = abandoned.library.as_deref().unwrap_or_default();
        let shared = SHARED.iter().any(|name| library.starts_with(name));
        if shared || !scene.whole || abandoned.followed < FOR_GOOD {
            return None;
        }
        Some(Claim {
            confidence: scene.cap(abandoned.anchor).min(Confidence::Likely),
            affected: u64::from(abandoned.followed) + 1,
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
        let Case::Abandoned(_, abandoned) = *case else {
            return None;
        };
        let left = show.exchange(&abandoned.left, None);
        let behind: Vec<FindingExchange> = abandoned
            .behind
            .iter()
            .map(|kept| show.exchange(kept, None))
            .collect();
        let first = behind.first()?.clone();
        let mut proof = ProofText::default();
        proof.say(&format!(
            "{} ({}) was sent {} behind {} ({}) and before its reply was received, after {} that had each been waited for.",
            first.command,
            packet(first.sent.at),
            span(abandoned.waited_ns),
            left.command,
            packet(left.sent.at),
            number_of(u64::from(abandoned.waited_for), "command")
        ));
        proof.say(&format!(
            "{} behind it left one reply unread as well, up to the end.",
            number_of(u64::from(abandoned.followed), "command")
        ));
        proof.packet(left.sent.at);
        proof.packet(first.sent.at);
        let title = format!(
            "the client stopped waiting for {}: {} got the reply of another",
            left.command,
            number_of(claim.affected, "later command")
        );
        let identity = Identity::Connection(left.sent, left.index);
        let since = left.sent;
        let mut exchanges = vec![left];
        exchanges.extend(behind);
        Some(Words {
            identity,
            title,
            advice: INFO.steps(),
            proof: proof.done(),
            measures: vec![
                ("waited_ns", abandoned.waited_ns),
                ("usual_ns", abandoned.usual_ns),
                ("waited_for", i64::from(abandoned.waited_for)),
            ],
            not_seen: vec![
                "What the client's code did with the replies: if two callers share this connection, each waits for its own and nothing is wrong.".to_owned(),
            ],
            notes: Vec::new(),
            first: since,
            last: abandoned.last,
            exchanges,
        })
    }
}
