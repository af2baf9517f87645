//! What the first AUTH of a connection led to, and the command behind it.

use super::event::{AuthRecord, AuthResult, FirstAuth, NextFate};
use crate::model::Optional;
use crate::redis::{Exchange, Fate, Pending};
use crate::rules::AuthOutcome;

/// Stands for no command.
const NONE: u64 = u64::MAX;

/// What became of the first AUTH of one connection, and of the command behind it. When they were sent stands in the
/// [`AuthRecord`] of that AUTH.
#[derive(Debug)]
pub(super) struct FirstLogin {
    /// Numbers of the two; [`NONE`] while they were not sent.
    auth: u64,
    next: u64,
    latency_ns: Optional,
    result: AuthResult,
    blind: bool,
    fate: NextFate,
}

impl Default for FirstLogin {
    fn default() -> FirstLogin {
        FirstLogin {
            auth: NONE,
            next: NONE,
            latency_ns: Optional::NONE,
            result: AuthResult::Unanswered,
            blind: false,
            fate: NextFate::NotSent,
        }
    }
}

impl FirstLogin {
    pub(super) fn sent(&mut self, command: &Pending) {
        if self.auth == NONE {
            if command.is_auth() {
                self.auth = command.index;
            }
        } else if self.next == NONE {
            self.next = command.index;
        }
    }

    pub(super) fn answered(&mut self, exchange: &Exchange<'_>) {
        let index = exchange.command.index;
        if index == self.auth {
            self.latency_ns = Some(exchange.latency_ns()).into();
            self.result = auth_result(exchange);
        } else if index == self.next {
            self.blind = exchange.command.suspect;
            self.fate = match exchange.is_error() {
                true if exchange.reply.head.bytes.starts_with(b"NOAUTH") => NextFate::Refused,
                true => NextFate::Failed,
                false => NextFate::Served,
            };
        }
    }

    pub(super) fn unpaired(&mut self, fate: Fate, command: &Pending) {
        if command.index == self.next {
            self.blind = command.suspect;
            self.fate = match fate {
                Fate::Unanswered | Fate::Begun => NextFate::Unanswered,
                Fate::Silent | Fate::Undecided => NextFate::Undecided,
            };
        }
    }

    /// What there is to tell when the connection has ended. `record`: of the first AUTH.
    pub(super) fn told(&self, record: Option<&AuthRecord>) -> Option<FirstAuth> {
        let record = record.filter(|_| self.auth != NONE)?;
        Some(FirstAuth {
            at: record.at,
            sent: record.sent,
            hello: record.hello,
            latency_ns: self.latency_ns.get(),
            result: self.result,
            gap_ns: record.next_sent_ns,
            blind: self.blind,
            next: self.fate,
        })
    }
}

/// What the reply of an AUTH says.
pub(super) fn auth_result(exchange: &Exchange<'_>) -> AuthResult {
    match AuthOutcome::of(exchange) {
        AuthOutcome::Accepted => AuthResult::Ok,
        AuthOutcome::Refused => AuthResult::Refused,
        AuthOutcome::ServiceFailed | AuthOutcome::NotJudged | AuthOutcome::NotSeen => {
            AuthResult::Failed
        }
    }
}
