//! Watches one connection: AUTH windows, refusals in front of AUTH, proxies' own errors, and what is left unanswered.

use super::book::Book;
use super::draft::{self, EXCHANGES_MAX, Scene};
use super::early::Early;
use super::ending::{self, Left};
use super::exposure::Exposed;
use super::finding::{FindingExchange, Moment};
use super::login::Login;
use super::outcome::{Outcome, Sign};
use super::proxies::Failures;
use super::story;
use super::window::Window;
use crate::model::Timestamp;
use crate::redis::{Anchor, BrokenReply, Detail, Exchange, Fate, Kind, Pending, Shared};

/// So many closed windows can be taken back when their pairs turn out to be wrong.
const WEAK_MAX: usize = 16;

/// How a connection was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closing {
    /// Last moment at which the connection was known to be open.
    pub until: Timestamp,
    /// The client sent the first FIN or RST; `None` while it is open.
    pub by_client: Option<bool>,
    /// Only one direction was captured: nothing is known of answers.
    pub one_sided: bool,
}

/// The rules' view of one connection.
#[derive(Debug, Default)]
pub struct Watch {
    window: Option<Box<Window>>,
    early: Option<Box<Early>>,
    /// Refused commands in front of the AUTH that has been answered last, until it is clear that no replica sent them.
    early_and_auth: Option<Box<(Early, FindingExchange)>>,
    /// An AUTH was seen and judged.
    auth_seen: bool,
    /// The first AUTH that got no judgement: HELLO … AUTH that the server does not know.
    unjudged: Option<Box<FindingExchange>>,
    /// Commands refused behind it.
    behind_unjudged: Option<Box<Early>>,
    login: Login,
    /// Pairing was lost at some time: an AUTH may have been missed.
    lost: bool,
    /// What was told of windows that are closed, since pairing was found again by acknowledgements only.
    weak: Vec<story::Told>,
    /// Data was served before any AUTH was judged.
    served: bool,
    /// Something was answered since the connection was joined, or joined again: the client wants replies.
    answered: bool,
    reported: bool,
    candidate: bool,
    /// Counted among those that send commands right behind AUTH.
    exposed: bool,
    /// Counted among those with an accepted AUTH.
    counted: bool,
    last_reply: Option<(i64, Kind)>,
    proxy_failures: Failures,
    left: Vec<Left>,
    left_total: u64,
    /// What comes now waits behind a command that may block, or behind an answer that had begun.
    left_excused: bool,
    /// Told by the analyzer, for notes.
    library: Option<String>,
}

impl Watch {
    /// A finding names this connection.
    pub fn is_reported(&self) -> bool {
        self.reported
    }

    /// A finding at the end of the run may name it.
    pub fn is_candidate(&self) -> bool {
        self.candidate
    }

    /// The client library became known.
    pub fn set_library(&mut self, library: Option<String>) {
        if library.is_some() {
            self.library = library;
        }
    }

    /// A command got its reply.
    pub fn answered(
        &mut self,
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        let command = exchange.command;
        if command.is_auth() {
            self.auth_answered(shared, book, scene, exchange);
        } else {
            self.command_answered(shared, book, scene, exchange);
        }
        let login = command.is_auth() && !exchange.is_error();
        self.answered |= login || exchange.anchor > Anchor::Weak;
        self.last_reply = Some((exchange.end, command.kind));
    }

    fn command_answered(
        &mut self,
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        let error = exchange.is_error();
        if self.early_and_auth.is_some() {
            self.before_auth(exchange.command.kind, book, scene);
        }
        match exchange.command.kind {
            Kind::Reset if !error && !exchange.is_queued() => {
                self.close_window(book, scene);
                self.login = Login::No;
                return;
            }
            Kind::Pause | Kind::Unpause if !error => note_pause(book, scene, exchange),
            _ => {}
        }
        if exchange.part_error.is_some() {
            self.reported |= self.proxy_failures.note(shared, book, scene, exchange);
        }
        if self.window.is_none() && !error && matches!(self.login, Login::Yes | Login::Served) {
            return;
        }
        let info = shared.commands.info(exchange.command.id);
        let (local, sign) = (info.local, Sign::of(info, exchange));
        self.note_login(exchange, sign, local);
        if let Some(window) = &mut self.window {
            let matters = window.note(shared, scene, exchange, sign, local);
            if matters || (!window.told.is_empty() && sign != Sign::Nothing) {
                self.reported |= story::tell(window, scene, book, self.library.as_deref(), false);
            }
        } else if sign == Sign::NoAuth {
            // Success and then NOAUTH without an AUTH in between: somebody set a password meanwhile.
            let first_login = !self.auth_seen && !self.lost && scene.whole;
            if first_login && !self.served {
                let place = match self.unjudged {
                    None => &mut self.early,
                    Some(_) => &mut self.behind_unjudged,
                };
                Early::note(place, shared, scene, exchange);
            }
        }
        if error && sign != Sign::NoAuth {
            self.reported |= self.proxy_failures.note(shared, book, scene, exchange);
        }
    }

    /// What an answer shows of the login.
    fn note_login(&mut self, exchange: &Exchange<'_>, sign: Sign, local: bool) {
        if sign == Sign::NoAuth {
            self.login = Login::No;
        }
        if sign != Sign::Served || local {
            return;
        }
        self.served |= !self.auth_seen;
        self.login = match &self.window {
            // Sent before AUTH's reply: it tells of the login in front of that AUTH, if of any.
            Some(window) if window.is_blind(exchange) => return,
            Some(window) if window.outcome == Outcome::Accepted || window.was_authed => Login::Yes,
            None if matches!(self.login, Login::Yes | Login::Unsure) => Login::Yes,
            _ => Login::Served,
        };
    }

    /// What was refused in front of AUTH is told now that the command behind AUTH is known. A replica asks with PING
    /// whether its master is there, takes NOAUTH for a yes, and logs in then.
    fn before_auth(&mut self, next: Kind, book: &mut Book, scene: &Scene) {
        let Some((early, auth)) = self.early_and_auth.take().map(|both| *both) else {
            return;
        };
        if !(early.only_pings() && matches!(next, Kind::Replconf | Kind::Sync)) {
            self.reported |= early.before_auth(&auth, book, scene);
        }
    }

    fn auth_answered(
        &mut self,
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        self.reported |= self.proxy_failures.note(shared, book, scene, exchange);
        if Outcome::of(exchange) == Outcome::Neither && !exchange.is_queued() {
            self.not_judged(shared, scene, exchange);
            return;
        }
        let received = Moment {
            time: exchange.received,
            at: exchange.at,
        };
        let sent = Moment {
            time: exchange.command.sent,
            at: exchange.command.at,
        };
        if let Some(window) = self.window.as_deref() {
            let separate = exchange
                .command
                .ack
                .is_none_or(|ack| ack >= window.reply_end);
            let firm = window.anchor.min(exchange.anchor) > Anchor::Weak;
            if separate && firm && window.outcome == Outcome::Accepted {
                let told = ending::released(window, book, scene, received, sent);
                self.reported |= told;
                self.not_exposed(told);
            }
        }
        self.close_window(book, scene);
        let flight = self.last_reply.is_some_and(|(end, kind)| {
            !matches!(kind, Kind::Auth | Kind::Hello)
                && exchange.sent_before(end, exchange.received)
        });
        let was_authed = self.login.may_stand(scene.whole && !self.lost);
        let mut window = Box::new(Window::new(shared, scene, exchange, was_authed, flight));
        window.login_unseen = !self.login.is_sure(scene.whole);
        if let Some(early) = self.early.take() {
            self.early_and_auth = Some(Box::new((*early, window.auth.clone())));
        }
        self.auth_seen = true;
        self.behind_unjudged = None;
        let text = exchange.reply.head.bytes;
        self.login = self.login.behind_auth(window.outcome, was_authed, text);
        if window.outcome == Outcome::Accepted {
            self.note_auth(book, scene, &window);
        }
        if window.outcome == Outcome::Neither {
            return;
        }
        self.reported |= story::tell(&mut window, scene, book, self.library.as_deref(), false);
        self.window = Some(window);
    }

    /// Nothing was said about the credentials: what was before goes on.
    fn not_judged(&mut self, shared: &mut Shared, scene: &Scene, exchange: &Exchange<'_>) {
        if self.unjudged.is_some() || self.auth_seen {
            return;
        }
        let shown = draft::shown(shared, scene, exchange, None);
        let early = self.early.take();
        self.early_and_auth = early.map(|early| Box::new((*early, shown.clone())));
        self.unjudged = Some(Box::new(shown));
    }

    fn note_auth(&mut self, book: &mut Book, scene: &Scene, window: &Window) {
        let Some(server) = book.server(scene.server) else {
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
        if server.with_auth.len() < EXCHANGES_MAX {
            server.with_auth.push(scene.connection);
            self.candidate = true;
        }
    }

    /// A command gets no reply.
    pub fn unpaired(
        &mut self,
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        fate: Fate,
        command: &Pending,
    ) {
        if matches!(command.kind, Kind::Replconf | Kind::Sync) {
            self.before_auth(command.kind, book, scene);
        }
        match fate {
            Fate::Unanswered => self.left_behind(shared, scene, command),
            Fate::Begun => self.left_excused = true,
            Fate::Silent if command.is_auth() || command.kind == Kind::Reset => {
                // It took effect, and what it did was not said.
                self.close_window(book, scene);
                self.login = self.login.doubted();
            }
            Fate::Silent | Fate::Undecided => {}
        }
        self.auth_seen |= command.is_auth();
    }

    fn left_behind(&mut self, shared: &mut Shared, scene: &Scene, command: &Pending) {
        self.left_excused |= shared.may_block(command);
        if self.left_excused {
            return;
        }
        self.left_total += u64::from(!command.is_auth());
        if self.left.len() < EXCHANGES_MAX {
            let window = self.window.as_deref();
            self.left.push(Left::new(shared, scene, window, command));
        }
    }

    /// The server sent what is no RESP while an answer was due.
    pub fn broken(
        &mut self,
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        broken: &BrokenReply<'_>,
    ) {
        self.reported |= ending::malformed(shared, book, scene, broken);
    }

    /// The pairs since pairing was found again were wrong: what was told of them is taken back.
    pub fn mistaken(&mut self, book: &mut Book) {
        let window = self.window.take();
        for told in window
            .map(|window| window.told)
            .into_iter()
            .chain(self.weak.drain(..))
        {
            told.take_back(book);
        }
    }

    /// Pairing was lost: what comes can not be related to what was.
    pub fn lost(&mut self, book: &mut Book, scene: &Scene) {
        if let Some(window) = &mut self.window {
            window.interrupted = true;
        }
        self.close_window(book, scene);
        self.lost = true;
        self.weak.clear();
        self.answered = false;
        self.login = self.login.doubted();
        self.last_reply = None;
    }

    /// The connection is over. Call after the session's own `finish`.
    pub fn finish(&mut self, book: &mut Book, scene: &Scene, closing: &Closing) {
        let left = std::mem::take(&mut self.left);
        self.before_auth(Kind::Ordinary, book, scene);
        // Joined in the middle, the client may have said that it wants no replies.
        let wants_replies = self.answered || (scene.whole && !self.lost);
        if !left.is_empty() && wants_replies && !closing.one_sided {
            let window = self.window.as_deref();
            let told = ending::unanswered(&left, self.left_total, window, book, scene, closing);
            self.reported |= told;
        }
        self.not_exposed(!left.is_empty() || self.left_excused);
        self.close_window(book, scene);
        let early = self.early.take().or(self.behind_unjudged.take());
        if let Some(early) = early.filter(|_| !self.lost && scene.whole) {
            let on_its_way = left.iter().find_map(Left::auth);
            let unjudged = self.unjudged.as_deref();
            self.reported |= match on_its_way {
                Some(auth) => early.before_auth(auth, book, scene),
                None => {
                    !self.auth_seen && early.never_authenticated(unjudged, book, scene, closing)
                }
            };
        }
        self.proxy_failures.finish(book);
    }

    /// Commands behind this AUTH were not answered well: no exposure that ended well.
    fn not_exposed(&mut self, told: bool) {
        if let Some(window) = self.window.as_mut().filter(|_| told) {
            window.blind_ok = 0;
        }
    }

    fn close_window(&mut self, book: &mut Book, scene: &Scene) {
        let Some(mut window) = self.window.take() else {
            return;
        };
        let told = story::tell(&mut window, scene, book, self.library.as_deref(), true);
        self.reported |= told;
        if told && window.anchor == Anchor::Weak && self.weak.len() < WEAK_MAX {
            self.weak.push(std::mem::take(&mut window.told));
        }
        let well = window.outcome == Outcome::Accepted && window.blind_ok > 0 && !told;
        if well && window.facts.refused() == 0 {
            self.candidate |= book.exposures.add(&Exposed {
                connection: scene.connection,
                new: !std::mem::replace(&mut self.exposed, true),
                client: scene.client,
                server: scene.server,
                auth_sent: window.sent,
                auth_latency_ns: window.latency_ns(),
                commands: window.blind_ok,
                delay_ns: window.delay_ns,
                last: window.last,
            });
        }
    }
}

/// CLIENT PAUSE and UNPAUSE hold for every client of the server.
fn note_pause(book: &mut Book, scene: &Scene, exchange: &Exchange<'_>) {
    let Some(server) = book.server(scene.server) else {
        return;
    };
    match exchange.command.detail {
        Detail::PauseMs(ms) => server.note_pause(exchange.received, ms),
        _ => server.end_pause(exchange.received),
    }
}
