//! No password and no token reaches an output, whatever else is opened.

use super::run::{redorder, repository};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Shorter ones occur in numbers and names by chance; those are checked by structure.
const FOUND_BY_TEXT: usize = 5;
/// The name of a Redis user that everybody has.
const PUBLIC: &str = "default";
/// What is shown in place of one.
const MASK: &str = "<secret>";
/// Captures per run of the program.
const GROUP: usize = 25;

/// Options that open something, but never secrets.
const OPEN: [&[&str]; 3] = [&[], &["--show", "keys"], &["--show", "values"]];

fn captures(folder: PathBuf) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_capture = |path: &PathBuf| path.to_str().is_some_and(|p| p.contains(".pcap"));
    let mut found: Vec<PathBuf> = paths.filter(is_capture).collect();
    found.sort();
    found
}

fn run(words: &[&str], files: &[PathBuf]) -> String {
    let files = files.iter().map(|file| file.to_str().unwrap());
    let args: Vec<&str> = words.iter().copied().chain(files).collect();
    redorder(&args)
}

/// The credentials among a command's arguments, in whatever form they are shown.
fn credentials(line: &Value) -> Vec<String> {
    let args = line["args"].as_array().map_or(&[][..], Vec::as_slice);
    let words: Vec<&str> = args.iter().filter_map(Value::as_str).collect();
    let secret = match line["command"].as_str() {
        Some("AUTH") => &words[..],
        Some("HELLO") => {
            let auth = words.iter().position(|w| w.eq_ignore_ascii_case("auth"));
            auth.map_or(&[][..], |at| &words[at + 1..words.len().min(at + 3)])
        }
        _ => &[],
    };
    secret.iter().map(|word| (*word).to_owned()).collect()
}

fn exchanges(open: &[&str], files: &[PathBuf]) -> Vec<Value> {
    let words = [&["exchanges", "--format", "ndjson"], open].concat();
    let text = run(&words, files);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Credentials on the wire, and lab tokens in what the recording client noted beside the captures.
fn secrets(files: &[PathBuf]) -> BTreeSet<String> {
    let lines = exchanges(&["--show", "secrets"], files);
    let mut found: BTreeSet<String> = lines.iter().flat_map(credentials).collect();
    for file in files {
        let notes = fs::read_to_string(file.with_extension("truth.json")).unwrap_or_default();
        let token = |c: char| !(c.is_ascii_alphanumeric() || c == '.');
        let words = notes.split(token).filter(|word| word.starts_with("tok."));
        found.extend(words.map(str::to_owned));
    }
    found.retain(|secret| secret.len() >= FOUND_BY_TEXT && secret != PUBLIC);
    found
}

/// Secrets that occur in `output`, the mask itself aside: it reads like the password of some samples.
fn leaks<'s>(output: &str, secrets: &'s BTreeSet<String>) -> Vec<&'s String> {
    let output = output.replace(MASK, "");
    secrets
        .iter()
        .filter(|secret| output.contains(secret.as_str()))
        .collect()
}

/// Secrets of a capture that occur in `output`.
#[cfg(feature = "tui")]
pub(crate) fn leaked(file: PathBuf, output: &str) -> Vec<String> {
    let secrets = secrets(&[file]);
    leaks(output, &secrets).into_iter().cloned().collect()
}

/// What is wrong in any output about these captures.
fn complaints(files: &[PathBuf]) -> (usize, Vec<String>) {
    let secrets = secrets(files);
    let mut wrong = Vec::new();
    for open in OPEN {
        let all: [&[&str]; 6] = [
            &["analyze", "--connections", "all", "-v"],
            &["analyze", "--connections", "all", "--format", "json"],
            &["analyze", "--connections", "all", "--format", "ndjson"],
            &["exchanges", "-v"],
            &["exchanges", "--format", "tsv"],
            &["exchanges", "--format", "ndjson"],
        ];
        for command in all {
            let output = run(&[command, open].concat(), files);
            let found = leaks(&output, &secrets);
            if !found.is_empty() {
                wrong.push(format!("{command:?} {open:?} {files:?}: {found:?}"));
            }
        }
        let shown = exchanges(open, files);
        let clear = shown.iter().filter(|line| {
            let shown = credentials(line);
            shown.iter().any(|word| word != MASK)
        });
        wrong.extend(clear.map(|line| format!("{open:?}: {line}")));
    }
    (secrets.len(), wrong)
}

#[test]
fn no_output_about_the_samples_tells_a_secret() {
    let files = captures(repository("samples"));
    assert!(files.len() >= 12, "{} samples", files.len());
    let (mut told, mut wrong) = (0, Vec::new());
    for file in files {
        let (secrets, found) = complaints(&[file]);
        told += secrets;
        wrong.extend(found);
    }
    assert!(told >= 12, "only {told} secrets in the samples");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_output_about_the_recordings_tells_a_secret() {
    let files = captures(repository("../shared/captures/envoy"));
    if files.is_empty() {
        eprintln!("skipped: ../shared/captures/envoy is not there");
        return;
    }
    let (mut told, mut wrong) = (0, Vec::new());
    for group in files.chunks(GROUP) {
        let (secrets, found) = complaints(group);
        told += secrets;
        wrong.extend(found);
    }
    assert!(told >= 40, "only {told} secrets in the recordings");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_leak_is_noticed() {
    let secrets = BTreeSet::from(["lab-secret".to_owned(), "other".to_owned()]);
    assert_eq!(leaks("AUTH lab-secret", &secrets), ["lab-secret"]);
    assert!(leaks("AUTH <secret>", &secrets).is_empty());
    let word = BTreeSet::from(["secret".to_owned()]);
    assert!(leaks("AUTH <secret>", &word).is_empty());
    assert_eq!(leaks("AUTH <secret> secret", &word), ["secret"]);
    let hello =
        serde_json::json!({ "command": "HELLO", "args": ["3", "AUTH", "u", "p", "SETNAME", "n"] });
    assert_eq!(credentials(&hello), ["u", "p"]);
    let auth = serde_json::json!({ "command": "AUTH", "args": ["<secret>"] });
    assert_eq!(credentials(&auth), ["<secret>"]);
}
