//! `redorder exchanges` has each command once, also where the order of a connection is broken and what was told is taken back.

use super::run::{redorder, repository};
use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// A real server and a reply too many: the pairs in front of it were told, and are told again.
const TOLD_AGAIN: &str = "tests/it/once/told-again.pcap";

fn captures() -> Vec<String> {
    let folders = ["samples", "tests/it/awkward", "tests/it/once"];
    let entries = folders.map(|folder| fs::read_dir(repository(folder)).unwrap());
    let paths = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    let names = paths.map(|path| path.to_str().unwrap().to_owned());
    names.filter(|name| name.contains(".pcap")).collect()
}

fn commands(capture: &str) -> u64 {
    let text = redorder(&["analyze", "--format", "json", capture]);
    let report: Value = serde_json::from_str(&text).unwrap();
    report["totals"]["commands"].as_u64().unwrap()
}

/// Connection and number of the command of each row that has one.
fn rows(text: &str) -> Vec<(u64, u64)> {
    let rows = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let command = |row: Value| Some((row["connection"].as_u64()?, row["index"].as_u64()?));
    rows.filter_map(command).collect()
}

fn each_is_there_once(rows: &[(u64, u64)], commands: u64, capture: &str) {
    let different: BTreeSet<_> = rows.iter().collect();
    assert_eq!(rows.len() as u64, commands, "{capture}");
    assert_eq!(different.len(), rows.len(), "{capture}");
}

#[test]
fn every_command_has_one_row() {
    let captures = captures();
    assert!(captures.len() > 60, "{}", captures.len());
    for capture in captures {
        let text = redorder(&["exchanges", "--format", "ndjson", &capture]);
        each_is_there_once(&rows(&text), commands(&capture), &capture);
    }
}

#[test]
fn what_was_written_is_not_written_again() {
    let capture = repository(TOLD_AGAIN);
    let path = capture.to_str().unwrap();
    let output = Command::cargo_bin("redorder")
        .unwrap()
        .args(["exchanges", "--format", "ndjson", "-"])
        .write_stdin(fs::read(&capture).unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    each_is_there_once(&rows(&text), commands(path), path);
}

#[test]
fn what_was_counted_is_not_counted_again() {
    let capture = repository(TOLD_AGAIN);
    let path = capture.to_str().unwrap();
    let stats = redorder(&["exchanges", "--stats", path]);
    let counts = stats
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().nth(1));
    let counted: u64 = counts.map(|count| count.parse::<u64>().unwrap()).sum();
    assert_eq!(counted, commands(path));
}

/// Of the readings that were told the later one is written.
#[test]
fn the_later_telling_replaces_the_earlier_one() {
    let path = repository(TOLD_AGAIN);
    let text = redorder(&["exchanges", "--format", "ndjson", path.to_str().unwrap()]);
    let all = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let undecided = all.filter(|row| row["kind"] == "undecided").count();
    let report = redorder(&["analyze", "--format", "json", path.to_str().unwrap()]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let totals = &report["totals"];
    let want = ["undecided_commands", "undecided_replies"].map(|key| totals[key].as_u64().unwrap());
    assert_eq!(undecided as u64, want.iter().sum::<u64>());
}
