//! The reply to the command at the head of the line: does it fit, and is it sure?

use super::{Frame, Pairing, Sync};
use crate::redis::commands::Forms;
use crate::redis::commands::Kind;
use crate::redis::dropped_error;
use crate::redis::errors::{self, Subject};
use crate::redis::exchange::KeptExchange;
use crate::redis::observer::{Anchor, Exchange, Observer, Stray, StrayFrame};
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::{self, After, Multi};
use crate::resp::ReplyKind;

impl Pairing {
    pub(super) fn answer<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        let Some(head) = self.pending.front() else {
            let stray = self.unasked(frame);
            if stray == Stray::Undecided && self.doubt_start(shared, observer) {
                self.lose(shared, observer);
            }
            self.stray(shared, observer, stray, frame);
            return;
        };
        if frame.start_ack.is_some_and(|ack| ack < head.end) {
            self.came_early(shared, observer, frame);
            return;
        }
        if !self.fits(shared, head, frame) {
            // As many replies as commands: an odd answer, but whose it is there is no doubt about.
            let last = self.pending.len() == 1 && self.held.is_none() && !head.is_auth();
            self.doubt_start(shared, observer);
            if !last || self.anchor == Anchor::Weak {
                self.lose(shared, observer);
                self.stray(shared, observer, Stray::Undecided, frame);
                return;
            }
            self.anchor = Anchor::Weak;
            self.odd_before = true;
        }
        let Some(head) = self.pending.pop_front() else {
            return;
        };
        self.pair(shared, observer, &head, frame);
    }

    /// A reply does not fit: where pairing was found again by acknowledgements only, it was found in the wrong place.
    fn doubt_start<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) -> bool {
        let wrong = self.anchor == Anchor::Weak && !self.odd_before;
        if wrong {
            self.overlaps = true;
            observer.mistaken(shared);
        }
        wrong
    }

    /// A reply whose first byte left before the server had acknowledged the command at the head: it answers something
    /// older, or nothing. A careless server that never acknowledges first is the other explanation; it holds if no
    /// other reply comes.
    pub(super) fn came_early<O: Observer>(
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
        match self.pending.front().filter(|_| hold) {
            Some(head) => {
                self.early = Some(Box::new(KeptExchange::of(
                    &self.exchange(head, frame),
                    true,
                )))
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
        self.counts.undecided_replies += 1;
        let frame = StrayFrame {
            stray: Stray::Undecided,
            reply: exchange.reply,
            received: exchange.received,
            at: exchange.at,
        };
        observer.stray(shared, &frame);
    }

    pub(super) fn exchange<'a>(&self, command: &'a Pending, frame: &Frame<'a>) -> Exchange<'a> {
        Exchange {
            command,
            reply: frame.shape,
            raw: frame.raw,
            part_error: frame.part_error,
            end: frame.end,
            received: frame.time,
            at: frame.at,
            anchor: self.anchor,
        }
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

    /// `head` may be answered with `frame`.
    pub(super) fn fits(&self, shared: &Shared, head: &Pending, frame: &Frame<'_>) -> bool {
        let shape = &frame.shape;
        let info = shared.commands.info(head.id);
        let form = Forms::of(shape.kind, &shape.head);
        if form == Forms::ERROR {
            let subject = errors::subject(shape.head.bytes);
            return match head.kind {
                Kind::Auth => !matches!(subject, Subject::NoAuth | Subject::Transaction),
                Kind::Hello | Kind::Script | Kind::Exec => true,
                // About credentials: no answer to a command that brings none.
                _ if !info.known => true,
                Kind::Discard => !subject.is_about_credentials(),
                _ => !subject.is_about_credentials() && subject != Subject::Transaction,
            };
        }
        if form == Forms::QUEUED {
            return self.state.multi != Multi::None || info.forms == Forms::ANY;
        }
        if !info.forms.meets(form) && !matches!(head.kind, Kind::Sync) {
            return false;
        }
        match head.kind {
            Kind::Echo if form == Forms::BULK => match (head.first, frame.payload) {
                (Some(sent), Some(back)) => sent == back,
                _ => true,
            },
            Kind::Exec if shape.kind == ReplyKind::Array => match self.state.multi {
                Multi::Open {
                    queued: Some(n),
                    opaque: false,
                } => self.state.monitor || n == shape.elements,
                _ => true,
            },
            Kind::Subscribe | Kind::Unsubscribe => state::is_confirmation(frame.word),
            _ => true,
        }
    }

    pub(super) fn pair<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        command: &Pending,
        frame: &Frame<'_>,
    ) {
        self.confirm_anchor(command, frame);
        let may_be_dropped = self.held.is_some()
            || (command.is_auth()
                && !matches!(self.state.multi, Multi::Open { .. })
                && command.ack.is_some_and(|ack| ack < self.last_reply_end));
        let after = self.state.apply(command, &frame.shape);
        if let Detail::Confirmations(wanted) = command.detail
            && state::is_confirmation(frame.word)
        {
            let name = shared.commands.info(command.id).name.clone();
            let all = wanted
                .or_else(|| self.state.confirmations(&name))
                .unwrap_or(1);
            self.confirmations_left = all.saturating_sub(1);
            self.state.confirm(frame.word, frame.count);
        }
        let exchange = self.exchange(command, frame);
        if may_be_dropped && self.shifted_also_fits(shared, frame) {
            self.held
                .get_or_insert_default()
                .push(KeptExchange::of(&exchange, true));
            if self
                .held
                .as_ref()
                .is_some_and(|held| held.len() > dropped_error::HELD_MAX)
            {
                self.lose(shared, observer);
            }
        } else {
            self.release(shared, observer);
            self.emit(shared, observer, &exchange);
        }
        match after {
            After::Normal => {}
            After::LoseSync => self.lose(shared, observer),
            After::Opaque => {
                self.lose(shared, observer);
                self.sync = Sync::Opaque;
            }
        }
    }

    /// Had the server dropped the AUTH's error, `frame` would be the answer to the next command. Would that fit?
    pub(super) fn shifted_also_fits(&self, shared: &Shared, frame: &Frame<'_>) -> bool {
        self.pending.front().is_some_and(|next| {
            let info = shared.commands.info(next.id);
            dropped_error::could_answer(next, info, &frame.shape, frame.start_ack)
        })
    }

    pub(super) fn release<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        for held in self.held.take().into_iter().flatten() {
            if let Some(exchange) = held.exchange() {
                self.emit(shared, observer, &exchange);
            }
        }
    }

    pub(super) fn emit<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        exchange: &Exchange<'_>,
    ) {
        self.counts.exchanges += 1;
        self.before_capture = false;
        observer.answered(shared, exchange);
    }

    /// Content that comes back proves that command and reply belong together.
    pub(super) fn confirm_anchor(&mut self, command: &Pending, frame: &Frame<'_>) {
        let content = match command.kind {
            Kind::Echo => {
                let compared = command.first.is_some() && !frame.skipped;
                frame.shape.kind == ReplyKind::Bulk && frame.shape.head.len > 0 && compared
            }
            Kind::Hello => matches!(frame.shape.kind, ReplyKind::Map),
            Kind::Reset => frame.shape.head.bytes == b"RESET",
            Kind::Subscribe => state::is_confirmation(frame.word),
            _ => false,
        };
        if content {
            self.anchor = self.anchor.max(Anchor::Content);
        }
    }
}
