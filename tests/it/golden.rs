//! Everything that findings say besides their standing words, for every sample: a change of it has to be looked at.
//!
//! `REDORDER_BLESS=1` writes the files anew.

use super::run::{blessing, redorder, repository};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// Captures by name, of all folders that hold some.
fn captures() -> Vec<(String, PathBuf)> {
    let mut captures = Vec::new();
    for folder in ["samples", "tests/it/awkward"] {
        for entry in fs::read_dir(repository(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.contains(".pcap") {
                captures.push((name, path));
            }
        }
    }
    captures.sort();
    captures
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

fn list(value: &Value, show: impl Fn(&Value) -> String) -> String {
    let items = value.as_array().unwrap().iter().map(show);
    items.collect::<Vec<_>>().join(", ")
}

fn moment(at: &Value) -> String {
    format!("#{} {}", text(&at["packet"]), text(&at["time"]))
}

fn exchange(e: &Value) -> String {
    let arguments = list(&e["args"], text).replace(", ", " ");
    format!(
        "    {}:{} {} {arguments} [blind {}] at {} => {} at {}\n",
        text(&e["connection"]),
        text(&e["index"]),
        text(&e["command"]),
        text(&e["blind"]),
        moment(&e["sent"]),
        text(&e["reply"]),
        moment(&e["received"]),
    )
}

fn finding(f: &Value) -> String {
    let mut said = String::new();
    for key in ["rule", "severity", "confidence", "scope", "culprit", "culprit_endpoint"] {
        let _ = write!(said, "{} ", text(&f[key]));
    }
    let connections = list(&f["connections"], text);
    let _ = writeln!(said, "affected {} connections {connections}", text(&f["affected"]));
    let _ = writeln!(said, "  {}", text(&f["title"]));
    let _ = writeln!(said, "  from {} to {}", moment(&f["first"]), moment(&f["last"]));
    for e in f["exchanges"].as_array().unwrap() {
        said.push_str(&exchange(e));
    }
    let packets = list(&f["proof"]["packets"], |p| text(&p["packet"]));
    let _ = writeln!(said, "  proof {packets}: {}", text(&f["proof"]["text"]));
    let _ = writeln!(said, "  values {} measures {}", f["proof"]["values"], f["measures"]);
    for (key, name) in [("not_seen", "not seen"), ("notes", "beside")] {
        for line in f[key].as_array().into_iter().flatten() {
            let _ = writeln!(said, "  {name}: {}", text(line));
        }
    }
    said
}

fn told(path: &std::path::Path) -> String {
    let file = path.to_str().unwrap();
    let json = redorder(&["analyze", "--quiet", "--format", "json", file]);
    let document: Value = serde_json::from_str(&json).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let mut said: String = findings.iter().map(finding).collect();
    let _ = writeln!(said, "totals {}", document["totals"]);
    said
}

#[test]
fn every_sample_says_what_it_said() {
    let captures = captures();
    assert!(captures.len() > 60);
    let mut changed = Vec::new();
    for (name, path) in captures {
        let kept = repository("tests/it/golden").join(format!("{name}.txt"));
        let said = told(&path);
        if blessing() {
            fs::write(&kept, said).unwrap();
        } else if fs::read_to_string(&kept).unwrap_or_default() != said {
            changed.push(format!("{name} says:\n{said}"));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
