//! The auth boundary of one connection: from its exchanges to facts.

mod absent;
mod auth;
mod ending;
mod login;
mod ordinary;
mod rare;
mod refused;
mod released;
mod server;

use super::lock_step::LockStep;
use super::login::Login;
use super::served_before::ServedFirst;
use super::window::Window;
use crate::finding::Scene;
use crate::redis::{Anchor, CommandId, Exchange, Kind};
use crate::rules::news::News;
use rare::Rare;
use std::hint::black_box;
use std::sync::Arc;

/// Facts of the auth boundary of one connection.
#[derive(Debug, Default)]
pub(crate) struct Boundary {
    window: Option<Box<Window>>,
    rare: Option<Box<Rare>>,
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
    lock_step: LockStep,
    served_first: ServedFirst,
    /// The order of replies is broken: a refusal behind that may be another command's.
    order_broken: bool,
    /// A refusal was told before that: the broken order comes of it.
    refusal_told: bool,
    /// … in front of the window that is open.
    refusal_told_before: bool,
    /// What comes now waits behind a command that may block.
    blocked: bool,
    /// An answer had begun: what waits behind it is no silence.
    begun: bool,
    /// The server has a reason to end the connection.
    excused: bool,
    library: Option<Arc<String>>,
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

    /// Reads what will be looked at when it is over.
    pub(crate) fn prefetch(&self) {
        black_box((self.next, self.reported, self.last_reply.is_some()));
        black_box((
            self.lock_step.is_on(),
            self.library.is_some(),
            self.rare.is_some(),
        ));
        if let Some(window) = &self.window {
            black_box((
                window.outcome,
                window.told.len(),
                window.blind_ok,
                window.first_blind,
            ));
        }
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
    pub(crate) fn set_library(&mut self, library: Option<&str>) {
        if let Some(library) = library {
            self.library = Some(Arc::new(library.to_owned()));
            if let Some(window) = &mut self.window {
                window.library.clone_from(&self.library);
            }
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
        self.take_overdue_back(news, scene);
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

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The server said of the connection itself why it ends it.
    pub(crate) fn excuse(&mut self) {
        self.excused = true;
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
}
