//! `upstream-noauth`: the proxy let the client in, Redis did not let the proxy in.

use super::evidence::{Beside, Evidence, cap};
use crate::finding::{Confidence, Culprit, RuleInfo, Severity, Words, some_commands};
use crate::redis::Answerer;
use crate::rules::boundary::{Outcome, Refusal, Refusals, Window};
use crate::rules::{Basis, Case, Claim, Context, Lesson, Rule, Show};

/// The documentation of `upstream-noauth`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "upstream-noauth",
    family: "auth",
    severity: Severity::Error,
    summary: "the refusal comes from Redis behind the proxy: the proxy itself is not authenticated there",
    explanation: "There are two logins on the path, one from the client to the proxy and one from the proxy to Redis. The \
        first one worked. The second is missing or wrong, and the proxy hands Redis' own NOAUTH through to the client. \
        The text is the same as the proxy's, so the client can not tell.\n\n\
        On the client's leg it shows as a pattern: commands that a proxy answers by itself succeed (PING, ECHO, TIME), \
        those that it forwards fail. A health check that only sends PING sees nothing. On the leg between proxy and \
        Redis the refusal can be read directly.",
    example: "\
client -> proxy    AUTH <secret>
proxy  -> client   +OK                                   the proxy's own verdict
client -> proxy    PING
proxy  -> client   +PONG                                 answered by the proxy
client -> proxy    GET a
proxy  -> redis    GET a
redis  -> proxy    -NOAUTH Authentication required.
proxy  -> client   -NOAUTH Authentication required.",
    silent_when: "A forwarded command succeeded behind the same AUTH. A command that the proxy answers by itself was \
        refused as well (auth-race, auth-not-honoured or auth-expired).",
    advice: "\
Give the proxy the password of Redis. Envoy: auth_password (and auth_username) in the protocol options of the upstream cluster.
Read the leg between proxy and Redis: -WRONGPASS answering the proxy's AUTH means that the password is there and wrong. Envoy drops that reply.
Let the health check send a command that is forwarded, such as GET of a fixed key, instead of PING.",
    references: &[
        "envoyproxy/envoy#15045",
        "envoyproxy/envoy#21389",
        "envoyproxy/envoy#23962",
    ],
    file: file!(),
};

/// A login that ended looks the same when the refusals start so late behind AUTH, ns.
const LATE_NS: i64 = 1_000_000_000;

/// See [`INFO`]: what comes before `auth-race`.
pub(crate) struct UpstreamNoauth;

/// See [`INFO`]: what is left when races and expired logins are taken out.
pub(crate) struct UpstreamNoauthRest;

impl Rule for UpstreamNoauth {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, left: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        if window.outcome != Outcome::Accepted || left.is_empty() || context.direct {
            return None;
        }
        let mixture = &window.mixture;
        let all = mixture.of(left).all(is_forwarded)
            && mixture.of(left).any(|r| r.answerer == Answerer::Redis);
        let told = mixture.of(left).any(|r| !r.blind || r.behind_success);
        if all && told && mixture.forwarded_served() == 0 && mixture.own_served() > 0 {
            return Some(claim(window, scene, left, Basis::Itself));
        }
        let again = refused_again(window, left, context);
        (!again.is_empty()).then(|| claim(window, scene, again, Basis::RefusedAgain))
    }

    fn words(
        &self,
        case: &Case<'_>,
        claim: &Claim,
        _: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        words(case, claim, show)
    }

    fn teaches(&self, _claim: &Claim) -> Option<Lesson> {
        Some(Lesson::RefusesBehind)
    }
}

impl Rule for UpstreamNoauthRest {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, left: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        if window.outcome != Outcome::Accepted || left.is_empty() || context.direct {
            return None;
        }
        let mixture = &window.mixture;
        let forwarded = mixture.of(left).all(is_forwarded)
            && mixture.of(left).any(|r| r.answerer == Answerer::Redis);
        if forwarded && mixture.forwarded_served() == 0 && mixture.served() > 0 {
            return Some(claim(window, scene, left, Basis::Itself));
        }
        mixture
            .parted_by_key(left)
            .then(|| claim(window, scene, left, Basis::Keys))
    }

    fn words(
        &self,
        case: &Case<'_>,
        claim: &Claim,
        _: &Context<'_>,
        show: &mut Show<'_>,
    ) -> Option<Words> {
        words(case, claim, show)
    }

    fn teaches(&self, claim: &Claim) -> Option<Lesson> {
        UpstreamNoauth.teaches(claim)
    }
}

/// Redis may have refused it. What differs by product may be one or the other.
fn is_forwarded(refusal: &Refusal) -> bool {
    refusal.answerer != Answerer::Proxy
}

/// Of what would be a race: the forwarded commands that were refused again though they were not blind, here or on another
/// connection of the server.
fn refused_again(window: &Window, left: Refusals, context: &Context<'_>) -> Refusals {
    let mixture = &window.mixture;
    let front = mixture.in_front().and(left);
    if !mixture.of(front).any(|r| r.blind) {
        return Refusals::NONE;
    }
    let elsewhere = |r: &Refusal| {
        let again = context
            .server
            .is_some_and(|s| s.refused_late(r.print.number()));
        again && !r.served_later
    };
    // A refusal that was not blind is no race, so nothing turns it.
    let turned = |r: &Refusal| r.refused_again || (r.blind && elsewhere(r));
    let again = |r: &Refusal| r.answerer == Answerer::Redis && turned(r);
    let prints: Vec<_> = mixture
        .of(front)
        .filter(|r| again(r))
        .map(|r| r.print)
        .collect();
    // The later refusal itself may stand in front of the first success as well.
    front.and(mixture.set(|r| prints.contains(&r.print)))
}

fn claim(
    window: &Window,
    scene: &crate::finding::Scene,
    explains: Refusals,
    basis: Basis,
) -> Claim {
    let first = window
        .kept
        .iter()
        .find(|k| k.refusal.is_some_and(|at| explains.has(usize::from(at))));
    let late = first.is_some_and(|k| {
        let sent = k.exchange.command().sent;
        !k.blind && sent.since(window.received().time) >= LATE_NS
    });
    let confidence = match late && basis == Basis::Itself {
        true => Confidence::Possible,
        false => Confidence::Likely,
    };
    Claim {
        confidence: cap(window, scene, confidence),
        affected: window.mixture.size(explains),
        culprit: Culprit::Server,
        culprit_endpoint: Some(scene.server),
        basis,
        explains,
        waits: false,
    }
}

fn words(case: &Case<'_>, claim: &Claim, show: &mut Show<'_>) -> Option<Words> {
    let Case::Window(scene, window) = *case else {
        return None;
    };
    let evidence = Evidence::of(window, claim, Beside::Around, show);
    let hit: Vec<_> = evidence.refused.iter().collect();
    let commands = some_commands(&hit, claim.affected);
    let leg = format!("the leg from {} to {}", scene.client.addr, scene.server);
    let (title, why) = match claim.basis {
        Basis::Keys => (
            format!(
                "{commands} refused for some keys and served for others: a Redis behind the proxy refuses the proxy"
            ),
            "that Redis refused follows from which keys were refused and which were served",
        ),
        Basis::RefusedAgain => (
            format!("{commands} refused by the Redis behind the proxy, not by the proxy"),
            "that Redis refused follows from the same command, refused again although it was sent behind +OK",
        ),
        _ => (
            format!("{commands} refused by the Redis behind the proxy, not by the proxy"),
            "that Redis refused follows from which commands were refused and which a proxy answers itself",
        ),
    };
    let mut not_seen = vec![format!(
        "Only {leg} decides here: {why}. Redis's own reply is not part of it."
    )];
    if claim.confidence == Confidence::Possible {
        not_seen.push("A login that ended meanwhile would look the same.".to_owned());
    }
    Some(evidence.words(scene, claim, title, INFO.steps(), not_seen))
}
