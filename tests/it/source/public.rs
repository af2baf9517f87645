//! Real captures of other projects: the packet counts that Wireshark's tools give.

use super::{Drip, Seen, read_all, read_bytes};
use redorder::source::link_type_name;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of captures, or `None` and a note.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures/public");
    if !folder.join("EXPECTED.json").is_file() {
        eprintln!("skipped: no captures in {}", folder.display());
        return None;
    }
    Some(folder)
}

/// Names and expectations of all of them.
pub(crate) fn expected(folder: &Path) -> Vec<(String, Value)> {
    let text = fs::read_to_string(folder.join("EXPECTED.json")).unwrap();
    let all: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    all.into_iter().collect()
}

/// Without the unpackers their files are refused, and a test has nothing to compare.
pub(crate) fn is_packed(bytes: &[u8]) -> bool {
    matches!(bytes, [0x1F, 0x8B, ..] | [0x28, 0xB5, 0x2F, 0xFD, ..])
}

pub(crate) fn readable(bytes: &[u8]) -> bool {
    cfg!(feature = "compress") || !is_packed(bytes)
}

#[test]
fn packet_counts_and_link_types_are_those_of_the_other_tools() {
    let Some(folder) = folder() else { return };
    let mut wrong = Vec::new();
    let all = expected(&folder);
    for (name, expected) in &all {
        let bytes = fs::read(folder.join(name)).unwrap();
        if !readable(&bytes) {
            continue;
        }
        match read_bytes(&bytes) {
            Ok((seen, report)) => {
                let links: BTreeSet<String> = report.link_types.iter().cloned().collect();
                let numbers = expected["links"].as_array().unwrap();
                let numbers = numbers.iter().filter_map(Value::as_u64);
                let wanted: BTreeSet<String> = numbers.map(|n| link_type_name(n as u16)).collect();
                if expected["packets"] != seen.len() || links != wanted {
                    wrong.push(format!(
                        "{name}: {} packets, {links:?}, {:?}; expected {} {wanted:?}",
                        seen.len(),
                        report.problems,
                        expected["packets"]
                    ));
                }
            }
            Err(_) if !expected["file_error"].is_null() => {}
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(all.len() > 400 && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_size_of_reads_makes_no_difference() {
    let Some(folder) = folder() else { return };
    for (name, _) in expected(&folder) {
        let bytes = fs::read(folder.join(&name)).unwrap();
        if bytes.len() > 40_000 || !readable(&bytes) {
            continue;
        }
        let whole = read_bytes(&bytes);
        for step in [1, 7] {
            let dripped = read_all(Box::new(Drip::new(&bytes, step)));
            assert!(whole == dripped, "{name} in steps of {step}");
        }
    }
}

#[test]
fn the_only_problems_are_packets_without_a_time() {
    let Some(folder) = folder() else { return };
    let mut simple = 0;
    for (name, _) in expected(&folder) {
        let bytes = fs::read(folder.join(&name)).unwrap();
        let Ok((_, report)) = read_bytes(&bytes) else {
            continue;
        };
        for problem in &report.problems {
            assert!(
                problem.reason.contains("without a time"),
                "{name}: {problem:?}"
            );
            simple += 1;
        }
    }
    assert_eq!(simple, 13);
}

#[test]
fn every_packet_is_inside_its_file() {
    let Some(folder) = folder() else { return };
    for (name, _) in expected(&folder) {
        let bytes = fs::read(folder.join(&name)).unwrap();
        if is_packed(&bytes) {
            continue;
        }
        let (seen, _) = read_bytes(&bytes).unwrap();
        let total: usize = seen.iter().map(|p: &Seen| p.bytes.len()).sum();
        assert!(total < bytes.len(), "{name}");
    }
}
