//! Written dialogues through [`Session`]: what is paired with what, rule by rule.
//!
//! One line is one segment, in capture order:
//!
//! ```text
//! C: PING ; ECHO a      commands of the client, encoded
//! C= \r\n               bytes of the client
//! S: +PONG / $1 / a     lines of the server, CRLF behind each
//! S= $1\r\na            bytes of the server
//! C- …  S- …            the same as `:`, but sent before the other end's last segment was received
//! GC 10   GS 10         so many bytes are missing from the capture
//! W 60                  milliseconds pass
//! ```
//!
//! What a session tells comes back as lines: `PING => +PONG`, `PING => unanswered`, `push >3`, `orphan +OK`,
//! `undecided +OK`, `broken`, `lost`.

mod auth;
mod counts;
mod exec;
mod lanes;
mod modes;
mod monitor;
mod resync;
mod subscriptions;
mod text;
mod transactions;
mod versions;

use super::errors::ErrorCodes;
use super::{
    Anchor, BrokenReply, CommandTable, Exchange, Fate, Fault, Observer, Pending, Redactor, Session,
    Shape, Shared, Show, SpareLines, Stray, StrayFrame, Waiting,
};
use crate::model::{PacketRef, Side, Timestamp};
use crate::resp;
use crate::tcp::{Chunk, Gap};
use text::{commands, lines, trimmed, unescape};

/// How the capture begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Syn,
    Midstream,
}

fn shared() -> Shared {
    Shared {
        fast_lane: true,
        effects_seen: false,
        commands: CommandTable::new(100),
        errors: ErrorCodes::new(100),
        redactor: Redactor::new(Show::Secrets, false, 1000, resp::PrintKey::default()),
        framing: resp::Limits::default(),
        keep_arguments: true,
        commands_in_flight: 10_000,
        hits_in_flight: 0,
        commands_unheard: 64,
        hits_unheard: 0,
        hits_readings: 0,
        spare_lines: SpareLines::default(),
        waiting: Waiting {
            most: 1 << 20,
            ..Waiting::default()
        },
        hits_framing: 0,
        malformed_requests: 0,
        commands_read: 0,
    }
}

/// Writes down all it is told.
#[derive(Default)]
struct Recorder {
    lines: Vec<String>,
    last_anchor: Option<Anchor>,
}

impl Recorder {
    fn command(shared: &mut Shared, command: &Pending) -> String {
        let mut text = shared.commands.info(command.id).name.to_string();
        for argument in shared.shown_arguments(command, None).iter() {
            text.push(' ');
            text.push_str(argument);
        }
        text
    }

    fn stray(&mut self, shared: &mut Shared, stray: Stray, reply: &Shape<'_>) {
        let word = match stray {
            Stray::Push => "push",
            Stray::Orphan => "orphan",
            Stray::Undecided => "undecided",
        };
        let reply = shared.shown_reply(None, reply);
        self.lines.push(format!("{word} {reply}"));
    }
}

impl Observer for Recorder {
    fn sent(&mut self, _: &mut Shared, _: &Pending) {}

    fn answered(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        let command = Recorder::command(shared, exchange.command);
        let reply = shared.shown_reply(Some((exchange.command, exchange.anchor)), &exchange.reply);
        self.last_anchor = Some(exchange.anchor);
        self.lines.push(format!("{command} => {reply}"));
    }

    fn unpaired(&mut self, shared: &mut Shared, fate: Fate, command: &Pending) {
        let word = match fate {
            Fate::Unanswered => "unanswered",
            Fate::Silent => "silent",
            Fate::Begun => "begun",
            Fate::Undecided => "undecided",
        };
        let command = Recorder::command(shared, command);
        self.lines.push(format!("{command} => {word}"));
    }

    fn stray(&mut self, shared: &mut Shared, frame: &StrayFrame<'_>) {
        Recorder::stray(self, shared, frame.stray, &frame.reply);
    }

    fn broken(&mut self, _: &mut Shared, _: &BrokenReply<'_>) {
        self.lines.push("broken".to_owned());
    }

    fn mistaken(&mut self, _: &mut Shared) {
        self.lines.push("mistaken".to_owned());
    }

    fn lost(&mut self, _: &mut Shared) {
        self.lines.push("lost".to_owned());
    }

    fn disputed(&mut self, _: &mut Shared, from: u64) {
        self.lines.push(format!("disputed from {from}"));
    }

    fn fault(&mut self, _: &mut Shared, fault: &Fault) {
        let at = fault.onset.as_ref().map(|command| command.index);
        let at = at.map_or("the end".to_owned(), |index| index.to_string());
        if !fault.is_final {
            self.lines.push(format!("{:?} at {at}", fault.kind));
        }
    }
}

/// One direction: how far it was sent, how far it was acknowledged, and where its last segment began.
#[derive(Clone, Copy, Default)]
struct Sent {
    next: i64,
    acked: i64,
    last: i64,
}

/// A dialogue under way.
struct Talk {
    session: Session,
    shared: Shared,
    recorder: Recorder,
    client: Sent,
    server: Sent,
    now_ms: i64,
    packet: u64,
}

impl Talk {
    fn new(from: From) -> Talk {
        Talk {
            session: Session::new(from == From::Syn),
            shared: shared(),
            recorder: Recorder::default(),
            client: Sent::default(),
            server: Sent::default(),
            now_ms: 0,
            packet: 0,
        }
    }

    fn line(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "C:" | "C-" => self.client(&commands(rest), word == "C-"),
            "C=" => self.client(&unescape(rest), false),
            "S:" | "S-" => self.server(&lines(rest), word == "S-"),
            "S=" => self.server(&unescape(rest), false),
            "W" => self.now_ms += rest.parse::<i64>().unwrap(),
            "GC" => {
                let gap = self.gap(Side::Low, self.client.next, rest.parse().unwrap());
                self.client.next += gap.len;
                self.session
                    .client_gap(&mut self.shared, &gap, &mut self.recorder);
            }
            "GS" => {
                let gap = self.gap(Side::High, self.server.next, rest.parse().unwrap());
                self.server.next += gap.len;
                self.session
                    .server_gap(&mut self.shared, &gap, &mut self.recorder);
            }
            _ => panic!("no such line: {line}"),
        }
    }

    fn gap(&self, side: Side, offset: i64, len: i64) -> Gap {
        Gap {
            side,
            offset,
            len,
            time: Timestamp::from_nanos(self.now_ms * 1_000_000),
            at: PacketRef::new(0, self.packet),
        }
    }

    fn client(&mut self, bytes: &[u8], early: bool) {
        let seen = if early {
            self.server.last
        } else {
            self.server.next
        };
        let chunk = self.chunk(Side::Low, bytes, seen);
        self.session
            .client_data(&mut self.shared, &chunk, &mut self.recorder);
        self.server.acked = self.server.acked.max(seen);
        self.client.last = self.client.next;
        self.client.next += bytes.len() as i64;
    }

    fn server(&mut self, bytes: &[u8], early: bool) {
        let seen = if early {
            self.client.last
        } else {
            self.client.next
        };
        let chunk = self.chunk(Side::High, bytes, seen);
        self.session
            .server_data(&mut self.shared, &chunk, &mut self.recorder);
        self.client.acked = self.client.acked.max(seen);
        self.server.last = self.server.next;
        self.server.next += bytes.len() as i64;
    }

    fn chunk<'a>(&mut self, side: Side, bytes: &'a [u8], ack: i64) -> Chunk<'a> {
        self.now_ms += 1;
        self.packet += 1;
        let own = if side == Side::Low {
            self.client
        } else {
            self.server
        };
        Chunk {
            side,
            offset: own.next,
            bytes,
            time: Timestamp::from_nanos(self.now_ms * 1_000_000),
            at: PacketRef::new(0, self.packet),
            ack: Some(ack),
            acked: own.acked,
        }
    }
}

/// Has the dialogue, ends it, and compares what was told.
fn check(from: From, rule: &str, dialogue: &str, want: &str) -> Talk {
    let mut talk = Talk::new(from);
    for line in trimmed(dialogue) {
        talk.line(line);
    }
    talk.session.finish(&mut talk.shared, &mut talk.recorder);
    let told = talk.recorder.lines.join("\n");
    assert_eq!(told, trimmed(want).join("\n"), "{rule}\n{dialogue}");
    talk
}

/// [`check`] for a connection seen from its first byte.
fn pairs(rule: &str, dialogue: &str, want: &str) {
    check(From::Syn, rule, dialogue, want);
}

/// Has the dialogue: no order is broken in it.
fn nobody_is_accused(from: From, dialogue: &str) {
    let mut talk = Talk::new(from);
    for line in trimmed(dialogue) {
        talk.line(line);
    }
    talk.session.finish(&mut talk.shared, &mut talk.recorder);
    let lines = &talk.recorder.lines;
    assert!(
        !lines.iter().any(|line| line.contains(" at ")),
        "{lines:#?}"
    );
}
