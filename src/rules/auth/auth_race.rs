//! `auth-race`: a command sent right behind AUTH was judged before AUTH was.

use super::evidence::{Beside, Evidence, auth_name, cap, one_leg, refuser};
use crate::finding::{Confidence, RuleInfo, Severity, Words, some_commands};
use crate::redis::Answerer;
use crate::rules::boundary::{Outcome, Refusals, Window};
use crate::rules::{Basis, Case, Claim, Context, Rule, Show};

/// The documentation of `auth-race`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "auth-race",
    family: "auth",
    severity: Severity::Error,
    summary: "a command behind an accepted AUTH was refused with NOAUTH because it was judged first",
    explanation: "The client sent AUTH and went on without waiting, which RESP allows: commands take effect in the order \
        in which they were sent. The server asked somebody else about the password, did not hold back what came behind \
        AUTH, and judged those commands while the connection was still unknown to it. It then sent the replies in the \
        right order, so the client reads +OK and, for the next command, NOAUTH.\n\n\
        The refusal is wrong, whatever the cause of the delay: a server that has said +OK can not refuse a command that \
        was sent behind that AUTH. Clients often take it for a wrong password, close the connection and try again, and \
        lose the same race each time.\n\n\
        The command is called blind: its last byte left before the reply of AUTH could have arrived. This is read from \
        TCP acknowledgement numbers, so it does not depend on the clock or on where the capture was taken.",
    example: "\
client -> server   AUTH <secret>
client -> server   PING                                  blind
server -> client   +OK
server -> client   -NOAUTH Authentication required.      PING was judged before AUTH
client -> server   PING
server -> client   +PONG                                 the password was right all along",
    silent_when: "The command was sent after +OK had arrived (auth-not-honoured or auth-expired). It was sent in front of \
        AUTH (command-before-auth). AUTH was refused (auth-refused), or RESET came between. A later command that was not \
        blind fails as well (auth-not-honoured), or an earlier blind command succeeded (upstream-noauth). NOAUTH is the \
        value of a key rather than an error. Nothing is said across a gap in the capture that could hide another AUTH.",
    advice: "\
Envoy built from its main branch of August and September 2024: upgrade to 1.40.0. Releases from 1.32 on do not race, but those up to 1.39 may leave commands without an answer (auth-stranded).
Dragonfly 1.40.0: upgrade to 1.40.1.
Another proxy with an external auth service: it must hold back what follows AUTH until the verdict is there, for each connection.
Until then let the client wait for the reply of AUTH before it sends anything else. A pause between connections does not help, nor does connecting in another order.
Do not change the password: it was accepted.",
    references: &[
        "envoyproxy/envoy#35983",
        "envoyproxy/envoy#35988",
        "StackExchange/StackExchange.Redis#2785",
        "dragonflydb/dragonfly#8006",
    ],
    file: file!(),
};

/// See [`INFO`].
pub(crate) struct AuthRace;

impl Rule for AuthRace {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, left: Refusals, context: &Context<'_>) -> Option<Claim> {
        let Case::Window(scene, window) = *case else {
            return None;
        };
        if window.outcome != Outcome::Accepted {
            return None;
        }
        let mixture = &window.mixture;
        let front = mixture.in_front().and(left);
        let raced = mixture.of(front).any(|r| r.blind);
        let front = if raced { front } else { Refusals::NONE };
        let explains = front.or(mixture.overtaken().and(left));
        if explains.is_empty() {
            return None;
        }
        let decided = raced && is_decided(window, front, context);
        let confidence = match decided {
            true => Confidence::Certain,
            false if shadowed(window, explains, context) => Confidence::Possible,
            false => Confidence::Likely,
        };
        Some(Claim {
            confidence: cap(window, scene, confidence),
            affected: mixture.size(explains),
            culprit: refuser(window),
            culprit_endpoint: Some(scene.server),
            basis: if decided {
                Basis::Decided
            } else {
                Basis::Undecided
            },
            explains,
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
        let hit: Vec<_> = evidence.refused.iter().collect();
        let title = format!(
            "{} refused with NOAUTH although {} in front was accepted",
            some_commands(&hit, claim.affected),
            auth_name(window)
        );
        let mut not_seen = Vec::new();
        if claim.basis == Basis::Undecided {
            not_seen.push(match window.mixture.served() {
                0 => "No later command behind this AUTH: an AUTH that has no effect at all would look the same.".to_owned(),
                _ => "The refused command was not served later on this connection: one server behind the proxy \
                      without a login would look the same."
                    .to_owned(),
            });
        }
        not_seen.push(one_leg(scene));
        Some(evidence.words(scene, claim, title, INFO.steps(), not_seen))
    }
}

/// A later success proves the race: of a refused command itself, or of anything where the answering end judges the
/// refused command itself. A refusal that was not blind leaves another explanation.
fn is_decided(window: &Window, front: Refusals, context: &Context<'_>) -> bool {
    let mixture = &window.mixture;
    let own = |answerer| context.direct || answerer == Answerer::Proxy;
    mixture.served_behind(front)
        && mixture.of(front).all(|r| r.blind)
        && mixture.of(front).any(|r| r.served_later || own(r.answerer))
}

/// Another command is refused on the same server though it was not blind: one server without a login explains both.
fn shadowed(window: &Window, explains: Refusals, context: &Context<'_>) -> bool {
    let mut hit = window.mixture.of(explains);
    context.server.is_some_and(|server| {
        hit.any(|r| r.answerer != Answerer::Proxy && server.refused_other_late(r.print.number()))
    })
}
