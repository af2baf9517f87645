//! Who is the client, where neither a SYN nor a port tells: by what only one of the two ends says.
//!
//! An array of strings may be a command, and a reply as well: `*2 $4 KEYS …` is said by both. What begins with `+`, `-` or `:` is
//! said by a server only. So whoever seems to send commands is the client when the other end has answered like a server.

use crate::model::Side;
use crate::resp::{Start, starts_reply};

/// How a chunk begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Begins {
    /// With a command that is known, as an array.
    Command,
    /// With a line whose first word is one.
    Line,
    Otherwise,
}

/// What was seen of both ends so far, by side.
#[derive(Debug, Default)]
pub(super) struct Roles {
    /// A command that is known.
    asks: [bool; 2],
    /// A line that begins with its name, as many lines of other protocols do.
    lines: [bool; 2],
    /// What no client says.
    answers: [bool; 2],
    /// A string: an answer, or a piece of a command.
    strings: [bool; 2],
    /// Somebody answered as servers do, in words that few others use.
    answered: bool,
}

impl Roles {
    /// A chunk of `side` begins so.
    pub(super) fn note(&mut self, side: Side, bytes: &[u8], begins: Begins) {
        let place = side as usize;
        self.asks[place] |= begins == Begins::Command;
        self.lines[place] |= begins == Begins::Line;
        match bytes {
            [b'$', b'0'..=b'9', ..] => self.strings[place] |= is_reply(bytes),
            _ => {
                let answers = is_answer(bytes);
                self.answers[place] |= answers;
                self.answered |= answers && is_of_redis(bytes);
            }
        }
    }

    /// The client, where both ends have said enough. `inside`: what is known to be a command though no segment begins with it.
    pub(super) fn client(&self, inside: impl Fn(usize) -> bool) -> Option<Side> {
        let is = |client: Side| {
            let (client, server) = (client as usize, client.peer() as usize);
            let plain = self.strings[server] && !self.strings[client] && !self.asks[server];
            let asks = self.asks[client] || self.lines[client] || inside(client);
            asks && !self.answers[client] && (self.answers[server] || plain)
        };
        [Side::Low, Side::High].into_iter().find(|side| is(*side))
    }

    /// Somebody said what servers of Redis say, and few others.
    pub(super) fn is_answered(&self) -> bool {
        self.answered || self.strings != [false; 2]
    }

    /// Nothing but the likelier of both can be said.
    pub(super) fn is_guess(&self, inside: impl Fn(usize) -> bool) -> bool {
        self.asks != [false; 2] && self.client(inside).is_none()
    }

    /// The end that may be the client: the one that has sent commands. A server that answers with arrays which begin with the
    /// name of a command seems to send some as well; then `by_port`.
    pub(super) fn likelier(&self, by_port: Side) -> Option<Side> {
        let may = |side: &Side| self.asks[*side as usize] && !self.answers[*side as usize];
        [by_port, by_port.peer()].into_iter().find(may)
    }

    /// The other end alone has sent commands: `side` is the server, as far as is known.
    pub(super) fn is_asked(&self, side: Side) -> bool {
        self.asks[side.peer() as usize] && !self.asks[side as usize]
    }
}

fn is_reply(bytes: &[u8]) -> bool {
    starts_reply(bytes) == Start::Yes
}

/// A whole line that no client sends: no array, or one that does not begin with a string.
fn is_answer(bytes: &[u8]) -> bool {
    let behind = || bytes.splitn(2, |byte| *byte == b'\n').nth(1);
    let of_strings = match bytes.first() {
        Some(b'*') => behind().is_none_or(|rest| matches!(rest, [] | [b'$', ..] | [b'*', ..])),
        _ => false,
    };
    is_reply(bytes) && !of_strings
}

/// A whole line that begins with `+`, `-` or `:` is said in lists, in differences of files and by other protocols as well. Of
/// Redis are a few words, a number, and an error that begins with its code.
fn is_of_redis(answer: &[u8]) -> bool {
    let end = answer.iter().position(|byte| *byte == b'\r');
    let line = answer.get(..end.unwrap_or(answer.len()));
    match line.unwrap_or_default() {
        [b'+', word @ ..] => matches!(word, b"OK" | b"PONG" | b"QUEUED"),
        [b':', b'-', digits @ ..] | [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
        [b'-', text @ ..] => {
            let code = text.split(|byte| *byte == b' ').next().unwrap_or_default();
            code.len() > 1 && code.iter().all(u8::is_ascii_uppercase)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Side::{High, Low};

    const NOT: fn(usize) -> bool = |_| false;

    #[test]
    fn lines_of_others_are_not_of_redis() {
        for line in ["+OK", "+PONG", ":7", ":-1", "-ERR no", "-NOAUTH no", "*2"] {
            assert!(is_of_redis(format!("{line}\r\n").as_bytes()), "{line}");
        }
        for line in [
            "+OK 2 messages",
            "- item",
            "-old line",
            ":100644 100644 a b",
            "+new line",
        ] {
            assert!(!is_of_redis(format!("{line}\r\n").as_bytes()), "{line}");
        }
    }

    type Said = (Side, &'static [u8], Begins);

    fn seen(said: &[Said]) -> Roles {
        let mut roles = Roles::default();
        for (side, bytes, begins) in said {
            roles.note(*side, bytes, *begins);
        }
        roles
    }

    #[test]
    fn a_client_is_known_by_the_answer_it_gets() {
        let asks: Said = (High, b"*1\r\n$4\r\nPING\r\n", Begins::Command);
        assert_eq!(seen(&[asks]).client(NOT), None);
        assert_eq!(seen(&[asks]).likelier(Low), Some(High));
        assert!(seen(&[asks]).is_guess(NOT));
        for answer in [
            &b"+PONG\r\n"[..],
            b"$1\r\nv\r\n",
            b"*2\r\n:1\r\n:2\r\n",
            b"$-1\r\n",
        ] {
            let roles = seen(&[asks, (Low, answer, Begins::Otherwise)]);
            assert_eq!(roles.client(NOT), Some(High));
            assert!(!roles.is_guess(NOT));
        }
        // An array of strings may be said by both, and of a line the end may be still to come.
        for answer in [&b"*1\r\n$1\r\nv\r\n"[..], b"*0\r\n", b"+PO", b"v\r\n"] {
            let roles = seen(&[asks, (Low, answer, Begins::Otherwise)]);
            assert_eq!((roles.client(NOT), roles.likelier(Low)), (None, Some(High)));
        }
    }

    #[test]
    fn a_line_is_no_command_before_it_is_answered() {
        let line: Said = (High, b"QUIT\r\n", Begins::Line);
        let roles = seen(&[line]);
        assert_eq!((roles.client(NOT), roles.likelier(Low)), (None, None));
        assert!(!roles.is_guess(NOT));
        let roles = seen(&[line, (Low, b"221 Bye\r\n", Begins::Otherwise)]);
        assert_eq!((roles.client(NOT), roles.likelier(Low)), (None, None));
        let roles = seen(&[line, (Low, b"+OK\r\n", Begins::Otherwise)]);
        assert_eq!(roles.client(NOT), Some(High));
    }

    #[test]
    fn a_server_that_says_the_name_of_a_command_is_no_client() {
        let name: Said = (Low, b"*2\r\n$4\r\nKEYS\r\n$1\r\nv\r\n", Begins::Command);
        let asks: Said = (High, b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", Begins::Command);
        let answer: Said = (Low, b":1\r\n", Begins::Otherwise);
        let piece: Said = (High, b"$3\r\nGET\r\n", Begins::Otherwise);
        assert_eq!(seen(&[name, asks]).client(NOT), None);
        for by_port in [Low, High] {
            assert_eq!(seen(&[name, asks]).likelier(by_port), Some(by_port));
        }
        assert_eq!(seen(&[name, answer]).likelier(Low), None);
        // A command that is cut looks like an answer, and is none where its end has sent commands.
        assert_eq!(seen(&[name, asks, piece]).client(NOT), None);
        assert_eq!(seen(&[name, asks, piece, answer]).client(NOT), Some(High));
    }
}
