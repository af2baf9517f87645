//! The laboratory for broken orders: recorded healthy dialogues, each damaged in one known place, and what is said of it.
//!
//! Not part of the program's own samples: it runs where the recorded dialogues are at hand, and says so where not.

use super::super::{
    BrokenReply, Fault, FaultKind, Kind, Observer, Pending, Session, Shared, errors,
};
use super::super::{Exchange, Fate, StrayFrame};
use super::{From, Talk, shared};
use crate::model::Side;
use crate::resp::{Framer, Limits, Role, Step};
use std::collections::BTreeMap;
use std::io::Read as _;

const SESSIONS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../shared/captures/sessions/real-server-sessions.jsonl.gz"
);

/// Client (`true`) or server, and bytes; one event is one write.
type Dialogue = Vec<(bool, Vec<u8>)>;

#[expect(
    clippy::disallowed_methods,
    reason = "a test that reads recorded dialogues"
)]
fn dialogues() -> Vec<Dialogue> {
    let Ok(bytes) = std::fs::read(SESSIONS) else {
        eprintln!("skipped: {SESSIONS} is not there");
        return Vec::new();
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..])
        .read_to_string(&mut text)
        .unwrap();
    let bytes = |value: &serde_json::Value| -> Vec<u8> {
        value
            .as_str()
            .unwrap()
            .chars()
            .map(|c| c as u32 as u8)
            .collect()
    };
    text.lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let events = value[1].as_array().unwrap();
            let data = events.iter().filter(|e| e[1] == "c" || e[1] == "s");
            data.map(|e| (e[1] == "c", bytes(&e[2]))).collect()
        })
        .collect()
}

/// What was told of a dialogue.
#[derive(Default)]
struct Ledger {
    /// Command, and the offset behind its reply.
    pairs: BTreeMap<u64, i64>,
    undecided: u64,
    commands: u64,
    faults: Vec<(FaultKind, Option<u64>, u16, u64)>,
    contradicted: u64,
    auth: Vec<u64>,
}

impl Observer for Ledger {
    fn sent(&mut self, _: &mut Shared, command: &Pending) {
        self.commands += 1;
        if command.is_auth() {
            self.auth.push(command.index);
        }
    }

    fn answered(&mut self, shared: &mut Shared, exchange: &Exchange<'_>) {
        self.pairs.insert(exchange.command.index, exchange.end);
        let info = shared.commands.info(exchange.command.id);
        let named = errors::named_command(exchange.reply.head.bytes);
        let wrong = exchange.is_error()
            && info.kind != Kind::Script
            && named.is_some_and(|n| !n.word.eq_ignore_ascii_case(info.name.as_bytes()));
        self.contradicted += u64::from(wrong);
    }

    fn unpaired(&mut self, _: &mut Shared, fate: Fate, _: &Pending) {
        self.undecided += u64::from(fate == Fate::Undecided);
    }

    fn stray(&mut self, _: &mut Shared, _: &StrayFrame<'_>) {}
    fn broken(&mut self, _: &mut Shared, _: &BrokenReply<'_>) {}
    fn mistaken(&mut self, _: &mut Shared) {}
    fn lost(&mut self, _: &mut Shared) {}

    fn disputed(&mut self, _: &mut Shared, from: u64) {
        self.pairs.retain(|index, _| *index < from);
    }

    fn fault(&mut self, _: &mut Shared, fault: &Fault) {
        if fault.is_final {
            let onset = fault.onset.as_ref().map(|command| command.index);
            self.faults
                .push((fault.kind, onset, fault.margin, fault.discriminating));
        }
    }
}

/// A small generator of numbers: the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % below.max(1)
    }
}

fn listen(dialogue: &Dialogue, cuts: &mut Dice) -> Ledger {
    let mut ledger = Ledger::default();
    replay(dialogue, cuts, &mut ledger);
    ledger
}

fn replay<O: Observer>(dialogue: &Dialogue, cuts: &mut Dice, observer: &mut O) {
    let mut talk = Talk::new(From::Syn);
    let mut session = Session::new(true);
    let mut shared = shared();
    for (client, bytes) in dialogue {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let whole = cuts.roll(3) > 0;
            let len = if whole {
                rest.len()
            } else {
                1 + cuts.roll(rest.len())
            };
            let (piece, behind) = rest.split_at(len);
            rest = behind;
            let (side, seen) = match client {
                true => (Side::Low, talk.server.next),
                false => (Side::High, talk.client.next),
            };
            let chunk = talk.chunk(side, piece, seen);
            match client {
                true => session.client_data(&mut shared, &chunk, observer),
                false => session.server_data(&mut shared, &chunk, observer),
            }
            let own = if *client {
                &mut talk.client
            } else {
                &mut talk.server
            };
            own.next += piece.len() as i64;
            let other = if *client {
                &mut talk.server
            } else {
                &mut talk.client
            };
            other.acked = other.acked.max(seen);
        }
    }
    session.finish(&mut shared, observer);
}

/// A frame of the server: its event, where it lies in it, and the stream offset behind it.
#[derive(Clone, Copy)]
struct Place {
    event: usize,
    from: usize,
    to: usize,
    end: i64,
}

fn frames(dialogue: &Dialogue) -> Vec<Place> {
    let (mut framer, limits) = (Framer::new(Role::Replies), Limits::default());
    let (mut out, mut offset) = (Vec::new(), 0i64);
    for (event, (client, bytes)) in dialogue.iter().enumerate() {
        if *client {
            continue;
        }
        let mut from = 0;
        while from < bytes.len() {
            let rest = &bytes[from..];
            let mut left = rest;
            let step = framer.step(&mut left, &limits);
            let whole = matches!(step, Step::Reply(_));
            let used = rest.len() - left.len();
            if !whole && !matches!(step, Step::Blank) {
                break;
            }
            let to = from + used;
            if whole {
                let end = offset + to as i64;
                out.push(Place {
                    event,
                    from,
                    to,
                    end,
                });
            }
            from = to;
        }
        offset += bytes.len() as i64;
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Damage {
    Dropped,
    Duplicated,
    Swapped,
    Foreign,
    NoauthFirst,
}

/// The dialogue with one damage, and the first command that it hits.
fn damaged(
    dialogue: &Dialogue,
    damage: Damage,
    dice: &mut Dice,
    pool: &[Vec<u8>],
) -> Option<(Dialogue, u64)> {
    let healthy = listen(dialogue, &mut Dice(1));
    if !healthy.faults.is_empty() || healthy.undecided > 0 {
        return None;
    }
    let by_end: BTreeMap<i64, u64> = healthy.pairs.iter().map(|(c, end)| (*end, *c)).collect();
    let frames = frames(dialogue);
    let paired: Vec<(Place, u64)> = frames
        .iter()
        .filter_map(|place| Some((*place, *by_end.get(&place.end)?)))
        .collect();
    let at = match damage {
        Damage::NoauthFirst => {
            let auth = |(_, c): &(Place, u64)| healthy.auth.contains(c);
            paired.iter().position(auth)?
        }
        _ => dice.roll(paired.len()),
    };
    let (place, command) = *paired.get(at)?;
    let mut out = dialogue.clone();
    let bytes = &mut out.get_mut(place.event)?.1;
    let own = bytes[place.from..place.to].to_vec();
    match damage {
        Damage::Dropped => drop(bytes.drain(place.from..place.to)),
        Damage::Duplicated => drop(bytes.splice(place.to..place.to, own)),
        Damage::Foreign => {
            let other = &pool[dice.roll(pool.len())];
            if *other == own {
                return None;
            }
            drop(bytes.splice(place.from..place.to, other.iter().copied()));
        }
        Damage::Swapped | Damage::NoauthFirst => {
            let (next, _) = *paired.get(at + 1)?;
            if next.event != place.event || next.from != place.to {
                return None;
            }
            let mut second = bytes[next.from..next.to].to_vec();
            if damage == Damage::NoauthFirst {
                if &own[..] != b"+OK\r\n" {
                    return None;
                }
                second = b"-NOAUTH Authentication required.\r\n".to_vec();
            }
            if second == own {
                return None;
            }
            let both: Vec<u8> = second.into_iter().chain(own).collect();
            drop(bytes.splice(place.from..next.to, both));
        }
    }
    let hit = command + u64::from(damage == Damage::Duplicated);
    Some((out, hit))
}

fn fits(damage: Damage, kind: FaultKind) -> bool {
    use FaultKind as F;
    match damage {
        Damage::Dropped => kind == F::Missing,
        Damage::Duplicated => kind == F::Surplus,
        Damage::Swapped => matches!(kind, F::Swapped | F::RefusedBeforeAuth),
        Damage::Foreign => matches!(kind, F::Mismatch),
        Damage::NoauthFirst => matches!(kind, F::RefusedBeforeAuth | F::Swapped),
    }
}

#[test]
fn healthy_dialogues_are_paired_and_accuse_nobody() {
    let (mut commands, mut undecided, mut contradicted, mut accused) = (0, 0, 0, Vec::new());
    for (i, dialogue) in dialogues().iter().enumerate() {
        let ledger = listen(dialogue, &mut Dice(i as u64));
        commands += ledger.commands;
        undecided += ledger.undecided;
        contradicted += ledger.contradicted;
        let broken = |fault: &&(FaultKind, _, _, _)| fault.0 != FaultKind::AuthErrorDropped;
        if let Some(fault) = ledger.faults.iter().find(broken) {
            accused.push((i, *fault));
        }
        if std::env::args().any(|a| a == "--nocapture") && ledger.undecided > 0 && undecided < 300 {
            eprintln!(
                "dialogue {i}: {} undecided {:?}",
                ledger.undecided, ledger.faults
            );
        }
    }
    eprintln!(
        "{commands} commands, {undecided} undecided, {contradicted} contradicted, accused {}",
        accused.len()
    );
    assert_eq!(accused, []);
    assert_eq!(contradicted, 0);
    // Replication, MONITOR inside EXEC and opaque transactions leave some.
    assert!(undecided * 200 <= commands, "{undecided} of {commands}");
}

#[test]
fn damage_is_found_where_it_is() {
    let dialogues = dialogues();
    let mut dice = Dice(7);
    let pool: Vec<Vec<u8>> = dialogues
        .iter()
        .step_by(7)
        .filter_map(|dialogue| {
            let frames = frames(dialogue);
            let place = frames.get(dice.roll(frames.len()))?;
            Some(dialogue[place.event].1[place.from..place.to].to_vec())
        })
        .collect();
    for damage in [
        Damage::Dropped,
        Damage::Duplicated,
        Damage::Swapped,
        Damage::Foreign,
        Damage::NoauthFirst,
    ] {
        let (mut all, mut hits, mut silent, mut certain, mut certain_right) = (0, 0, 0, 0, 0);
        let mut others: BTreeMap<FaultKind, u64> = BTreeMap::new();
        for (i, dialogue) in dialogues.iter().enumerate().step_by(2) {
            let Some((broken, hit)) = damaged(dialogue, damage, &mut dice, &pool) else {
                continue;
            };
            all += 1;
            let ledger = listen(&broken, &mut Dice(i as u64));
            assert!(ledger.faults.len() <= 1);
            let Some((kind, onset, margin, discriminating)) = ledger.faults.first().copied() else {
                silent += 1;
                continue;
            };
            let near = onset.unwrap_or(hit).abs_diff(hit) <= 1;
            let right = near && fits(damage, kind);
            hits += u64::from(right);
            if !right {
                *others.entry(kind).or_default() += 1;
            }
            let sure = margin >= 3 && discriminating > 0;
            certain += u64::from(sure);
            certain_right += u64::from(sure && right);
        }
        let share = |n: u64, of: u64| n as f64 * 100.0 / (of.max(1)) as f64;
        eprintln!(
            "{damage:?}: {all} dialogues, {:.1} % found, {:.1} % silent, others {others:?}, certain {certain}, of those right {:.1} %",
            share(hits, all),
            share(silent, all),
            share(certain_right, certain)
        );
    }
}
