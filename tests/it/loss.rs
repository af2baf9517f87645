//! A packet that the capture lost accuses nobody: every sample with each of its packets left out.

use super::run::repository;
use redorder::analyzer::{Analyzer, Config, Event};
use redorder::rules::Severity;
use redorder::source::Input;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

/// Larger captures are left to the quicker tests.
const PACKETS_MAX: u64 = 130;

/// A refusal may be told as a milder one when what made it worse is lost.
const MILDER: [(&str, &str); 4] = [
    ("auth-expired", "noauth-unexplained"),
    ("auth-refused", "reauth-refused"),
    ("auth-refused", "served-during-reauth"),
    ("reauth-refused", "served-during-reauth"),
];

/// Rules above `note` that the capture shows without packet `lost` (0 = with all of them), and its packets.
fn rules(bytes: &[u8], lost: u64) -> (BTreeSet<&'static str>, u64) {
    let mut input = Input::new("sample", Box::new(Cursor::new(bytes.to_vec())), None).unwrap();
    let mut analyzer = Analyzer::new(Config::default());
    let mut told = BTreeMap::new();
    let mut packets = 0;
    let mut hear = |analyzer: &mut Analyzer| {
        while let Some(event) = analyzer.poll() {
            if let Event::Finding(finding) = event {
                let stands = !finding.withdrawn && finding.severity > Severity::Note;
                told.insert(finding.id.clone(), stands.then_some(finding.rule));
            }
        }
    };
    while input.advance() {
        packets += 1;
        if packets != lost {
            analyzer.push(&input.packet().unwrap());
            hear(&mut analyzer);
        }
    }
    analyzer.finish();
    hear(&mut analyzer);
    (told.into_values().flatten().collect(), packets)
}

fn captures() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(repository("samples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "pcap"))
        .collect();
    all.sort();
    all
}

#[test]
fn a_lost_packet_accuses_nobody() {
    let mut complaints = Vec::new();
    let mut cases = 0;
    for path in captures() {
        let bytes = fs::read(&path).unwrap();
        let (whole, packets) = rules(&bytes, 0);
        if packets > PACKETS_MAX {
            continue;
        }
        for lost in 1..=packets {
            cases += 1;
            for rule in rules(&bytes, lost).0 {
                let milder = MILDER
                    .iter()
                    .any(|(mild, bad)| *mild == rule && whole.contains(bad));
                if !whole.contains(rule) && !milder {
                    complaints.push(format!("{} without packet {lost}: {rule}", path.display()));
                }
            }
        }
    }
    assert!(cases > 500, "only {cases} cases");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
