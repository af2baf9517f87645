//! Commands that were left without an answer, and what speaks for and against the server.

use super::outcome::Outcome;
use super::window::Window;
use crate::finding::{Confidence, Moment, Scene};
use crate::redis::{KeptExchange, PackedExchange, Pending, Shared, sent_before};

/// So many of them are kept to be shown.
pub(crate) const KEPT: usize = 10;

/// A command that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub exchange: KeptExchange,
    pub blind: bool,
    pub auth: bool,
    /// In the command table; of others nobody knows how long they take.
    pub known: bool,
    /// A command in front of it, or itself, may wait for other clients.
    pub blocked: bool,
    /// The server may end the connection because of it.
    pub excuses: bool,
}

impl Waiting {
    pub(super) fn new(
        shared: &Shared,
        window: Option<&Window>,
        command: &Pending,
        blocked: bool,
    ) -> Waiting {
        let info = shared.commands.info(command.id);
        Waiting {
            blind: window.is_some_and(|w| sent_before(command, w.reply_end(), w.received().time)),
            auth: command.is_auth(),
            known: info.known,
            blocked,
            excuses: info.effects.ends_connection(),
            exchange: KeptExchange::unanswered(command),
        }
    }

    /// When its last byte was sent.
    pub(crate) fn sent(&self) -> Moment {
        Moment {
            time: self.exchange.command.sent,
            at: self.exchange.command.at,
        }
    }
}

/// The AUTH in front of them, and what became of its flight.
#[derive(Debug)]
pub(crate) struct Flight {
    pub auth: KeptExchange,
    pub sent: Moment,
    pub received: Moment,
    /// AUTH was accepted, or it failed and an old login stands.
    pub logged_in: bool,
    /// Something of the flight was answered; something that a proxy forwards.
    pub answered: bool,
    pub forwarded: bool,
    /// An answered command of the flight.
    pub answer: Option<KeptExchange>,
    pub cap: Confidence,
    pub latency_ns: i64,
    /// Blind commands that were answered, but only long behind AUTH's reply: by that patience.
    pub answered_late: u64,
}

impl Flight {
    pub(super) fn of(window: &Window, scene: &Scene, patience_ns: i64) -> Flight {
        let kept = window.kept.first().map(|k| &k.exchange);
        let answer = kept.or(window.first_success.as_ref());
        Flight {
            auth: window.auth.unpack(),
            sent: window.sent(),
            received: window.received(),
            logged_in: window.outcome == Outcome::Accepted || window.was_authed,
            answered: window.flight_answered,
            forwarded: window.flight_forwarded,
            answer: answer.map(PackedExchange::unpack),
            cap: window.cap(scene),
            latency_ns: window.latency_ns(),
            answered_late: window.burst.answered_late(window.received(), patience_ns),
        }
    }
}

/// How the connection was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    /// It is open.
    Open,
    /// The client sent the first FIN or RST.
    ByClient,
    /// The server did, here.
    ByServer(Moment, Cut),
}

/// How the server ended it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cut {
    Fin,
    Rst,
}

impl Cut {
    /// By the flag on the wire.
    pub(crate) fn of(reset: bool) -> Cut {
        if reset { Cut::Rst } else { Cut::Fin }
    }
}

/// What TCP shows beside the missing answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Life {
    /// The server's TCP acknowledged the command's last byte.
    pub acknowledged: bool,
    /// The client's receive window was closed.
    pub window_closed: bool,
    /// Something came later on that connection, from either end.
    pub went_on: bool,
    /// TCP itself proves that packets of it are missing.
    pub hole: bool,
}

/// The answer of the next AUTH, with which the waiting ones were answered.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub auth: KeptExchange,
    pub reply: Moment,
    pub sent: Moment,
}

/// Commands without an answer.
#[derive(Debug)]
pub(crate) struct Absence {
    /// The first of them, oldest first. Never empty.
    pub left: Vec<Waiting>,
    /// How many there are, without AUTH.
    pub total: u64,
    /// Of them, those in front of every command that may wait for other clients.
    pub free: u64,
    pub flight: Option<Flight>,
    /// How long the oldest has waited, and how long is too long, ns.
    pub waited_ns: i64,
    pub patience_ns: i64,
    /// Nothing came from the server for so long before the oldest was sent, ns.
    pub idle_ns: i64,
    /// Until when nothing came.
    pub until: Moment,
    pub ended: Ended,
    pub life: Life,
    /// They were answered after all, with the reply of the next AUTH.
    pub released: Option<Release>,
    /// The server has a reason to end the connection: QUIT, a protocol error, CLIENT KILL.
    pub excused: bool,
    /// Only one direction was captured.
    pub one_sided: bool,
    /// The client may want no replies: joined in the middle, and none was seen.
    pub maybe_silent: bool,
    /// The connection had answered something before.
    pub served: bool,
}

impl Absence {
    /// The oldest one.
    pub(crate) fn first(&self) -> Option<&Waiting> {
        self.left.first()
    }
}
