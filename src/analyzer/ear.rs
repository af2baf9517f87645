//! Listens to one session on behalf of rules, report and exchange lines.

use super::event::{Event, ExchangeLine, LineKind};
use super::record::Record;
use crate::redis::{BrokenReply, Exchange, Fate, Observer, Pending, Shared, Stray, StrayFrame};
use crate::rules::{Book, Scene, Watch};
use std::collections::VecDeque;

/// Listens to one session.
pub(super) struct Ear<'a> {
    pub scene: Scene,
    pub watch: &'a mut Watch,
    pub record: &'a mut Record,
    pub book: &'a mut Book,
    /// Where exchange lines go, if somebody wants them.
    pub lines: Option<&'a mut VecDeque<Event>>,
}

impl Ear<'_> {
    fn line(
        &mut self,
        shared: &mut Shared,
        kind: LineKind,
        command: Option<&Pending>,
    ) -> ExchangeLine {
        ExchangeLine {
            kind,
            connection: self.scene.connection,
            index: command.map(|c| c.index),
            client: self.scene.client,
            server: self.scene.server,
            command: command.map(|c| shared.commands.info(c.id).name.to_string()),
            args: command
                .map(|c| shared.shown_arguments(c))
                .unwrap_or_default(),
            sent: command.map(|c| (c.sent, c.at)),
            reply_type: None,
            reply: None,
            received: None,
        }
    }

    fn emit(&mut self, line: ExchangeLine) {
        if let Some(lines) = &mut self.lines {
            lines.push_back(Event::Exchange(Box::new(line)));
        }
    }
}

impl Observer for Ear<'_> {
    fn sent(&mut self, _: &mut Shared, command: &Pending) {
        self.record.sent(command);
    }

    fn answered(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        self.record.answered(shared, exchange);
        if self.record.is_full() {
            self.record.hand_over(self.book, self.scene.server);
        }
        self.watch
            .answered(shared, self.book, &self.scene, exchange);
        if self.lines.is_some() {
            let mut line = self.line(shared, LineKind::Exchange, Some(exchange.command));
            line.reply_type = Some(exchange.reply.kind.name());
            line.reply = Some(shared.shown_reply(Some(exchange.command), &exchange.reply));
            line.received = Some((exchange.received, exchange.at));
            self.emit(line);
        }
    }

    fn unpaired(&mut self, shared: &mut Shared, fate: Fate, command: &Pending) {
        self.record.unpaired(fate, command);
        self.watch
            .unpaired(shared, self.book, &self.scene, fate, command);
        if self.lines.is_some() {
            let kind = match fate {
                Fate::Unanswered | Fate::Begun => LineKind::Unanswered,
                Fate::Silent => LineKind::Silent,
                Fate::Undecided => LineKind::Undecided,
            };
            let line = self.line(shared, kind, Some(command));
            self.emit(line);
        }
    }

    fn stray(&mut self, shared: &mut Shared, frame: &StrayFrame<'_>) {
        if self.lines.is_none() {
            return;
        }
        let kind = match frame.stray {
            Stray::Undecided => LineKind::Undecided,
            Stray::Orphan => LineKind::Orphan,
            Stray::Push => LineKind::Push,
        };
        let mut line = self.line(shared, kind, None);
        line.reply_type = Some(frame.reply.kind.name());
        line.reply = Some(shared.shown_reply(None, &frame.reply));
        line.received = Some((frame.received, frame.at));
        self.emit(line);
    }

    fn broken(&mut self, shared: &mut Shared, broken: &BrokenReply<'_>) {
        self.watch.broken(shared, self.book, &self.scene, broken);
    }

    fn mistaken(&mut self, _: &mut Shared) {
        self.watch.mistaken(self.book);
    }

    fn lost(&mut self, _: &mut Shared) {
        self.watch.lost(self.book, &self.scene);
    }
}
