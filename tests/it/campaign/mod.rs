//! A campaign: every small capture, changed in every way that captures go through on bad days. What the capture itself
//! does not show is not found in it then, and no command is lost from the counters.
//!
//! The short form takes a few ways for each sample. The long one, `cargo test --release --test it -- --ignored campaign`,
//! takes all of them, for the shared captures too where they are there, and prints a table.

mod capture;
mod variants;

use super::dice::Dice;
use super::run::{redorder, repository};
use capture::Record;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use variants::{Commands, VARIANTS};

/// Captures beyond this size take too long.
const SMALL: u64 = 400_000;

/// Ways per sample in the short form.
const FEW: usize = 3;

/// What a report says: the findings that accuse somebody, as rule and client port, and its totals.
struct Said {
    accused: BTreeSet<(String, String)>,
    /// The ports of clients that any warning or error names, however sure it is.
    named: BTreeSet<String>,
    totals: Value,
}

fn port(address: &str) -> String {
    address.rsplit(':').next().unwrap_or_default().to_owned()
}

fn analyse(files: &[PathBuf]) -> Said {
    let names = files.iter().map(|file| file.to_str().unwrap());
    let args: Vec<&str> = ["analyze", "-q", "--format", "json"]
        .into_iter()
        .chain(names)
        .collect();
    let report: Value = serde_json::from_str(&redorder(&args)).unwrap();
    let connections = report["connections"].as_array().unwrap();
    let client = |id: &Value| {
        let found = connections.iter().find(|c| c["id"] == *id);
        found.map_or_else(String::new, |c| {
            port(c["client"].as_str().unwrap_or_default())
        })
    };
    let (mut accused, mut named) = (BTreeSet::new(), BTreeSet::new());
    let findings = report["findings"].as_array().unwrap().iter();
    for finding in findings.filter(|finding| finding["severity"] != "note") {
        let rule = finding["rule"].as_str().unwrap();
        for id in finding["connections"].as_array().unwrap() {
            named.insert(client(id));
            if finding["confidence"] != "possible" {
                accused.insert((rule.to_owned(), client(id)));
            }
        }
    }
    Said {
        accused,
        named,
        totals: report["totals"].clone(),
    }
}

/// Packets and commands add up.
fn sums(totals: &Value) -> Vec<String> {
    let n = |key: &str| totals[key].as_u64().unwrap();
    let skipped: u64 = totals["skipped"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_u64)
        .sum();
    let fates = n("exchanges") + n("unanswered") + n("silent") + n("undecided_commands");
    let mut wrong = Vec::new();
    if n("packets") != n("tcp_segments") + skipped {
        wrong.push("packets do not add up".to_owned());
    }
    if n("commands") != fates {
        wrong.push("commands do not add up".to_owned());
    }
    wrong
}

/// What a variant shows that it must not, and what is no wonder.
///
/// A part of a story may be a story of its own: a login that stops working, when the rest shows why it did. So where packets
/// are missing, a connection of which something is wrong in the whole capture may be found with another rule.
fn complaints(whole: &Said, changed: &Said, commands: Commands) -> (Vec<String>, u64) {
    let mut wrong = sums(&changed.totals);
    let mut explained = 0;
    for (rule, port) in changed.accused.difference(&whole.accused) {
        if commands == Commands::Any && whole.named.contains(port) {
            explained += 1;
        } else {
            wrong.push(format!("{rule} on the client with port {port}"));
        }
    }
    let count = |said: &Said| said.totals["commands"].as_u64().unwrap();
    let wanted = match commands {
        Commands::Same => count(whole),
        Commands::Twice => count(whole) * 2,
        Commands::Any => return (wrong, explained),
    };
    if count(changed) != wanted {
        wrong.push(format!("{} commands, not {wanted}", count(changed)));
    }
    (wrong, explained)
}

#[derive(Default)]
struct Tally {
    variants: u64,
    explained: u64,
    wrong: Vec<String>,
}

/// Runs `chosen` variants of one capture.
fn run(path: &Path, chosen: &[usize], tally: &mut BTreeMap<&'static str, Tally>) {
    let Some(records) = capture::read(path).filter(|records| records.iter().any(Record::is_tcp))
    else {
        return;
    };
    let whole = analyse(&[path.to_owned()]);
    // Where bytes are missing already, how many commands can be read may depend on the segments.
    let is_whole = whole.totals["gaps"] == 0;
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let seed = name.bytes().fold(7_u64, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(byte.into())
    });
    for index in chosen {
        let (what, change, commands) = VARIANTS[*index];
        let dir = tempfile::tempdir().unwrap();
        let inputs = change(&records, &mut Dice::new(seed + *index as u64));
        let files = (0..).zip(&inputs).map(|(i, records)| {
            let file = dir.path().join(format!("{i}.pcapng"));
            capture::write(&file, records);
            file
        });
        let changed = analyse(&files.collect::<Vec<_>>());
        let commands = if is_whole { commands } else { Commands::Any };
        let entry = tally.entry(what).or_default();
        entry.variants += 1;
        let (found, explained) = complaints(&whole, &changed, commands);
        entry.explained += explained;
        for wrong in found {
            entry.wrong.push(format!("{name}, {what}: {wrong}"));
        }
    }
}

/// The small files of a folder and those below it.
fn captures(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!(
            "note: {} is not there: its captures are not in the campaign",
            folder.display()
        );
        return Vec::new();
    };
    let mut paths = Vec::new();
    for entry in entries.map(|entry| entry.unwrap()) {
        match entry.metadata() {
            Ok(meta) if meta.is_dir() => paths.extend(captures(&entry.path())),
            Ok(meta) if meta.is_file() && meta.len() < SMALL => paths.push(entry.path()),
            _ => {}
        }
    }
    paths.sort();
    paths
}

fn verdict(tally: &BTreeMap<&'static str, Tally>) {
    let wrong: Vec<&String> = tally.values().flat_map(|t| &t.wrong).collect();
    for (what, t) in tally {
        eprintln!(
            "{what:>15} {:5} variants, {} explained, {} complaints",
            t.variants,
            t.explained,
            t.wrong.len()
        );
    }
    assert!(wrong.is_empty(), "{} complaints: {wrong:#?}", wrong.len());
}

#[test]
fn changed_samples_accuse_nobody_else() {
    let mut tally = BTreeMap::new();
    for (i, path) in captures(&repository("samples")).iter().enumerate() {
        let chosen: Vec<usize> = (0..FEW).map(|n| (i * FEW + n) % VARIANTS.len()).collect();
        run(path, &chosen, &mut tally);
    }
    verdict(&tally);
}

#[test]
#[ignore = "takes minutes"]
fn changed_captures_accuse_nobody_else() {
    let mut tally = BTreeMap::new();
    let all: Vec<usize> = (0..VARIANTS.len()).collect();
    let shared = repository("../shared/captures");
    let folders =
        ["envoy", "stackexchange", "symptom", "public", "hard"].map(|name| shared.join(name));
    for folder in std::iter::once(repository("samples")).chain(folders) {
        for path in captures(&folder) {
            run(&path, &all, &mut tally);
        }
    }
    verdict(&tally);
}
