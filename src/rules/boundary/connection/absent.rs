//! Commands without an answer: while the connection is open, and when it is over.

use super::Boundary;
use crate::finding::Scene;
use crate::redis::{Fate, Kind, Pending, Shared};
use crate::rules::boundary::absence::{Absence, Ended, Flight, KEPT, Waiting};
use crate::rules::boundary::closing::Closing;
use crate::rules::boundary::waiters::Waiters;
use crate::rules::news::News;

impl Boundary {
    /// A command gets no reply.
    pub(crate) fn unpaired(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        fate: Fate,
        command: &Pending,
    ) {
        self.before_auth(news, scene, command.kind);
        match fate {
            Fate::Unanswered => self.left_behind(news.shared(), command),
            Fate::Begun => self.begun = true,
            Fate::Silent if command.is_auth() || command.kind == Kind::Reset => {
                // It took effect, and what it did was not said.
                self.close_window(news, scene);
                self.login = self.login.doubted();
            }
            Fate::Silent | Fate::Undecided => {}
        }
        self.auth_seen |= command.is_auth();
    }

    fn left_behind(&mut self, shared: &Shared, command: &Pending) {
        self.blocked |= shared.may_block(command);
        let rare = self.rare.get_or_insert_default();
        rare.left_total.count(command, self.blocked);
        if rare.left.len() < KEPT {
            let window = self.window.as_deref();
            let waiting = Waiting::new(shared, window, command, self.blocked);
            rare.left.push(waiting);
        }
    }

    /// What was said of commands that wait does not hold any more.
    pub(super) fn take_overdue_back(&mut self, news: &mut impl News, scene: &Scene) {
        if let Some(rare) = &mut self.rare
            && !rare.overdue_told.is_empty()
        {
            news.withdraw(scene, &mut rare.overdue_told);
        }
    }

    /// These commands have been waiting for longer than the server's patience, and the connection is open.
    pub(crate) fn overdue<'p>(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        waiting: impl Iterator<Item = &'p Pending>,
        closing: &Closing,
    ) -> bool {
        let (mut blocked, mut total) = (false, Waiters::default());
        let mut left = Vec::new();
        for command in waiting {
            blocked |= news.shared().may_block(command);
            total.count(command, blocked);
            if left.len() < KEPT {
                let window = self.window.as_deref();
                left.push(Waiting::new(news.shared(), window, command, blocked));
            }
        }
        let told = self.tell_absence(news, scene, left, total, closing);
        self.not_exposed(told);
        told
    }

    pub(super) fn tell_absence(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        left: Vec<Waiting>,
        total: Waiters,
        closing: &Closing,
    ) -> bool {
        if left.is_empty() || closing.one_sided || self.begun {
            self.take_overdue_back(news, scene);
            return false;
        }
        let patience = closing.patience_ns.unwrap_or_else(|| {
            news.server(scene)
                .map_or(1_000_000_000, |server| server.patience_ns())
        });
        let window = self.window.as_deref();
        let flight = window.map(|w| Flight::of(w, scene, patience));
        // By order of another connection.
        let ended = matches!(closing.ended, Ended::ByServer(..));
        let server = news.server(scene).filter(|_| ended);
        let dismissed = server.is_some_and(|server| server.dismissals.explain(closing.until.time));
        let absence = Absence {
            left,
            total: total.all,
            free: total.free,
            flight,
            waited_ns: closing.waited_ns,
            patience_ns: patience,
            idle_ns: closing.idle_ns,
            until: closing.until,
            ended: closing.ended,
            life: closing.life,
            released: None,
            excused: self.excused || dismissed,
            one_sided: closing.one_sided,
            // Joined in the middle, the client may have said that it wants no replies.
            maybe_silent: !(self.answered || (scene.whole && !self.lost)),
            served: self.last_reply.is_some(),
        };
        let told = news.absence(
            scene,
            Box::new(absence),
            &mut self.rare().overdue_told,
            closing.closed,
        );
        self.reported |= told;
        told
    }
}
