//! Listens to one session on behalf of the desk, the report and exchange lines.

use super::event::{Event, ExchangeLine, LineKind, Login};
use super::lines::Lines;
use super::record::Record;
use super::scene::scene;
use super::spans::Spans;
use crate::model::{PacketRef, Side, Timestamp};
use crate::redis::errors::{self, Subject};
use crate::redis::{
    BrokenReply, Exchange, Fate, Fault, FaultKind, Observer, Pending, Shape, Shared, Stray,
    StrayFrame,
};
use crate::rules::{Boundary, BrokenStream, Desk, News, Scene, Teller};
use crate::tcp::FlowMeta;

/// Listens to one session.
pub(super) struct Listener<'a> {
    pub meta: &'a FlowMeta,
    /// Which end the client is, and whether it may be the other one.
    pub client: Side,
    pub guessed: bool,
    pub boundary: &'a mut Boundary,
    pub record: &'a mut Record,
    /// Where the server stands among those that are known.
    pub server: Option<u32>,
    pub desk: &'a mut Desk,
    /// Where exchange lines go, if somebody wants them.
    pub lines: Option<Lines<'a>>,
    /// The clocks of the inputs.
    pub spans: &'a Spans,
}

impl Listener<'_> {
    /// The connection as rules see it. Made when it is asked for: of most commands nobody asks.
    fn scene(&self) -> Scene {
        scene(self.meta, self.client, self.guessed)
    }

    /// Tells what became of a command.
    fn tell(
        &mut self,
        shared: &mut Shared,
        kind: LineKind,
        command: &Pending,
        login: Option<Login>,
        taken_back: bool,
    ) {
        let Some(mut line) = self.line(kind) else {
            return;
        };
        told_command(&mut line, shared, command, None);
        line.login = login;
        line.taken_back = taken_back;
        self.emit(line);
    }

    /// Tells a command with its reply.
    #[inline(never)]
    fn tell_exchange(
        &mut self,
        shared: &mut Shared,
        exchange: &Exchange<'_>,
        login: Option<Login>,
        taken_back: bool,
    ) {
        let Some(mut line) = self.line(LineKind::Exchange) else {
            return;
        };
        let (command, reply) = (exchange.command, &exchange.reply);
        // Tags are numbered as they are met: here those of a reply come before those of its command.
        shared.show_reply(&mut line.reply, Some((command, exchange.anchor)), reply);
        told_command(&mut line, shared, command, Some(reply));
        line.reply_type = Some(reply.kind.name());
        line.received = Some((exchange.received, exchange.at));
        line.reply_bytes = Some(exchange.wire_len);
        line.login = login;
        line.taken_back = taken_back;
        self.emit(line);
    }

    /// Tells a frame without a command.
    fn tell_stray(&mut self, shared: &mut Shared, kind: LineKind, frame: &StrayFrame<'_>) {
        let Some(mut line) = self.line(kind) else {
            return;
        };
        shared.show_reply(&mut line.reply, None, &frame.reply);
        line.reply_type = Some(frame.reply.kind.name());
        line.received = Some((frame.received, frame.at));
        line.reply_bytes = Some(frame.wire_len);
        self.emit(line);
    }

    /// An empty line of this connection, if somebody wants lines.
    fn line(&mut self, kind: LineKind) -> Option<Box<ExchangeLine>> {
        let lines = self.lines.as_mut()?;
        let (id, key) = (self.meta.id, &self.meta.key);
        let ends = [self.client, self.client.peer()].map(|side| key.end(side));
        Some(lines.begin(kind, id, ends))
    }

    fn emit(&mut self, mut line: Box<ExchangeLine>) {
        if let Some(lines) = &mut self.lines {
            let place = |(time, at): (Timestamp, PacketRef)| self.spans.place(at, time);
            line.told = self.spans.now();
            line.place = line.sent.or(line.received).map_or(line.told, place);
            line.settled = lines.settled.until;
            lines.settled.told();
            debug_assert!(line.place >= line.settled, "{line:?}");
            lines.events.push_back(Event::Exchange(line));
        }
    }

    fn login_of(&self, command: &Pending, reply: Option<&Exchange<'_>>) -> Option<Login> {
        self.record.login_of(command, reply, self.meta.whole())
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

/// What a line says of its command.
fn told_command(
    line: &mut ExchangeLine,
    shared: &mut Shared,
    command: &Pending,
    reply: Option<&Shape<'_>>,
) {
    line.index = Some(command.index);
    line.command = Some(shared.shown_name(command));
    shared.show_arguments(&mut line.args, command, reply);
    line.sent = Some((command.sent, command.at));
    line.command_bytes = Some(command.wire_len);
}

impl Observer for Listener<'_> {
    fn sent(&mut self, shared: &mut Shared, command: &Pending) {
        self.record.sent(command);
        let (meta, client, guessed) = (self.meta, self.client, self.guessed);
        let (mut news, boundary) = self.boundary(shared);
        boundary.sent(&mut news, || scene(meta, client, guessed), command);
    }

    // Far behind a login the record has nothing to note.
    #[inline]
    fn sent_ordinary(&mut self, _: &mut Shared, command: &Pending) {
        self.boundary.sent_ordinary(command);
    }

    #[inline]
    fn answered_ordinary(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        if !self.boundary.is_usual() {
            return self.answered(shared, exchange);
        }
        self.record.answered_ordinary(exchange);
        if self.record.is_full() {
            self.record.hand_over(self.desk, self.server);
        }
        let (meta, client, guessed) = (self.meta, self.client, self.guessed);
        let (mut news, boundary) = self.boundary(shared);
        boundary.answered_ordinary(&mut news, || scene(meta, client, guessed), exchange);
        if self.lines.is_some() {
            let login = self.login_of(exchange.command, Some(exchange));
            self.tell_exchange(shared, exchange, login, false);
        }
    }

    #[inline(never)]
    fn answered(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        self.record.answered(shared, exchange);
        if self.record.is_full() {
            self.record.hand_over(self.desk, self.server);
        }
        let scene = self.scene();
        let (mut news, boundary) = self.boundary(shared);
        boundary.answered(&mut news, &scene, exchange);
        if self.lines.is_some() {
            let login = self.login_of(exchange.command, Some(exchange));
            self.tell_exchange(shared, exchange, login, false);
        }
    }

    fn unpaired(&mut self, shared: &mut Shared, fate: Fate, command: &Pending) {
        self.record.unpaired(fate, command);
        let scene = self.scene();
        let (mut news, boundary) = self.boundary(shared);
        boundary.unpaired(&mut news, &scene, fate, command);
        if self.lines.is_some() {
            let kind = match fate {
                Fate::Unanswered | Fate::Begun => LineKind::Unanswered,
                Fate::Silent => LineKind::Silent,
                Fate::Undecided => LineKind::Undecided,
            };
            let login = self.login_of(command, None);
            self.tell(shared, kind, command, login, false);
        }
    }

    fn stray(&mut self, shared: &mut Shared, frame: &StrayFrame<'_>) {
        if frame.reply.kind.is_error()
            && errors::subject(frame.reply.head.bytes) == Subject::TurnedAway
        {
            self.boundary.excuse();
        }
        let kind = match frame.stray {
            Stray::Undecided => LineKind::Undecided,
            Stray::Orphan => LineKind::Orphan,
            Stray::Push => LineKind::Push,
        };
        self.tell_stray(shared, kind, frame);
    }

    fn broken(&mut self, shared: &mut Shared, broken: &BrokenReply<'_>) {
        let scene = self.scene();
        let (mut news, boundary) = self.boundary(shared);
        let told = news.broken(&scene, Box::new(BrokenStream::of(broken)));
        boundary.broken(told);
    }

    fn disputed(&mut self, shared: &mut Shared, _: u64) {
        let scene = self.scene();
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
        match exchange {
            Some(exchange) => self.tell_exchange(shared, exchange, None, true),
            None => self.tell(shared, LineKind::Silent, command, None, true),
        }
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
        let scene = self.scene();
        let (mut news, boundary) = self.boundary(shared);
        let told = news.fault(&scene, fault);
        boundary.broken(told);
    }

    fn mistaken(&mut self, shared: &mut Shared) {
        let scene = self.scene();
        let (mut news, boundary) = self.boundary(shared);
        boundary.mistaken(&mut news, &scene);
    }

    fn lost(&mut self, shared: &mut Shared) {
        let scene = self.scene();
        let (mut news, boundary) = self.boundary(shared);
        boundary.lost(&mut news, &scene);
    }
}
