//! Damaged captures: whatever the bytes are, nothing panics, and every packet and every command is accounted for.

use super::account::balance;
use super::run::repository;
use redorder::analyzer::{Analyzer, Config, ConnectionsWanted, Show};
use redorder::source::Input;
use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Files up to this size are changed byte by byte.
const SMALL: usize = 8 << 10;
/// Larger files are cut around at most so many record boundaries.
const BOUNDARIES: usize = 150;
/// Complaints kept per run.
const COMPLAINTS: usize = 40;

/// What was done to a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// Only the first bytes are left.
    Cut(usize),
    /// One byte has another value.
    Byte(usize, u8),
}

impl Damage {
    fn of(self, whole: &[u8]) -> Vec<u8> {
        match self {
            Damage::Cut(len) => whole[..len].to_vec(),
            Damage::Byte(at, value) => {
                let mut bytes = whole.to_vec();
                bytes[at] = value;
                bytes
            }
        }
    }
}

/// Reads `bytes` as a capture and analyses it to the end. What does not add up is an error.
fn analyse(bytes: Vec<u8>) -> Result<(), String> {
    let Ok(mut input) = Input::new("damaged", Box::new(Cursor::new(bytes)), None) else {
        return Ok(());
    };
    let mut analyzer = Analyzer::new(Config {
        exchanges: true,
        connections: ConnectionsWanted::All,
        show: Show::Values,
        ..Config::default()
    });
    let mut packets = 0;
    while input.advance() {
        let packet = input.packet().ok_or("advanced to no packet")?;
        analyzer.push(&packet);
        packets += 1;
        while analyzer.poll().is_some() {}
    }
    let totals = analyzer.finish().totals;
    while analyzer.poll().is_some() {}
    if totals.packets != packets || input.report().packets != packets {
        return Err(format!(
            "{packets} packets read, {} counted",
            totals.packets
        ));
    }
    balance(&totals)
}

/// Runs one case; the complaint, if there is one.
fn complaint(whole: &[u8], damage: Damage) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| analyse(damage.of(whole)))) {
        Ok(Ok(())) => None,
        Ok(Err(text)) => Some(format!("{damage:?}: {text}")),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            Some(format!("{damage:?}: panic: {}", text.unwrap_or_default()))
        }
    }
}

/// Every `stride`th prefix, and four values for every `stride`th byte.
fn byte_by_byte(whole: &[u8], stride: usize) -> Vec<Damage> {
    let mut all: Vec<Damage> = (0..=whole.len())
        .rev()
        .step_by(stride)
        .map(Damage::Cut)
        .collect();
    for (at, old) in whole.iter().enumerate().step_by(stride) {
        let values = BTreeSet::from([0, 0xff, old ^ 1, old.wrapping_add(1)]);
        let other = values.into_iter().filter(|value| value != old);
        all.extend(other.map(|value| Damage::Byte(at, value)));
    }
    all
}

/// Cuts at record boundaries, one byte before and one behind.
fn around_records(whole: &[u8]) -> Vec<Damage> {
    let starts = boundaries(whole);
    let stride = starts.len().div_ceil(BOUNDARIES).max(1);
    let cuts = starts.iter().rev().step_by(stride);
    cuts.flat_map(|at| [at - 1, *at, at + 1])
        .filter(|at| *at <= whole.len())
        .map(Damage::Cut)
        .collect()
}

/// Where records or blocks start. A file of another kind is cut at even distances.
fn boundaries(whole: &[u8]) -> Vec<usize> {
    let word = |at: usize| -> Option<u32> {
        let bytes: [u8; 4] = whole.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes))
    };
    let (mut at, header, length_at, classic, swapped) = match word(0) {
        Some(0xa1b2_c3d4 | 0xa1b2_3c4d) => (24, 16, 8, true, false),
        Some(0xd4c3_b2a1 | 0x4d3c_b2a1) => (24, 16, 8, true, true),
        Some(0xa1b2_cd34) => (24, 24, 8, true, false),
        Some(0x0a0d_0d0a) => (0, 0, 4, false, word(8) == Some(0x4d3c_2b1a)),
        _ => {
            return (1..whole.len())
                .step_by(whole.len() / BOUNDARIES + 1)
                .collect();
        }
    };
    let mut starts = Vec::new();
    while let Some(length) = word(at + length_at) {
        starts.push(at.max(1));
        let length = if swapped { length.swap_bytes() } else { length } as usize;
        let step = if classic { header + length } else { length };
        if step == 0 {
            break;
        }
        at = at.saturating_add(step);
    }
    starts
}

/// All complaints about these files, and the number of cases.
fn run(files: &[PathBuf], cases: impl Fn(&[u8]) -> Vec<Damage> + Sync) -> (usize, Vec<String>) {
    let state = Mutex::new((0, Vec::new()));
    let next = Mutex::new(files.iter());
    let work = || {
        loop {
            let Some(path) = next.lock().unwrap().next() else {
                return;
            };
            let whole = fs::read(path).unwrap();
            let damages = cases(&whole);
            let count = damages.len();
            let found: Vec<String> = damages
                .into_iter()
                .filter_map(|damage| complaint(&whole, damage))
                .map(|text| format!("{}: {text}", path.display()))
                .collect();
            let mut state = state.lock().unwrap();
            state.0 += count;
            state.1.extend(found);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    state.into_inner().unwrap()
}

/// Says how many cases ran, and fails with the first complaints.
fn judge(what: &str, (count, complaints): (usize, Vec<String>)) {
    eprintln!("{what}: {count} cases, {} complaints", complaints.len());
    let first: Vec<&str> = complaints
        .iter()
        .map(String::as_str)
        .take(COMPLAINTS)
        .collect();
    assert!(
        complaints.is_empty(),
        "{} of {count} cases:\n{}",
        complaints.len(),
        first.join("\n")
    );
}

#[test]
fn damaged_samples_are_survived_and_counted() {
    let files: Vec<PathBuf> = [
        "http-answer.pcap",
        "auth-and-ping-in-one-segment.pcap",
        "replies-split.pcap",
        "reset-logs-out.pcap",
        "one-of-two-never-logs-in.pcap",
        "race-in-pcapng.pcapng",
        "starts-midstream.pcap",
    ]
    .iter()
    .map(|name| repository("samples").join(name))
    .collect();
    judge("samples", run(&files, |whole| byte_by_byte(whole, 2)));
}

#[test]
#[ignore = "takes minutes: every capture at hand, every byte of the small ones"]
fn damaged_captures_are_survived_and_counted() {
    let shared = repository("../shared/captures");
    if !shared.is_dir() {
        eprintln!("skipped: {} is not there", shared.display());
    }
    let mut files = Vec::new();
    collect(&repository("samples"), &mut files);
    collect(&shared, &mut files);
    files.sort();
    let (small, large): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|path| fs::metadata(path).unwrap().len() < SMALL as u64);
    judge("cut around records", run(&large, around_records));
    judge("byte by byte", run(&small, |whole| byte_by_byte(whole, 1)));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if is_capture(&path) {
            files.push(path);
        }
    }
}

fn is_capture(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_ascii_lowercase();
    ["pcap", "cap", "trace", "ntar"]
        .iter()
        .any(|ending| name.contains(ending))
        && ![".json", ".md", ".txt", ".tsv", ".py", ".out", ".log"]
            .iter()
            .any(|e| name.ends_with(e))
}

#[test]
fn a_wrong_count_is_noticed() {
    let sample = fs::read(repository("samples").join("http-answer.pcap")).unwrap();
    assert_eq!(analyse(sample.clone()), Ok(()));
    assert!(boundaries(&sample).len() > 5);
    assert!(complaint(&sample, Damage::Cut(sample.len() + 1)).is_some());
}
