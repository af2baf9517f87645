//! Content that comes back proves that a command and a reply belong together, if nothing else could have asked for it.
//!
//! Where pairing was found again in the wrong place, each reply goes to a neighbour of its command. A neighbour that asks
//! for the same, such as a health check with the same words each time, is confirmed by it as well. Two different
//! contents are not.

use super::Pairing;
use super::frame::Frame;
use crate::redis::commands::Kind;
use crate::redis::exchange::Anchor;
use crate::redis::pending::Pending;
use crate::resp::ReplyKind;

impl Pairing {
    /// Makes pairing firmer where the content of the reply speaks for it.
    #[inline]
    pub(super) fn confirm_anchor(&mut self, command: &Pending, frame: &Frame<'_>) {
        if self.anchor < Anchor::Content && self.fault.is_none() {
            self.confirm(command, frame);
        }
    }

    fn confirm(&mut self, command: &Pending, frame: &Frame<'_>) {
        let Some(content) = content(command, frame) else {
            return;
        };
        if self
            .waiting()
            .any(|other| asked_for(other) == Some(content))
        {
            return;
        }
        let before = self.confirmed.replace(content);
        // Behind a pause of the server the place itself is likely.
        let two = before.is_some_and(|before| before != content);
        if two || self.anchor == Anchor::Quiet {
            self.anchor = Anchor::Content;
        }
    }
}

/// The content that comes back, where `frame` holds it.
fn content(command: &Pending, frame: &Frame<'_>) -> Option<u64> {
    let comes_back = match command.kind {
        Kind::Echo => {
            let whole = command.first.is_some() && !frame.skipped;
            frame.shape.kind == ReplyKind::Bulk && frame.shape.head.len > 0 && whole
        }
        // What it says first of the server. Other maps begin with a field of the user.
        Kind::Hello => {
            let map = matches!(frame.shape.kind, ReplyKind::Map);
            map && matches!(frame.word, b"server" | b"version" | b"proto")
        }
        Kind::Reset => frame.shape.head.bytes == b"RESET",
        // A confirmation comes under CLIENT REPLY OFF as well: it does not prove that anything else is answered.
        _ => false,
    };
    asked_for(command).filter(|_| comes_back)
}

/// What comes back of a command: the print of a payload, or what stands for all commands of that kind.
fn asked_for(command: &Pending) -> Option<u64> {
    match command.kind {
        Kind::Echo => command.first.map(|tag| tag.hash),
        Kind::Hello => Some(1),
        Kind::Reset => Some(2),
        _ => None,
    }
}
