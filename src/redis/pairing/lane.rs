//! The lane: the reply belongs to the command at the head of the line, and nothing else is possible.

use super::evidence::{Fit, fit, names, names_another};
use super::history::History;
use super::step::{self, Branch, branches};
use super::{Frame, Pairing, Sync};
use crate::redis::commands::Kind;
use crate::redis::errors::{self, Subject};
use crate::redis::exchange::KeptExchange;
use crate::redis::exchange::{Anchor, Exchange};
use crate::redis::fault::FaultKind;
use crate::redis::frame_kinds;
use crate::redis::observer::{Fate, Observer, Stray, StrayFrame};
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::{After, Mode};
use crate::resp::ReplyKind;

/// A command that may get no reply and still waits while so many stand behind it has got none.
const SILENT_BEHIND: usize = 1024;

impl Pairing {
    pub(super) fn answer<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        let Some(head) = self.line.front() else {
            self.unasked_for(shared, observer, frame);
            return;
        };
        if self.is_plain(head) && frame.start_ack.is_none_or(|ack| ack >= head.end) {
            match fit(shared, &self.state, head, frame) {
                Fit::Yes => self.pair_head(shared, observer, frame),
                Fit::Doubtful if !self.another_is_named(shared, head, frame) => {
                    self.pair_head(shared, observer, frame);
                }
                Fit::Doubtful | Fit::No => self.contradicted(shared, observer, frame),
            }
            return;
        }
        let (state, end) = (&self.state, self.last_reply_end);
        let mut ways = branches(shared, state, self.line.waiting().iter(), frame, end);
        match (ways.pop(), ways.is_empty()) {
            (None, _) if self.is_early(frame) => self.came_early(shared, observer, frame),
            (None, _) => self.contradicted(shared, observer, frame),
            (Some(way), true) if way.cost == 0 => self.take(shared, observer, &way, frame),
            (Some(_), _) => self.begin_beam(shared, observer, frame),
        }
    }

    /// One reply, and nothing that bends the order.
    fn is_plain(&self, head: &Pending) -> bool {
        let bends = is_silent(head.detail);
        let dropped = head.takes_a_login() && head.ack.is_some_and(|ack| ack < self.last_reply_end);
        !bends && !dropped && self.state.mode == Mode::On && !self.state.monitor
    }

    /// A confirmation that may be the answer of a command behind those at the head, which then get none.
    pub(super) fn confirms_later(&self, shared: &Shared, frame: &Frame<'_>) -> bool {
        let subscribes = |p: &Pending| matches!(p.kind, Kind::Subscribe | Kind::Unsubscribe);
        !frame.word.is_empty()
            && frame_kinds::is_confirmation(frame.word)
            && self.sync == Sync::Synced
            && self.state.mode == Mode::On
            && self.line.front().is_some_and(|head| !subscribes(head))
            && self.line.waiting().iter().take(8).any(subscribes)
            && !branches(
                shared,
                &self.state,
                self.line.waiting().iter(),
                frame,
                self.last_reply_end,
            )
            .is_empty()
    }

    fn another_is_named(&self, shared: &Shared, head: &Pending, frame: &Frame<'_>) -> bool {
        let text = frame.shape.head.bytes;
        names_another(shared, text, head)
            || self
                .line
                .waiting()
                .iter()
                .skip(1)
                .any(|c| names(shared, text, c))
    }

    fn is_early(&self, frame: &Frame<'_>) -> bool {
        let head = self.line.front();
        head.is_some_and(|head| frame.start_ack.is_some_and(|ack| ack < head.end))
    }

    /// Some commands at the head get no reply, the next one gets this.
    fn take<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        way: &Branch,
        frame: &Frame<'_>,
    ) {
        for _ in 0..way.passed {
            self.pass_head(shared, observer);
        }
        if way.passed > 0 {
            // A HELLO among those in front made the version unknown.
            self.state.note_protocol(&frame.shape);
        }
        self.pair_head(shared, observer, frame);
    }

    /// The command at the head gets no reply, by rule.
    fn pass_head<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        let Some(head) = self.take_head() else {
            return;
        };
        let mode = step::silent(&self.state, &head).or(step::switched(&self.state, &head));
        self.state.pass(&head);
        self.state.mode = mode.unwrap_or(self.state.mode);
        if head.detail != Detail::Blank {
            self.end_command(shared, observer, Fate::Silent, &head);
        }
        if let Some(history) = &mut self.history {
            if history.has_room_for_silent() {
                history.silent();
            } else {
                // Under CLIENT REPLY OFF there may be any number of them.
                history.restart(&self.state, self.last_reply_end);
                self.line.forget_answered();
            }
        }
    }

    /// The command at the head has got what it gets. It stays where it is remembered.
    fn take_head(&mut self) -> Option<Pending> {
        if self.history.is_none() {
            return self.line.pop_front();
        }
        let head = self.line.front().cloned()?;
        self.line.keep_front();
        Some(head)
    }

    /// The command at the head leaves the line, and what was told before it is not remembered any more.
    pub(super) fn leave_front(&mut self) -> Option<Pending> {
        self.forget_history();
        self.line.pop_front()
    }

    fn pair_head<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O, frame: &Frame<'_>) {
        self.open_history();
        let Some(head) = self.take_head() else {
            return;
        };
        self.watch_shift(shared, &head, frame);
        let after = step::answer(shared, &mut self.state, &head, frame);
        self.confirm_anchor(&head, frame);
        self.emit(shared, observer, &frame.exchange(&head, self.anchor));
        match self.history.as_mut() {
            Some(history) => history.pair(head.kind, frame),
            None => self.last = Some(head),
        }
        self.go_on_after(shared, observer, after);
    }

    /// A reply that fits its command may refute that replies are late.
    #[inline]
    fn watch_shift(&mut self, shared: &Shared, head: &Pending, frame: &Frame<'_>) {
        let state = &self.state;
        let shift = self.shift.as_mut();
        if shift.is_some_and(|shift| !shift.paired(shared, state, head, frame)) {
            self.shift = None;
            if let Some(fault) = self.fault.as_mut().filter(|f| f.kind == FaultKind::Shifted) {
                // What comes now is not wrong.
                fault.shift = 0;
            }
        }
    }

    pub(super) fn go_on_after<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        after: After,
    ) {
        if std::mem::take(&mut self.state.tail.weakens) {
            self.anchor = Anchor::Weak;
            self.odd_before = true;
        }
        match after {
            After::Normal => {}
            After::LoseSync => self.lose(shared, observer),
            After::Opaque => self.become_opaque(shared, observer),
        }
    }

    /// Only a replica says so, on a connection that was joined when its stream was on the way. An ordinary client that says
    /// so is told by the replies it gets.
    pub(in crate::redis) fn is_of_replica(&self, command: &Pending) -> bool {
        command.kind == Kind::Replconf
            && command.detail == Detail::NoReply
            && self.anchor != Anchor::Start
            && self.counts.exchanges == 0
            && self.sync != Sync::Opaque
    }

    /// The connection turns into a replication stream: what the client sends from now on gets no reply.
    pub(in crate::redis) fn become_opaque<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
    ) {
        for command in self.line.take_waiting() {
            if command.detail != Detail::Blank {
                self.end_command(shared, observer, Fate::Silent, &command);
            }
        }
        self.lose(shared, observer);
        self.sync = Sync::Opaque;
    }

    /// A history is kept while more than one command is outstanding. Called while the one that was answered is at the head.
    pub(super) fn open_history(&mut self) {
        let wanted = self.anchor >= Anchor::Content && self.fault.is_none();
        let (state, end) = (&self.state, self.last_reply_end);
        match &mut self.history {
            _ if !wanted => self.forget_history(),
            Some(history) if history.is_full() || history.is_empty() => {
                history.restart(state, end);
                self.line.forget_answered();
            }
            Some(_) => {}
            None if self.line.len() > 1 => {
                self.history = Some(Box::new(History::new(state.clone(), end)));
            }
            None => {}
        }
    }

    /// A frame that answers no command. A subscriber may get any number of them.
    pub(super) fn remember_beside(&mut self, frame: &Frame<'_>) {
        let Some(history) = &mut self.history else {
            return;
        };
        if history.has_room_for_frame() {
            history.frame(frame);
        } else {
            history.restart(&self.state, frame.end);
            self.line.forget_answered();
        }
    }

    /// Takes commands from the head that get no reply whatever comes.
    #[inline]
    pub(super) fn drop_silent<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        // On the usual connection nobody but an empty request is silent, or what a monitor asks again.
        let usual = self.state.mode == Mode::On && !self.state.monitor;
        let head = self.line.front();
        let speaks = |p: &Pending| {
            let asks = !matches!(p.kind, Kind::Monitor | Kind::Sync);
            asks && !is_silent(p.detail)
        };
        if !(usual && head.is_some_and(speaks)) {
            self.drop_all_silent(shared, observer);
        }
    }

    fn drop_all_silent<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        while let Some(head) = self.line.front() {
            let confirms = matches!(head.kind, Kind::Subscribe | Kind::Unsubscribe);
            let silent = step::silent(&self.state, head).filter(|_| !confirms);
            let long = self.line.len() > SILENT_BEHIND;
            let switched = step::switched(&self.state, head).filter(|_| long);
            let ignored = long && self.state.is_ignored(head);
            if silent.or(switched).is_none() && !ignored {
                return;
            }
            self.pass_head(shared, observer);
        }
    }

    /// A reply whose first byte left before the server had acknowledged the command at the head: it answers something
    /// older, or nothing. A careless server that never acknowledges first is the other explanation; it holds if no
    /// other reply comes.
    fn came_early<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        let stray = self.unasked(frame);
        let hold = stray == Stray::Undecided && self.anchor == Anchor::Start;
        if stray == Stray::Undecided {
            self.anchor = Anchor::Weak;
            self.odd_before = true;
        }
        match self.line.front().filter(|_| hold) {
            Some(head) => {
                let exchange = frame.exchange(head, self.anchor);
                self.early = Some(Box::new(KeptExchange::of(&exchange, true)));
            }
            None => self.stray(shared, observer, stray, frame),
        }
    }

    /// Another reply came: the early one answered nothing that is known.
    pub(super) fn drop_early<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        let held = self.early.take();
        let Some(exchange) = held.as_deref().and_then(KeptExchange::exchange) else {
            return;
        };
        self.counts.others().undecided_replies += 1;
        let frame = StrayFrame {
            stray: Stray::Undecided,
            reply: exchange.reply,
            wire_len: exchange.wire_len,
            received: exchange.received,
            at: exchange.at,
        };
        observer.stray(shared, &frame);
    }

    /// A frame that nothing outstanding asked for.
    pub(super) fn unasked(&self, frame: &Frame<'_>) -> Stray {
        let turned_away = frame.shape.kind == ReplyKind::Error
            && errors::subject(frame.shape.head.bytes) == Subject::TurnedAway;
        if turned_away {
            Stray::Push
        } else if self.before_capture {
            Stray::Orphan
        } else {
            Stray::Undecided
        }
    }

    /// The reply is that of its command and of no other: pairing is firm, or nothing else was outstanding.
    fn is_its_own(&self, exchange: &Exchange<'_>) -> bool {
        exchange.anchor > Anchor::Weak || (self.is_idle() && self.fault.is_none())
    }

    pub(super) fn emit<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        exchange: &Exchange<'_>,
    ) {
        self.counts.exchanges += 1;
        self.before_capture = false;
        if self.bent && !exchange.is_error() && self.is_its_own(exchange) {
            shared.commands.serves(exchange.command.id);
        }
        if let Some(fault) = &mut self.fault {
            fault.wrong += u64::from(fault.shift != 0);
        }
        observer.answered(shared, exchange);
    }
}

/// It gets no reply, or switches that for what comes.
fn is_silent(detail: Detail) -> bool {
    matches!(
        detail,
        Detail::ReplyOff | Detail::ReplySkip | Detail::NoReply | Detail::Blank
    )
}
