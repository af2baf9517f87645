//! Every short story behind an accepted AUTH: up to three blind commands and up to three later ones, each of them PING, GET
//! of one key or GET of another, each served or refused.
//!
//! What is right is written here by hand, after the order of judgement, and knows nothing of the program.

use super::golden;
use super::talk::{Said, told};
use Confidence::{Certain, Likely, Possible};
use redorder::rules::{Confidence, Severity};
use std::collections::BTreeMap;

/// p/P = PING refused / served, g/G and h/H = GET of two keys.
const LETTERS: [char; 6] = ['p', 'P', 'g', 'G', 'h', 'H'];

/// Rule, commands, confidence.
type Verdict = (&'static str, u64, Confidence);
/// The same by rule.
type Verdicts = BTreeMap<&'static str, (u64, Confidence)>;

/// Stories that the rules name, with their verdicts. In front of the bar the commands are blind.
const NAMED: &[(&str, &[Verdict])] = &[
    ("|", &[]),
    ("PGH|PG", &[]),
    ("|p", &[("auth-not-honoured", 1, Likely)]),
    ("p|g", &[("auth-not-honoured", 2, Likely)]),
    ("|Pg", &[("upstream-noauth", 1, Likely)]),
    ("P|g", &[("upstream-noauth", 1, Likely)]),
    ("gP|g", &[("upstream-noauth", 2, Likely)]),
    ("Pg|", &[("upstream-noauth", 1, Likely)]),
    ("p|", &[("auth-race", 1, Likely)]),
    ("p|P", &[("auth-race", 1, Certain)]),
    ("g|G", &[("auth-race", 1, Certain)]),
    ("g|H", &[("auth-race", 1, Likely)]),
    ("g|P", &[("auth-race", 1, Likely)]),
    ("p|H", &[("auth-race", 1, Certain)]),
    ("p|pP", &[("auth-race", 2, Likely)]),
    (
        "pg|Pg",
        &[("auth-race", 1, Certain), ("upstream-noauth", 2, Likely)],
    ),
    ("Pg|G", &[("auth-race", 1, Likely)]),
    ("|Gg", &[("auth-expired", 1, Likely)]),
    ("|Pp", &[("auth-expired", 1, Likely)]),
    (
        "p|Pp",
        &[("auth-race", 1, Certain), ("auth-expired", 1, Likely)],
    ),
    (
        "g|Gg",
        &[("auth-race", 1, Certain), ("auth-expired", 1, Likely)],
    ),
    (
        "p|Pg",
        &[("auth-race", 1, Certain), ("upstream-noauth", 1, Likely)],
    ),
    ("|gG", &[("noauth-unexplained", 1, Likely)]),
    ("Gg|", &[("noauth-unexplained", 1, Likely)]),
    (
        "pPp|",
        &[("auth-race", 1, Certain), ("noauth-unexplained", 1, Likely)],
    ),
];

/// One command of a story.
#[derive(Clone, Copy, PartialEq)]
struct Item {
    command: char,
    refused: bool,
    blind: bool,
}

fn items(story: &str) -> Vec<Item> {
    let bar = story.find('|').unwrap();
    let all = story.char_indices().filter(|(_, c)| *c != '|');
    all.map(|(at, c)| Item {
        command: c.to_ascii_lowercase(),
        refused: c.is_ascii_lowercase(),
        blind: at < bar,
    })
    .collect()
}

/// The order of judgement: which rule takes which of the refused commands.
fn judged(all: &[Item]) -> Vec<(usize, &'static str)> {
    let refused: Vec<usize> = (0..all.len()).filter(|i| all[*i].refused).collect();
    let served: Vec<usize> = (0..all.len()).filter(|i| !all[*i].refused).collect();
    let own = |i: &usize| all[*i].command == 'p';
    let forwarded_served = served.iter().any(|i| !own(i));
    let take = |rule| refused.iter().map(|i| (*i, rule)).collect::<Vec<_>>();
    if refused.is_empty() {
        return Vec::new();
    }
    if served.is_empty() && refused.iter().any(|i| !all[*i].blind) {
        return take("auth-not-honoured");
    }
    let behind_success = |i: &usize| served.first().is_some_and(|first| first < i);
    let told = refused.iter().any(|i| !all[*i].blind || behind_success(i));
    if !refused.iter().any(own) && !forwarded_served && !served.is_empty() && told {
        return take("upstream-noauth");
    }
    let mut rules = Vec::new();
    let front: Vec<usize> = refused
        .iter()
        .copied()
        .filter(|i| !behind_success(i))
        .collect();
    if front.iter().any(|i| all[*i].blind) {
        // A forwarded command that is refused again later, not blind, and not served in between.
        let again = |i: &usize| {
            let later = (i + 1..all.len()).find(|j| {
                all[*j].command == all[*i].command && (!all[*j].refused || !all[*j].blind)
            });
            !own(i) && later.is_some_and(|j| all[j].refused)
        };
        let commands: Vec<char> = front
            .iter()
            .filter(|i| again(i))
            .map(|i| all[*i].command)
            .collect();
        let (up, raced): (Vec<usize>, Vec<usize>) = front
            .iter()
            .partition(|i| commands.contains(&all[**i].command));
        rules.extend(up.iter().map(|i| (*i, "upstream-noauth")));
        if raced.iter().any(|i| all[*i].blind) {
            rules.extend(raced.iter().map(|i| (*i, "auth-race")));
        }
    }
    rules.extend(
        overtaken(all, &refused, &served)
            .into_iter()
            .map(|i| (i, "auth-race")),
    );
    let left: Vec<usize> = refused
        .iter()
        .copied()
        .filter(|i| !rules.iter().any(|(j, _)| j == i))
        .collect();
    rules.extend(left.iter().map(|i| (*i, rest(all, &left, &served))));
    rules
}

/// Number four of the order: a blind forwarded command behind successes of the proxy's own only, itself served later.
fn overtaken(all: &[Item], refused: &[usize], served: &[usize]) -> Vec<usize> {
    let own = |i: &usize| all[*i].command == 'p';
    let behind_success = |i: &usize| served.first().is_some_and(|first| first < i);
    let only_own = |i: &usize| served.iter().filter(|s| *s < i).all(own);
    let later = |i: &usize| {
        served
            .iter()
            .any(|s| s > i && all[*s].command == all[*i].command)
    };
    let candidates = refused.iter().copied();
    candidates
        .filter(|i| behind_success(i) && all[*i].blind && !own(i) && only_own(i) && later(i))
        .collect()
}

/// Number five of the order: what the others left.
fn rest(all: &[Item], left: &[usize], served: &[usize]) -> &'static str {
    let own = |i: &usize| all[*i].command == 'p';
    let forwarded_served = served.iter().any(|i| !own(i));
    let late = left.iter().all(|i| !all[*i].blind);
    let behind_all = left
        .iter()
        .all(|i| served.last().is_none_or(|last| last < i));
    let same = left.iter().any(|i| own(i) && served.iter().any(own));
    if late && behind_all && !served.is_empty() && (forwarded_served || same) {
        return "auth-expired";
    }
    if !left.iter().any(own) && !forwarded_served && !served.is_empty() {
        return "upstream-noauth";
    }
    let never = |i: &usize| !served.iter().any(|s| all[*s].command == all[*i].command);
    let late_served = served.iter().filter(|i| !own(i) && !all[**i].blind).count();
    let parted = left.len() >= 2 && late && !left.iter().any(own) && left.iter().all(never);
    if parted && late_served >= 2 {
        return "upstream-noauth";
    }
    "noauth-unexplained"
}

fn expected(story: &str) -> Verdicts {
    let all = items(story);
    let rules = judged(&all);
    let mut verdicts = Verdicts::new();
    for (_, rule) in &rules {
        verdicts.entry(rule).or_insert((0, Likely)).0 += 1;
    }
    let raced: Vec<usize> = of(&rules, "auth-race");
    if let Some(race) = verdicts.get_mut("auth-race") {
        race.1 = race_confidence(&all, &rules, &raced);
    }
    verdicts
}

fn of(rules: &[(usize, &'static str)], rule: &str) -> Vec<usize> {
    rules
        .iter()
        .filter(|(_, r)| *r == rule)
        .map(|(i, _)| *i)
        .collect()
}

/// Certain where a later success is of a refused command itself, or where a refused command is one that a proxy answers
/// itself and anything succeeds later. Possible where another key is refused though it was not blind.
fn race_confidence(all: &[Item], rules: &[(usize, &'static str)], raced: &[usize]) -> Confidence {
    let first_served = all.iter().position(|i| !i.refused);
    let front: Vec<usize> = raced
        .iter()
        .copied()
        .filter(|i| first_served.is_none_or(|f| *i < f))
        .collect();
    let served_later = |i: &usize| {
        (i + 1..all.len()).any(|j| !all[j].refused && all[j].command == all[*i].command)
    };
    let proven = |i: &usize| served_later(i) || all[*i].command == 'p';
    let blind = front.iter().all(|i| all[*i].blind);
    if !front.is_empty() && first_served.is_some() && blind && front.iter().any(proven) {
        return Certain;
    }
    let any_served = first_served.is_some();
    let others = ["upstream-noauth", "noauth-unexplained"];
    let shadow = rules
        .iter()
        .filter(|(_, rule)| any_served && others.contains(rule));
    let mut shadow = shadow.filter(|(i, _)| !all[*i].blind && all[*i].command != 'p');
    let other = |i: usize| {
        raced
            .iter()
            .any(|r| all[*r].command != 'p' && all[*r].command != all[i].command)
    };
    if shadow.any(|(i, _)| other(*i)) {
        Possible
    } else {
        Likely
    }
}

/// The command and its reply.
fn words(item: Item) -> (&'static str, &'static str) {
    let (command, reply) = match item.command {
        'p' => ("PING", "+PONG"),
        'g' => ("GET a", "$1 / v"),
        _ => ("GET b", "$1 / v"),
    };
    let refusal = "-NOAUTH Authentication required.";
    (command, if item.refused { refusal } else { reply })
}

fn run(story: &str) -> Said {
    let all = items(story);
    let (blind, late): (Vec<Item>, Vec<Item>) = all.iter().partition(|i| i.blind);
    let mut dialogue = "C: AUTH pwd".to_owned();
    for item in &blind {
        dialogue += &format!(" ; {}", words(*item).0);
    }
    dialogue += "\nS: +OK\n";
    for item in &blind {
        dialogue += &format!("S: {}\n", words(*item).1);
    }
    for item in &late {
        let (command, reply) = words(*item);
        dialogue += &format!("C: {command}\nS: {reply}\n");
    }
    told(&(dialogue + "FIN"))
}

fn found(said: &Said) -> Vec<(&'static str, u64, Confidence)> {
    let grave = said
        .findings
        .values()
        .filter(|f| f.severity > Severity::Note);
    let mut found: Vec<_> = grave.map(|f| (f.rule, f.affected, f.confidence)).collect();
    found.sort_unstable();
    found
}

/// What all stories say, each sentence once with how often it was said, numbers left out; and what they show, as one
/// number for each rule.
#[derive(Default)]
struct Sayings {
    lines: BTreeMap<String, u64>,
    shown: BTreeMap<&'static str, u64>,
}

impl Sayings {
    fn hear(&mut self, said: &Said) {
        let grave = said.findings.values();
        for finding in grave.filter(|f| f.severity > Severity::Note) {
            let rule = finding.rule;
            let texts = [&finding.title, &finding.proof.text];
            let beside = finding.not_seen.iter().chain(&finding.notes);
            for text in texts.into_iter().chain(beside) {
                let line = format!("{rule} {}: {}", finding.confidence.name(), nameless(text));
                *self.lines.entry(line).or_default() += 1;
            }
            let shown = format!(
                "{:?} {:?} {:?}",
                finding.exchanges, finding.measures, finding.last
            );
            let number = self.shown.entry(rule).or_default();
            *number = shown
                .bytes()
                .fold(*number ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
                });
        }
    }

    fn told(&self) -> String {
        let lines = self.lines.iter().map(|(line, n)| format!("{n:6} {line}\n"));
        let shown = self
            .shown
            .iter()
            .map(|(rule, n)| format!("exchanges of {rule}: {n:016x}\n"));
        lines.chain(shown).collect()
    }
}

/// Without numbers, and with one name for all commands of a story.
fn nameless(text: &str) -> String {
    let mut out = String::new();
    for c in text.replace("GET", "PING").chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            c => out.push(c),
        }
    }
    out
}

fn spellings() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..3 {
        last = last
            .iter()
            .flat_map(|word| LETTERS.map(|c| format!("{word}{c}")))
            .collect();
        all.extend(last.iter().cloned());
    }
    all
}

#[test]
fn the_named_stories_have_their_verdicts() {
    for (story, verdicts) in NAMED {
        let mut wanted = verdicts.to_vec();
        wanted.sort_unstable();
        assert_eq!(found(&run(story)), wanted, "{story}");
        let mut by_order: Vec<_> = expected(story)
            .into_iter()
            .map(|(r, (n, c))| (r, n, c))
            .collect();
        by_order.sort_unstable();
        assert_eq!(
            by_order, wanted,
            "{story}: the order of judgement in this file"
        );
    }
}

#[test]
fn every_story_has_its_verdict() {
    let (mut wrong, mut refused, mut unexplained, mut stories) = (Vec::new(), 0, 0, 0);
    let mut sayings = Sayings::default();
    let words = spellings();
    for (blind, late) in words.iter().flat_map(|b| words.iter().map(move |l| (b, l))) {
        let story = format!("{blind}|{late}");
        stories += 1;
        let all = items(&story);
        let hit = all.iter().filter(|i| i.refused).count() as u64;
        let said = run(&story);
        sayings.hear(&said);
        let said = found(&said);
        let wanted: Vec<_> = expected(&story)
            .into_iter()
            .map(|(r, (n, c))| (r, n, c))
            .collect();
        let sum: u64 = said.iter().map(|(_, n, _)| n).sum();
        if said != wanted || sum != hit {
            wrong.push(format!("{story}: {said:?}, not {wanted:?}"));
        }
        refused += u64::from(hit > 0);
        unexplained += u64::from(said.iter().any(|(rule, ..)| *rule == "noauth-unexplained"));
    }
    println!(
        "{stories} stories, {refused} with a refusal, {unexplained} of them with noauth-unexplained"
    );
    golden::unchanged("stories", sayings.told());
    let some: Vec<&String> = wrong.iter().take(40).collect();
    assert!(
        wrong.is_empty(),
        "{} of {stories} stories: {some:#?}",
        wrong.len()
    );
}
