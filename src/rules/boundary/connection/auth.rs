//! An AUTH was answered.

use super::Boundary;
use crate::finding::{CONNECTIONS_MAX, Scene};
use crate::redis::errors::{self, Subject};
use crate::redis::{Answerer, Exchange, KeptExchange, Kind};
use crate::rules::boundary::absence::KEPT;
use crate::rules::boundary::auth_error::AuthError;
use crate::rules::boundary::outcome::Outcome;
use crate::rules::boundary::window::Window;
use crate::rules::news::News;

impl Boundary {
    pub(super) fn auth_answered(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        if exchange.is_error() {
            self.note_failure(news, scene, exchange);
        }
        match Outcome::of(exchange) {
            Outcome::NotSeen if !exchange.is_queued() => return,
            Outcome::NotJudged => return self.not_judged(exchange, scene),
            _ => {}
        }
        self.release(news, scene, exchange);
        self.close_window(news, scene);
        let flight = self.last_reply.filter(|(end, kind, _)| {
            !matches!(kind, Kind::Auth | Kind::Hello)
                && exchange.sent_before(*end, exchange.received)
        });
        let was_authed = self.login.may_stand(scene.whole && !self.lost);
        let mut window = Box::new(Window::new(scene, exchange, was_authed, flight.is_some()));
        window.flight_forwarded = flight
            .is_some_and(|(.., id)| news.shared().commands.info(id).answerer == Answerer::Redis);
        window.login_unseen = !self.login.is_sure(scene.whole);
        window.library.clone_from(&self.library);
        if let Some(refused) = self.take_refused() {
            let both = Box::new((*refused, window.auth.unpack()));
            self.rare().refused_and_auth = Some(both);
        }
        let before = self.served_first.auth(exchange).filter(|_| {
            let first = !self.auth_seen && window.outcome == Outcome::Accepted;
            first && scene.whole && !self.lost
        });
        if let Some(before) = before {
            self.reported |= news.served_before(scene, Box::new(before));
        }
        self.auth_seen = true;
        let text = exchange.reply.head.bytes;
        self.login = self.login.behind_auth(window.outcome, was_authed, text);
        if window.outcome == Outcome::Accepted {
            self.accepted(news, scene, &window);
        }
        if window.outcome == Outcome::NotSeen {
            return;
        }
        self.reported |= news.window(scene, &mut window);
        self.window = Some(window);
    }

    /// Nothing was said about the credentials: what was before goes on.
    fn not_judged(&mut self, exchange: &Exchange<'_>, scene: &Scene) {
        let subject = errors::subject(exchange.reply.head.bytes);
        let other_cause = matches!(subject, Subject::TurnedAway | Subject::ProxyFailure);
        // HELLO in the flight of an AUTH is part of the same handshake.
        let hello = exchange.command.kind == Kind::Hello;
        let flight = hello
            && self
                .window
                .as_ref()
                .is_some_and(|window| window.is_blind(exchange));
        let renewal = !flight && self.login.may_stand(scene.whole && !self.lost);
        if let Some(refused) = self.take_refused() {
            let auth = KeptExchange::of(exchange, false);
            self.rare().refused_and_auth = Some(Box::new((*refused, auth)));
        }
        let unseen = !self.login.is_sure(scene.whole);
        let errors = &mut self.rare().errors;
        if errors.len() < CONNECTIONS_MAX {
            errors.push(AuthError::new(exchange, renewal, unseen, other_cause));
        }
    }

    fn accepted(&mut self, news: &mut impl News, scene: &Scene, window: &Window) {
        // A handshake that fell back to this login is none of its faults.
        self.tell_errors(news, scene);
        let Some(server) = news.server(scene) else {
            return;
        };
        server.auth.record(window.latency_ns());
        server
            .first_auth
            .get_or_insert((window.sent().time, window.sent().at));
        if std::mem::replace(&mut self.counted, true) {
            return;
        }
        server.with_auth_total += 1;
        if server.with_auth.len() < KEPT {
            server.with_auth.push(scene.connection);
            self.candidate = true;
        }
    }

    pub(super) fn tell_errors(&mut self, news: &mut impl News, scene: &Scene) {
        let Some(rare) = &mut self.rare else {
            return;
        };
        for error in std::mem::take(&mut rare.errors) {
            if error.mattered() {
                self.reported |= news.auth_error(scene, Box::new(error));
            } else if let Some(refused) = &error.refused {
                news.refused_unexplained(scene, refused);
            }
        }
    }
}
