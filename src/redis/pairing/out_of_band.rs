//! Frames of the server that answer no command: pushes, messages, further confirmations, MONITOR lines.

use super::frame::Frame;
use crate::redis::commands::Kind;
use crate::redis::frame_kinds;
use crate::redis::pending::Pending;
use crate::redis::state::State;
use crate::resp::ReplyKind;

/// What else is known where a frame arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'q> {
    /// The command whose reply is due.
    pub head: Option<&'q Pending>,
    /// Replies are being paired.
    pub synced: bool,
    /// The connection was followed from its first byte on.
    pub from_start: bool,
    /// MONITOR waits in line. Behind CLIENT REPLY SKIP it takes effect without a word: lines are the first sign of it.
    pub may_monitor: bool,
}

/// A push, a message, a further confirmation or a MONITOR line.
#[inline]
pub(super) fn is_out_of_band(state: &mut State, place: Place<'_>, frame: &Frame<'_>) -> bool {
    if matches!(frame.shape.kind, ReplyKind::Push | ReplyKind::Array) {
        return is_push_or_message(state, place, frame);
    }
    // Behind a gap MONITOR itself may have been missed.
    let may_monitor = state.monitor || state.may_monitor || !place.from_start || place.may_monitor;
    let line = may_monitor && frame_kinds::is_monitor_line(&frame.shape);
    state.monitor |= line;
    line
}

fn is_push_or_message(state: &mut State, place: Place<'_>, frame: &Frame<'_>) -> bool {
    let shape = &frame.shape;
    let push = shape.kind == ReplyKind::Push;
    if !push && is_data(state, place, frame.word) {
        return false;
    }
    if frame_kinds::is_confirmation(frame.word) && shape.elements == 3 && frame.count.is_some() {
        return is_further_confirmation(state, place, frame);
    }
    if push {
        return true;
    }
    frame_kinds::is_message(frame.word, shape.elements)
        && match state.subscribed() {
            Some(subscribed) => subscribed,
            None => place.head.is_none_or(|head| {
                matches!(head.kind, Kind::Subscribe | Kind::Unsubscribe | Kind::Echo)
            }),
        }
}

/// In RESP3 what is out of band is a push: an array is an answer, whatever its first word.
fn is_data(state: &State, place: Place<'_>, word: &[u8]) -> bool {
    let confirms = frame_kinds::is_confirmation(word)
        && (state.confirmations_left > 0 || waits_for_confirmation(place));
    state.resp == Some(3) && !confirms
}

fn waits_for_confirmation(place: Place<'_>) -> bool {
    place
        .head
        .is_some_and(|p| matches!(p.kind, Kind::Subscribe | Kind::Unsubscribe))
}

fn is_further_confirmation(state: &mut State, place: Place<'_>, frame: &Frame<'_>) -> bool {
    let waits = waits_for_confirmation(place);
    // A server that gives a slot away says `sunsubscribe` unasked: to a subscriber.
    let unasked = frame.word == b"sunsubscribe" && state.subscribed() == Some(true);
    let possible = waits || state.confirmations_left > 0 || unasked;
    if !possible && place.from_start && place.synced && state.subscribed().is_some() {
        return false;
    }
    if state.confirmations_left > 0 {
        state.confirmations_left -= 1;
        state.confirm(frame.word, frame.count);
        return true;
    }
    if waits && place.synced {
        return false;
    }
    state.confirm(frame.word, frame.count);
    true
}
