//! `noauth-unexplained`: NOAUTH behind an accepted AUTH that no other rule explains.

use super::evidence::{Beside, Evidence, auth_name, cap, one_leg, refuser};
use crate::finding::{
    Confidence, Culprit, Identity, ProofText, RuleInfo, Severity, Words, number_of, some_commands,
};
use crate::rules::boundary::{Outcome, Refusals, Sequel};
use crate::rules::{Basis, Case, Claim, Context, Lesson, Rule, Show};

/// The documentation of `noauth-unexplained`.
pub(crate) static INFO: RuleInfo = RuleInfo {
    name: "noauth-unexplained",
    family: "auth",
    severity: Severity::Error,
    summary: "NOAUTH behind an accepted AUTH in an order that no known fault explains",
    explanation: "AUTH was accepted, and commands behind it were served and refused in turn, or refused and then served \
        without a new AUTH. A server keeps one login for a connection, so it can not do both. None of the faults that \
        this program knows by name fits the order that was seen.\n\n\
        Usually several servers stand behind one address and do not agree on the login: nodes or workers of a proxy, \
        or a balancer that sends each command another way. The same rule reports a connection that was joined in the \
        middle and on which everything is refused.",
    example: "\
client -> server   AUTH <secret>
server -> client   +OK
client -> server   GET a
server -> client   $5 ...
client -> server   GET a
server -> client   -NOAUTH Authentication required.
client -> server   GET a
server -> client   $5 ...                                no AUTH in between",
    silent_when: "Another rule explains the refusals: auth-race, auth-expired, auth-not-honoured, upstream-noauth. RESET \
        was sent, or another AUTH. A script or a command that is not known said the text. On a connection joined in the \
        middle: fewer than three commands were refused, or one was served.",
    advice: "\
Find out how many servers answer at this address, and whether each of them has the same users and passwords.
Capture behind the address as well: the leg to Redis shows which of them refuses.
Report it to the maintainers of the proxy with this capture: the order of these replies is impossible on one server.",
    references: &["envoyproxy/envoy#35983", "https://redis.io/docs/latest/commands/auth/"],
    file: file!(),
};

/// On a connection joined in the middle, so many commands have to be refused.
const ALL_REFUSED: u64 = 3;

/// See [`INFO`].
pub(crate) struct NoauthUnexplained;

impl Rule for NoauthUnexplained {
    fn info(&self) -> &'static RuleInfo {
        &INFO
    }

    fn judge(&self, case: &Case<'_>, left: Refusals, _: &Context<'_>) -> Option<Claim> {
        let (scene, confidence, affected, culprit) = match *case {
            Case::Window(scene, window)
                if window.outcome == Outcome::Accepted && !left.is_empty() =>
            {
                let confidence = cap(window, scene, Confidence::Likely);
                (
                    scene,
                    confidence,
                    window.mixture.size(left),
                    refuser(window),
                )
            }
            Case::Unauthenticated(scene, refused) => {
                let all = matches!(refused.sequel, Sequel::Unknown)
                    && refused.total >= ALL_REFUSED
                    && !refused.served;
                if !all {
                    return None;
                }
                (scene, Confidence::Possible, refused.total, Culprit::Unknown)
            }
            _ => return None,
        };
        Some(Claim {
            confidence,
            affected,
            culprit,
            culprit_endpoint: (culprit != Culprit::Unknown).then_some(scene.server),
            basis: Basis::Itself,
            explains: left,
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
        match *case {
            Case::Window(scene, window) => {
                let evidence = Evidence::of(window, claim, Beside::Around, show);
                let hit: Vec<_> = evidence.refused.iter().collect();
                let title = format!(
                    "{} refused with NOAUTH behind an accepted {}, and no known fault explains the order",
                    some_commands(&hit, claim.affected),
                    auth_name(window)
                );
                let not_seen = vec![one_leg(scene)];
                Some(evidence.words(scene, claim, title, INFO.steps(), not_seen))
            }
            Case::Unauthenticated(_, refused) => {
                let exchanges: Vec<_> = refused
                    .kept
                    .iter()
                    .map(|e| show.exchange(e, None))
                    .collect();
                let mut proof = ProofText::default();
                if let Some(first) = exchanges.first() {
                    proof.exchange(first, "got");
                }
                proof.say("Every command of the connection that was captured is refused.");
                Some(Words {
                    identity: Identity::Connection(refused.first, refused.index),
                    title: format!(
                        "all {} refused with NOAUTH on a connection that was joined in the middle",
                        number_of(claim.affected, "command")
                    ),
                    advice: INFO.steps(),
                    proof: proof.done(),
                    exchanges,
                    measures: vec![("refused", claim.affected as i64)],
                    not_seen: vec![
                        "The start of the connection: whether it ever logged in, and what became of that.".to_owned(),
                    ],
                    notes: Vec::new(),
                    first: refused.first,
                    last: refused.last,
                })
            }
            _ => None,
        }
    }

    fn teaches(&self, _claim: &Claim) -> Option<Lesson> {
        Some(Lesson::RefusesBehind)
    }
}
