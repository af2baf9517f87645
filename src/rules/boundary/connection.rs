//! The auth boundary of one connection: from its exchanges to facts.

use super::absence::{Absence, Cut, Ended, Flight, KEPT, Life, Release, Waiting};
use super::auth_error::AuthError;
use super::exposure::Exposed;
use super::failures::{Failures, own_text};
use super::lock_step::LockStep;
use super::login::Login;
use super::moments::{received, sent};
use super::outcome::{Outcome, Sign};
use super::served_before::ServedFirst;
use super::unauthenticated::{Sequel, Unauthenticated};
use super::window::Window;
use crate::finding::{CONNECTIONS_MAX, Moment, Scene};
use crate::redis::answerer::differs_by_product;
use crate::redis::errors::{self, Subject};
use crate::redis::{
    Anchor, Answerer, CommandId, Detail, Exchange, Fate, KeptExchange, Kind, Pending, Shared,
};
use crate::resp::ReplyKind;
use crate::rules::Told;
use crate::rules::news::News;

/// How a connection was left, or how it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing {
    /// Last moment at which the connection was known to be open.
    pub until: Moment,
    pub ended: Ended,
    /// Only one direction was captured: nothing is known of answers.
    pub one_sided: bool,
    /// What TCP shows.
    pub life: Life,
    /// How long the oldest command waited, by the clock of the input it was captured in, ns.
    pub waited_ns: i64,
    /// How long is too long, ns; `None` = as long as the server's latencies say now.
    pub patience_ns: Option<i64>,
    /// Nothing more can come.
    pub closed: bool,
    /// The server had said nothing for so long before, ns.
    pub idle_ns: i64,
}

/// Facts of the auth boundary of one connection.
#[derive(Debug, Default)]
pub(crate) struct Boundary {
    window: Option<Box<Window>>,
    refused: Option<Box<Unauthenticated>>,
    /// Refused commands in front of the AUTH that has been answered last, until it is clear that no replica sent them.
    refused_and_auth: Option<Box<(Unauthenticated, KeptExchange)>>,
    /// AUTHs that got an error which says nothing about the credential, until it is clear whether they mattered.
    errors: Vec<AuthError>,
    /// An AUTH was seen and judged.
    auth_seen: bool,
    login: Login,
    /// Pairing was lost at some time: an AUTH may have been missed.
    lost: bool,
    /// Pairs from this command on rest on pairing that was found again.
    joined_at: u64,
    /// The number of the next command.
    next: u64,
    /// Something that needs a login was served before any AUTH was judged.
    served: bool,
    /// Anything passed the auth check before any AUTH was judged.
    served_any: bool,
    /// Something was answered since the connection was joined, or joined again: the client wants replies.
    answered: bool,
    reported: bool,
    candidate: bool,
    /// Counted among those that send commands right behind AUTH.
    exposed: bool,
    /// Counted among those with an accepted AUTH.
    counted: bool,
    last_reply: Option<(i64, Kind, CommandId)>,
    failures: Failures,
    lock_step: LockStep,
    served_first: ServedFirst,
    /// The order of replies is broken: a refusal behind that may be another command's.
    order_broken: bool,
    /// A refusal was told before that: the broken order comes of it.
    refusal_told: bool,
    /// … in front of the window that is open.
    refusal_told_before: bool,
    left: Vec<Waiting>,
    left_total: Waiters,
    /// What comes now waits behind a command that may block.
    blocked: bool,
    /// An answer had begun: what waits behind it is no silence.
    begun: bool,
    /// The server has a reason to end the connection.
    excused: bool,
    library: Option<Box<str>>,
    /// What was said of commands that wait.
    overdue_told: Vec<Told>,
}

impl Boundary {
    /// A finding names this connection.
    pub(crate) fn is_reported(&self) -> bool {
        self.reported
    }

    /// A finding at the end of the run may name it.
    pub(crate) fn is_candidate(&self) -> bool {
        self.candidate
    }

    /// The order of replies is broken from here on.
    pub(crate) fn order_broken(&mut self) {
        self.order_broken = true;
    }

    /// A finding about refusals stands that came before the broken order.
    pub(crate) fn is_refusal_told(&self) -> bool {
        self.refusal_told
    }

    /// The client library became known.
    pub(crate) fn set_library(&mut self, library: Option<String>) {
        if let Some(library) = library {
            if let Some(window) = &mut self.window {
                window.library = Some(library.as_str().into());
            }
            self.library = Some(library.into());
        }
    }

    /// A command got its reply.
    pub(crate) fn answered(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        let command = exchange.command;
        if !self.overdue_told.is_empty() {
            news.withdraw(scene, &mut self.overdue_told);
        }
        if command.is_auth() {
            self.auth_answered(news, scene, exchange);
        } else {
            self.command_answered(news, scene, exchange);
        }
        if self.lock_step.is_on() {
            let shared = news.shared();
            let multi = command.kind == Kind::Multi;
            let bends = multi || command.kind.bends() || shared.may_block(command);
            let known = shared.commands.info(command.id).known;
            let next_sent = self.next > command.index + 1;
            self.lock_step.note(exchange, known && !bends, next_sent);
        }
        let login = command.is_auth() && !exchange.is_error();
        self.answered |= login || exchange.anchor > Anchor::Weak;
        self.last_reply = Some((exchange.end, command.kind, command.id));
    }

    fn command_answered(&mut self, news: &mut impl News, scene: &Scene, exchange: &Exchange<'_>) {
        let error = exchange.is_error();
        if self.refused_and_auth.is_some() {
            self.before_auth(news, scene, exchange.command.kind);
        }
        // Whatever the command is called: its reply says that the login is gone.
        let reset = !error
            && exchange.reply.head.bytes == b"RESET"
            && exchange.reply.kind == crate::resp::ReplyKind::Simple;
        if reset || (exchange.command.kind == Kind::Reset && !error && !exchange.is_queued()) {
            self.close_window(news, scene);
            self.login = Login::No;
            return;
        }
        self.note_waits(news, scene, exchange);
        if error || exchange.part_error.is_some() {
            self.note_failure(news, scene, exchange);
        }
        if self.window.is_none() && !error && matches!(self.login, Login::Yes | Login::Served) {
            return;
        }
        let info = news.shared().commands.info(exchange.command.id);
        let (answerer, sign) = (info.answerer, Sign::of(info, exchange));
        let data = info.known && sign == Sign::Served && answerer == Answerer::Redis;
        let answerer = match differs_by_product(&info.name) {
            true if news.server(scene).is_some_and(|server| server.answers_more) => {
                Answerer::Either
            }
            _ => answerer,
        };
        self.note_login(exchange, sign, answerer);
        if data && !self.auth_seen && scene.whole {
            self.served_first.note(exchange);
        }
        if self.order_broken && matches!(sign, Sign::NoAuth | Sign::NoAuthSaid) {
            news.unexplained(scene, exchange);
            return;
        }
        if let Some(window) = &mut self.window {
            let matters = window.note(news.shared(), scene, exchange, sign, answerer);
            if window.blind_ok == 1
                && sign == Sign::Served
                && window.outcome == Outcome::Accepted
                && let Some(server) = news.server(scene)
            {
                server.blind_served = true;
            }
            if matters || (!window.told.is_empty() && sign != Sign::Nothing) {
                let stands = news.window(scene, window);
                self.reported |= stands;
                let accepted = window.outcome == Outcome::Accepted;
                self.refusal_told |= stands && accepted && sign == Sign::NoAuth;
            }
            if sign == Sign::NoAuthSaid {
                news.unexplained(scene, exchange);
            }
        } else if matches!(sign, Sign::NoAuth | Sign::NoAuthSaid) {
            self.refused_without_login(news, scene, exchange, sign);
        }
    }

    /// NOAUTH while no AUTH was judged, or behind a RESET.
    fn refused_without_login(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        exchange: &Exchange<'_>,
        sign: Sign,
    ) {
        // In front of AUTH a bare HELLO asks which protocol the server speaks.
        let probe = exchange.command.kind == Kind::Hello;
        let plain = sign == Sign::NoAuth && !self.auth_seen;
        if !plain || (probe && self.refused.is_none()) {
            if !probe {
                news.unexplained(scene, exchange);
            }
            return;
        }
        let name = news
            .shared()
            .commands
            .info(exchange.command.id)
            .name
            .clone();
        let place = match self.errors.last_mut() {
            Some(error) if !error.renewal => &mut error.refused,
            _ => &mut self.refused,
        };
        Unauthenticated::note(place, &name, exchange);
        if let Some(all) = place {
            all.served |= self.served;
        }
    }

    /// What an answer shows of the login.
    fn note_login(&mut self, exchange: &Exchange<'_>, sign: Sign, answerer: Answerer) {
        if sign == Sign::NoAuth {
            self.login = Login::No;
        }
        self.served_any |= sign == Sign::Served && !self.auth_seen;
        if sign != Sign::Served || answerer != Answerer::Redis {
            return;
        }
        self.served |= !self.auth_seen;
        if let Some(all) = self.refused.as_mut().filter(|_| !self.auth_seen) {
            all.served = true;
        }
        self.login = match &self.window {
            // Sent before AUTH's reply: it tells of the login in front of that AUTH, if of any.
            Some(window) if window.is_blind(exchange) => return,
            Some(window) if window.outcome == Outcome::Accepted || window.was_authed => Login::Yes,
            None if matches!(self.login, Login::Yes | Login::Unsure) => Login::Yes,
            _ => Login::Served,
        };
    }

    /// CLIENT PAUSE, and commands that keep the server busy.
    fn note_waits(&mut self, news: &mut impl News, scene: &Scene, exchange: &Exchange<'_>) {
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

    fn note_failure(&mut self, news: &mut impl News, scene: &Scene, exchange: &Exchange<'_>) {
        let Some((text, proxy)) = own_text(news.shared(), exchange) else {
            return;
        };
        if let Some(server) = news.server(scene) {
            server.answers_more |= proxy != "Envoy";
            let evidence = || format!("{proxy}'s own error text: {}", text.start.trim_end());
            server.proxy.get_or_insert_with(evidence);
        }
        if text.subject == Subject::ProxyFailure {
            let failure = self.failures.note((text, proxy), exchange);
            self.reported |= news.failure(scene, failure, false);
        }
    }

    /// A command was sent.
    pub(crate) fn sent(&mut self, news: &mut impl News, scene: &Scene, command: &Pending) {
        self.next = command.index + 1;
        let effects = news.shared().commands.info(command.id).effects;
        if effects.is_none() {
            return;
        }
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

    /// What was refused in front of AUTH is told now that the command behind AUTH is known. A replica asks with PING
    /// whether its master is there, takes NOAUTH for a yes, and logs in then.
    fn before_auth(&mut self, news: &mut impl News, scene: &Scene, next: Kind) {
        let Some((mut refused, auth)) = self.refused_and_auth.take().map(|both| *both) else {
            return;
        };
        if !(refused.only_pings() && matches!(next, Kind::Replconf | Kind::Sync)) {
            refused.sequel = Sequel::Auth(Box::new(auth));
            self.reported |= news.unauthenticated(scene, Box::new(refused));
        }
    }

    fn auth_answered(&mut self, news: &mut impl News, scene: &Scene, exchange: &Exchange<'_>) {
        if exchange.is_error() {
            self.note_failure(news, scene, exchange);
        }
        match Outcome::of(exchange) {
            Outcome::NotSeen if !exchange.is_queued() => return,
            Outcome::NotJudged => return self.not_judged(exchange, scene),
            _ => {}
        }
        self.release(news, scene, exchange);
        self.close_window(news, scene);
        let flight = self.last_reply.filter(|(end, kind, _)| {
            !matches!(kind, Kind::Auth | Kind::Hello)
                && exchange.sent_before(*end, exchange.received)
        });
        let was_authed = self.login.may_stand(scene.whole && !self.lost);
        let mut window = Box::new(Window::new(scene, exchange, was_authed, flight.is_some()));
        window.flight_forwarded = flight
            .is_some_and(|(.., id)| news.shared().commands.info(id).answerer == Answerer::Redis);
        window.login_unseen = !self.login.is_sure(scene.whole);
        window.library.clone_from(&self.library);
        if let Some(refused) = self.refused.take() {
            self.refused_and_auth = Some(Box::new((*refused, window.auth.clone())));
        }
        let before = self.served_first.auth(exchange).filter(|_| {
            let first = !self.auth_seen && window.outcome == Outcome::Accepted;
            first && scene.whole && !self.lost
        });
        if let Some(before) = before {
            self.reported |= news.served_before(scene, Box::new(before));
        }
        self.auth_seen = true;
        let text = exchange.reply.head.bytes;
        self.login = self.login.behind_auth(window.outcome, was_authed, text);
        if window.outcome == Outcome::Accepted {
            self.accepted(news, scene, &window);
        }
        if window.outcome == Outcome::NotSeen {
            return;
        }
        self.reported |= news.window(scene, &mut window);
        self.window = Some(window);
    }

    /// Nothing was said about the credentials: what was before goes on.
    fn not_judged(&mut self, exchange: &Exchange<'_>, scene: &Scene) {
        let subject = errors::subject(exchange.reply.head.bytes);
        let other_cause = matches!(subject, Subject::TurnedAway | Subject::ProxyFailure);
        // HELLO in the flight of an AUTH is part of the same handshake.
        let hello = exchange.command.kind == Kind::Hello;
        let flight = hello
            && self
                .window
                .as_ref()
                .is_some_and(|window| window.is_blind(exchange));
        let renewal = !flight && self.login.may_stand(scene.whole && !self.lost);
        if let Some(refused) = self.refused.take() {
            let auth = KeptExchange::of(exchange, false);
            self.refused_and_auth = Some(Box::new((*refused, auth)));
        }
        if self.errors.len() < CONNECTIONS_MAX {
            let unseen = !self.login.is_sure(scene.whole);
            self.errors
                .push(AuthError::new(exchange, renewal, unseen, other_cause));
        }
    }

    /// Commands of the flight before may have waited for this AUTH.
    fn release(&mut self, news: &mut impl News, scene: &Scene, exchange: &Exchange<'_>) {
        let Some(window) = self.window.as_deref() else {
            return;
        };
        let acked = exchange.command.ack;
        let separate = acked.is_some_and(|ack| ack >= window.reply_end);
        let firm = window.anchor.min(exchange.anchor) > Anchor::Weak;
        if !(separate && firm && window.outcome == Outcome::Accepted) {
            return;
        }
        let release = Release {
            auth: KeptExchange::of(exchange, false),
            reply: received(exchange),
            sent: sent(exchange),
        };
        let Some((total, burst)) = window.burst.released_with(release.reply, release.sent) else {
            return;
        };
        let left: Vec<Waiting> = burst
            .iter()
            .map(|kept| Waiting {
                exchange: kept.clone(),
                blind: true,
                auth: false,
                known: true,
                blocked: false,
                excuses: false,
            })
            .collect();
        let since = left
            .first()
            .map_or(release.sent.time, |first| first.sent().time);
        let absence = Absence {
            left,
            total,
            free: total,
            flight: Some(Flight::of(window, scene, i64::MAX)),
            waited_ns: release.reply.time.since(since),
            patience_ns: 0,
            idle_ns: 0,
            until: release.reply,
            ended: Ended::Open,
            life: Life::default(),
            released: Some(release),
            excused: false,
            one_sided: false,
            maybe_silent: false,
            served: true,
        };
        let told = news.absence(scene, Box::new(absence), &mut Vec::new(), true);
        self.reported |= told;
        self.not_exposed(told);
    }

    fn accepted(&mut self, news: &mut impl News, scene: &Scene, window: &Window) {
        // A handshake that fell back to this login is none of its faults.
        self.tell_errors(news, scene);
        let Some(server) = news.server(scene) else {
            return;
        };
        server.auth.record(window.latency_ns());
        server
            .first_auth
            .get_or_insert((window.sent.time, window.sent.at));
        if std::mem::replace(&mut self.counted, true) {
            return;
        }
        server.with_auth_total += 1;
        if server.with_auth.len() < KEPT {
            server.with_auth.push(scene.connection);
            self.candidate = true;
        }
    }

    fn tell_errors(&mut self, news: &mut impl News, scene: &Scene) {
        for error in std::mem::take(&mut self.errors) {
            if error.mattered() {
                self.reported |= news.auth_error(scene, Box::new(error));
            } else if let Some(refused) = &error.refused {
                news.refused_unexplained(scene, refused);
            }
        }
    }

    /// A command gets no reply.
    pub(crate) fn unpaired(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        fate: Fate,
        command: &Pending,
    ) {
        if self.refused_and_auth.is_some() {
            self.before_auth(news, scene, command.kind);
        }
        match fate {
            Fate::Unanswered => self.left_behind(news.shared(), command),
            Fate::Begun => self.begun = true,
            Fate::Silent if command.is_auth() || command.kind == Kind::Reset => {
                // It took effect, and what it did was not said.
                self.close_window(news, scene);
                self.login = self.login.doubted();
            }
            Fate::Silent | Fate::Undecided => {}
        }
        self.auth_seen |= command.is_auth();
    }

    fn left_behind(&mut self, shared: &Shared, command: &Pending) {
        self.blocked |= shared.may_block(command);
        self.left_total.count(command, self.blocked);
        if self.left.len() < KEPT {
            let window = self.window.as_deref();
            self.left
                .push(Waiting::new(shared, window, command, self.blocked));
        }
    }

    /// The server said of the connection itself why it ends it.
    pub(crate) fn excuse(&mut self) {
        self.excused = true;
    }

    /// These commands have been waiting for longer than the server's patience, and the connection is open.
    pub(crate) fn overdue<'p>(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        waiting: impl Iterator<Item = &'p Pending>,
        closing: &Closing,
    ) -> bool {
        let (mut blocked, mut total) = (false, Waiters::default());
        let mut left = Vec::new();
        for command in waiting {
            blocked |= news.shared().may_block(command);
            total.count(command, blocked);
            if left.len() < KEPT {
                let window = self.window.as_deref();
                left.push(Waiting::new(news.shared(), window, command, blocked));
            }
        }
        let told = self.tell_absence(news, scene, left, total, closing);
        self.not_exposed(told);
        told
    }

    fn tell_absence(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        left: Vec<Waiting>,
        total: Waiters,
        closing: &Closing,
    ) -> bool {
        if left.is_empty() || closing.one_sided || self.begun {
            if !self.overdue_told.is_empty() {
                news.withdraw(scene, &mut self.overdue_told);
            }
            return false;
        }
        let patience = closing.patience_ns.unwrap_or_else(|| {
            news.server(scene)
                .map_or(1_000_000_000, |server| server.patience_ns())
        });
        let window = self.window.as_deref();
        let flight = window.map(|w| Flight::of(w, scene, patience));
        // By order of another connection.
        let ended = matches!(closing.ended, Ended::ByServer(..));
        let server = news.server(scene).filter(|_| ended);
        let dismissed = server.is_some_and(|server| server.dismissals.explain(closing.until.time));
        let absence = Absence {
            left,
            total: total.all,
            free: total.free,
            flight,
            waited_ns: closing.waited_ns,
            patience_ns: patience,
            idle_ns: closing.idle_ns,
            until: closing.until,
            ended: closing.ended,
            life: closing.life,
            released: None,
            excused: self.excused || dismissed,
            one_sided: closing.one_sided,
            // Joined in the middle, the client may have said that it wants no replies.
            maybe_silent: !(self.answered || (scene.whole && !self.lost)),
            served: self.last_reply.is_some(),
        };
        let told = news.absence(
            scene,
            Box::new(absence),
            &mut self.overdue_told,
            closing.closed,
        );
        self.reported |= told;
        told
    }

    /// The pairs since pairing was found again were wrong: what was told of them is taken back.
    pub(crate) fn mistaken(&mut self, news: &mut impl News, scene: &Scene) {
        if let Some(mut window) = self.window.take() {
            news.take_back(scene, &mut window);
            self.refusal_told = self.refusal_told_before;
        }
        self.lock_step.doubt();
        news.disputed(scene, self.joined_at);
    }

    /// Server bytes that are no RESP came. `told`: that was told.
    pub(crate) fn broken(&mut self, told: bool) {
        self.reported |= told;
        self.excused = true;
    }

    /// Pairing was lost: what comes can not be related to what was.
    pub(crate) fn lost(&mut self, news: &mut impl News, scene: &Scene) {
        if let Some(window) = &mut self.window {
            window.interrupted = true;
        }
        self.close_window(news, scene);
        self.lost = true;
        self.joined_at = self.next;
        self.answered = false;
        self.login = self.login.doubted();
        self.lock_step.doubt();
        self.last_reply = None;
    }

    /// The connection is over. Call after the session's own `finish`.
    pub(crate) fn finish(&mut self, news: &mut impl News, scene: &Scene, closing: &Closing) {
        let left = std::mem::take(&mut self.left);
        self.before_auth(news, scene, Kind::Ordinary);
        self.not_exposed(!left.is_empty() || self.begun || self.blocked);
        let on_its_way = left.iter().find(|w| w.auth).map(|w| w.exchange.clone());
        let total = self.left_total;
        self.tell_absence(news, scene, left, total, closing);
        self.close_window(news, scene);
        for error in &mut self.errors {
            let partly = error.hello && self.served_any;
            error.open = closing.ended == Ended::Open;
            error.never_accepted = !self.auth_seen && !partly && !self.lost && scene.whole;
        }
        self.tell_errors(news, scene);
        self.finish_refused(news, scene, closing, on_its_way);
        if let Some(mut abandoned) = self.lock_step.found.take() {
            abandoned.library.clone_from(&self.library);
            self.reported |= news.abandoned(scene, abandoned);
        }
        for failure in self.failures.all() {
            news.failure(scene, failure, true);
        }
    }

    fn finish_refused(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        closing: &Closing,
        on_its_way: Option<KeptExchange>,
    ) {
        let Some(mut refused) = self.refused.take() else {
            return;
        };
        let open = closing.ended == Ended::Open;
        refused.sequel = match on_its_way {
            Some(auth) => Sequel::Auth(Box::new(auth)),
            // It was not seen how that AUTH was answered.
            None if self.auth_seen => return news.refused_unexplained(scene, &refused),
            None if !self.lost && scene.whole => Sequel::Never { open },
            // It was lost because its order is broken, which is told.
            None if self.order_broken => return news.refused_unexplained(scene, &refused),
            None => Sequel::Unknown,
        };
        self.reported |= news.unauthenticated(scene, refused);
    }

    /// Commands behind this AUTH were not answered well: no exposure that ended well.
    fn not_exposed(&mut self, told: bool) {
        if let Some(window) = self.window.as_mut().filter(|_| told) {
            window.blind_ok = 0;
        }
    }

    fn close_window(&mut self, news: &mut impl News, scene: &Scene) {
        let Some(window) = self.window.take() else {
            return;
        };
        self.refusal_told_before = self.refusal_told;
        let well = window.outcome == Outcome::Accepted
            && window.blind_ok > 0
            && window.mixture.refused() == 0;
        if well {
            let exposed = Exposed {
                connection: scene.connection,
                new: !std::mem::replace(&mut self.exposed, true),
                client: scene.client,
                server: scene.server,
                auth_sent: window.sent,
                auth_latency_ns: window.latency_ns(),
                commands: window.blind_ok,
                last: window.last,
            };
            self.candidate |= news.exposed(&exposed);
        }
        self.reported |= news.window_closed(scene, window);
    }
}

/// How many commands wait, without AUTH.
#[derive(Clone, Copy, Debug, Default)]
struct Waiters {
    all: u64,
    /// In front of every command that may wait for other clients.
    free: u64,
}

impl Waiters {
    fn count(&mut self, command: &Pending, blocked: bool) {
        let counts = u64::from(!command.is_auth());
        self.all += counts;
        self.free += if blocked { 0 } else { counts };
    }
}

impl Cut {
    /// By the flag on the wire.
    pub(crate) fn of(reset: bool) -> Cut {
        if reset { Cut::Rst } else { Cut::Fin }
    }
}
