//! Listens to one session on behalf of the desk, the report and exchange lines.

use super::event::{Event, ExchangeLine, LineKind};
use super::record::Record;
use super::spans::Spans;
use crate::model::{PacketRef, Timestamp};
use crate::redis::errors::{self, Subject};
use crate::redis::{
    BrokenReply, Exchange, Fate, Fault, FaultKind, Observer, Pending, Shape, Shared, Stray,
    StrayFrame,
};
use crate::rules::{Boundary, BrokenStream, Desk, News, Scene, Teller};
use std::collections::VecDeque;

/// Listens to one session.
pub(super) struct Listener<'a> {
    pub scene: Scene,
    pub boundary: &'a mut Boundary,
    pub record: &'a mut Record,
    /// Where the server stands among those that are known.
    pub server: Option<u32>,
    pub desk: &'a mut Desk,
    /// Where exchange lines go, if somebody wants them.
    pub lines: Option<&'a mut VecDeque<Event>>,
    /// The clocks of the inputs.
    pub spans: &'a Spans,
}

impl Listener<'_> {
    fn line(
        &self,
        shared: &mut Shared,
        kind: LineKind,
        command: Option<&Pending>,
        reply: Option<&Shape<'_>>,
    ) -> ExchangeLine {
        ExchangeLine {
            kind,
            connection: self.scene.connection,
            index: command.map(|c| c.index),
            client: self.scene.client,
            server: self.scene.server,
            command: command.map(|c| shared.shown_name(c)),
            args: command
                .map(|c| shared.shown_arguments(c, reply))
                .unwrap_or_default(),
            sent: command.map(|c| (c.sent, c.at)),
            reply_type: None,
            reply: None,
            received: None,
            place: Timestamp::MIN,
            told: Timestamp::MIN,
            command_bytes: command.map(|c| c.wire_len),
            reply_bytes: None,
            login: None,
            taken_back: false,
        }
    }

    fn line_of(&self, shared: &mut Shared, exchange: &Exchange<'_>) -> ExchangeLine {
        let (command, reply) = (exchange.command, &exchange.reply);
        let shown = shared.shown_reply(Some((command, exchange.anchor)), reply);
        ExchangeLine {
            reply_type: Some(exchange.reply.kind.name()),
            reply: Some(shown),
            received: Some((exchange.received, exchange.at)),
            reply_bytes: Some(exchange.wire_len),
            ..self.line(shared, LineKind::Exchange, Some(command), Some(reply))
        }
    }

    fn emit(&mut self, mut line: ExchangeLine) {
        if let Some(lines) = &mut self.lines {
            let place = |(time, at): (Timestamp, PacketRef)| self.spans.place(at, time);
            line.told = self.spans.now();
            line.place = line.sent.or(line.received).map_or(line.told, place);
            lines.push_back(Event::Exchange(Box::new(line)));
        }
    }

    /// What the boundary talks to, and the boundary.
    fn boundary<'l>(&'l mut self, shared: &'l mut Shared) -> (Teller<'l>, &'l mut Boundary) {
        let teller = Teller {
            desk: self.desk,
            shared,
        };
        (teller, self.boundary)
    }
}

impl Observer for Listener<'_> {
    fn sent(&mut self, shared: &mut Shared, command: &Pending) {
        self.record.sent(command);
        let scene = self.scene;
        let (mut news, boundary) = self.boundary(shared);
        boundary.sent(&mut news, &scene, command);
    }

    // Far behind a login the record has nothing to note.
    #[inline]
    fn sent_ordinary(&mut self, _: &mut Shared, command: &Pending) {
        self.boundary.sent_ordinary(command);
    }

    #[inline]
    fn answered_ordinary(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        if self.lines.is_some() || !self.boundary.is_usual() {
            return self.answered(shared, exchange);
        }
        self.record.answered_ordinary(exchange);
        if self.record.is_full() {
            self.record.hand_over(self.desk, self.server);
        }
        let scene = self.scene;
        let (mut news, boundary) = self.boundary(shared);
        boundary.answered_ordinary(&mut news, &scene, exchange);
    }

    fn answered(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        self.record.answered(shared, exchange);
        if self.record.is_full() {
            self.record.hand_over(self.desk, self.server);
        }
        let scene = self.scene;
        let (mut news, boundary) = self.boundary(shared);
        boundary.answered(&mut news, &scene, exchange);
        if self.lines.is_some() {
            let mut line = self.line_of(shared, exchange);
            line.login = self
                .record
                .login_of(exchange.command, Some(exchange), self.scene.whole);
            self.emit(line);
        }
    }

    fn unpaired(&mut self, shared: &mut Shared, fate: Fate, command: &Pending) {
        self.record.unpaired(fate, command);
        let scene = self.scene;
        let (mut news, boundary) = self.boundary(shared);
        boundary.unpaired(&mut news, &scene, fate, command);
        if self.lines.is_some() {
            let kind = match fate {
                Fate::Unanswered | Fate::Begun => LineKind::Unanswered,
                Fate::Silent => LineKind::Silent,
                Fate::Undecided => LineKind::Undecided,
            };
            let mut line = self.line(shared, kind, Some(command), None);
            line.login = self.record.login_of(command, None, self.scene.whole);
            self.emit(line);
        }
    }

    fn stray(&mut self, shared: &mut Shared, frame: &StrayFrame<'_>) {
        if frame.reply.kind.is_error()
            && errors::subject(frame.reply.head.bytes) == Subject::TurnedAway
        {
            self.boundary.excuse();
        }
        if self.lines.is_none() {
            return;
        }
        let kind = match frame.stray {
            Stray::Undecided => LineKind::Undecided,
            Stray::Orphan => LineKind::Orphan,
            Stray::Push => LineKind::Push,
        };
        let mut line = self.line(shared, kind, None, None);
        line.reply_type = Some(frame.reply.kind.name());
        line.reply = Some(shared.shown_reply(None, &frame.reply));
        line.received = Some((frame.received, frame.at));
        line.reply_bytes = Some(frame.wire_len);
        self.emit(line);
    }

    fn broken(&mut self, shared: &mut Shared, broken: &BrokenReply<'_>) {
        let scene = self.scene;
        let (mut news, boundary) = self.boundary(shared);
        let told = news.broken(&scene, Box::new(BrokenStream::of(broken)));
        boundary.broken(told);
    }

    fn disputed(&mut self, shared: &mut Shared, _: u64) {
        let scene = self.scene;
        let (mut news, boundary) = self.boundary(shared);
        boundary.mistaken(&mut news, &scene);
        boundary.lost(&mut news, &scene);
    }

    fn taken_back(
        &mut self,
        shared: &mut Shared,
        command: &Pending,
        exchange: Option<&Exchange<'_>>,
    ) {
        if self.lines.is_none() {
            return;
        }
        let line = match exchange {
            Some(exchange) => self.line_of(shared, exchange),
            None => self.line(shared, LineKind::Silent, Some(command), None),
        };
        self.emit(ExchangeLine {
            taken_back: true,
            ..line
        });
    }

    fn breaks(&mut self, _: &mut Shared, fault: &Fault) {
        // A dropped error explains itself, and the replies behind it are known.
        if fault.kind != FaultKind::AuthErrorDropped {
            self.boundary.order_broken();
        }
    }

    fn fault(&mut self, shared: &mut Shared, fault: &Fault) {
        // What later replies are wrong is known at the end.
        let dropped = fault.kind == FaultKind::AuthErrorDropped;
        if !fault.is_final || (self.boundary.is_refusal_told() && !dropped) {
            return;
        }
        let scene = self.scene;
        let (mut news, boundary) = self.boundary(shared);
        let told = news.fault(&scene, fault);
        boundary.broken(told);
    }

    fn mistaken(&mut self, shared: &mut Shared) {
        let scene = self.scene;
        let (mut news, boundary) = self.boundary(shared);
        boundary.mistaken(&mut news, &scene);
    }

    fn lost(&mut self, shared: &mut Shared) {
        let scene = self.scene;
        let (mut news, boundary) = self.boundary(shared);
        boundary.lost(&mut news, &scene);
    }
}
