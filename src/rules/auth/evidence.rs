//! What a finding about an AUTH window shows: the exchanges its claim rests on, and the sentences that join them.

use crate::finding::{
    Confidence, EXCHANGES_MAX, FindingExchange, Identity, Moment, Proof, ProofText, Scene, Words,
    packet,
};
use crate::model::Host;
use crate::redis::PackedExchange;
use crate::rules::boundary::{KeptCommand, Outcome, Window};
use crate::rules::{Basis, Claim, Show};

/// Numbers that say how an AUTH window went.
const MEASURES: usize = 5;

/// What else than the refused commands a rule shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// The first success behind the refusals.
    Later,
    /// A success in front of the refusals, and the first behind them.
    Around,
    /// What was served although the new AUTH was refused.
    Bypass,
}

/// The exchanges of one claim, as they are shown.
pub(super) struct Evidence<'w> {
    window: &'w Window,
    auth: FindingExchange,
    /// Those refused with NOAUTH that the claim is about, the one that decides first.
    pub(super) refused: Vec<FindingExchange>,
    before: Option<FindingExchange>,
    later: Option<FindingExchange>,
    bypass: Option<FindingExchange>,
}

impl<'w> Evidence<'w> {
    pub(super) fn of(
        window: &'w Window,
        claim: &Claim,
        beside: Beside,
        show: &mut Show<'_>,
    ) -> Evidence<'w> {
        let about = |k: &&KeptCommand| {
            k.refusal.is_some_and(|at| {
                claim.explains.has(usize::from(at)) || window.outcome != Outcome::Accepted
            })
        };
        let refused: Vec<&KeptCommand> = window.kept.iter().filter(about).collect();
        let first = refused.iter().map(|k| k.exchange.index()).min();
        let served = || window.kept.iter().filter(|k| k.refusal.is_none());
        let behind = |k: &&KeptCommand| first.is_some_and(|f| k.exchange.index() > f);
        let in_front = |k: &&KeptCommand| first.is_some_and(|f| k.exchange.index() < f);
        // The same command decides more than any other.
        let same = |k: &&KeptCommand| {
            refused.iter().any(|r| {
                let (a, b) = (r.exchange.command(), k.exchange.command());
                a.id == b.id && a.first == b.first
            })
        };
        let later = served()
            .filter(behind)
            .find(same)
            .or_else(|| served().find(behind));
        let mut shown = |e: &PackedExchange, blind| show.exchange(&e.unpack(), Some(blind));
        // Tags are numbered as they are met: what was refused comes first.
        let all = refused.iter();
        let hit: Vec<FindingExchange> = all.map(|k| shown(&k.exchange, k.blind)).collect();
        let before = match (&window.first_success, served().rfind(in_front)) {
            _ if beside != Beside::Around => None,
            (Some(success), _) if first.is_none_or(|f| success.index() < f) => {
                Some(shown(success, window.first_blind))
            }
            (_, kept) => kept.map(|k| shown(&k.exchange, k.blind)),
        };
        let mut of = |k: &KeptCommand| shown(&k.exchange, k.blind);
        let later = later.filter(|_| beside != Beside::Bypass).map(&mut of);
        let bypass = served()
            .find(|k| beside == Beside::Bypass && k.blind)
            .map(&mut of);
        Evidence {
            window,
            auth: show.exchange(&window.auth.unpack(), None),
            refused: hit,
            before,
            later,
            bypass,
        }
    }

    /// What was not blind first: that AUTH has no effect is shown by what was sent when its reply had arrived.
    pub(super) fn late_first(&mut self) {
        self.refused.sort_by_key(|e| e.blind != Some(false));
    }

    fn beside(&self) -> impl Iterator<Item = &FindingExchange> {
        self.before.iter().chain(&self.later).chain(&self.bypass)
    }

    /// When the last of it was seen.
    fn last(&self) -> Moment {
        let all = self.refused.iter().chain(self.beside());
        all.filter_map(|e| e.received)
            .fold(self.window.received(), Moment::max)
    }

    /// AUTH first, then what is shown, in the order of the commands.
    fn listed(self) -> Vec<FindingExchange> {
        let room = EXCHANGES_MAX - 1 - self.beside().count();
        let beside = [self.before, self.later, self.bypass];
        let mut shown = self.refused;
        shown.truncate(room);
        shown.reserve_exact(EXCHANGES_MAX - room);
        shown.extend(beside.into_iter().flatten());
        shown.sort_by_key(|e| e.index);
        shown.dedup_by_key(|e| e.index);
        shown.insert(0, self.auth);
        shown
    }

    /// AUTH as it was answered.
    pub(super) fn auth_reply(&self) -> &str {
        self.auth.reply.as_deref().unwrap_or_default()
    }

    fn proof(&self) -> Proof {
        let window = self.window;
        let mut words = ProofText::default();
        words.exchange(&self.auth, "was answered");
        words.value("auth_reply_end", window.reply_end());
        if let Some(served) = &self.bypass {
            words.exchange(
                served,
                "was sent before that reply could have arrived and got data,",
            );
        }
        if let Some(served) = &self.before {
            words.exchange(served, "succeeded before the refusals:");
        }
        if let Some(first) = self.refused.first() {
            let blind = first.blind == Some(true);
            words.exchange(
                first,
                match blind {
                    true => "was sent before that reply could have arrived and got",
                    false => "was sent after that reply had arrived and got",
                },
            );
            if let (true, Some(ack)) = (blind, window.first_blind_ack.get()) {
                words.say(&format!(
                    "Its segment acknowledged {ack} bytes of the server; AUTH's reply ends at byte {}.",
                    window.reply_end()
                ));
                words.value("command_ack", ack);
            }
        }
        if let Some(later) = &self.later {
            words.say(&format!(
                "A later {} ({}) succeeded without another AUTH.",
                later.command,
                packet(later.sent.at)
            ));
            words.packet(later.sent.at);
        }
        words.done()
    }

    fn measures(&self) -> Vec<(&'static str, i64)> {
        let mixture = &self.window.mixture;
        let mut out = Vec::with_capacity(MEASURES);
        out.push(("auth_latency_ns", self.window.latency_ns()));
        if let Some(first) = self.refused.first() {
            let after = first.sent.time.since(self.window.sent().time);
            out.push(("command_after_auth_ns", after));
        }
        let blind = mixture.blind_refused();
        out.push(("blind_refused", blind as i64));
        out.push(("late_refused", (mixture.refused() - blind) as i64));
        out.push(("blind_served", self.window.blind_ok as i64));
        out
    }

    /// Everything but title, advice and what was not seen.
    pub(super) fn words(
        self,
        scene: &Scene,
        claim: &Claim,
        title: String,
        advice: Vec<&'static str>,
        mut not_seen: Vec<String>,
    ) -> Words {
        if not_seen.is_empty() && claim.confidence < Confidence::Certain {
            not_seen.push(one_leg(scene));
        }
        if self.window.doubtful {
            not_seen.push(
                "What a command that was not understood did to the login: it may have changed it."
                    .to_owned(),
            );
        }
        Words {
            identity: Identity::Connection(self.window.sent(), self.window.auth.index()),
            title,
            advice,
            proof: self.proof(),
            measures: self.measures(),
            not_seen,
            notes: self.notes(scene, claim),
            first: self.window.sent(),
            last: self.last(),
            exchanges: self.listed(),
        }
    }

    fn notes(&self, scene: &Scene, claim: &Claim) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(library) = &self.window.library {
            out.push(format!("client library: {library}"));
        }
        if scene.midstream {
            out.push("the connection was joined in the middle".to_owned());
        } else if !scene.whole {
            out.push("bytes of this connection are missing in the capture".to_owned());
        }
        if claim.basis == Basis::Siblings {
            out.push(
                "other connections of this server show the cause; this one alone does not"
                    .to_owned(),
            );
        }
        if claim.affected > self.refused.len() as u64 && claim.affected > 0 {
            out.push("only the first of the refused commands are listed".to_owned());
        }
        out
    }
}

/// What one leg leaves open.
pub(super) fn one_leg(scene: &Scene) -> String {
    format!(
        "Only the leg from {} to {} decides here: whether a proxy or Redis itself refused is not visible on it.",
        Host(scene.client.addr),
        scene.server
    )
}

/// `AUTH`, or `HELLO AUTH`.
pub(super) fn auth_name(window: &Window) -> &'static str {
    if window.hello { "HELLO AUTH" } else { "AUTH" }
}

/// Where pairing was lost before anything decided, the gap may hold what would have.
pub(super) fn cap(window: &Window, scene: &Scene, confidence: Confidence) -> Confidence {
    let interrupted = window.interrupted && confidence != Confidence::Certain;
    let most = if interrupted || window.mixture.is_vague() {
        Confidence::Possible
    } else {
        Confidence::Certain
    };
    confidence.min(window.cap(scene)).min(most)
}

/// Who refused: a proxy, where only a proxy says it so.
pub(super) fn refuser(window: &Window) -> crate::finding::Culprit {
    match window.proxy_refused {
        true => crate::finding::Culprit::Proxy,
        false => crate::finding::Culprit::Server,
    }
}
