//! What is kept of one Redis connection for its report: AUTHs, latencies, software.

use super::error_replies::ErrorReplies;
use super::event::{AuthRecord, AuthResult, Login};
use super::first_login::{FirstLogin, auth_result};
use super::gathered::Gathered;
use crate::model::{Optional, Timestamp};
use crate::redis::errors;
use crate::redis::{Detail, Exchange, Fate, Kind, Pending, Shared, fingerprint};
use crate::rules::Desk;
use smallvec::SmallVec;

/// AUTHs listed per connection; more are only counted.
const AUTHS_MAX: usize = 32;
/// Latencies gathered before they are added to the server's histogram.
const GATHERED: usize = 64;
// They are counted in 8 bits.
const _: () = assert!(GATHERED <= u8::MAX as usize);

/// What is kept of one Redis connection.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub auth_total: u64,
    /// Nearly always there is one.
    pub auths: SmallVec<[AuthRecord; 1]>,
    /// The AUTHs still without a reply, and how many come behind the listed ones.
    answered_auths: u64,
    awaits_next: bool,
    latencies: Gathered,
    /// So many latencies have been added to the server's, as far as that matters.
    handed_over: u8,
    pub software: Option<Box<str>>,
    /// When the command was sent that was answered last, until somebody asks.
    latest_sent: Optional,
    /// When the last answer came.
    last_reply: Optional,
    logged_in: LoggedIn,
    /// How the first AUTH went.
    pub login: FirstLogin,
    /// Error replies.
    pub errors: Option<Box<ErrorReplies>>,
    /// Numbers of the last commands that give the connection a name and were refused.
    #[expect(
        clippy::box_collection,
        reason = "nearly always there are none, and a pointer is a third as large"
    )]
    refused_names: Option<Box<Vec<u64>>>,
}

/// Whether an AUTH was accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum LoggedIn {
    /// None that was captured.
    #[default]
    No,
    /// One was.
    Yes,
    /// What became of one was not seen, or it may have ended the login.
    Perhaps,
}

impl Record {
    pub(super) fn sent(&mut self, command: &Pending) {
        self.login.sent(command);
        if self.awaits_next
            && let Some(auth) = self.auths.last_mut()
        {
            auth.next_sent_ns = Some(command.sent.since(auth.sent));
        }
        self.awaits_next = false;
        if !command.is_auth() {
            return;
        }
        self.auth_total += 1;
        if self.auths.len() < AUTHS_MAX {
            self.awaits_next = true;
            self.auths.push(AuthRecord {
                at: command.at,
                sent: command.sent,
                received: None,
                result: AuthResult::Unanswered,
                next_sent_ns: None,
                hello: command.detail == Detail::HelloAuth,
            });
        }
    }

    pub(super) fn answered(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        self.login.answered(exchange);
        if exchange.is_error() {
            let errors = self.errors.get_or_insert_default();
            errors.answered(shared, exchange);
        }
        let command = exchange.command;
        self.note_latest(exchange);
        if command.is_auth() {
            self.auth_answered(exchange);
        } else if !command.suspect && !shared.may_block(command) {
            self.latencies.add(exchange.latency_ns(), true);
        }
        if matches!(command.kind, Kind::Introduce | Kind::Hello) {
            self.name_answered(exchange);
        }
        if command.kind == Kind::Reset && !exchange.is_error() && !exchange.is_queued() {
            self.logged_in = LoggedIn::No;
        }
        if let (Kind::Hello | Kind::Info, Some(raw)) = (command.kind, exchange.raw)
            && !exchange.is_error()
            && self.software.is_none()
        {
            self.software = fingerprint::software(command.kind, raw).map(String::into_boxed_str);
        }
    }

    /// The same of an ordinary command with a reply that is no error.
    #[inline]
    pub(super) fn answered_ordinary(&mut self, exchange: &Exchange<'_>) {
        self.login.answered(exchange);
        let same_time = self.last_reply == Some(exchange.received).into();
        self.note_latest(exchange);
        if !exchange.command.suspect {
            self.latencies.add(exchange.latency_ns(), same_time);
        }
    }

    #[inline(always)]
    fn note_latest(&mut self, exchange: &Exchange<'_>) {
        self.latest_sent = Some(exchange.command.sent).into();
        self.last_reply = Some(exchange.received).into();
    }

    /// The command that was answered last: when it was sent, and when its answer came. Each is given once.
    #[inline]
    pub(super) fn take_latest(&mut self) -> Option<(Timestamp, Timestamp)> {
        let sent = std::mem::take(&mut self.latest_sent).moment()?;
        Some((sent, self.last_reply.moment()?))
    }

    /// When the last answer came.
    pub(super) fn last_reply(&self) -> Option<Timestamp> {
        self.last_reply.moment()
    }

    /// Such a command got an answer. One that was taken back may have been a refusal.
    fn name_answered(&mut self, exchange: &Exchange<'_>) {
        let index = exchange.command.index;
        if let Some(names) = &mut self.refused_names {
            names.retain(|refused| *refused != index);
        }
        if exchange.is_error() {
            let names = self.refused_names.get_or_insert_default();
            if names.len() >= fingerprint::NAMES_MAX {
                names.remove(0);
            }
            names.push(index);
        }
    }

    /// Numbers of the last commands that give the connection a name and were refused.
    pub(super) fn refused_names(&self) -> &[u64] {
        self.refused_names.as_deref().map_or(&[], Vec::as_slice)
    }

    /// How a command stood to the login; `whole`: every AUTH of the connection was captured.
    pub(super) fn login_of(
        &self,
        command: &Pending,
        reply: Option<&Exchange<'_>>,
        whole: bool,
    ) -> Option<Login> {
        let refused = |e: &Exchange<'_>| {
            e.is_error() && (command.is_auth() || errors::is_noauth(e.reply.head.bytes))
        };
        match reply.is_some_and(refused) {
            _ if command.suspect && !command.torn => Some(Login::Blind),
            true => Some(Login::Refused),
            false => match self.logged_in {
                LoggedIn::Yes => Some(Login::In),
                LoggedIn::No if whole => Some(Login::Before),
                LoggedIn::No | LoggedIn::Perhaps => None,
            },
        }
    }

    fn auth_answered(&mut self, exchange: &Exchange<'_>) {
        self.logged_in = match auth_result(exchange) {
            AuthResult::Ok => LoggedIn::Yes,
            _ if exchange.is_error() && errors::keeps_login(exchange.reply.head.bytes) => {
                self.logged_in
            }
            // A server that was never logged in to is not by a refusal.
            _ if exchange.is_error() && self.logged_in == LoggedIn::No => LoggedIn::No,
            _ => LoggedIn::Perhaps,
        };
        let place = self.answered_auths;
        self.answered_auths += 1;
        let auth = usize::try_from(place)
            .ok()
            .and_then(|i| self.auths.get_mut(i));
        if let Some(auth) = auth {
            auth.received = Some(exchange.received);
            auth.result = auth_result(exchange);
        }
    }

    /// A command gets no reply.
    pub(super) fn unpaired(&mut self, fate: Fate, command: &Pending) {
        self.login.unpaired(fate, command);
        if command.is_auth() {
            self.logged_in = LoggedIn::Perhaps;
        }
        if command.is_auth() && !matches!(fate, Fate::Unanswered | Fate::Begun) {
            self.answered_auths += 1;
        }
    }

    /// There is enough to hand over.
    ///
    /// The first ones are handed over soon, so that a judgement on another connection knows of them.
    pub(super) fn is_full(&self) -> bool {
        self.latencies.count() >= GATHERED.min(usize::from(self.handed_over) + 1)
    }

    /// Adds what was gathered to what is known of the server.
    pub(super) fn hand_over(&mut self, desk: &mut Desk, server: Option<u32>) {
        if self.latencies.count() == 0 && self.software.is_none() {
            return;
        }
        if let Some(facts) = server.and_then(|place| desk.endpoints.at(place)) {
            let gathered = self.latencies.count() as u8;
            self.handed_over = self.handed_over.saturating_add(gathered);
            self.latencies.hand_over(Some(&mut facts.latency));
            if facts.software.is_none() {
                facts.software = self.software.as_deref().map(str::to_owned);
                let redis = |name: &str| name.starts_with("redis ") || name.starts_with("valkey ");
                facts.says_redis |= self.software.as_deref().is_some_and(redis);
            }
        }
        self.latencies.hand_over(None);
    }
}
