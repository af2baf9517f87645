//! A connection joined in the middle, or opened by nobody knows whom: any chunk may tell.

use super::first_bytes::{GREETINGS, first_bulk, inline_word};
use super::inside::BEFORE;
use super::roles::Begins;
use super::{Line, Probe, Sight, Verdict, is_redis_port};
use crate::redis::frame_kinds::is_confirmation;
use crate::resp::{Framer, Limits, Role, Start, Step, starts_command, starts_reply};
use crate::tcp::Chunk;
use std::borrow::Cow;

impl Probe {
    pub(super) fn midstream(&mut self, sight: &Sight<'_>) -> Verdict {
        let Sight {
            chunk,
            meta,
            commands,
            ports,
            ..
        } = *sight;
        let (from, to) = (meta.key.end(chunk.side), meta.key.end(chunk.side.peer()));
        let opens = |side| meta.opener == Some(side);
        let to_redis = is_redis_port(&to, ports) || opens(chunk.side);
        let from_redis = is_redis_port(&from, ports) || opens(chunk.side.peer());
        let bytes = self.since_command_start(chunk);
        let command = starts_command(&bytes) == Start::Yes;
        let word = first_bulk(&bytes).filter(|_| command);
        let known = word.is_some_and(|word| commands.is_known(word));
        let inline = inline_word(chunk.bytes).is_some_and(|w| commands.is_known(w));
        let only_redis = GREETINGS.iter().any(|text| chunk.bytes.starts_with(text));
        if !to_redis && !from_redis {
            // A server confirms with the same word.
            let begins = match word.is_some_and(is_confirmation) {
                false if known => Begins::Command,
                false if inline => Begins::Line,
                _ => Begins::Otherwise,
            };
            let inside = bytes.len() - chunk.bytes.len();
            let said = match ends_inside(bytes.get(..inside).unwrap_or_default(), sight.framing) {
                true => Cow::Borrowed(&[][..]),
                false => self.since_reply_start(chunk),
            };
            self.roles.note(chunk.side, &said, begins);
            let only_redis = GREETINGS.iter().any(|text| said.starts_with(text));
            let server = only_redis.then(|| chunk.side.peer());
            if begins == Begins::Otherwise {
                let bytes = self.said.with_tail(chunk, BEFORE);
                self.inside.note(chunk.side as usize, &bytes, commands);
            }
            let inside = |side| self.inside.asks(side);
            let client = self.roles.client(inside).or(server);
            return client.map_or(Verdict::Undecided, Verdict::Redis);
        }
        if (known || to_redis && command) && !from_redis {
            return Verdict::Redis(chunk.side);
        }
        if inline && !from_redis && self.line.is_none() {
            self.line = Some(Line {
                client: chunk.side,
                unknown_word: false,
                by_port: false,
                odd: false,
                joined: true,
            });
            return Verdict::Undecided;
        }
        let reply =
            is_redis_port(&from, ports) && !to_redis && starts_reply(chunk.bytes) == Start::Yes;
        if reply || (only_redis && !to_redis) {
            return Verdict::Redis(chunk.side.peer());
        }
        Verdict::Undecided
    }

    /// What this side has sent without a break from the latest chunk on that begins like a command, or the chunk alone.
    fn since_command_start<'c>(&self, chunk: &Chunk<'c>) -> Cow<'c, [u8]> {
        let begins = |bytes: &[u8]| bytes.first() == Some(&b'*');
        match begins(chunk.bytes) {
            true => Cow::Borrowed(chunk.bytes),
            false => self.said.since(chunk, begins),
        }
    }

    /// The same from the latest chunk on that begins a reply and does not end its line.
    fn since_reply_start<'c>(&self, chunk: &Chunk<'c>) -> Cow<'c, [u8]> {
        let begins = |bytes: &[u8]| starts_reply(bytes) == Start::TooShort;
        self.said.since(chunk, begins)
    }
}

/// What comes behind these bytes is a piece of their last frame: it says nothing of who sends it.
fn ends_inside(bytes: &[u8], framing: &Limits) -> bool {
    let mut framer = Framer::new(Role::Replies);
    let mut left = bytes;
    while !left.is_empty() {
        let mut rest = left;
        match framer.step(&mut rest, framing) {
            Step::More | Step::Malformed(_) => break,
            _ => {}
        }
        let used = left.len() - rest.len();
        left = left.get(used..).unwrap_or_default();
    }
    framer.is_mid_frame()
}
