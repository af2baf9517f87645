//! What a frame may mean for the commands that wait, by the rules of the protocol alone.
//!
//! Pure: from the state of the connection, the commands in line and a frame to the states it may be in behind it.

use super::evidence::{Fit, fit};
use super::frame::Frame;
use crate::redis::commands::Kind;
use crate::redis::errors;
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::{self, After, Login, Mode, Multi, State};
use smallvec::SmallVec;

/// What it costs to assume that the server dropped the error of a failing AUTH.
pub(super) const DROPPED_ERROR: u16 = 1;
/// … that a proxy refuses HELLO … AUTH with NOAUTH, which no server does.
const PROXY_ONLY: u16 = 2;
/// … that AUTH with as many arguments as it takes is told that there are too many.
const MISCOUNTED: u16 = 2;
/// … that one who was served is told NOAUTH for a command that gets no reply by rule: a script says so as well.
const REFUSED_SWITCH: u16 = 2;
/// So far into the line an AUTH may be one of them.
const DROPPED_MAX: usize = 64;
/// … that a server gave the command the name of another: a reply in the wrong place is a little likelier.
pub(super) const RENAMED: u16 = 13;

/// More ways to read one frame than this are not told apart.
pub(super) const BRANCHES_MAX: usize = 16;

/// One way to read a frame: it answers a command.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// So many commands in front of the answered one get no reply.
    pub passed: usize,
    /// … and of those these are an AUTH whose error the server dropped: a bit each.
    pub dropped: u64,
    pub state: State,
    pub after: After,
    pub cost: u16,
}

/// All ways to read `frame` as the answer to one of the commands in line; of more than [`BRANCHES_MAX`] one more. `pending_end`: up to there the server had sent
/// replies before it.
pub(super) fn branches<'q>(
    shared: &Shared,
    state: &State,
    queue: impl Iterator<Item = &'q Pending>,
    frame: &Frame<'_>,
    pending_end: i64,
) -> SmallVec<[Branch; 2]> {
    let mut out = SmallVec::new();
    let mut state = state.clone();
    let (mut cost, mut dropped) = (0, 0u64);
    let noauth = frame.shape.kind.is_error() && errors::is_noauth(frame.shape.head.bytes);
    for (passed, command) in queue.enumerate() {
        if frame.start_ack.is_some_and(|ack| ack < command.end) {
            break;
        }
        let (answers, passes) = roles(&state, command, frame, noauth);
        let fit = fit(shared, &state, command, frame);
        if answers && fit != Fit::No {
            let mut next = state.clone();
            if passed > 0 {
                // A HELLO among those in front made the version unknown.
                next.note_protocol(&frame.shape);
            }
            let after = answer(shared, &mut next, command, frame);
            let renamed = u16::from(fit == Fit::Doubtful) * RENAMED;
            let proxy_only = command.detail == Detail::HelloAuth && noauth;
            let served = matches!(state.login, Login::Yes | Login::Served);
            let refused = noauth && served && switched(&state, command).is_some();
            let miscounted = command.kind == Kind::Auth
                && command.takes_a_login()
                && frame.shape.head.bytes.starts_with(b"ERR syntax error");
            out.push(Branch {
                passed,
                dropped,
                state: next,
                after,
                cost: cost
                    + renamed
                    + u16::from(proxy_only) * PROXY_ONLY
                    + u16::from(miscounted) * MISCOUNTED
                    + u16::from(refused) * REFUSED_SWITCH,
            });
            if out.len() > BRANCHES_MAX {
                break;
            }
        }
        if let Some(mode) = passes {
            state.pass(command);
            state.mode = mode;
        } else if passed < DROPPED_MAX && may_be_dropped(&state, command, pending_end) {
            state.auth_failed();
            dropped |= 1 << passed;
            cost += DROPPED_ERROR;
        } else {
            break;
        }
    }
    out
}

/// Applies the answer to `command`.
#[inline]
pub(super) fn answer(
    shared: &Shared,
    state: &mut State,
    command: &Pending,
    frame: &Frame<'_>,
) -> After {
    match state.stays_behind(command, &frame.shape) {
        true => After::Normal,
        false => answer_any(shared, state, command, frame),
    }
}

fn answer_any(shared: &Shared, state: &mut State, command: &Pending, frame: &Frame<'_>) -> After {
    let login = state.login;
    let after = state.apply(command, &frame.shape);
    let info = shared.commands.info(command.id);
    if says_anything(shared, command) {
        state.login = login;
    }
    if matches!(command.detail, Detail::Confirmations(_)) && state::is_confirmation(frame.word) {
        state.begin_confirmations(command, &info.name, frame.word, frame.count);
    }
    after
}

/// A script or a module, which chooses its words itself.
fn says_anything(shared: &Shared, command: &Pending) -> bool {
    command.kind == Kind::Script || !shared.commands.info(command.id).known
}

/// Redis 7.2 and later (redis#15640) and Valkey 7.2 to 8.1 may drop the error of a failing AUTH while other output is
/// still on its way.
pub(super) fn may_be_dropped(state: &State, command: &Pending, pending_end: i64) -> bool {
    command.takes_a_login()
        && !matches!(state.multi, Multi::Open { .. })
        && command.ack.is_some_and(|ack| ack < pending_end)
}

/// Whether `command` at the head may be answered by `frame`, and the mode behind it if it may get no reply.
/// `noauth`: the frame refuses one who is not logged in.
fn roles(
    state: &State,
    command: &Pending,
    frame: &Frame<'_>,
    noauth: bool,
) -> (bool, Option<Mode>) {
    if state.waits_for_exec(command) {
        return (true, Some(Mode::Off));
    }
    if state.is_uncertain(command) {
        let told = command.detail == Detail::ReplyOn || state.may_refuse(&frame.shape);
        return (told, Some(state.mode));
    }
    // A transaction that is given up says nothing.
    if state.switches_inside(command) {
        return (frame.shape.head.bytes == b"OK", Some(Mode::Off));
    }
    // Redis before 6.2 does not know it, and says nothing of that either.
    if state.mode == Mode::Off && command.kind == Kind::Reset {
        return (frame.shape.head.bytes == b"RESET", Some(Mode::Off));
    }
    let refusal = frame.shape.kind.is_error() || frame.shape.head.bytes == b"QUEUED";
    if let Some(mode) = silent(state, command) {
        // Redis 5.0 does not confirm under OFF either.
        return match state::is_confirmed_by(command, frame.word) {
            true => (true, None),
            false => (false, Some(mode)),
        };
    }
    match switched(state, command) {
        Some(mode) => {
            // Who is not logged in may not switch either. One who was served is.
            let stranger = noauth && !matches!(state.login, Login::Yes | Login::Served);
            let queues = refusal && matches!(state.multi, Multi::Open { .. });
            let ack = command.detail == Detail::NoReply;
            (refusal, Some(mode).filter(|_| ack || !(stranger || queues)))
        }
        None => (true, None),
    }
}

/// The mode behind `command` at the head if it gets no reply, as it may by rule where `frame` comes.
pub(super) fn passes(state: &State, command: &Pending, frame: &Frame<'_>) -> Option<Mode> {
    let noauth = frame.shape.kind.is_error() && errors::is_noauth(frame.shape.head.bytes);
    roles(state, command, frame, noauth).1
}

/// The mode behind `command` if it gets no reply whatever comes.
pub(super) fn silent(state: &State, command: &Pending) -> Option<Mode> {
    let mode = state.mode;
    let behind = if mode == Mode::Skip { Mode::On } else { mode };
    if state.ignores(command) == Some(true) || command.detail == Detail::Blank {
        return Some(behind);
    }
    match (mode, command.detail) {
        (Mode::On, _) => None,
        (Mode::Skip, Detail::ReplyOff) => Some(Mode::Off),
        (Mode::Skip, Detail::ReplySkip) => Some(Mode::Skip),
        (_, Detail::ReplyOn) if state.refuses_in_silence() != Some(true) => None,
        (Mode::Off, _) if command.kind == Kind::Reset || state.switches_inside(command) => None,
        _ => Some(behind),
    }
}

/// The mode behind `command` if it gets no reply when it is accepted, and one when it is refused.
pub(super) fn switched(state: &State, command: &Pending) -> Option<Mode> {
    match command.detail {
        Detail::ReplyOff => Some(Mode::Off),
        Detail::ReplySkip => Some(Mode::Skip),
        Detail::NoReply => Some(state.mode),
        _ => None,
    }
}
