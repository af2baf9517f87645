//! Watches one connection: AUTH windows, refusals in front of AUTH, proxies' own errors, and what is left unanswered.

use super::book::Book;
use super::draft::{self, EXCHANGES_MAX, Scene};
use super::ending::{self, Left};
use super::exposure::Exposed;
use super::finding::{Finding, FindingExchange, Moment};
use super::proxies::Failures;
use super::story;
use super::window::{Outcome, Sign, Window};
use super::{auth_missing, command_before_auth};
use crate::model::Timestamp;
use crate::redis::{Anchor, BrokenReply, Exchange, Fate, Kind, Pending, Shared};

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

/// Commands refused while no AUTH had been sent.
#[derive(Debug)]
struct Early {
    first: Moment,
    last: Moment,
    index: u64,
    total: u64,
    kept: Vec<FindingExchange>,
    anchor: Anchor,
}

/// The rules' view of one connection.
#[derive(Debug, Default)]
pub struct Watch {
    window: Option<Box<Window>>,
    early: Option<Box<Early>>,
    /// An AUTH was seen, whatever it got.
    auth_seen: bool,
    /// Authenticated by an accepted AUTH, and nothing since speaks against it.
    authed: bool,
    /// Pairing was lost at some time: an AUTH may have been missed.
    lost: bool,
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
    /// One of them may block, listed or not.
    left_blocking: bool,
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
        self.last_reply = Some((exchange.end, command.kind));
    }

    fn command_answered(
        &mut self,
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        if exchange.command.kind == Kind::Reset && !exchange.is_error() && !exchange.is_queued() {
            self.close_window(book, scene);
            self.authed = false;
            return;
        }
        let error = exchange.is_error();
        let info = shared.commands.info(exchange.command.id);
        if info.sub == Some("PAUSE")
            && !error
            && let Some(server) = book.server(scene.server)
        {
            server.paused = true;
        }
        if self.window.is_none() && !error {
            return;
        }
        let (local, sign) = (info.local, Sign::of(info, exchange));
        if let Some(window) = &mut self.window {
            let matters = window.note(shared, scene, exchange, sign, local);
            self.authed &= sign != Sign::NoAuth;
            self.authed |= window.shows_login(exchange, sign, local);
            if matters || (!window.told.is_empty() && sign != Sign::Nothing) {
                self.reported |= story::tell(window, scene, book, self.library.as_deref(), false);
            }
        } else if sign == Sign::NoAuth && !self.auth_seen && !self.lost && scene.whole {
            self.refused_early(shared, scene, exchange);
        }
        if error && sign != Sign::NoAuth {
            self.reported |= self.proxy_failures.note(shared, book, scene, exchange);
        }
    }

    fn refused_early(&mut self, shared: &mut Shared, scene: &Scene, exchange: &Exchange<'_>) {
        let shown = draft::shown(shared, scene, exchange, None);
        let received = Moment {
            time: exchange.received,
            at: exchange.at,
        };
        let early = self.early.get_or_insert_with(|| {
            Box::new(Early {
                first: shown.sent,
                last: received,
                index: exchange.command.index,
                total: 0,
                kept: Vec::new(),
                anchor: exchange.anchor,
            })
        });
        early.total += 1;
        early.last = received;
        early.anchor = early.anchor.min(exchange.anchor);
        if early.kept.len() < EXCHANGES_MAX - 1 {
            early.kept.push(shown);
        }
    }

    fn auth_answered(
        &mut self,
        shared: &mut Shared,
        book: &mut Book,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
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
            if separate && window.outcome == Outcome::Accepted {
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
        let mut window = Box::new(Window::new(shared, scene, exchange, self.authed, flight));
        if let Some(early) = self.early.take().filter(|_| scene.whole) {
            self.reported |= before_auth(*early, &window.auth, book, scene);
        }
        self.auth_seen = true;
        self.authed = match window.outcome {
            Outcome::Accepted => true,
            Outcome::Refused => false,
            Outcome::ServiceFailed | Outcome::Neither => self.authed,
        };
        if window.outcome == Outcome::Accepted {
            self.note_auth(book, scene, &window);
        }
        if window.outcome == Outcome::Neither {
            return;
        }
        self.reported |= story::tell(&mut window, scene, book, self.library.as_deref(), false);
        self.window = Some(window);
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
    pub fn unpaired(&mut self, shared: &mut Shared, scene: &Scene, fate: Fate, command: &Pending) {
        self.auth_seen |= command.is_auth();
        if fate != Fate::Unanswered {
            return;
        }
        self.left_total += u64::from(!command.is_auth());
        self.left_blocking |= shared.commands.info(command.id).blocking;
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

    /// Pairing was lost: what comes can not be related to what was.
    pub fn lost(&mut self, book: &mut Book, scene: &Scene) {
        if let Some(window) = &mut self.window {
            window.interrupted = true;
        }
        self.close_window(book, scene);
        self.lost = true;
        self.authed = false;
        self.last_reply = None;
    }

    /// The connection is over. Call after the session's own `finish`.
    pub fn finish(&mut self, book: &mut Book, scene: &Scene, closing: &Closing) {
        let left = std::mem::take(&mut self.left);
        if !(left.is_empty() || self.left_blocking || closing.one_sided) {
            let window = self.window.as_deref();
            let told = ending::unanswered(&left, self.left_total, window, book, scene, closing);
            self.reported |= told;
            self.not_exposed(told);
        }
        self.close_window(book, scene);
        if let Some(early) = self.early.take().filter(|_| !self.lost && scene.whole) {
            let on_its_way = left.iter().find_map(Left::auth);
            self.reported |= match on_its_way {
                Some(auth) => before_auth(*early, auth, book, scene),
                None => !self.auth_seen && never_authenticated(*early, book, scene),
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

fn before_auth(early: Early, auth: &FindingExchange, book: &mut Book, scene: &Scene) -> bool {
    let mut finding = early_finding(&command_before_auth::INFO, &early, scene);
    let commands: Vec<&FindingExchange> = early.kept.iter().collect();
    finding.title = format!(
        "{} sent before AUTH and refused with NOAUTH",
        draft::some_commands(&commands, early.total)
    );
    finding.exchanges.insert(0, auth.clone());
    finding.exchanges.truncate(EXCHANGES_MAX);
    finding.proof.text = format!(
        "The first refused command is in {}; the first AUTH of the connection is in {}, behind it.",
        draft::packet(early.first.at),
        draft::packet(auth.sent.at)
    );
    finding.proof.packets = vec![early.first.at, auth.sent.at];
    book.say(finding)
}

fn never_authenticated(early: Early, book: &mut Book, scene: &Scene) -> bool {
    let mut finding = early_finding(&auth_missing::INFO, &early, scene);
    finding.title = format!(
        "{} command{} refused with NOAUTH on a connection that never sends AUTH",
        early.total,
        if early.total == 1 { "" } else { "s" }
    );
    finding.proof.text = format!(
        "The connection was captured from its start. The first refusal answers {}; no AUTH was sent until the end.",
        draft::packet(early.first.at)
    );
    finding.proof.packets = vec![early.first.at];
    book.say(finding)
}

fn early_finding(info: &'static super::RuleInfo, early: &Early, scene: &Scene) -> Finding {
    let mut finding = draft::on_connection(info, scene, early.first, early.index);
    finding.is_final = true;
    finding.confidence = scene.cap(early.anchor).min(super::Confidence::Likely);
    finding.affected = early.total;
    finding.last = early.last;
    finding.culprit = super::Culprit::Client;
    finding.culprit_endpoint = Some(scene.client);
    finding.exchanges.clone_from(&early.kept);
    finding.measures = vec![("refused", early.total as i64)];
    finding
}
