//! Which reply belongs to which command: strict order per connection, and everything that bends it.
//!
//! A server answers requests in the order they were sent, one frame each. What bends that is modelled in
//! [`super::state`]. Two checks guard every pair: the segment with a reply's first byte must have acknowledged the
//! whole command, and the reply's form must be one the command may have. A pair that fails is never guessed at:
//! pairing counts as lost until it is found again.

use super::Shared;
use super::class::Forms;
use super::command::Kind;
use super::elided::{self, Held};
use super::errors::ErrorCode;
use super::observer::{Anchor, Exchange, Fate, Observer, Stray, StrayFrame};
use super::pending::{Detail, Pending};
use super::redact::Shape;
use super::state::{self, After, Mode, Multi, State};
use super::tally::Tally;
use crate::model::{PacketRef, Timestamp};
use crate::resp::ReplyKind;
use std::collections::VecDeque;

/// A CLIENT REPLY that still waits while so many commands stand behind it has worked.
const SILENT_BEHIND: usize = 1024;

/// One frame of the server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub shape: Shape<'a>,
    pub raw: Option<&'a [u8]>,
    /// First element of an aggregate, if it is a string.
    pub word: &'a [u8],
    /// Third element of an aggregate, if it is an integer.
    pub count: Option<u64>,
    /// What the segment with the first byte acknowledged.
    pub start_ack: Option<i64>,
    pub end: i64,
    pub time: Timestamp,
    pub at: PacketRef,
}

/// Whether replies are being paired.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sync {
    Synced,
    Lost,
    /// Replication: not a request-reply stream any more.
    Opaque,
}

/// The pairing of one connection.
#[derive(Debug)]
pub(super) struct Pairing {
    pub tally: Tally,
    pub state: State,
    pub sync: Sync,
    pub anchor: Anchor,
    pub pending: VecDeque<Pending>,
    /// Nothing has been paired since the capture began in the middle of the connection.
    pub before_capture: bool,
    elided: Option<Vec<Held>>,
    /// A reply that came before its command was acknowledged, held until it is clear that no other one comes.
    early: Option<Box<Held>>,
    last_reply_end: i64,
    /// Stream offset behind the last CLIENT REPLY SKIP.
    skip_end: i64,
    confirmations_left: u32,
}

impl Pairing {
    pub(super) fn new(from_start: bool) -> Pairing {
        Pairing {
            tally: Tally::default(),
            state: State::new(from_start),
            sync: if from_start { Sync::Synced } else { Sync::Lost },
            anchor: if from_start {
                Anchor::Start
            } else {
                Anchor::Weak
            },
            pending: VecDeque::new(),
            before_capture: !from_start,
            elided: None,
            early: None,
            last_reply_end: i64::MIN,
            skip_end: i64::MIN,
            confirmations_left: 0,
        }
    }

    /// Everything sent has been answered, as far as is known.
    pub(super) fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.elided.is_none()
    }

    /// Pairing was found again: nothing is outstanding.
    pub(super) fn found(&mut self, anchor: Anchor) {
        self.sync = Sync::Synced;
        self.anchor = anchor;
        self.confirmations_left = 0;
    }

    /// Pairing is lost: what is outstanding stays undecided.
    pub(super) fn lose<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        self.drop_early(shared, observer);
        for held in self.elided.take().into_iter().flatten() {
            self.tally.undecided_commands += 1;
            self.tally.undecided_replies += 1;
            observer.unpaired(shared, Fate::Undecided, &held.command);
        }
        while let Some(command) = self.pending.pop_front() {
            self.end_command(shared, observer, Fate::Undecided, &command);
        }
        self.sync = Sync::Lost;
        self.anchor = Anchor::Weak;
        self.confirmations_left = 0;
        self.state.forget();
        observer.lost(shared);
    }

    /// A command was sent.
    pub(super) fn command<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        command: Pending,
    ) {
        observer.sent(shared, &command);
        if self.sync != Sync::Synced {
            let fate = if command.detail == Detail::NoReply {
                Fate::Silent
            } else {
                Fate::Undecided
            };
            self.end_command(shared, observer, fate, &command);
            return;
        }
        if self.pending.len() >= shared.commands_in_flight {
            shared.hits_in_flight += 1;
            self.lose(shared, observer);
            self.end_command(shared, observer, Fate::Undecided, &command);
            return;
        }
        if command.detail == Detail::ReplySkip {
            self.skip_end = command.end;
        }
        self.pending.push_back(command);
        self.drop_silent(shared, observer, None);
    }

    /// An empty request: it uses up CLIENT REPLY SKIP, and nothing else.
    pub(super) fn blank(&mut self, template: impl FnOnce() -> Pending) {
        let waits = self.pending.front().is_some_and(|p| p.end <= self.skip_end);
        let skip = self.state.mode == Mode::Skip || waits;
        // A second one changes nothing.
        let again = self
            .pending
            .back()
            .is_some_and(|p| p.detail == Detail::Blank);
        if self.sync == Sync::Synced && skip && !again {
            self.pending.push_back(template());
        }
    }

    /// A frame of the server arrived.
    pub(super) fn reply<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        self.tally.replies += 1;
        self.drop_early(shared, observer);
        let code = self.count_error(shared, frame);
        self.state.note_protocol(&frame.shape);
        if self.is_out_of_band(frame) {
            self.stray(shared, observer, Stray::Push, frame);
        } else if self.sync == Sync::Synced {
            self.drop_silent(shared, observer, Some(frame));
            self.answer(shared, observer, frame, code);
        } else if self.before_capture {
            self.stray(shared, observer, Stray::Orphan, frame);
        } else {
            self.stray(shared, observer, Stray::Undecided, frame);
        }
        self.last_reply_end = frame.end;
    }

    fn count_error(&mut self, shared: &mut Shared, frame: &Frame<'_>) -> Option<ErrorCode> {
        let error = matches!(frame.shape.kind, ReplyKind::Error | ReplyKind::BulkError);
        error.then(|| {
            let code = shared.errors.of(frame.shape.head.bytes);
            self.tally.add_error(code, 1);
            code
        })
    }

    /// A push, a message, a further confirmation or a MONITOR line.
    fn is_out_of_band(&mut self, frame: &Frame<'_>) -> bool {
        let shape = &frame.shape;
        match shape.kind {
            ReplyKind::Push | ReplyKind::Array => {}
            _ => return self.state.monitor && state::is_monitor_line(shape),
        }
        let push = shape.kind == ReplyKind::Push;
        if !push && self.is_data(frame.word) {
            return false;
        }
        if state::is_confirmation(frame.word) && shape.elements == 3 {
            return self.is_further_confirmation(frame, push);
        }
        if push {
            return true;
        }
        state::is_message(frame.word, shape.elements)
            && match self.state.subscribed() {
                Some(subscribed) => subscribed,
                None => self.pending.front().is_none_or(|head| {
                    matches!(head.kind, Kind::Subscribe | Kind::Unsubscribe | Kind::Echo)
                }),
            }
    }

    /// In RESP3 what is out of band is a push: an array is an answer, whatever its first word.
    fn is_data(&self, word: &[u8]) -> bool {
        let confirms = state::is_confirmation(word)
            && (self.confirmations_left > 0 || self.waits_for_confirmation());
        self.state.resp == Some(3) && !confirms
    }

    fn waits_for_confirmation(&self) -> bool {
        let head = self.pending.front();
        head.is_some_and(|p| matches!(p.kind, Kind::Subscribe | Kind::Unsubscribe))
    }

    fn is_further_confirmation(&mut self, frame: &Frame<'_>, push: bool) -> bool {
        let waits = self.waits_for_confirmation();
        let possible = push || waits || self.confirmations_left > 0;
        if !possible && self.state.subscribed() == Some(false) {
            return false;
        }
        if self.confirmations_left > 0 {
            self.confirmations_left -= 1;
            self.state.confirm(frame.word, frame.count);
            return true;
        }
        if waits && self.sync == Sync::Synced {
            return false;
        }
        self.state.confirm(frame.word, frame.count);
        true
    }

    /// Takes commands from the head that get no reply by rule. `frame` is the reply that has just arrived, if any.
    fn drop_silent<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: Option<&Frame<'_>>,
    ) {
        while let Some(head) = self.pending.front() {
            let Some(mode) = self.mode_behind(head, frame) else {
                return;
            };
            self.state.mode = mode;
            let Some(head) = self.pending.pop_front() else {
                return;
            };
            if head.detail != Detail::Blank {
                self.end_command(shared, observer, Fate::Silent, &head);
            }
        }
    }

    /// The mode behind `head` if it gets no reply; `None` if it gets one, or if that is not known yet.
    fn mode_behind(&self, head: &Pending, frame: Option<&Frame<'_>>) -> Option<Mode> {
        let mode = self.state.mode;
        let after_skip = if mode == Mode::Skip { Mode::On } else { mode };
        // On a connection that monitors, the server ignores a further MONITOR, and SYNC.
        let ignored = self.state.monitor
            && self.state.multi == Multi::None
            && matches!(head.kind, Kind::Monitor | Kind::Sync);
        if ignored || matches!(head.detail, Detail::Blank | Detail::NoReply) {
            return Some(after_skip);
        }
        let next = match head.detail {
            Detail::ReplyOff => Some(Mode::Off),
            Detail::ReplySkip if mode != Mode::Off => Some(Mode::Skip),
            _ => None,
        };
        match mode {
            Mode::On => next.filter(|_| self.switch_worked(head, frame)),
            Mode::Skip if next.is_some() => next,
            Mode::Off | Mode::Skip => {
                // Redis 5.0 does not confirm either.
                let confirmed = frame.is_none_or(|f| state::is_confirmation(f.word));
                let answers = head.detail == Detail::ReplyOn
                    || (matches!(head.kind, Kind::Subscribe | Kind::Unsubscribe) && confirmed)
                    || (head.kind == Kind::Reset && mode == Mode::Off);
                (!answers).then_some(after_skip)
            }
        }
    }

    /// CLIENT REPLY OFF or SKIP at the head took effect: what came is not its own error.
    fn switch_worked(&self, head: &Pending, frame: Option<&Frame<'_>>) -> bool {
        let Some(frame) = frame else {
            return self.pending.len() > SILENT_BEHIND;
        };
        if frame.shape.head.bytes == b"QUEUED" && self.state.multi != Multi::None {
            return false;
        }
        if frame.shape.kind != ReplyKind::Error {
            return true;
        }
        let candidate = self
            .pending
            .get(2)
            .filter(|_| head.detail == Detail::ReplySkip);
        candidate.is_some_and(|c| frame.start_ack.is_none_or(|ack| ack >= c.end))
    }

    fn answer<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
        code: Option<ErrorCode>,
    ) {
        let Some(head) = self.pending.front() else {
            let stray = self.unasked(frame);
            self.stray(shared, observer, stray, frame);
            return;
        };
        if frame.start_ack.is_some_and(|ack| ack < head.end) {
            self.came_early(shared, observer, frame, code);
            return;
        }
        if !self.fits(shared, head, frame) {
            // As many replies as commands: an odd answer, but whose it is there is no doubt about.
            let last = self.pending.len() == 1 && self.elided.is_none() && !head.is_auth();
            if !last {
                self.lose(shared, observer);
                self.stray(shared, observer, Stray::Undecided, frame);
                return;
            }
            self.anchor = Anchor::Weak;
        }
        let Some(head) = self.pending.pop_front() else {
            return;
        };
        self.pair(shared, observer, &head, frame, code);
    }

    /// A reply whose first byte left before the server had acknowledged the command at the head: it answers something
    /// older, or nothing. A careless server that never acknowledges first is the other explanation; it holds if no
    /// other reply comes.
    fn came_early<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
        code: Option<ErrorCode>,
    ) {
        let stray = self.unasked(frame);
        let hold = stray == Stray::Undecided && self.anchor == Anchor::Start;
        if stray == Stray::Undecided {
            self.anchor = Anchor::Weak;
        }
        match self.pending.front().filter(|_| hold) {
            Some(head) => self.early = Some(Box::new(Held::new(&self.exchange(head, frame, code)))),
            None => self.stray(shared, observer, stray, frame),
        }
    }

    /// Another reply came: the early one answered nothing that is known.
    fn drop_early<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        let Some(held) = self.early.take() else {
            return;
        };
        let exchange = held.exchange();
        self.tally.undecided_replies += 1;
        let frame = StrayFrame {
            stray: Stray::Undecided,
            reply: exchange.reply,
            received: exchange.received,
            at: exchange.at,
        };
        observer.stray(shared, &frame);
    }

    fn exchange<'a>(
        &self,
        command: &'a Pending,
        frame: &Frame<'a>,
        code: Option<ErrorCode>,
    ) -> Exchange<'a> {
        Exchange {
            command,
            reply: frame.shape,
            raw: frame.raw,
            code,
            end: frame.end,
            received: frame.time,
            at: frame.at,
            anchor: self.anchor,
        }
    }

    /// A frame that nothing outstanding asked for.
    fn unasked(&self, frame: &Frame<'_>) -> Stray {
        let text = frame.shape.head.bytes;
        let greeting = frame.shape.kind == ReplyKind::Error
            && (text.starts_with(b"DENIED ")
                || text.starts_with(b"ERR max number of clients")
                || text.starts_with(b"ERR Protocol error"));
        if greeting {
            Stray::Push
        } else if self.before_capture {
            Stray::Orphan
        } else {
            Stray::Undecided
        }
    }

    /// `head` may be answered with `frame`.
    fn fits(&self, shared: &Shared, head: &Pending, frame: &Frame<'_>) -> bool {
        let shape = &frame.shape;
        let info = shared.commands.info(head.id);
        let form = Forms::of(shape.kind, &shape.head);
        if form == Forms::ERROR {
            return head.kind != Kind::Auth || !super::errors::is_noauth(shape.head.bytes);
        }
        if form == Forms::QUEUED {
            return self.state.multi != Multi::None || info.forms == Forms::ANY;
        }
        if !info.forms.meets(form) && !matches!(head.kind, Kind::Sync) {
            return false;
        }
        match head.kind {
            Kind::Echo if form == Forms::BULK => head
                .first
                .is_none_or(|t| t == shared.redactor.tag(&shape.head)),
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

    fn pair<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        command: &Pending,
        frame: &Frame<'_>,
        code: Option<ErrorCode>,
    ) {
        self.confirm_anchor(command, frame);
        let may_be_elided = self.elided.is_some()
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
        let exchange = self.exchange(command, frame, code);
        if may_be_elided && self.shifted_also_fits(shared, frame) {
            self.elided
                .get_or_insert_default()
                .push(Held::new(&exchange));
            if self
                .elided
                .as_ref()
                .is_some_and(|held| held.len() > elided::HELD_MAX)
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
    fn shifted_also_fits(&self, shared: &Shared, frame: &Frame<'_>) -> bool {
        self.pending.front().is_some_and(|next| {
            let info = shared.commands.info(next.id);
            elided::could_answer(next, info, &frame.shape, frame.start_ack)
        })
    }

    fn release<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        for held in self.elided.take().into_iter().flatten() {
            self.emit(shared, observer, &held.exchange());
        }
    }

    fn emit<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        exchange: &Exchange<'_>,
    ) {
        self.tally.exchanges += 1;
        self.before_capture = false;
        observer.answered(shared, exchange);
    }

    /// Content that comes back proves that command and reply belong together.
    fn confirm_anchor(&mut self, command: &Pending, frame: &Frame<'_>) {
        let content = match command.kind {
            Kind::Echo => frame.shape.kind == ReplyKind::Bulk && frame.shape.head.len > 0,
            Kind::Hello => matches!(frame.shape.kind, ReplyKind::Map),
            Kind::Reset => frame.shape.head.bytes == b"RESET",
            Kind::Subscribe => state::is_confirmation(frame.word),
            _ => false,
        };
        if content && self.anchor == Anchor::Weak {
            self.anchor = Anchor::Confirmed;
        }
    }

    /// Bytes were missing inside a value of known length: pairing goes on, but is no proof any more.
    pub(super) fn doubt(&mut self) {
        self.anchor = self.anchor.min(Anchor::Confirmed);
    }

    /// The connection is over, or the capture is.
    pub(super) fn finish<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        if !self.pending.is_empty() && self.elided.is_some() {
            self.lose(shared, observer);
        }
        self.release(shared, observer);
        if let (Some(held), Sync::Synced) = (self.early.take(), self.sync)
            && self.pending.pop_front().is_some()
        {
            self.emit(shared, observer, &held.exchange());
        }
        // A server that shuts down drops the replies it has not sent yet, those in front of SHUTDOWN too.
        let shutdown = self.pending.iter().any(|p| p.kind == Kind::Shutdown);
        let mut opaque = false;
        while let Some(command) = self.pending.pop_front() {
            // What EXEC says then can not be told from what comes behind it.
            opaque |= command.kind == Kind::Exec
                && matches!(self.state.multi, Multi::Open { opaque: true, .. });
            let fate = match self.fate_at_end(&command) {
                Fate::Unanswered if shutdown => Fate::Silent,
                Fate::Unanswered if opaque => Fate::Undecided,
                fate => fate,
            };
            if command.detail != Detail::Blank {
                self.end_command(shared, observer, fate, &command);
            }
        }
    }

    fn fate_at_end(&mut self, command: &Pending) -> Fate {
        let silent_mode = match self.state.mode {
            Mode::On => false,
            Mode::Off => command.detail != Detail::ReplyOn,
            Mode::Skip => {
                self.state.mode = Mode::On;
                command.detail != Detail::ReplyOn
            }
        };
        match command.detail {
            Detail::ReplyOff => self.state.mode = Mode::Off,
            Detail::ReplySkip if self.state.mode == Mode::On => self.state.mode = Mode::Skip,
            Detail::ReplyOn => self.state.mode = Mode::On,
            Detail::NoReply => return Fate::Silent,
            _ => {}
        }
        let switch = matches!(command.detail, Detail::ReplyOff | Detail::ReplySkip);
        if switch || silent_mode {
            Fate::Silent
        } else {
            Fate::Unanswered
        }
    }

    fn end_command<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        fate: Fate,
        command: &Pending,
    ) {
        match fate {
            Fate::Unanswered => self.tally.unanswered += 1,
            Fate::Silent => self.tally.silent += 1,
            Fate::Undecided => self.tally.undecided_commands += 1,
        }
        observer.unpaired(shared, fate, command);
    }

    fn stray<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        stray: Stray,
        frame: &Frame<'_>,
    ) {
        match stray {
            Stray::Push => self.tally.pushes += 1,
            Stray::Orphan => self.tally.orphan_replies += 1,
            Stray::Undecided => self.tally.undecided_replies += 1,
        }
        let frame = StrayFrame {
            stray,
            reply: frame.shape,
            received: frame.time,
            at: frame.at,
        };
        observer.stray(shared, &frame);
    }
}
