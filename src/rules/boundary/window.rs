//! One AUTH and what came behind it, as facts. Names no rule and makes no text.

use super::burst::Burst;
use super::mixture::{Judged, Mixture, Print, REFUSALS};
use super::moments::received;
use super::outcome::{Outcome, Sign};
use crate::finding::{Confidence, Moment, Scene};
use crate::model::Optional;
use crate::redis::errors::{self, Speaker, Subject};
use crate::redis::{Anchor, Answerer, Detail, Exchange, Kind, PackedExchange, Pending, Shared};
use std::sync::Arc;

/// How many exchanges of a window are kept to be shown, by what became of them.
const BLIND_REFUSED_MAX: usize = 6;
const LATE_REFUSED_MAX: usize = 6;
const SERVED_MAX: usize = 3;

/// A command behind AUTH that a finding may show.
#[derive(Debug)]
pub(crate) struct KeptCommand {
    pub exchange: PackedExchange,
    pub blind: bool,
    /// Its place among the refusals of the mixture, if it got NOAUTH. Those that are not told apart there go with the last.
    pub refusal: Option<u8>,
}

/// One AUTH with its reply, and what came behind it on the connection.
#[derive(Debug)]
pub(crate) struct Window {
    pub auth: PackedExchange,
    pub outcome: Outcome,
    pub hello: bool,
    /// The connection was authenticated when AUTH was sent, as far as is known.
    pub was_authed: bool,
    /// Whether it was is not sure: an AUTH in front may not have been captured.
    pub login_unseen: bool,
    /// Lowest anchor of the pairs the verdict rests on.
    pub anchor: Anchor,
    pub mixture: Mixture,
    /// Blind commands that were answered well.
    pub blind_ok: u64,
    /// Something of AUTH's flight was answered: before AUTH or behind it.
    pub flight_answered: bool,
    /// Of that something that a proxy forwards.
    pub flight_forwarded: bool,
    /// The commands a finding shows: refused ones first seen, and the successes that decide.
    pub kept: Vec<KeptCommand>,
    pub last: Moment,
    /// What the segment of the first blind command that was refused acknowledged.
    pub first_blind_ack: Optional,
    /// The first command that succeeded behind AUTH; one that no proxy answers itself stands for all others.
    pub first_success: Option<PackedExchange>,
    /// It was blind.
    pub first_blind: bool,
    first_forwarded: bool,
    /// Pairing was lost while it was open: what would have decided may be in the gap.
    pub interrupted: bool,
    /// A command that was not understood was answered in front of the first refusal, or something said the text of a
    /// refusal that may say any text: it may have done anything to the connection.
    pub doubtful: bool,
    /// A refused command has a script for a neighbour: a script may say so, and their replies may be in exchange.
    beside_script: bool,
    /// The number of the last script or refused command, twice, and one more if it was a script.
    last_word: Optional,
    /// A command that proves nothing said NOAUTH.
    pub said_noauth: u64,
    pub burst: Burst,
    /// A command that may block was answered: what waits behind it proves nothing.
    blocked: bool,
    /// Captured from the SYN up to the evidence without a gap.
    whole: bool,
    /// A refusal in the words that only a proxy uses.
    pub proxy_refused: bool,
    /// The client library, as it said itself.
    pub library: Option<Arc<String>>,
    /// What has been told of it.
    pub told: Vec<crate::rules::Told>,
}

impl Window {
    // Large: to be made where it will stay.
    #[inline(always)]
    pub(super) fn new(
        scene: &Scene,
        exchange: &Exchange<'_>,
        was_authed: bool,
        flight_answered: bool,
    ) -> Window {
        Window {
            outcome: Outcome::of(exchange),
            hello: exchange.command.kind == Kind::Hello,
            was_authed,
            login_unseen: false,
            anchor: exchange.anchor,
            mixture: Mixture::default(),
            blind_ok: 0,
            flight_answered,
            flight_forwarded: false,
            kept: Vec::new(),
            last: received(exchange),
            first_blind_ack: Optional::NONE,
            first_success: None,
            first_blind: false,
            first_forwarded: false,
            interrupted: false,
            doubtful: exchange.command.torn,
            beside_script: false,
            last_word: Optional::NONE,
            said_noauth: 0,
            burst: Burst::default(),
            blocked: false,
            whole: scene.whole,
            proxy_refused: false,
            library: None,
            told: Vec::new(),
            auth: PackedExchange::of(exchange),
        }
    }

    /// The most that may be said of it.
    pub(crate) fn cap(&self, scene: &Scene) -> Confidence {
        if self.doubtful {
            return Confidence::Possible;
        }
        let whole = self.whole;
        let most = match self.beside_script {
            true => Confidence::Likely,
            false => Confidence::Certain,
        };
        Scene { whole, ..*scene }.cap(self.anchor).min(most)
    }

    /// When AUTH was sent.
    pub(crate) fn sent(&self) -> Moment {
        let (time, at) = self.auth.sent();
        Moment { time, at }
    }

    /// When AUTH's reply was received.
    pub(crate) fn received(&self) -> Moment {
        let (time, at) = self.auth.received();
        Moment { time, at }
    }

    /// The offset behind AUTH's reply.
    pub(crate) fn reply_end(&self) -> i64 {
        self.auth.end()
    }

    /// AUTH's last byte to its reply's last byte, ns.
    pub(crate) fn latency_ns(&self) -> i64 {
        self.received().time.since(self.sent().time)
    }

    /// The command left before AUTH's reply could have been received.
    pub(crate) fn is_blind(&self, exchange: &Exchange<'_>) -> bool {
        exchange.sent_before(self.reply_end(), self.received().time)
    }

    /// The next command of the window was answered. `true` when verdicts have to be looked at again.
    pub(super) fn note(
        &mut self,
        shared: &Shared,
        scene: &Scene,
        exchange: &Exchange<'_>,
        sign: Sign,
        answerer: Answerer,
    ) -> bool {
        let info = shared.commands.info(exchange.command.id);
        let blind = self.is_blind(exchange);
        if blind {
            self.flight_answered = true;
            self.flight_forwarded |= answerer == Answerer::Redis;
        }
        self.follow_burst(shared, exchange, blind);
        self.doubt(info.known, exchange, sign);
        self.look_for_script(exchange, sign);
        if matches!(sign, Sign::Nothing | Sign::NoAuthSaid) {
            return false;
        }
        let refused = sign == Sign::NoAuth;
        // What comes behind the success that decides takes nothing from it.
        if !self.is_decided() {
            self.whole &= scene.whole;
        }
        if !refused {
            self.note_success(exchange, blind, answerer);
        }
        self.mixture.note(&Judged {
            blind,
            refused,
            answerer,
            print: print_of(exchange.command),
        });
        self.blind_ok += u64::from(blind && !refused);
        let refusals = self.mixture.refused();
        let matters = refusals > 0 || (self.outcome != Outcome::Accepted && blind);
        let first_blind = blind && self.kept.is_empty();
        if !(matters || first_blind) {
            return false;
        }
        self.last = received(exchange);
        self.proxy_refused |= refused && is_refusal_of_proxy(exchange.reply.head.bytes);
        let place = refused.then(|| refusals.min(REFUSALS as u64) as u8 - 1);
        self.keep(exchange, blind, place);
        matters
    }

    /// Something was served behind a refusal.
    fn is_decided(&self) -> bool {
        let all = self.mixture.set(|_| true);
        !all.is_empty() && self.mixture.served_behind(all)
    }

    fn look_for_script(&mut self, exchange: &Exchange<'_>, sign: Sign) {
        let script = exchange.command.kind == Kind::Script;
        if !script && sign != Sign::NoAuth {
            return;
        }
        let word = exchange.command.index.cast_signed() * 2 + i64::from(script);
        let before = std::mem::replace(&mut self.last_word, Some(word).into());
        // The next command, and only one of both is a script.
        let beside = |before: i64| before / 2 + 1 == word / 2 && before % 2 != word % 2;
        self.beside_script |= before.get().is_some_and(beside);
    }

    fn doubt(&mut self, known: bool, exchange: &Exchange<'_>, sign: Sign) {
        if sign == Sign::NoAuthSaid {
            self.said_noauth += 1;
        }
        let unknown =
            exchange.is_error() && errors::subject(exchange.reply.head.bytes) == Subject::Request;
        let not_understood = (exchange.command.torn || !known) && !unknown;
        let in_front = self.mixture.refused() == 0 || sign == Sign::NoAuthSaid;
        self.doubtful |= in_front && not_understood;
    }

    /// Keeps the first success in front of all refusals.
    fn note_success(&mut self, exchange: &Exchange<'_>, blind: bool, answerer: Answerer) {
        let forwarded = answerer == Answerer::Redis;
        let shows = answerer != Answerer::Either;
        let better = self.first_success.is_none() || (forwarded && !self.first_forwarded);
        if shows && better && self.mixture.refused() == 0 {
            self.first_forwarded = forwarded;
            self.first_blind = blind;
            self.first_success = Some(PackedExchange::of(exchange));
        }
    }

    /// Keeps a few of the refused, the first success in front of them and the first behind.
    fn keep(&mut self, exchange: &Exchange<'_>, blind: bool, refusal: Option<u8>) {
        let refused = refusal.is_some();
        let alike =
            |k: &&KeptCommand| k.refusal.is_some() == refused && (!refused || k.blind == blind);
        let kept_alike = self.kept.iter().filter(alike).count();
        let behind = self.kept.last().is_some_and(|k| k.refusal.is_some());
        let wanted = match (refused, blind) {
            (true, true) => kept_alike < BLIND_REFUSED_MAX,
            (true, false) => kept_alike < LATE_REFUSED_MAX,
            // Behind an AUTH that is refused, data for a blind command is what the verdict rests on.
            (false, true) if self.outcome == Outcome::Refused => kept_alike < SERVED_MAX,
            (false, _) => {
                (kept_alike < SERVED_MAX && (self.kept.is_empty() || behind))
                    || (kept_alike < 2 * SERVED_MAX && self.decides(exchange))
            }
        };
        if !wanted {
            return;
        }
        self.anchor = self.anchor.min(exchange.anchor);
        if refused && blind && self.first_blind_ack.is_none() {
            self.first_blind_ack = exchange.command.ack.into();
        }
        // Most keep one, the first blind command, or two.
        self.kept.reserve_exact(usize::from(self.kept.len() < 2));
        self.kept.push(KeptCommand {
            exchange: PackedExchange::of(exchange),
            blind,
            refusal,
        });
    }

    /// It is what was refused before, and the first time that it is served.
    fn decides(&self, exchange: &Exchange<'_>) -> bool {
        let print = print_of(exchange.command);
        let served = self.mixture.set(|r| r.served_later);
        let kept = self.kept.iter().filter(|k| k.refusal.is_none());
        let mut same = kept.map(|k| k.exchange.command());
        self.mixture.of(served).any(|r| r.print == print)
            && !same.any(|kept| print_of(&kept) == print)
    }

    fn follow_burst(&mut self, shared: &Shared, exchange: &Exchange<'_>, blind: bool) {
        let late = self.burst.is_late(received(exchange), self.received());
        if late.starts {
            self.blocked |= shared.may_block(exchange.command);
        }
        let starts = late.starts && !self.blocked && blind && self.flight_answered;
        self.burst.note(exchange, blind, late, starts);
    }
}

/// Which command it was.
pub(crate) fn print_of(command: &Pending) -> Print {
    let tag = command.first.map_or(0, |tag| tag.hash);
    // HELLO with AUTH is another command than HELLO.
    let auth = u64::from(command.detail == Detail::HelloAuth);
    Print {
        id: command.id,
        tag: tag ^ auth,
    }
}

/// A refusal in the words of twemproxy and Codis: the proxy refused, not the Redis behind it.
fn is_refusal_of_proxy(text: &[u8]) -> bool {
    let whole = |row: &&errors::Text| {
        row.speaker == Speaker::TwemproxyOrCodis && text == row.start.as_bytes()
    };
    errors::find(text).filter(whole).is_some()
}
