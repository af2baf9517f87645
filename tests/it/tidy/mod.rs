//! The rules of this repository about itself, as tests.
//!
//! Every checker is a function from a file's name and text to complaints, so that each can be shown to fail.

/// Rule files, sample table and generated documents agree.
mod catalogue;
/// No circle between the files of one room.
mod circles;
/// Each named crate stays in its folder.
mod fences;
/// Imports only go down.
mod layers;
/// Every bound is in the docs.
mod limits;
/// Who may touch the outside world.
mod purity;
/// What may lie at the top.
mod top;
/// Words, names and opening lines.
mod wording;

use super::run::repository;
use std::fmt;
use std::fs;
use std::path::Path;

/// Something to change, and where.
#[derive(PartialEq, Eq, Debug)]
struct Complaint {
    file: String,
    line: usize,
    advice: String,
}

impl Complaint {
    fn new(file: &str, line: usize, advice: impl Into<String>) -> Self {
        Complaint {
            file: file.to_owned(),
            line,
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.advice)
    }
}

/// Fails with all of them, one per line.
fn none(complaints: &[Complaint]) {
    let lines: Vec<String> = complaints.iter().map(Complaint::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

/// Runs `check` on every file below `folders` whose name ends in one of `endings`.
fn every_file(
    folders: &[&str],
    endings: &[&str],
    check: impl Fn(&str, &str) -> Vec<Complaint>,
) -> Vec<Complaint> {
    let names = every_name(folders, endings);
    assert!(!names.is_empty(), "no file found below {folders:?}");
    names
        .iter()
        .flat_map(|name| check(name, &read(name)))
        .collect()
}

/// The files below `folders` whose name ends in one of `endings`.
fn every_name(folders: &[&str], endings: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    for folder in folders {
        collect(&repository(folder), folder, &mut names);
    }
    names.sort();
    names.retain(|name| endings.iter().any(|ending| name.ends_with(ending)));
    names
}

fn read(name: &str) -> String {
    fs::read_to_string(repository(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn collect(path: &Path, name: &str, names: &mut Vec<String>) {
    // What a build of the packages beside this one leaves there is not ours.
    if ["tests/fuzz/target", "tests/mutants/target"].contains(&name) {
        return;
    }
    if path.is_file() {
        names.push(name.to_owned());
        return;
    }
    let Ok(entries) = fs::read_dir(path) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let child = entry.file_name().into_string().unwrap();
        collect(&entry.path(), &format!("{name}/{child}"), names);
    }
}

/// The text without `//` comments, line by line, so that line numbers stay true.
fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    lines.collect::<Vec<_>>().join("\n")
}

/// 1-based line of a byte offset.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|&b| b == b'\n').count()
}

#[test]
fn lines_are_counted_from_one() {
    assert_eq!((line_of("a\nb\n", 0), line_of("a\nb\n", 2)), (1, 2));
    assert_eq!(without_comments("a // b\n//! c\nd"), "a \n\nd");
}
