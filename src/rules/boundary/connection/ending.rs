//! The end: of the connection, and of the window behind an AUTH.

use super::Boundary;
use super::rare::Rare;
use crate::finding::Scene;
use crate::redis::Kind;
use crate::rules::boundary::absence::Ended;
use crate::rules::boundary::closing::Closing;
use crate::rules::boundary::exposure::Exposed;
use crate::rules::boundary::outcome::Outcome;
use crate::rules::news::News;

impl Boundary {
    /// The connection is over. Call after the session's own `finish`.
    pub(crate) fn finish(&mut self, news: &mut impl News, scene: &Scene, closing: &Closing) {
        let of_rare = |rare: &mut Box<Rare>| (std::mem::take(&mut rare.left), rare.left_total);
        let (left, total) = self.rare.as_mut().map(of_rare).unwrap_or_default();
        self.before_auth(news, scene, Kind::Ordinary);
        self.not_exposed(!left.is_empty() || self.begun || self.blocked);
        let on_its_way = left.iter().find(|w| w.auth).map(|w| w.exchange.clone());
        self.tell_absence(news, scene, left, total, closing);
        self.close_window(news, scene);
        let none_seen = !self.auth_seen && !self.lost && scene.whole;
        for error in self.rare.iter_mut().flat_map(|rare| &mut rare.errors) {
            let partly = error.hello && self.served_any;
            error.open = closing.ended == Ended::Open;
            error.never_accepted = none_seen && !partly;
        }
        self.tell_errors(news, scene);
        self.finish_refused(news, scene, closing, on_its_way);
        if let Some(mut abandoned) = self.lock_step.found.take() {
            abandoned.library = self.library.as_deref().map(|name| name.as_str().into());
            self.reported |= news.abandoned(scene, abandoned);
        }
        for failure in self.rare.iter_mut().flat_map(|rare| rare.failures.all()) {
            news.failure(scene, failure, true);
        }
    }

    /// Commands behind this AUTH were not answered well: no exposure that ended well.
    pub(super) fn not_exposed(&mut self, told: bool) {
        if let Some(window) = self.window.as_mut().filter(|_| told) {
            window.blind_ok = 0;
        }
    }

    pub(super) fn close_window(&mut self, news: &mut impl News, scene: &Scene) {
        let Some(window) = self.window.take() else {
            return;
        };
        self.refusal_told_before = self.refusal_told;
        let well = window.outcome == Outcome::Accepted
            && window.blind_ok > 0
            && window.mixture.refused() == 0;
        if well {
            let exposed = Exposed {
                connection: scene.connection,
                new: !std::mem::replace(&mut self.exposed, true),
                client: scene.client,
                server: scene.server,
                auth_sent: window.sent(),
                auth_latency_ns: window.latency_ns(),
                commands: window.blind_ok,
                last: window.last,
            };
            self.candidate |= news.exposed(&exposed);
        }
        self.reported |= news.window_closed(scene, window);
    }
}
