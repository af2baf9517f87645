//! What a frame may mean for the commands that wait, by the rules of the protocol alone.
//!
//! Pure: from the state of the connection, the commands in line and a frame to the states it may be in behind it.

use super::evidence::{Fit, fit};
use super::frame::Frame;
use crate::redis::commands::Kind;
use crate::redis::errors;
use crate::redis::frame_kinds;
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::{After, Login, Mode, Multi, State};
use crate::redis::transaction::Tail;
use smallvec::SmallVec;

/// What it costs to assume that the server dropped the error of a failing AUTH.
pub(super) const DROPPED_ERROR: u16 = 1;
/// … that a proxy refuses HELLO … AUTH with NOAUTH, which no server does.
const PROXY_ONLY: u16 = 2;
/// … that AUTH with as many arguments as it takes is told that there are too many.
const MISCOUNTED: u16 = 2;
/// … that one who was served is told NOAUTH for a command that gets no reply by rule: a script says so as well.
const REFUSED_SWITCH: u16 = 2;
/// So far into the line a command may be passed over.
const PASSED_MAX: usize = 64;
/// … that a server gave the command the name of another: a reply in the wrong place is a little likelier.
pub(super) const RENAMED: u16 = 13;

/// A reading so much dearer than the cheapest is given up.
pub(super) const SPREAD: u16 = 14;

/// More ways to read one frame than this are not told apart.
pub(super) const BRANCHES_MAX: usize = 16;

/// One way to read a frame: it answers a command.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// So many commands in front of the answered one get no reply.
    pub passed: usize,
    /// … and of those these are an AUTH whose error the server dropped: a bit each.
    pub dropped: u64,
    /// … and the reply of these stands inside of EXEC's array.
    pub inside: u64,
    pub state: State,
    pub after: After,
    pub cost: u16,
}

/// The ways to read one frame.
pub(super) type Branches = SmallVec<[Branch; 2]>;

/// All ways to read `frame` as the answer to one of the commands in line; of more than [`BRANCHES_MAX`] one more. `pending_end`: up to there the server had sent
/// replies before it.
pub(super) fn branches<'q>(
    shared: &Shared,
    state: &State,
    queue: impl Iterator<Item = &'q Pending> + Clone,
    frame: &Frame<'_>,
    pending_end: i64,
) -> Branches {
    let mut out = SmallVec::new();
    let walk = Walk {
        shared,
        frame,
        pending_end,
        noauth: frame.shape.kind.is_error() && errors::is_noauth(frame.shape.head.bytes),
    };
    let queue = queue.enumerate();
    if !state.tail.is_open() {
        walk.along(state.clone(), queue, 0, Passed::default(), &mut out);
        return out;
    }
    for reading in state.tail.readings() {
        let mut state = state.clone();
        state.tail = Tail::default();
        if reading.skips {
            state.mode = Mode::Skip;
        }
        let passed = Passed {
            cost: reading.cost,
            ..Passed::default()
        };
        walk.along(state, queue.clone(), reading.inside, passed, &mut out);
    }
    out
}

/// A frame looks for its command.
struct Walk<'w> {
    shared: &'w Shared,
    frame: &'w Frame<'w>,
    pending_end: i64,
    /// It refuses one who is not logged in.
    noauth: bool,
}

/// What is assumed of the commands in front of the one that a frame answers.
#[derive(Clone, Copy, Default)]
struct Passed {
    count: usize,
    dropped: u64,
    inside: u64,
    cost: u16,
}

impl Passed {
    /// The server dropped the error of the AUTH at this place.
    fn drop_error(&mut self, state: &mut State, at: usize) {
        state.auth_failed();
        self.dropped |= 1 << at;
        self.cost += DROPPED_ERROR;
    }
}

impl Walk<'_> {
    /// The reply of the first `left` commands stands inside of EXEC's array. The queue has places.
    fn along<'q>(
        &self,
        mut state: State,
        mut queue: impl Iterator<Item = (usize, &'q Pending)> + Clone,
        mut left: u8,
        mut passed: Passed,
        out: &mut Branches,
    ) {
        while let Some((at, command)) = queue.next() {
            // What is so much dearer is given up anyway.
            let far = out
                .first()
                .is_some_and(|first| passed.cost > first.cost + SPREAD);
            if !self.frame.acknowledges(command) || out.len() > BRANCHES_MAX || far {
                break;
            }
            passed.count = at;
            let (answers, passes) = roles(&state, command, self.frame, self.noauth);
            let stays = at < PASSED_MAX && passes.is_none();
            let droppable = stays && may_be_dropped(&state, command, self.pending_end);
            if left > 0 && stays && !confirms_more(command) {
                if droppable {
                    let (mut state, mut passed) = (state.clone(), passed);
                    passed.drop_error(&mut state, at);
                    self.along(state, queue.clone(), left, passed, out);
                }
                left -= 1;
                passed.inside |= 1 << at;
                state.pass(command);
                continue;
            }
            if answers && (left == 0 || confirms_more(command)) {
                out.extend(self.branch(&state, command, passed));
            }
            if let Some(mode) = passes {
                state.pass(command);
                state.mode = mode;
            } else if droppable {
                passed.drop_error(&mut state, at);
            } else {
                break;
            }
        }
    }

    /// The frame answers `command`.
    fn branch(&self, state: &State, command: &Pending, passed: Passed) -> Option<Branch> {
        let fit = fit(self.shared, state, command, self.frame);
        if fit == Fit::No {
            return None;
        }
        let mut next = state.clone();
        if passed.count > 0 {
            // A HELLO among those in front made the version unknown.
            next.note_protocol(&self.frame.shape);
        }
        let after = answer(self.shared, &mut next, command, self.frame);
        let renamed = u16::from(fit == Fit::Doubtful) * RENAMED;
        Some(Branch {
            passed: passed.count,
            dropped: passed.dropped,
            inside: passed.inside,
            state: next,
            after,
            cost: passed.cost + renamed + self.surprise(state, command),
        })
    }

    /// What it costs that the command is told this.
    fn surprise(&self, state: &State, command: &Pending) -> u16 {
        let served = matches!(state.login, Login::Yes | Login::Served);
        let refused = self.noauth && served && switched(state, command).is_some();
        let text = self.frame.shape.head.bytes;
        let counts = command.kind == Kind::Auth && command.takes_a_login();
        let miscounted = counts && text.starts_with(b"ERR syntax error");
        let proxy_only = command.detail == Detail::HelloAuth && self.noauth;
        u16::from(proxy_only) * PROXY_ONLY
            + u16::from(miscounted) * MISCOUNTED
            + u16::from(refused) * REFUSED_SWITCH
    }
}

/// It gets several frames: whether one of them stands elsewhere makes no difference.
fn confirms_more(command: &Pending) -> bool {
    matches!(command.detail, Detail::Confirmations(n) if n != Some(1))
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
    if matches!(command.detail, Detail::Confirmations(_))
        && frame_kinds::is_confirmation(frame.word)
    {
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
        let first = state.may_monitor && !state.monitor;
        let told = command.detail == Detail::ReplyOn || first || state.may_refuse(&frame.shape);
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
        return match frame_kinds::is_confirmed_by(command, frame.word) {
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
