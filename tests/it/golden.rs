//! Everything that findings say besides their standing words, for every sample and every
//! conversation: a change of it has to be looked at.
//!
//! `REDORDER_BLESS=1` writes the files anew. Names of conversations are those of their tests.

use super::fixture::report;
use super::run::{blessing, redorder, repository};
use redorder::analyzer::{Event, Summary};
use redorder::report::{Format, Options};
use redorder::rules::Finding;
use serde_json::Value;
use std::cell::Cell;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// Conversations of one test, and findings of one capture, that are compared word by word.
const MOST: usize = 30;

/// Captures by name, of all folders that hold some.
pub(crate) fn captures() -> Vec<(String, PathBuf)> {
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
        "    {}:{} {} {arguments} [blind {}] at #{} => {} at #{}\n",
        text(&e["connection"]),
        text(&e["index"]),
        text(&e["command"]),
        text(&e["blind"]),
        text(&e["sent_at"]["packet"]),
        text(&e["reply"]),
        text(&e["received_at"]["packet"]),
    )
}

fn finding(f: &Value) -> String {
    let mut said = String::new();
    for key in [
        "rule",
        "severity",
        "confidence",
        "scope",
        "culprit",
        "culprit_endpoint",
    ] {
        let _ = write!(said, "{} ", text(&f[key]));
    }
    let connections = list(&f["connections"], text);
    let _ = writeln!(
        said,
        "affected {} connections {connections}",
        text(&f["affected"])
    );
    let _ = writeln!(said, "  {}", text(&f["title"]));
    let _ = writeln!(
        said,
        "  from {} to {}",
        moment(&f["first"]),
        moment(&f["last"])
    );
    for e in f["exchanges"].as_array().unwrap() {
        said.push_str(&exchange(e));
    }
    let packets = list(&f["proof"]["packets"], |p| text(&p["packet"]));
    let _ = writeln!(said, "  proof {packets}: {}", text(&f["proof"]["text"]));
    let _ = writeln!(
        said,
        "  values {} measures {}",
        f["proof"]["values"], f["measures"]
    );
    for (key, name) in [("not_seen", "not seen"), ("notes", "beside")] {
        for line in f[key].as_array().into_iter().flatten() {
            let _ = writeln!(said, "  {name}: {}", text(line));
        }
    }
    said
}

fn told(json: &str) -> String {
    let document: Value = serde_json::from_str(json).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let mut said: String = findings.iter().take(MOST).map(finding).collect();
    for key in ["totals", "coverage", "endpoints"] {
        let _ = writeln!(said, "{key} {}", document[key]);
    }
    said
}

/// What was kept under that name is what is said now: `None`. Else what is said now.
fn changed(name: &str, said: String) -> Option<String> {
    let kept = repository("tests/it/golden").join(format!("{name}.txt"));
    if blessing() {
        fs::create_dir_all(kept.parent().unwrap()).unwrap();
        fs::write(&kept, said).unwrap();
        return None;
    }
    let same = fs::read_to_string(&kept).is_ok_and(|kept| kept == said);
    (!same).then(|| format!("{name} says:\n{said}"))
}

/// A number that stands for a text (FNV-1a).
pub(crate) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// The first line that is not what was kept under that name, by its place.
pub(crate) fn first_difference(name: &str, lines: &str) -> Option<usize> {
    changed(name, lines.to_owned())?;
    let kept = repository("tests/it/golden").join(format!("{name}.txt"));
    let kept = fs::read_to_string(kept).unwrap_or_default();
    let (mut kept, mut said) = (kept.lines(), lines.lines());
    (0..).find(|_| match (kept.next(), said.next()) {
        (None, None) => true,
        (old, new) => old != new,
    })
}

/// Compares with what was kept under that name.
pub(crate) fn unchanged(name: &str, said: String) {
    let changed = changed(name, said);
    assert!(changed.is_none(), "{}", changed.unwrap_or_default());
}

/// This test tells thousands of conversations, and has told the first ones.
pub(crate) fn is_enough() -> bool {
    TOLD.get() >= MOST
}

thread_local! {
    /// Conversations that this test has told so far.
    static TOLD: Cell<usize> = const { Cell::new(0) };
}

/// One telling of a finding: `auth-race 1 likely, 2 affected, may change`.
pub(crate) fn revision(f: &Finding) -> String {
    let stage = match (f.withdrawn, f.is_final) {
        (true, true) => "taken back for good",
        (true, false) => "taken back",
        (false, true) => "final",
        (false, false) => "may change",
    };
    let (confidence, culprit) = (f.confidence.name(), f.culprit.name());
    format!(
        "{} {} {confidence} {culprit}, {} affected, {stage}",
        f.rule, f.revision, f.affected
    )
}

/// Compares the findings of a conversation, and how they were told one after the other, with what they said before,
/// under the name of the test that tells it.
pub(crate) fn conversation(
    findings: impl Iterator<Item = Finding>,
    revisions: &[String],
    summary: &Summary,
) {
    let thread = std::thread::current();
    let Some(test) = thread.name().filter(|name| name.contains("::")) else {
        return;
    };
    let number = TOLD.get() + 1;
    TOLD.set(number);
    // Tests that tell thousands have tables of their own.
    if number > MOST {
        return;
    }
    let name = format!("conversations/{}-{number}", test.replace("::", "-"));
    unchanged(&name, whole(findings, revisions, summary));
}

/// Everything that was said of a conversation.
pub(crate) fn whole(
    findings: impl Iterator<Item = Finding>,
    revisions: &[String],
    summary: &Summary,
) -> String {
    let events: Vec<Event> = findings
        .map(|f| Event::Finding(std::sync::Arc::new(f)))
        .collect();
    let json = report(Format::Json, Options::default(), &events, summary, &[]);
    let mut said = told(&json);
    for revision in revisions.iter().take(MOST) {
        let _ = writeln!(said, "told {revision}");
    }
    said
}

#[test]
fn every_sample_says_what_it_said() {
    let captures = captures();
    assert!(captures.len() > 60);
    let changed = captures.iter().filter_map(|(name, path)| {
        let json = redorder(&[
            "analyze",
            "--quiet",
            "--format",
            "json",
            path.to_str().unwrap(),
        ]);
        changed(name, told(&json))
    });
    let changed: Vec<String> = changed.collect();
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
