//! What the commands of this connection tell of its server.

use super::Boundary;
use crate::finding::Scene;
use crate::redis::errors::Subject;
use crate::redis::{Detail, Effects, Exchange, Kind, Pending};
use crate::resp::ReplyKind;
use crate::rules::boundary::failures::own_text;
use crate::rules::news::News;

impl Boundary {
    /// CLIENT PAUSE, and commands that keep the server busy.
    pub(super) fn note_waits(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        let command = exchange.command;
        let effects = news.shared().commands.info(command.id).effects;
        if effects.is_none() {
            return;
        }
        let Some(server) = news.server(scene) else {
            return;
        };
        match (command.kind, command.detail) {
            (Kind::Pause, Detail::PauseMs(ms)) if !exchange.is_error() => {
                server.waits.pause(exchange.received, ms);
            }
            (Kind::Unpause, _) if !exchange.is_error() => server.waits.unpause(exchange.received),
            _ => {}
        }
        let by = (scene.connection, command.index);
        if effects.keeps_busy() {
            server.waits.end(by, exchange.received);
        }
        if effects.dismisses() {
            let nobody =
                exchange.reply.kind == ReplyKind::Integer && exchange.reply.head.bytes == b"0";
            let refused = exchange.is_error() || nobody;
            server.dismissals.answered(by, exchange.received, refused);
        }
        if effects.writes() && server.waits.is_open() {
            server.waits.write_answered(command.sent, exchange.received);
        }
    }

    pub(super) fn note_failure(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        let Some((text, proxy)) = own_text(news.shared(), exchange) else {
            return;
        };
        if let Some(server) = news.server(scene) {
            server.answers_more |= proxy != "Envoy";
            let evidence = || format!("{proxy}'s own error text: {}", text.start.trim_end());
            server.proxy.get_or_insert_with(evidence);
        }
        if text.subject == Subject::ProxyFailure {
            let failure = self.rare().failures.note((text, proxy), exchange);
            self.reported |= news.failure(scene, failure, false);
        }
    }

    /// A command was sent.
    #[inline]
    pub(crate) fn sent(
        &mut self,
        news: &mut impl News,
        scene: impl FnOnce() -> Scene,
        command: &Pending,
    ) {
        self.next = command.index + 1;
        let effects = news.shared().commands.info(command.id).effects;
        if !effects.is_none() {
            self.sent_with_effects(news, &scene(), command, effects);
        }
    }

    fn sent_with_effects(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        command: &Pending,
        effects: Effects,
    ) {
        self.excused |= effects.ends_connection();
        if effects.dismisses()
            && let Some(server) = news.server(scene)
        {
            let by = (scene.connection, command.index);
            server.dismissals.asked(by, command.sent);
        }
        if effects.changes_logins()
            && let Some(server) = news.server(scene)
        {
            server.logins_change = true;
        }
        if effects.keeps_busy()
            && let Some(server) = news.server(scene)
        {
            let by = (scene.connection, command.index);
            server.waits.begin(by, command.sent, effects.holds_writes());
        }
    }
}
