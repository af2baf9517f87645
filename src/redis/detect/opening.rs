//! A connection seen from its start: what the client says first, and what it is answered.

use super::first_bytes::{UNKNOWN_WORD, begins_with_one_of, inline_word};
use super::{Line, Probe, Sight, Verdict, blanks, is_redis_port};
use crate::redis::proxy_header;
use crate::resp::{Start, behind_space, starts_command, starts_reply, starts_strings};
use crate::tcp::Chunk;

/// A word longer than this starts no inline command.
const LINE_MAX: usize = 64;

impl Probe {
    pub(super) fn first_of_client(&mut self, sight: &Sight<'_>) -> Verdict {
        let Sight {
            chunk,
            meta,
            commands,
            ports,
            ..
        } = *sight;
        let sent = self.said.so_far(chunk);
        let bytes = proxy_header::behind(&sent);
        let Some(bytes) = blanks::behind(bytes, sight.framing) else {
            return Verdict::Undecided;
        };
        match starts_command(bytes) {
            Start::Yes => return Verdict::Redis(chunk.side),
            Start::TooShort => return Verdict::Undecided,
            Start::No => {}
        }
        let by_port = is_redis_port(&meta.key.end(chunk.side.peer()), ports);
        let word = inline_word(bytes);
        let known = word.is_some_and(|word| commands.is_known(word));
        // The name of the command is no word.
        let strings = starts_strings(bytes);
        if word.is_none() && !strings {
            let begins = behind_space(bytes);
            let begins = bytes.len() < LINE_MAX && begins.iter().all(u8::is_ascii_alphanumeric);
            if begins {
                return Verdict::Undecided;
            }
            if !by_port {
                return Verdict::Other;
            }
        }
        let greeted = self.greeted && chunk.offset == 0;
        if self.server_began && (!by_port || greeted) {
            return Verdict::Other;
        }
        // The reply decides. On a port of Redis any reply will do.
        self.line = Some(Line {
            client: chunk.side,
            unknown_word: !known && !by_port,
            by_port,
            odd: word.is_none() && !strings,
            joined: false,
        });
        Verdict::Undecided
    }

    /// The server's answer to a line of text, in as many pieces as it comes.
    pub(super) fn answer_to_line(&self, chunk: &Chunk<'_>, line: Line) -> Verdict {
        if line.joined {
            return match starts_reply(chunk.bytes) {
                Start::No => Verdict::Undecided,
                Start::Yes | Start::TooShort => Verdict::Redis(line.client),
            };
        }
        let said = self.said.so_far(chunk);
        if line.unknown_word {
            return begins_with_one_of(&said, &UNKNOWN_WORD, line.client);
        }
        match starts_reply(&said) {
            // It quotes the line, with whatever bytes stand there.
            Start::No => begins_with_one_of(&said, &UNKNOWN_WORD, line.client),
            Start::Yes | Start::TooShort => Verdict::Redis(line.client),
        }
    }
}
