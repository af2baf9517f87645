//! Whether a reply may be the answer to a command, as far as its form, its content and its words tell.
//!
//! Pure: what is known of the connection is an argument.

use super::frame::Frame;
use crate::redis::commands::{CommandInfo, Elements, Forms, Kind, Most};
use crate::redis::errors::{self, Named, Subject};
use crate::redis::frame_kinds;
use crate::redis::pending::{Detail, Pending};
use crate::redis::shared::Shared;
use crate::redis::state::{Login, Multi, State};
use crate::resp::ReplyKind;

/// What a reply's form, content and words say about a pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    /// Nothing speaks against it.
    Yes,
    /// Its words name another command; a server that renames commands says so too.
    Doubtful,
    /// Impossible on a correct server.
    No,
}

/// `head` may be answered with `frame`.
pub(super) fn fit(shared: &Shared, state: &State, head: &Pending, frame: &Frame<'_>) -> Fit {
    let form = Forms::of(frame.shape.kind, &frame.shape.head);
    if form == Forms::ERROR {
        return error_fit(shared, head, frame.shape.head.bytes);
    }
    let fits = match form {
        Forms::QUEUED => {
            let info = shared.commands.info(head.id);
            // A proxy may queue what a server carries out at once, but for these.
            let never = matches!(head.kind, Kind::Exec | Kind::Discard | Kind::Multi);
            !info.known || (state.multi != Multi::None && !never)
        }
        _ => value_fits(shared, state, head, frame, form),
    };
    if fits { Fit::Yes } else { Fit::No }
}

/// The short way to [`Fit::Yes`] for an ordinary answer that changes nothing, see [`State::stays_behind`].
#[inline]
pub(super) fn is_plain_answer(
    shared: &Shared,
    state: &State,
    head: &Pending,
    frame: &Frame<'_>,
) -> bool {
    let info = shared.commands.info(head.id);
    let form = Forms::of(frame.shape.kind, &frame.shape.head);
    info.is_plain()
        && info.may_answer(head.argc, form)
        && state.login != Login::Refused
        && !matches!(state.multi, Multi::Open { .. })
        && (!info.bounded || fit(shared, state, head, frame) == Fit::Yes)
}

fn error_fit(shared: &Shared, head: &Pending, text: &[u8]) -> Fit {
    let info = shared.commands.info(head.id);
    if matches!(head.kind, Kind::Script | Kind::Debug) {
        return Fit::Yes;
    }
    let subject = errors::subject(text);
    let possible = match head.kind {
        Kind::Auth => !matches!(subject, Subject::NoAuth | Subject::Transaction),
        Kind::Hello => subject != Subject::Transaction,
        Kind::Exec => !subject.is_about_credentials(),
        // About credentials: no answer to a command that brings none.
        _ if !info.known => true,
        Kind::Discard => !subject.is_about_credentials(),
        _ => !subject.is_about_credentials() && subject != Subject::Transaction,
    };
    if !possible || (info.known && !may_say(info, head, text)) {
        return Fit::No;
    }
    match errors::named_command(text) {
        _ if head.id == shared.commands.other() => Fit::Yes,
        None => Fit::Yes,
        Some(named) if is_named(info, &named) => Fit::Yes,
        Some(named) if named.as_typed => Fit::No,
        Some(_) => Fit::Doubtful,
    }
}

/// No other command than those that say so, and none without arguments about its arguments.
fn may_say(info: &CommandInfo, head: &Pending, text: &[u8]) -> bool {
    let speaks_of_nothing = head.argc == 1 && errors::is_about_arguments(text);
    // A command that gets no reply by rule is refused before it is looked at, or not at all.
    let acted = matches!(
        head.detail,
        Detail::NoReply | Detail::ReplyOff | Detail::ReplySkip
    ) && errors::subject(text) == Subject::State;
    !speaks_of_nothing && !acted && errors::may_say(&info.name, text)
}

fn is_named(info: &CommandInfo, named: &Named<'_>) -> bool {
    let sub = match (info.sub, named.sub) {
        (Some(sub), Some(named)) => named.eq_ignore_ascii_case(sub.as_bytes()),
        _ => true,
    };
    sub && named.word.eq_ignore_ascii_case(info.name.as_bytes())
}

/// `text` names this command.
pub(super) fn names(shared: &Shared, text: &[u8], head: &Pending) -> bool {
    let info = shared.commands.info(head.id);
    errors::named_command(text).is_some_and(|named| is_named(info, &named))
}

/// An error whose words name `head`, or that few others than it may say.
pub(super) fn speaks_of(shared: &Shared, frame: &Frame<'_>, head: &Pending) -> bool {
    let text = frame.shape.head.bytes;
    let gives_up = errors::subject(text) == Subject::Transaction && head.kind == Kind::Exec;
    let own = || errors::is_own(&shared.commands.info(head.id).name, text);
    frame.shape.kind.is_error() && (gives_up || names(shared, text, head) || own())
}

/// `text` names another command that the table holds. Only a server that gave a command the name of another says so of
/// `head`, or a proxy that splits it.
pub(super) fn names_another(shared: &Shared, text: &[u8], head: &Pending) -> bool {
    let info = shared.commands.info(head.id);
    let split = matches!(
        &*info.name,
        "MGET" | "MSET" | "MSETNX" | "DEL" | "UNLINK" | "EXISTS" | "TOUCH"
    );
    let known = |named: Named<'_>| shared.commands.is_known(named.word);
    info.known && !split && errors::named_command(text).is_some_and(known)
}

fn value_fits(
    shared: &Shared,
    state: &State,
    head: &Pending,
    frame: &Frame<'_>,
    form: Forms,
) -> bool {
    let info = shared.commands.info(head.id);
    let shape = &frame.shape;
    if state.switches_inside(head) {
        return shape.kind == ReplyKind::Simple && shape.head.bytes == b"OK";
    }
    if !info.may_answer(head.argc, form) {
        return false;
    }
    if head.kind == Kind::Sync && shape.kind == ReplyKind::Simple {
        return !matches!(shape.head.bytes, b"OK" | b"PONG");
    }
    if !info.known {
        return true;
    }
    let needs_login = !matches!(
        head.kind,
        Kind::Auth | Kind::Hello | Kind::Quit | Kind::Reset
    );
    if state.login == Login::Refused && needs_login && !state.is_mode_uncertain() {
        return false;
    }
    let resp3 = frame_kinds::is_resp3(shape) && !matches!(head.kind, Kind::Hello | Kind::Script);
    if resp3 && state.resp == Some(2) && state.resp_sure {
        return false;
    }
    let queues = matches!(state.multi, Multi::Open { .. })
        && !matches!(
            head.kind,
            Kind::Exec | Kind::Discard | Kind::Multi | Kind::Quit | Kind::Reset
        )
        && &*info.name != "WATCH";
    if queues {
        return false;
    }
    if form == Forms::INTEGER && info.most != Most::Any {
        return integer_fits(info.most, head, frame.shape.head.bytes);
    }
    content_fits(head, frame, form, info.elements, state)
}

/// The integer is one of those that the command counts to.
fn integer_fits(most: Most, head: &Pending, digits: &[u8]) -> bool {
    let number = std::str::from_utf8(digits)
        .ok()
        .and_then(|d| d.parse::<u64>().ok());
    let most = match most {
        Most::Any => return true,
        Most::Exactly(n) => u64::from(n),
        Most::Arguments(without) => head.argc.saturating_sub(u64::from(without)),
    };
    number.is_some_and(|number| number <= most)
}

/// HELLO says the name of the server, its version and that of the protocol at least.
const FIELDS_MIN: u64 = 3;

/// The names of its fields: what stands in for a server may say fewer.
const FIELDS: [&[u8]; 7] = [
    b"server", b"version", b"proto", b"id", b"mode", b"role", b"modules",
];

/// A map of fields, or the same as an array.
fn tells_of_server(frame: &Frame<'_>) -> bool {
    frame.shape.kind == ReplyKind::Map || has_fields(frame)
}

fn has_fields(frame: &Frame<'_>) -> bool {
    let words = frame.shape.elements;
    let begins = FIELDS
        .iter()
        .any(|field| field.eq_ignore_ascii_case(frame.word));
    words.is_multiple_of(2) && (begins || words / 2 >= FIELDS_MIN)
}

/// `frame` stands in exchange with its neighbour, and may be the answer to `command`: more is asked of it than of one in its place.
/// A push answers a subscription only. And HELLO tells of a server, where what stands in for one may say nothing.
pub(super) fn fits_exchanged(
    shared: &Shared,
    state: &State,
    command: &Pending,
    frame: &Frame<'_>,
) -> Fit {
    let kind = frame.shape.kind;
    let confirms = matches!(command.kind, Kind::Subscribe | Kind::Unsubscribe);
    let aggregate = Forms::of(kind, &frame.shape.head) == Forms::AGGREGATE;
    let silent = command.kind == Kind::Hello && aggregate && !has_fields(frame);
    if (kind == ReplyKind::Push && !confirms) || silent {
        return Fit::No;
    }
    fit(shared, state, command, frame)
}

fn content_fits(
    head: &Pending,
    frame: &Frame<'_>,
    form: Forms,
    elements: Elements,
    state: &State,
) -> bool {
    let shape = &frame.shape;
    match head.kind {
        Kind::Echo if form == Forms::BULK => match (head.first, frame.payload) {
            (Some(sent), Some(back)) => sent == back,
            // Without an argument there is nothing to send back.
            (None, _) => head.argc > 1 || shape.head.bytes == b"PONG",
            _ => true,
        },
        // PING answers with an array to a subscriber only. The first answer of a connection may be nobody's we know.
        Kind::Echo if form == Forms::AGGREGATE => {
            head.index == 0 || state.subscribed() != Some(false)
        }
        Kind::Exec => match state.multi {
            Multi::None => false,
            Multi::Open {
                queued: Some(n),
                odd,
            } if shape.kind == ReplyKind::Array && odd.is_counted() => {
                state.monitor || u64::from(n) == shape.elements
            }
            Multi::Open { .. } | Multi::Unknown => true,
        },
        Kind::Discard => state.multi != Multi::None,
        Kind::Auth => head.takes_a_login(),
        Kind::Hello if form == Forms::AGGREGATE => tells_of_server(frame),
        Kind::Hello => shape.kind != ReplyKind::Push,
        Kind::Subscribe | Kind::Unsubscribe => frame_kinds::is_confirmed_by(head, frame.word),
        _ if elements == Elements::IfCounted => match form {
            Forms::AGGREGATE => head.argc > 2,
            Forms::BULK => head.argc == 2,
            _ => true,
        },
        _ if form == Forms::AGGREGATE && shape.kind == ReplyKind::Array => match elements {
            Elements::Any | Elements::IfCounted => true,
            Elements::Pairs => shape.elements.is_multiple_of(2),
            Elements::Arguments(without) => {
                shape.elements == head.argc.saturating_sub(u64::from(without))
            }
            Elements::Exactly(n) => shape.elements == u64::from(n),
        },
        _ => true,
    }
}
