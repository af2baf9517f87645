//! Several connections at once, by chance: healthy servers, proxies with a fault, and captures with holes. What is said of
//! each run is kept as one line, so that a change of any verdict has to be looked at. No line says what is right: that is
//! what the stories and the conversations of the rules are for.
//!
//! What must hold in every run is asserted: whoever hears each telling ends with the findings of whoever hears only the
//! last, a healthy run accuses nobody, and each refusal is in exactly one finding or among those that nothing explains.

use super::dice::Dice;
use super::golden;
use super::talk::{Ends, Run, Said};
use redorder::analyzer::{Config, ConnectionsWanted, Role};
use redorder::model::AddressFilter;
use redorder::rules::{Confidence, Severity};
use std::collections::VecDeque;
use std::fmt::Write;

const RUNS: u64 = 2_000;

/// What a client may send, and what a healthy server answers.
const COMMANDS: &[(&str, &str)] = &[
    ("PING", "+PONG"),
    ("PING", "+PONG"),
    ("ECHO z", "$1 / z"),
    ("GET a", "$1 / v"),
    ("GET a", "$1 / v"),
    ("GET b", "$-1"),
    ("SET a v", "+OK"),
    ("INCR n", ":7"),
    ("INFO", "$5 / redis"),
    ("CLIENT SETNAME x", "+OK"),
    ("CLIENT SETINFO lib-name jedis", "+OK"),
    ("SELECT 1", "+OK"),
    ("TIME", "*2 / $1 / 1 / $1 / 2"),
    ("EVAL s 0", "$-1"),
    ("BLPOP q 0", "*-1"),
    ("FOO.BAR a", "+OK"),
    ("CONFIG SET requirepass x", "+OK"),
    ("ACL SETUSER u on", "+OK"),
    ("CLIENT PAUSE 400", "+OK"),
    ("CLIENT UNPAUSE", "+OK"),
    ("DEBUG SLEEP 1", "+OK"),
    ("MULTI", "+OK"),
    ("EXEC", "*0"),
    ("RESET", "+RESET"),
    ("QUIT", "+OK"),
];
/// So many of them are answered by a server that keeps no state as by one that does.
const PLAIN: usize = 21;
const LOGINS: &[(&str, &str)] = &[
    ("AUTH pwd", "+OK"),
    ("AUTH pwd", "+OK"),
    ("AUTH pwd", "+OK"),
    ("AUTH other", "+OK"),
    ("AUTH user pwd", "+OK"),
    ("HELLO 2 AUTH default pwd", "*2 / $6 / server / $5 / redis"),
];
const NOAUTH: &str = "-NOAUTH Authentication required.";
/// What a command may be answered with, whatever it asked for.
const ODD: &[&str] = &[
    "-NOAUTH Authentication required",
    "-ERR operation not permitted",
    "-NOPERM this user has no permissions to run the 'get' command",
    "-LOADING Redis is loading the dataset in memory",
    "-upstream failure",
    "-no upstream host",
    "-ERR unknown command 'x'",
    "-BUSY Redis is busy",
    "+OK",
    "$1 / v",
];
const ODD_LOGINS: &[&str] = &[
    "-WRONGPASS invalid username-password pair or user is disabled.",
    "-ERR unauthorized",
    "-ERR external authentication failed",
    "-ERR Client sent AUTH, but no password is set",
    "-LOADING Redis is loading the dataset in memory",
    "-upstream failure",
    "-ERR invalid password",
];
const PAUSES: &[i64] = &[1, 4, 6, 60, 300, 700, 1_500, 4_000];

/// Rules about commands that were refused for want of a login.
const REFUSALS: &[&str] = &[
    "auth-race",
    "auth-not-honoured",
    "upstream-noauth",
    "auth-expired",
    "noauth-unexplained",
    "auth-missing",
    "command-before-auth",
    "auth-refused",
    "auth-error",
    "auth-service-failed",
    "noauth-before-auth-reply",
    "reauth-refused",
];

/// What is wrong with a server.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Fault {
    Nothing,
    /// With the server. The capture has holes.
    Holes,
    /// Commands that were sent before AUTH was answered are refused.
    Races,
    /// The same, now and then.
    RacesSometimes,
    /// Redis behind it refuses the proxy.
    RefusedBehind,
    /// An accepted AUTH has no effect.
    Forgets,
    /// Commands behind AUTH are not answered.
    Strands,
    /// They are answered together with the next AUTH.
    Releases,
    /// Logins end.
    Expires,
    /// Whatever comes.
    Anything,
}

const FAULTS: [Fault; 10] = [
    Fault::Nothing,
    Fault::Holes,
    Fault::Races,
    Fault::RacesSometimes,
    Fault::RefusedBehind,
    Fault::Forgets,
    Fault::Strands,
    Fault::Releases,
    Fault::Expires,
    Fault::Anything,
];

impl Fault {
    /// The server does everything right.
    fn is_none(self) -> bool {
        matches!(self, Fault::Nothing | Fault::Holes)
    }

    /// One packet in so many is not captured.
    fn holes(self) -> usize {
        match self {
            Fault::Nothing => usize::MAX,
            Fault::Holes => 12,
            _ => 40,
        }
    }
}

/// A command that waits for its answer.
#[derive(Clone)]
struct Waiting {
    words: String,
    answer: String,
    login: bool,
    blind: bool,
}

struct Connection {
    ends: Ends,
    fault: Fault,
    waiting: VecDeque<Waiting>,
    /// Not answered until the next AUTH.
    held: Vec<Waiting>,
    logged_in: bool,
    over: bool,
    /// Commands refused for want of a login, AUTH itself left out.
    refused: u64,
}

impl Connection {
    fn open(run: &mut Run, dice: &mut Dice, port: u16, host: u8, fault: Fault) -> Connection {
        let mut ends = Ends::midstream(port);
        ends.host = host;
        if !dice.once_in(8) || fault == Fault::Nothing {
            run.handshake(&mut ends);
        }
        Connection {
            ends,
            fault,
            waiting: VecDeque::new(),
            held: Vec::new(),
            logged_in: false,
            over: false,
            refused: 0,
        }
    }

    fn asks(&mut self, run: &mut Run, dice: &mut Dice) {
        let mut words = Vec::new();
        for _ in 0..=dice.below(3) {
            let login = match self.logged_in {
                true => dice.once_in(8),
                false => !dice.once_in(3) || self.fault.is_none(),
            };
            let login = login && (self.logged_in || !self.waiting.iter().any(|w| w.login));
            let (command, answer) = match login {
                true => dice.of(LOGINS),
                // The first ones more often.
                false => {
                    let all = match self.fault {
                        fault if fault.is_none() => PLAIN,
                        _ => COMMANDS.len(),
                    };
                    let among = 1 + dice.below(all);
                    dice.of(&COMMANDS[..among])
                }
            };
            // No two ECHOs are alike: one that comes back tells which it was.
            let token = format!("{}", 10_000 + dice.below(90_000));
            let (command, answer) = (
                command.replace('z', &token),
                answer.replace("1 / z", &format!("5 / {token}")),
            );
            words.push(command.clone());
            self.waiting.push_back(Waiting {
                words: command,
                answer,
                login,
                blind: self.waiting.iter().any(|w| w.login),
            });
        }
        let mark = match dice.once_in(self.fault.holes()) {
            true => "C!",
            false => "C:",
        };
        run.talk(&mut self.ends, &format!("{mark} {}", words.join(" ; ")));
    }

    /// What the oldest command is answered with, if it is.
    fn answer(&mut self, dice: &mut Dice, asked: &Waiting) -> Option<String> {
        if asked.login {
            let refused = match self.fault {
                fault if fault.is_none() => false,
                Fault::Anything => dice.once_in(3),
                _ => asked.words == "AUTH other" || dice.once_in(12),
            };
            if refused {
                return Some(dice.of(ODD_LOGINS).to_owned());
            }
            self.logged_in = true;
            return Some(asked.answer.clone());
        }
        if !self.fault.is_none() && dice.once_in(24) {
            return Some(dice.of(ODD).to_owned());
        }
        let own = ["PING", "ECHO", "TIME", "QUIT", "HELLO", "AUTH"];
        let forwarded = !own.iter().any(|word| asked.words.starts_with(word));
        let refused = match self.fault {
            Fault::Nothing | Fault::Holes => return Some(asked.answer.clone()),
            Fault::Races => asked.blind,
            Fault::RacesSometimes => asked.blind && dice.once_in(2),
            Fault::RefusedBehind => forwarded,
            Fault::Forgets => true,
            Fault::Strands if asked.blind && dice.once_in(2) => return None,
            Fault::Releases if asked.blind && dice.once_in(2) => {
                self.held.push(asked.clone());
                return None;
            }
            Fault::Expires => !asked.blind && dice.once_in(3),
            Fault::Anything => dice.once_in(3),
            Fault::Strands | Fault::Releases => false,
        };
        let refused = refused || !(self.logged_in || asked.answer.starts_with("+RESET"));
        self.logged_in &= asked.words != "RESET";
        Some(match refused {
            true => NOAUTH.to_owned(),
            false => asked.answer.clone(),
        })
    }

    fn says(&mut self, run: &mut Run, dice: &mut Dice) {
        // A healthy server may be slow, but it does not stop in the middle.
        let most = match self.fault {
            fault if fault.is_none() => self.waiting.len(),
            _ => 1 + dice.below(3),
        };
        for _ in 0..most {
            let Some(asked) = self.waiting.pop_front() else {
                return;
            };
            let Some(answer) = self.answer(dice, &asked) else {
                continue;
            };
            let mark = match self.fault {
                fault if fault.is_none() => "S:",
                _ => dice.of(&["S:", "S:", "S:", "S:", "S:", "S:", "S:", "S-"]),
            };
            let lost = dice.once_in(self.fault.holes());
            let mark = if lost { "S!" } else { mark };
            run.talk(&mut self.ends, &format!("{mark} {answer}"));
            if lost {
                // It came: the client's system acknowledges it.
                run.talk(&mut self.ends, "C.");
            }
            let refused = answer.starts_with("-NOAUTH") || answer.contains("not permitted");
            self.refused += u64::from(refused && !asked.login && !lost);
            if asked.login {
                for held in std::mem::take(&mut self.held) {
                    run.talk(&mut self.ends, &format!("S: {}", held.answer));
                }
            }
            if asked.words == "QUIT" {
                run.talk(&mut self.ends, "FIN");
                self.over = true;
                return;
            }
        }
    }

    /// One thing happens.
    fn step(&mut self, run: &mut Run, dice: &mut Dice) {
        match dice.below(16) {
            0..=5 => self.asks(run, dice),
            6..=11 => self.says(run, dice),
            12 => run.talk(&mut self.ends, "C."),
            13 => run.talk(&mut self.ends, "S."),
            14 => {
                let pause = dice.of(PAUSES);
                run.talk(&mut self.ends, &format!("W {pause}"));
            }
            // A healthy server answers what came in before the connection ends.
            _ if self.fault.is_none() && !self.waiting.is_empty() => self.says(run, dice),
            _ => {
                run.talk(&mut self.ends, dice.of(&["FIN", "FIN", "RST"]));
                self.over = true;
            }
        }
    }
}

/// What became of a run.
struct Told {
    fault: Fault,
    said: Said,
    revisions: Vec<String>,
    /// Commands refused for want of a login.
    refused: u64,
}

/// One run: up to two servers, two to five connections at a time. `twice`: every packet is captured at two points.
fn run(seed: u64, twice: bool) -> Told {
    let mut dice = Dice::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let fault = dice.of(&FAULTS);
    let mut config = Config {
        connections: ConnectionsWanted::All,
        ..Config::default()
    };
    // A run in eight meets its limits.
    if dice.once_in(8) {
        config.limits.cases = 1 + dice.below(3);
        config.limits.endpoints = 1;
        config.limits.commands_in_flight = 8;
    }
    // In another one the user says what the servers are.
    if dice.once_in(8) {
        let all = AddressFilter {
            addr: None,
            port: Some(6379),
        };
        config.roles = vec![(all, dice.of(&[Role::Proxy, Role::Redis]))];
    }
    let mut run = Run::both(config);
    run.twice = twice;
    let mut port = 40_000;
    let mut next = |run: &mut Run, dice: &mut Dice| {
        port += 1;
        let host = 2 + u8::from(dice.once_in(4));
        // Beside a server with a fault there may be a healthy one.
        let fault = if host == 3 { Fault::Nothing } else { fault };
        Connection::open(run, dice, port, host, fault)
    };
    let mut all: Vec<Connection> = Vec::new();
    for _ in 0..2 + dice.below(4) {
        all.push(next(&mut run, &mut dice));
    }
    let mut refused = 0;
    for _ in 0..20 + dice.below(60) {
        let at = dice.below(all.len());
        if all[at].over {
            refused += all[at].refused;
            all[at] = next(&mut run, &mut dice);
        }
        all[at].step(&mut run, &mut dice);
    }
    if fault != Fault::Nothing && dice.once_in(16) {
        run.each(|analyzer| analyzer.set_dropped(3));
    }
    let (said, revisions) = run.hear();
    Told {
        fault,
        said,
        revisions,
        refused: refused + all.iter().map(|one| one.refused).sum::<u64>(),
    }
}

/// A command without an answer for seconds is said to be one; nobody is accused of more.
fn is_healthy(said: &Said) -> bool {
    let mut all = said.findings.values();
    all.all(|f| {
        let weak = f.severity == Severity::Note || f.confidence == Confidence::Possible;
        weak || f.rule == "unanswered"
    })
}

/// Each refusal is in one finding, or among those that nothing explains. Only where every command was captured.
fn counts_refusals(said: &Said, refused: u64) -> bool {
    let counts = &said.summary.totals.counts;
    let unknown = counts.gaps + counts.orphan_replies;
    let midstream = said.connections.iter().any(|c| c.midstream);
    // What it counts is what was served.
    let served = said.rules().contains(&"served-during-reauth");
    if midstream || served || unknown + counts.undecided_replies + counts.undecided_commands > 0 {
        return true;
    }
    let about = said.findings.values();
    let about = about.filter(|f| REFUSALS.contains(&f.rule));
    let found: u64 = about.map(|f| f.affected).sum();
    let texts = said.summary.unexplained.iter();
    let texts = texts.filter(|u| u.command != "AUTH" && u.command != "HELLO");
    let left: u64 = texts.map(|u| u.count).sum();
    found + left == refused
}

/// `17 Races auth-race certain 2, auth-expired likely 1; 0123456789abcdef`: what was found, and a digest of all that
/// was said.
fn line(seed: u64, fault: Fault, said: &Said, whole: &str) -> String {
    let mut findings: Vec<String> = said
        .findings
        .values()
        .map(|f| format!("{} {} {}", f.rule, f.confidence.name(), f.affected))
        .collect();
    findings.sort();
    format!(
        "{seed} {fault:?} {}; {:016x}",
        findings.join(", "),
        golden::digest(whole)
    )
}

#[test]
fn what_is_said_of_several_connections_is_what_was_said() {
    let mut lines = String::new();
    let mut texts = Vec::new();
    for seed in 1..=RUNS {
        let Told {
            fault,
            said,
            revisions,
            refused,
        } = run(seed, false);
        let findings = said.findings.values().cloned();
        let whole = golden::whole(findings, &revisions, &said.summary);
        assert!(!fault.is_none() || is_healthy(&said), "{seed}: {whole}");
        assert!(
            counts_refusals(&said, refused),
            "{seed}: {refused}: {whole}"
        );
        let _ = writeln!(lines, "{}", line(seed, fault, &said, &whole));
        texts.push(whole);
    }
    if let Some(seed) = golden::first_difference("random", &lines) {
        panic!(
            "run {} says:\n{}",
            seed + 1,
            texts.get(seed).map_or("", |text| text)
        );
    }
}

#[test]
fn captured_at_two_points_it_is_the_same() {
    let verdicts = |told: &Told| {
        let all = told.said.findings.values();
        let all = all.map(|f| format!("{} {} {}", f.rule, f.confidence.name(), f.affected));
        let mut all: Vec<String> = all.collect();
        all.sort();
        let counts = &told.said.summary.totals.counts;
        (all, counts.commands, counts.exchanges)
    };
    for seed in 1..=RUNS / 10 {
        let (once, twice) = (run(seed, false), run(seed, true));
        assert_eq!(verdicts(&once), verdicts(&twice), "{seed}");
    }
}
