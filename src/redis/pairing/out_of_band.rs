//! Frames of the server that answer no command: pushes, messages, further confirmations, MONITOR lines.

use super::{Frame, Pairing, Sync};
use crate::redis::commands::Kind;
use crate::redis::observer::Anchor;
use crate::redis::state;
use crate::resp::ReplyKind;

impl Pairing {
    /// A push, a message, a further confirmation or a MONITOR line.
    pub(super) fn is_out_of_band(&mut self, frame: &Frame<'_>) -> bool {
        let shape = &frame.shape;
        match shape.kind {
            ReplyKind::Push | ReplyKind::Array => {}
            _ => {
                // Behind a gap MONITOR itself may have been missed.
                let may_monitor = self.state.monitor || self.anchor != Anchor::Start;
                let line = may_monitor && state::is_monitor_line(shape);
                self.state.monitor |= line;
                return line;
            }
        }
        let push = shape.kind == ReplyKind::Push;
        if !push && self.is_data(frame.word) {
            return false;
        }
        if state::is_confirmation(frame.word) && shape.elements == 3 && frame.count.is_some() {
            return self.is_further_confirmation(frame, push);
        }
        if push {
            return true;
        }
        state::is_message(frame.word, shape.elements)
            && match self.state.subscribed() {
                Some(subscribed) => subscribed,
                None => self.pending.front().is_none_or(|head| {
                    matches!(head.kind, Kind::Subscribe | Kind::Unsubscribe | Kind::Echo)
                }),
            }
    }

    /// In RESP3 what is out of band is a push: an array is an answer, whatever its first word.
    pub(super) fn is_data(&self, word: &[u8]) -> bool {
        let confirms = state::is_confirmation(word)
            && (self.confirmations_left > 0 || self.waits_for_confirmation());
        self.state.resp == Some(3) && !confirms
    }

    pub(super) fn waits_for_confirmation(&self) -> bool {
        let head = self.pending.front();
        head.is_some_and(|p| matches!(p.kind, Kind::Subscribe | Kind::Unsubscribe))
    }

    pub(super) fn is_further_confirmation(&mut self, frame: &Frame<'_>, push: bool) -> bool {
        let waits = self.waits_for_confirmation();
        let possible = push || waits || self.confirmations_left > 0;
        if !possible && self.state.subscribed() == Some(false) {
            return false;
        }
        if self.confirmations_left > 0 {
            self.confirmations_left -= 1;
            self.state.confirm(frame.word, frame.count);
            return true;
        }
        if waits && self.sync == Sync::Synced {
            return false;
        }
        self.state.confirm(frame.word, frame.count);
        true
    }
}
