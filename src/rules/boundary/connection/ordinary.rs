//! Ordinary commands far behind a login, and their answers: nearly all traffic, and nothing to judge.

use super::super::login::Login;
use super::Boundary;
use crate::finding::Scene;
use crate::redis::{Anchor, Exchange, Pending};
use crate::rules::news::News;

impl Boundary {
    /// A login stands, and nothing is in doubt: an ordinary answer changes nothing of that.
    #[inline]
    pub(crate) fn is_usual(&self) -> bool {
        self.window.is_none()
            && self.rare.as_ref().is_none_or(|rare| rare.is_settled())
            && matches!(self.login, Login::Yes | Login::Served)
    }

    /// An ordinary command was sent, far behind a login.
    #[inline]
    pub(crate) fn sent_ordinary(&mut self, command: &Pending) {
        self.next = command.index + 1;
    }

    /// An ordinary command got a reply that is no error, while [`Boundary::is_usual`].
    #[inline]
    pub(crate) fn answered_ordinary(
        &mut self,
        news: &mut impl News,
        scene: impl FnOnce() -> Scene,
        exchange: &Exchange<'_>,
    ) {
        let command = exchange.command;
        if news.shared().effects_seen {
            self.note_waits(news, &scene(), exchange);
        }
        if self.lock_step.is_on() {
            let next_sent = self.next > command.index + 1;
            self.lock_step.note(exchange, true, next_sent);
        }
        self.answered |= exchange.anchor > Anchor::Weak;
        self.last_reply = Some((exchange.end, command.kind, command.id));
    }
}
