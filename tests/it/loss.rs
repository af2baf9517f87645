//! A packet that the capture lost accuses nobody: every sample with each of its packets left out.

use super::run::repository;
use redorder::analyzer::{Analyzer, Config, Event};
use redorder::rules::{Confidence, Severity};
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

/// A capture that loses everything for so long, ns.
const HOLE_NS: i64 = 4_000_000;
/// Holes that are tried.
const HOLES: u64 = 1_000;

/// The verdicts above `note` of a capture, without what was captured from `from` on for the time of a hole.
fn with_hole(bytes: &[u8], from: Option<i64>) -> (Vec<(&'static str, Confidence)>, Vec<i64>) {
    let mut input = Input::new("capture", Box::new(Cursor::new(bytes.to_vec())), None).unwrap();
    let mut analyzer = Analyzer::new(Config::default());
    let mut times = Vec::new();
    while input.advance() {
        let packet = input.packet().unwrap();
        let time = packet.time.as_nanos();
        times.push(time);
        if from.is_none_or(|from| !(from..from + HOLE_NS).contains(&time)) {
            analyzer.push(&packet);
        }
    }
    analyzer.finish();
    let mut told = BTreeMap::new();
    while let Some(event) = analyzer.poll() {
        if let Event::Finding(f) = event {
            let stands = !f.withdrawn && f.severity > Severity::Note;
            told.insert(f.id.clone(), stands.then_some((f.rule, f.confidence)));
        }
    }
    (told.into_values().flatten().collect(), times)
}

/// Healthy captures of the shared set, where it is there.
fn healthy() -> Vec<(PathBuf, Vec<u8>, Vec<i64>)> {
    let folders = [
        "../shared/captures/envoy",
        "../shared/captures/stackexchange",
        "samples",
    ];
    let files = folders
        .iter()
        .filter_map(|folder| fs::read_dir(repository(folder)).ok());
    let mut all: Vec<PathBuf> = files.flatten().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|e| e == "pcap"));
    all.sort();
    let read = all.into_iter().filter_map(|path| {
        let bytes = fs::read(&path).ok().filter(|bytes| bytes.len() < 200_000)?;
        let (said, times) = with_hole(&bytes, None);
        (said.is_empty() && times.len() > 10).then_some((path, bytes, times))
    });
    read.collect()
}

#[test]
fn a_hole_of_four_milliseconds_accuses_nobody_for_sure() {
    let healthy = healthy();
    let mut seed = 7u64;
    let mut complaints = Vec::new();
    for n in 0..HOLES {
        // Numbers of a linear congruential generator (Knuth): the same places in every run.
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let (path, bytes, times) = &healthy[usize::try_from(n).unwrap() % healthy.len()];
        let from = times[usize::try_from(seed >> 33).unwrap() % times.len()];
        for (rule, confidence) in with_hole(bytes, Some(from)).0 {
            if confidence > Confidence::Possible {
                complaints.push(format!(
                    "{} from {from}: {rule} {confidence:?}",
                    path.display()
                ));
            }
        }
    }
    assert!(
        complaints.is_empty(),
        "{} of {HOLES}: {complaints:#?}",
        complaints.len()
    );
}
