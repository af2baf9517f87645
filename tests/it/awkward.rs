//! Dialogues with real, healthy servers in captures that make them hard to follow: nobody is accused, every command is
//! accounted for, and what is no command is not shown as one.

use super::run::{redorder, repository};
use serde_json::Value;
use std::fs;

fn rows() -> Vec<Vec<String>> {
    let table = fs::read_to_string(repository("tests/it/awkward/expected.tsv")).unwrap();
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

fn capture(name: &str) -> String {
    let path = repository("tests/it/awkward").join(format!("{name}.pcap"));
    path.to_str().unwrap().to_owned()
}

#[test]
fn awkward_captures_accuse_nobody() {
    let rows = rows();
    assert!(rows.len() > 10);
    for row in rows {
        let text = redorder(&["analyze", "--format", "json", &capture(&row[0])]);
        let report: Value = serde_json::from_str(&text).unwrap();
        let word = |f: &Value, key: &str| f[key].as_str().unwrap().to_owned();
        let grave = report["findings"].as_array().unwrap().iter();
        let mut grave: Vec<String> = grave
            .filter(|f| f["severity"] != "note")
            .map(|f| format!("{}/{}", word(f, "rule"), word(f, "confidence")))
            .collect();
        grave.sort();
        let mut seen = vec![row[0].clone(), grave.join(" ")];
        if grave.is_empty() {
            seen[1].push('-');
        }
        let fates = [
            "commands",
            "exchanges",
            "unanswered",
            "silent",
            "undecided_commands",
        ];
        seen.extend(fates.map(|key| report["totals"][key].to_string()));
        assert_eq!(seen, row);
    }
}

#[test]
fn a_piece_of_an_argument_is_never_shown() {
    // The client wrote each argument by itself, its password too; the capture begins in between.
    let file = capture("pieces-midstream");
    for args in [
        &["analyze", "-v", "--connections", "all"][..],
        &["exchanges"],
        &["exchanges", "--format", "ndjson", "--show", "values"],
    ] {
        let shown = redorder(&[args, &[&file]].concat()).to_ascii_lowercase();
        assert!(!shown.contains("hunter2"), "{args:?}");
    }
    let raw = fs::read(&file).unwrap();
    assert!(
        memchr::memmem::find(&raw, b"hunter2").is_some(),
        "it is in the capture"
    );
}
