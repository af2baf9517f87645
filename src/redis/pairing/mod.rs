//! Which reply belongs to which command: strict order per connection, and everything that bends it.
//!
//! A server answers requests in the order they were sent, one frame each. What bends that is modelled in
//! [`crate::redis::state`]. Nearly always one reading is possible, and it is told at once: the lane. Where several are,
//! they are followed side by side (the beam) and told when one is left. Where none is, the order is broken: the beam
//! then looks for the cheapest fault that explains it, back to the last moment at which nothing was outstanding.
//! What can not be decided stays undecided: a pair is never guessed at.

mod asked;
mod beam;
mod choice;
mod confirm;
mod contradiction;
mod echo;
mod evidence;
mod expand;
mod fast_lane;
mod faults;
mod finish;
mod frame;
mod history;
mod lane;
mod line;
mod out_of_band;
mod reading;
mod sent;
mod settle;
mod shift;
mod step;
mod tell;
mod verdict;
mod weakened;

pub(in crate::redis) use frame::Frame;

use crate::redis::commands::Kind;
use crate::redis::counts::Tally;
use crate::redis::exchange::Anchor;
use crate::redis::exchange::KeptExchange;
use crate::redis::fault::Fault;
use crate::redis::frame_kinds;
use crate::redis::observer::{Fate, Observer, Stray};
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::{Multi, State};
use beam::Beam;
use echo::Echo;
use history::History;
use line::Line;
use out_of_band::{Place, is_out_of_band};
use shift::Shift;
use std::hint::black_box;

/// Whether replies are being paired.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::redis) enum Sync {
    Synced,
    Lost,
    /// Replication: not a request-reply stream any more.
    Opaque,
}

/// The pairing of one connection.
#[derive(Debug)]
pub(in crate::redis) struct Pairing {
    pub counts: Tally,
    pub state: State,
    pub sync: Sync,
    pub anchor: Anchor,
    /// Commands that were answered and commands that wait.
    line: Line,
    /// Nothing has been paired since the capture began in the middle of the connection.
    pub before_capture: bool,
    /// Several readings, where one can not be told yet. It holds the commands that wait.
    beam: Option<Box<Beam>>,
    /// What became of those that were answered since nothing was outstanding.
    history: Option<Box<History>>,
    /// The command that was answered last, where no history holds it.
    last: Option<Pending>,
    /// A reply that came before its command was acknowledged, held until it is clear that no other one comes.
    early: Option<Box<KeptExchange>>,
    /// Replies that seem to be one command late.
    shift: Option<Box<Shift>>,
    /// Pairing was found again at some time: from then on that was looked for.
    found_again: bool,
    /// The order is broken: the first fault.
    fault: Option<Box<Fault>>,
    last_reply_end: i64,
    /// What came back last, while pairing is not firm, see [`confirm`].
    confirmed: Option<u64>,
    /// Stream offset behind the last CLIENT REPLY SKIP.
    skip_end: i64,
    /// An empty request was sent: some proxies answer it.
    blank_seen: bool,
    /// Answers have been outstanding where acknowledgements alone said that none were: only silence tells.
    pub overlaps: bool,
    /// A command was sent that may change how many replies come, or of which kind; but for MULTI.
    bent: bool,
    /// MULTI was sent.
    multi_seen: bool,
    /// A command inside of a transaction was answered with an error.
    refused_inside: bool,
    /// HELLO was sent.
    hello_seen: bool,
    /// From here on no reply is shown, see [`Pending::closed`].
    pub closed: bool,
    /// No packet of the server was seen so far.
    pub unheard: bool,
    /// Commands in flight that there was room for when that was last said.
    room: u32,
    /// The most of them in the line since it was idle.
    line_room: u32,
    /// The server sends back what it gets.
    echo: Echo,
    /// The anchor is weak because of an odd answer, not because pairing was found again.
    odd_before: bool,
}

impl Pairing {
    // Large: to be made where it will stay.
    #[inline(always)]
    pub(in crate::redis) fn new(from_start: bool) -> Pairing {
        Pairing {
            counts: Tally::default(),
            state: State::new(from_start),
            sync: if from_start { Sync::Synced } else { Sync::Lost },
            anchor: if from_start {
                Anchor::Start
            } else {
                Anchor::Weak
            },
            line: Line::default(),
            before_capture: !from_start,
            beam: None,
            history: None,
            last: None,
            early: None,
            shift: None,
            found_again: false,
            fault: None,
            last_reply_end: i64::MIN,
            confirmed: None,
            skip_end: i64::MIN,
            blank_seen: false,
            bent: false,
            multi_seen: false,
            refused_inside: false,
            hello_seen: false,
            odd_before: false,
            echo: match from_start {
                true => Echo::Begins,
                false => Echo::No,
            },
            overlaps: false,
            closed: false,
            unheard: false,
            room: 0,
            line_room: 0,
        }
    }

    /// All commands in flight are let go of, and what they take with them.
    pub(in crate::redis) fn abandon(&mut self, shared: &mut Shared) {
        self.history = None;
        self.line.clear();
        self.beam = None;
        self.weigh(shared);
    }

    /// What was told does not matter any more.
    fn forget_history(&mut self) {
        self.history = None;
        self.line.forget_answered();
    }

    /// Pairing was found again: nothing is outstanding.
    pub(in crate::redis) fn found(&mut self, anchor: Anchor) {
        self.sync = Sync::Synced;
        self.anchor = anchor;
        self.confirmed = None;
        self.odd_before = false;
        self.state.confirmations_left = 0;
        if !std::mem::replace(&mut self.found_again, true) {
            self.shift = Some(Box::default());
        }
    }

    /// Pairing is lost: what is outstanding stays undecided.
    pub(in crate::redis) fn lose<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        self.drop_early(shared, observer);
        self.give_up_beam(shared, observer);
        for command in self.line.take_waiting() {
            if command.detail != Detail::Blank {
                self.end_command(shared, observer, Fate::Undecided, &command);
            }
        }
        self.forget_history();
        self.sync = Sync::Lost;
        self.anchor = Anchor::Weak;
        self.confirmed = None;
        self.state.forget();
        observer.lost(shared);
    }

    /// A command is sent whose reply is a password. Replies may have slipped, so none is shown that comes from now on.
    pub(in crate::redis) fn close_replies(&mut self) {
        self.closed = true;
        let held = self.beam.iter_mut().flat_map(|b| b.commands.iter_mut());
        for command in held.chain(self.line.waiting_mut()) {
            command.closed = true;
        }
    }

    /// Reads what will be looked at when the connection is over.
    pub(in crate::redis) fn prefetch(&self) {
        let odd = self.history.is_some() || self.fault.is_some() || self.closed;
        let last = self.last.as_ref().map(|command| command.index);
        black_box((odd, last, self.counts.commands, self.confirmed));
        black_box((self.state.resp, self.line.is_idle(), self.last_reply_end));
    }

    /// A frame of the server arrived.
    #[inline(never)]
    pub(in crate::redis) fn reply<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        frame: &Frame<'_>,
    ) {
        self.counts.replies += 1;
        if self.echo != Echo::No {
            let number = self.counts.replies;
            self.echo = self.echo.came(number, shared, frame, self.waiting());
        }
        self.drop_early(shared, observer);
        if frame.shape.kind.is_error() {
            let code = shared.errors.of(frame.shape.head.bytes);
            self.counts.others().errors.add(code, 1);
            self.refused_inside |= matches!(self.state.multi, Multi::Open { .. });
        }
        if self.beam.is_some() {
            self.follow(shared, observer, frame);
        } else {
            self.read(shared, observer, frame);
        }
        self.last_reply_end = frame.end;
    }

    /// A frame where one reading is possible so far.
    fn read<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O, frame: &Frame<'_>) {
        self.state.note_protocol(&frame.shape);
        if self.confirms_later(shared, frame) {
            self.begin_beam(shared, observer, frame);
            return;
        }
        let place = Place {
            head: self.line.front(),
            synced: self.sync == Sync::Synced,
            from_start: self.anchor == Anchor::Start,
            may_monitor: self.bent
                && frame_kinds::is_monitor_line(&frame.shape)
                && self.line.waiting().iter().any(|p| p.kind == Kind::Monitor),
        };
        if is_out_of_band(&mut self.state, place, frame) {
            if frame_kinds::is_confirmation(frame.word) {
                self.state.tail.take_one_behind();
            }
            self.remember_beside(frame);
            self.stray(shared, observer, Stray::Push, frame);
        } else if self.sync == Sync::Synced && self.state.tail.is_open() {
            self.begin_beam(shared, observer, frame);
        } else if self.sync == Sync::Synced {
            self.answer(shared, observer, frame);
        } else if self.begins_replication(shared, observer, frame) {
            // A dump follows, whoever asked for it.
        } else if self.before_capture {
            self.stray(shared, observer, Stray::Orphan, frame);
        } else {
            self.stray(shared, observer, Stray::Undecided, frame);
        }
    }

    /// Bytes were missing inside a value of known length: pairing goes on, but is no proof any more.
    pub(in crate::redis) fn doubt(&mut self) {
        self.anchor = self.anchor.min(Anchor::Content);
    }

    fn end_command<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        fate: Fate,
        command: &Pending,
    ) {
        match fate {
            Fate::Unanswered | Fate::Begun => self.counts.others().unanswered += 1,
            Fate::Silent => self.counts.others().silent += 1,
            Fate::Undecided => self.counts.others().undecided_commands += 1,
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
            Stray::Push => self.counts.others().pushes += 1,
            Stray::Orphan => self.counts.others().orphan_replies += 1,
            Stray::Undecided => self.counts.others().undecided_replies += 1,
        }
        observer.stray(shared, &frame.stray(stray));
    }
}
