//! A command that is no AUTH was answered: what that shows of the login.

use super::Boundary;
use crate::finding::Scene;
use crate::redis::answerer::differs_by_product;
use crate::redis::{Answerer, Exchange, Kind};
use crate::rules::boundary::login::Login;
use crate::rules::boundary::outcome::{Outcome, Sign};
use crate::rules::news::News;

impl Boundary {
    pub(super) fn command_answered(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        let error = exchange.is_error();
        self.before_auth(news, scene, exchange.command.kind);
        // Whatever the command is called: its reply says that the login is gone.
        let reset = !error
            && exchange.reply.head.bytes == b"RESET"
            && exchange.reply.kind == crate::resp::ReplyKind::Simple;
        if reset || (exchange.command.kind == Kind::Reset && !error && !exchange.is_queued()) {
            self.close_window(news, scene);
            self.login = Login::No;
            return;
        }
        self.note_waits(news, scene, exchange);
        if error || exchange.part_error.is_some() {
            self.note_failure(news, scene, exchange);
        }
        if self.window.is_none() && !error && matches!(self.login, Login::Yes | Login::Served) {
            return;
        }
        let info = news.shared().commands.info(exchange.command.id);
        let (answerer, sign) = (info.answerer, Sign::of(info, exchange));
        let data = info.known && sign == Sign::Served && answerer == Answerer::Redis;
        let answerer = match differs_by_product(&info.name) {
            true if news.server(scene).is_some_and(|server| server.answers_more) => {
                Answerer::Either
            }
            _ => answerer,
        };
        self.note_login(exchange, sign, answerer);
        if data && !self.auth_seen && scene.whole {
            self.served_first.note(exchange);
        }
        if self.order_broken && matches!(sign, Sign::NoAuth | Sign::NoAuthSaid) {
            news.unexplained(scene, exchange);
            return;
        }
        if let Some(window) = &mut self.window {
            let matters = window.note(news.shared(), scene, exchange, sign, answerer);
            if window.blind_ok == 1
                && sign == Sign::Served
                && window.outcome == Outcome::Accepted
                && let Some(server) = news.server(scene)
            {
                server.blind_served = true;
            }
            if matters || (!window.told.is_empty() && sign != Sign::Nothing) {
                let stands = news.window(scene, window);
                self.reported |= stands;
                let accepted = window.outcome == Outcome::Accepted;
                self.refusal_told |= stands && accepted && sign == Sign::NoAuth;
            }
            if sign == Sign::NoAuthSaid {
                news.unexplained(scene, exchange);
            }
        } else if matches!(sign, Sign::NoAuth | Sign::NoAuthSaid) {
            self.refused_without_login(news, scene, exchange, sign);
        }
    }

    /// What an answer shows of the login.
    fn note_login(&mut self, exchange: &Exchange<'_>, sign: Sign, answerer: Answerer) {
        if sign == Sign::NoAuth {
            self.login = Login::No;
        }
        self.served_any |= sign == Sign::Served && !self.auth_seen;
        if sign != Sign::Served || answerer != Answerer::Redis {
            return;
        }
        self.served |= !self.auth_seen;
        let refused = self.rare.as_mut().and_then(|rare| rare.refused.as_mut());
        if let Some(all) = refused.filter(|_| !self.auth_seen) {
            all.served = true;
        }
        self.login = match &self.window {
            // Sent before AUTH's reply: it tells of the login in front of that AUTH, if of any.
            Some(window) if window.is_blind(exchange) => return,
            Some(window) if window.outcome == Outcome::Accepted || window.was_authed => Login::Yes,
            None if matches!(self.login, Login::Yes | Login::Unsure) => Login::Yes,
            _ => Login::Served,
        };
    }
}
