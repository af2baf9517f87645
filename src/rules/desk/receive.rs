//! Takes in the facts of connections.

use super::super::boundary::{
    Abandoned, Absence, AuthError, Ended, Exposed, Outcome, ProxyFailure, ServedBefore,
    Unauthenticated, Window,
};
use super::super::judge::Ruled;
use super::super::news::News;
use super::super::{BrokenStream, Case, Lesson, Show, Told};
use super::Desk;
use super::cases::{Change, Kept};
use super::tell::Stage;
use crate::finding::Scene;
use crate::legs::ServerFacts;
use crate::redis::{Anchor, Answerer, Exchange, Fault, KeptExchange, Shared};

/// The desk with what it needs to make text, while one connection speaks.
#[derive(Debug)]
pub(crate) struct Teller<'d> {
    pub(crate) desk: &'d mut Desk,
    pub(crate) shared: &'d mut Shared,
}

impl News for Teller<'_> {
    fn shared(&mut self) -> &mut Shared {
        self.shared
    }

    fn server(&mut self, scene: &Scene) -> Option<&mut ServerFacts> {
        self.desk.endpoints.server(scene.server)
    }

    fn window(&mut self, scene: &Scene, window: &mut Window) -> bool {
        self.desk.look(self.shared, scene, window, Stage::Open)
    }

    fn window_closed(&mut self, scene: &Scene, mut window: Box<Window>) -> bool {
        let desk = &mut *self.desk;
        if window.outcome == Outcome::Accepted && window.mixture.refused() == 0 {
            desk.credential_accepted(self.shared, scene, &window);
            return false;
        }
        let stands = desk.look(self.shared, scene, &mut window, Stage::Closed);
        desk.credential_accepted(self.shared, scene, &window);
        let kept = Kept {
            scene: *scene,
            window,
        };
        let limit = desk.limits.cases;
        if let Some(mut oldest) = desk.cases.keep(kept, limit) {
            desk.look(self.shared, &oldest.scene, &mut oldest.window, Stage::Final);
        }
        stands
    }

    fn take_back(&mut self, scene: &Scene, window: &mut Window) {
        let mut told = std::mem::take(&mut window.told);
        self.desk.take_back(scene, &mut told);
    }

    fn disputed(&mut self, scene: &Scene, from: u64) {
        for number in self.desk.cases.of_connection(scene, from) {
            let Some(mut kept) = self.desk.cases.take(number) else {
                continue;
            };
            if kept.window.anchor == Anchor::Weak {
                let mut told = std::mem::take(&mut kept.window.told);
                self.desk.take_back(scene, &mut told);
                self.desk.cases.done(number, &scene.server);
            } else {
                self.desk.cases.put_back(number, kept);
            }
        }
    }

    fn unauthenticated(&mut self, scene: &Scene, refused: Box<Unauthenticated>) -> bool {
        let case = Case::Unauthenticated(scene, &refused);
        let stands = self.desk.once(self.shared, &case);
        if !stands {
            self.refused_unexplained(scene, &refused);
        }
        stands
    }

    fn refused_unexplained(&mut self, scene: &Scene, refused: &Unauthenticated) {
        if let Some(first) = refused.kept.first() {
            self.desk
                .count_unexplained(self.shared, scene, first, refused.total);
        }
    }

    fn auth_error(&mut self, scene: &Scene, error: Box<AuthError>) -> bool {
        self.desk.once(self.shared, &Case::AuthError(scene, &error))
    }

    fn absence(
        &mut self,
        scene: &Scene,
        absence: Box<Absence>,
        told: &mut Vec<Told>,
        closed: bool,
    ) -> bool {
        let waits = matches!(absence.ended, Ended::ByServer(..)) && !absence.excused;
        if let Some(server) = self
            .desk
            .endpoints
            .server(scene.server)
            .filter(|_| waits && closed)
        {
            server.closed_waiting += 1;
        }
        let stage = if closed { Stage::Final } else { Stage::Open };
        let case = Case::Absence(scene, &absence);
        self.desk.judge_and_tell(self.shared, &case, told, stage).0
    }

    fn withdraw(&mut self, scene: &Scene, told: &mut Vec<Told>) {
        self.desk.take_back(scene, told);
    }

    fn failure(&mut self, scene: &Scene, failure: &mut ProxyFailure, closed: bool) -> bool {
        let mut told = std::mem::take(&mut failure.told);
        // What was counted since is told when the connection is over.
        let stage = if closed { Stage::Final } else { Stage::Open };
        let stands = match closed || told.is_empty() {
            true => {
                let case = Case::Failure(scene, failure);
                self.desk
                    .judge_and_tell(self.shared, &case, &mut told, stage)
                    .0
            }
            false => true,
        };
        failure.told = told;
        stands
    }

    fn fault(&mut self, scene: &Scene, fault: &Fault) -> bool {
        self.desk.once(self.shared, &Case::Fault(scene, fault))
    }

    fn abandoned(&mut self, scene: &Scene, abandoned: Box<Abandoned>) -> bool {
        let case = Case::Abandoned(scene, &abandoned);
        self.desk.once(self.shared, &case)
    }

    fn served_before(&mut self, scene: &Scene, served: Box<ServedBefore>) -> bool {
        let case = Case::ServedBefore(scene, &served);
        self.desk.once(self.shared, &case)
    }

    fn broken(&mut self, scene: &Scene, broken: Box<BrokenStream>) -> bool {
        self.desk.once(self.shared, &Case::Broken(scene, &broken))
    }

    fn exposed(&mut self, exposed: &Exposed) -> bool {
        self.desk.exposures.add(exposed)
    }

    fn unexplained(&mut self, scene: &Scene, exchange: &Exchange<'_>) {
        let kept = KeptExchange::of(exchange, false);
        self.desk.count_unexplained(self.shared, scene, &kept, 1);
    }
}

impl Desk {
    /// A case that is told once and for all.
    pub(super) fn once(&mut self, shared: &mut Shared, case: &Case<'_>) -> bool {
        let mut told = Vec::new();
        self.judge_and_tell(shared, case, &mut told, Stage::Final).0
    }

    fn count_unexplained(
        &mut self,
        shared: &mut Shared,
        scene: &Scene,
        kept: &KeptExchange,
        count: u64,
    ) {
        let mut show = Show {
            shared,
            connection: scene.connection,
        };
        let shown = show.exchange(kept, None);
        let text = shown.reply.unwrap_or_default().into_owned();
        let first = shown.received.unwrap_or(shown.sent);
        let command = shown.command.into_owned();
        self.unexplained.add(text, command, count, first);
    }

    /// Looks at a window, learns from it, and has those looked at again that it changes.
    pub(super) fn look(
        &mut self,
        shared: &mut Shared,
        scene: &Scene,
        window: &mut Window,
        stage: Stage,
    ) -> bool {
        if window.outcome == Outcome::Accepted && window.mixture.refused() == 0 {
            return false;
        }
        let mut told = std::mem::take(&mut window.told);
        let case = Case::Window(scene, window);
        let (stands, claims) = self.judge_and_tell(shared, &case, &mut told, stage);
        window.told = told;
        // While it is open, the next command may change what it shows.
        let learned = match stage {
            Stage::Open => None,
            Stage::Closed | Stage::Final => self.learn(scene, window, &claims),
        };
        if let Some(change) = learned {
            self.look_again(shared, scene, change);
        }
        stands
    }

    /// What a verdict shows of the server.
    fn learn(&mut self, scene: &Scene, window: &Window, claims: &[Ruled]) -> Option<Change> {
        let server = self.endpoints.server(scene.server)?;
        let mut change = None;
        for (rule, claim) in claims.iter().filter(|(_, claim)| !claim.waits) {
            match rule.teaches(claim) {
                Some(Lesson::LoginsCountForNothing) => {
                    let new = !std::mem::replace(&mut server.not_honoured, true);
                    change = change.or(new.then_some(Change::Logins));
                }
                Some(Lesson::RefusesBehind) if window.mixture.served() > 0 => {
                    let late = window.mixture.of(claim.explains);
                    for refusal in late.filter(|r| !r.blind && r.answerer != Answerer::Proxy) {
                        if server.refuse_late(refusal.print.number()) {
                            change = change.or(Some(Change::Refused));
                        }
                    }
                }
                _ => {}
            }
        }
        change
    }

    /// The same credential may have been refused before.
    fn credential_accepted(&mut self, shared: &mut Shared, scene: &Scene, window: &Window) {
        let Some(credential) = window.auth.credential() else {
            return;
        };
        let accepted = window.outcome == Outcome::Accepted && !window.hello;
        let server = self.endpoints.server(scene.server).filter(|_| accepted);
        if server.is_some_and(|server| server.accept(credential.hash)) {
            self.look_again(shared, scene, Change::Credential(credential.hash));
        }
    }

    /// Something has become known of the server: judges those of its closed windows again that it concerns.
    fn look_again(&mut self, shared: &mut Shared, scene: &Scene, change: Change) {
        for number in self.cases.concerned(&scene.server, change) {
            let Some(mut kept) = self.cases.take(number) else {
                continue;
            };
            let case_scene = kept.scene;
            let mut told = std::mem::take(&mut kept.window.told);
            let case = Case::Window(&case_scene, &kept.window);
            self.judge_and_tell(shared, &case, &mut told, Stage::Closed);
            kept.window.told = told;
            self.cases.put_back(number, kept);
        }
    }
}
