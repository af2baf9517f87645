//! From claims to findings, and their revisions while packets still arrive.

use super::super::judge::{Ruled, judge};
use super::super::{Case, Context, Show, Told};
use super::Desk;
use crate::finding::{Culprit, Finding, Involved, Scene, Severity, Verdict, build, withdrawn};
use crate::model::{ConnectionId, Role};
use crate::redis::Shared;
use smallvec::SmallVec;

/// What is said where [`Scene::guessed`].
const GUESSED: &str = "Which end is the client: the connection was joined in the middle on a port that is not known, and its first bytes hold nothing \
    that only a server says. `--port` names the port.";

/// What is known of how a case goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// More may come.
    Open,
    /// Nothing more can come in the case, but others may change its verdict.
    Closed,
    /// Nothing changes it any more.
    Final,
}

impl Desk {
    /// Judges a case and tells what is new. `true` when a finding stands.
    pub(super) fn judge_and_tell(
        &mut self,
        shared: &mut Shared,
        case: &Case<'_>,
        told: &mut Vec<Told>,
        stage: Stage,
    ) -> (bool, SmallVec<[Ruled; 2]>) {
        let claims = judge(case, &self.context(case.scene(), stage != Stage::Open));
        self.withdraw_others(case, told, &claims, stage);
        for ruled in &claims {
            if !ruled.1.waits {
                self.tell(shared, case, told, ruled, stage);
            }
        }
        (told.iter().any(|t| t.stands), claims)
    }

    fn withdraw_others(
        &mut self,
        case: &Case<'_>,
        told: &mut [Told],
        claims: &[Ruled],
        stage: Stage,
    ) {
        let Some(scene) = case.scene() else {
            return;
        };
        let claimed = |t: &Told| {
            claims
                .iter()
                .any(|(rule, claim)| std::ptr::eq(rule.info(), t.info) && !claim.waits)
        };
        let heir = told
            .iter()
            .find(|t| t.stands && claimed(t))
            .and_then(|t| t.said.as_ref())
            .map(|(id, _)| id.clone());
        for gone in told.iter_mut().filter(|t| t.stands && !claimed(t)) {
            gone.stands = false;
            let Some((id, first)) = gone.said.clone() else {
                continue;
            };
            let mut finding = withdrawn(gone.info, id, scene, first, heir.clone());
            // While it is open it may come back.
            finding.is_final = stage == Stage::Final;
            self.journal.tell(finding);
        }
    }

    fn tell(
        &mut self,
        shared: &mut Shared,
        case: &Case<'_>,
        told: &mut Vec<Told>,
        (rule, claim): &Ruled,
        stage: Stage,
    ) {
        let info = rule.info();
        let place = told.iter().position(|t| std::ptr::eq(t.info, info));
        let old = place.and_then(|at| told.get(at));
        let mut verdict = claim.verdict();
        let note = self.name_culprit(&mut verdict);
        let news = old.is_none_or(|old| old.is_news(&verdict));
        match (self.revisions, stage) {
            (true, Stage::Open | Stage::Closed) if !news => return,
            // It is told once, when nothing changes it any more: until then its case is kept anyway, and takes less room.
            (false, Stage::Open | Stage::Closed) => {
                self.stands(case, told, place, Told::silently(info, &verdict));
                return;
            }
            (false, _)
                if !news
                    && old.is_some_and(|old| old.was_said_of(verdict.affected, claim.basis)) =>
            {
                if let (Stage::Final, Some((id, _))) = (stage, old.and_then(|o| o.said.as_ref())) {
                    self.journal.close(id);
                }
                return;
            }
            _ => {}
        }
        let context = self.context(case.scene(), stage != Stage::Open);
        let Some(mut finding) = words(shared, case, (rule, claim), &context, &verdict) else {
            return;
        };
        finding.notes.extend(note);
        if case.scene().is_some_and(|scene| scene.guessed) {
            finding.not_seen.push(GUESSED.to_owned());
        }
        finding.is_final = stage == Stage::Final;
        self.renamed(case, old, &finding);
        self.stands(case, told, place, Told::of(info, &finding, claim.basis));
        self.journal.tell(finding);
    }

    /// What a case is called may change: a command in front of it was answered, and that was not captured. The old name goes.
    fn renamed(&mut self, case: &Case<'_>, old: Option<&Told>, new: &Finding) {
        let (Some(old), Some(scene)) = (old.filter(|old| old.stands), case.scene()) else {
            return;
        };
        if let Some((id, first)) = old.said.clone().filter(|(id, _)| *id != new.id) {
            let became = Some(new.id.clone());
            self.journal
                .tell(withdrawn(old.info, id, scene, first, became));
        }
    }

    fn stands(&mut self, case: &Case<'_>, told: &mut Vec<Told>, place: Option<usize>, new: Told) {
        let info = new.info;
        match place.and_then(|at| told.get_mut(at)) {
            Some(old) => *old = new,
            None => {
                // Hardly any case is told twice.
                told.reserve_exact(usize::from(told.is_empty()));
                told.push(new);
            }
        }
        if let (Some(scene), Severity::Error, "auth") = (case.scene(), info.severity, info.family)
            && let Some(server) = self.endpoints.server(scene.server)
        {
            server.boundary_error = true;
        }
    }

    /// Takes back what was told of a case.
    pub(super) fn take_back(&mut self, scene: &Scene, told: &mut [Told]) {
        for gone in told.iter_mut().filter(|t| t.stands) {
            gone.stands = false;
            let Some((id, first)) = gone.said.clone() else {
                continue;
            };
            let finding = withdrawn(gone.info, id, scene, first, None);
            self.journal.tell(finding);
        }
    }

    /// One leg can not tell a proxy from Redis; the user may have.
    fn name_culprit(&self, verdict: &mut Verdict) -> Option<String> {
        let end = verdict
            .culprit_endpoint
            .filter(|_| verdict.culprit == Culprit::Server)?;
        verdict.culprit = match self.roles.of(&end) {
            Some(Role::Proxy) => Culprit::Proxy,
            Some(Role::Redis) => Culprit::Redis,
            _ => return None,
        };
        let role = verdict.culprit.name();
        Some(format!(
            "{end} is declared as {role} (--role); the packets do not show it"
        ))
    }
}

fn words(
    shared: &mut Shared,
    case: &Case<'_>,
    (rule, claim): (&&'static dyn super::super::Rule, &super::super::Claim),
    context: &Context<'_>,
    verdict: &Verdict,
) -> Option<Finding> {
    let connection = case
        .scene()
        .map_or(ConnectionId(0), |scene| scene.connection);
    let mut show = Show { shared, connection };
    let words = rule.words(case, claim, context, &mut show)?;
    Some(build(rule.info(), verdict, involved(case), words))
}

fn involved(case: &Case<'_>) -> Involved {
    match case {
        Case::Client(exposure) => Involved {
            client: Some(exposure.client),
            server: Some(exposure.server),
            connections: exposure.connections.clone(),
            connections_total: exposure.total,
        },
        Case::Server(address, server) => Involved {
            client: None,
            server: Some(**address),
            connections: server.with_auth.clone(),
            connections_total: server.with_auth_total,
        },
        Case::Incomplete(facts) => Involved {
            client: None,
            server: None,
            connections: facts.connections.clone(),
            connections_total: facts.total,
        },
        Case::Encrypted(facts) => Involved {
            client: None,
            server: facts.servers.first().copied(),
            connections: facts.connections.clone(),
            connections_total: facts.total,
        },
        Case::Window(scene, _)
        | Case::Unauthenticated(scene, _)
        | Case::AuthError(scene, _)
        | Case::Absence(scene, _)
        | Case::Failure(scene, _)
        | Case::Broken(scene, _)
        | Case::Fault(scene, _)
        | Case::Abandoned(scene, _)
        | Case::ServedBefore(scene, _) => Involved::from(*scene),
    }
}
