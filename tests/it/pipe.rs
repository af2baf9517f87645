//! A capture that is still being written: what is known is said before the pipe is closed.

use super::run::repository;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// A program that says nothing for so long never will. Nothing is measured with it.
const PATIENCE: Duration = Duration::from_secs(60);
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

/// The file's header, then its records, one by one.
fn pieces(pcap: &[u8]) -> Vec<&[u8]> {
    let (header, mut rest) = pcap.split_at(FILE_HEADER);
    let mut pieces = vec![header];
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[8..12].try_into().unwrap());
        let (record, behind) = rest.split_at(RECORD_HEADER + length as usize);
        pieces.push(record);
        rest = behind;
    }
    pieces
}

fn start(args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_redorder"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The lines of standard output as they come.
fn lines(child: &mut Child) -> Receiver<String> {
    let output = BufReader::new(child.stdout.take().unwrap());
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in output.lines() {
            if line.is_err() || sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Feeds `sample` and hands back the first line with both words that comes while the pipe is open, and all lines behind
/// it that come when it is closed.
fn told_while_open(
    args: &[&str],
    sample: &str,
    wanted: [&str; 2],
) -> (Option<String>, Vec<String>) {
    let pcap = fs::read(repository("samples").join(sample)).unwrap();
    let mut child = start(args);
    let told = lines(&mut child);
    let mut input = child.stdin.take().unwrap();
    let writer = thread::spawn(move || {
        for piece in pieces(&pcap) {
            input.write_all(piece).unwrap();
            input.flush().unwrap();
        }
        input
    });
    let mut found = None;
    while let Ok(line) = told.recv_timeout(PATIENCE) {
        if wanted.iter().all(|word| line.contains(word)) {
            found = Some(line);
            break;
        }
    }
    if found.is_none() {
        child.kill().unwrap();
    }
    drop(writer.join().unwrap());
    let rest = told.iter().collect();
    child.wait().unwrap();
    (found, rest)
}

#[test]
fn a_race_is_told_before_the_pipe_is_closed() {
    let words = ["\"auth-race\"", "\"certain\""];
    let args = ["analyze", "--format", "ndjson", "-"];
    let (found, rest) = told_while_open(&args, "race-then-success.pcap", words);
    assert!(found.is_some(), "only when the pipe was closed: {rest:?}");
    assert!(
        rest.last().is_some_and(|line| line.contains("summary")),
        "the summary ends the stream: {rest:?}"
    );
}

#[test]
fn an_exchange_is_written_before_the_pipe_is_closed() {
    for format in ["text", "tsv", "ndjson"] {
        let args = ["exchanges", "--format", format, "-"];
        let words = ["AUTH", "OK"];
        let (found, rest) = told_while_open(&args, "race-then-success.pcap", words);
        assert!(found.is_some(), "{format}: only at the end: {rest:?}");
    }
}

#[test]
fn a_capture_is_cut_at_its_records() {
    let pcap = fs::read(repository("samples/race-then-success.pcap")).unwrap();
    let pieces = pieces(&pcap);
    assert!(pieces.len() > 8, "{} pieces", pieces.len());
    assert_eq!(pieces.concat(), pcap);
}

/// Ends `child` with SIGTERM. Its output, once it is over.
#[cfg(unix)]
fn end(child: Child) -> serde_json::Value {
    let pid = child.id().to_string();
    let killed = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Waits until the program listens for signals: from then on a signal is marked as caught in its status.
#[cfg(target_os = "linux")]
fn wait_until_it_listens(child: &Child) {
    let status = format!("/proc/{}/status", child.id());
    let caught = || {
        let text = fs::read_to_string(&status).unwrap();
        let line = text
            .lines()
            .find_map(|l| l.strip_prefix("SigCgt:"))
            .unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap() & (1 << 14) != 0
    };
    while !caught() {
        thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_a_run_over_a_silent_pipe() {
    let pcap = fs::read(repository("samples/classic-race.pcap")).unwrap();
    let whole = pieces(&pcap).iter().take(5).map(|p| p.len()).sum::<usize>();
    // Nothing at all, half a file header, half of the first packet, half of another one.
    for (sent, packets) in [
        (0, 0),
        (10, 0),
        (FILE_HEADER + RECORD_HEADER + 5, 0),
        (whole + 20, 4),
    ] {
        let mut child = start(&["analyze", "--format", "json", "-"]);
        let mut input = child.stdin.take().unwrap();
        input.write_all(&pcap[..sent]).unwrap();
        wait_until_it_listens(&child);
        let report = end(child);
        let damaged = report["inputs"].as_array().unwrap().iter();
        let damaged = damaged.filter(|input| input["problems_total"] != 0).count();
        assert_eq!(damaged, 0, "{sent} bytes: {}", report["inputs"]);
        assert!(is_stopped_within(&report, packets), "{sent}: {report}");
        drop(input);
    }
}

/// The report says that a signal came, and behind which packet. Of those that were sent, how many were read by then is not
/// known.
fn is_stopped_within(report: &serde_json::Value, sent: u64) -> bool {
    let stopped = &report["coverage"]["stopped"];
    let read = report["totals"]["packets"].as_u64().unwrap();
    read <= sent
        && stopped["reason"] == "signal"
        && stopped["packet"].as_u64() == Some(read).filter(|read| *read > 0)
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_a_run_over_a_silent_fifo() {
    let pcap = fs::read(repository("samples/classic-race.pcap")).unwrap();
    // Without a writer; with one that says nothing, and with one that stops in the middle of a packet.
    for sent in [None, Some(0), Some(FILE_HEADER + RECORD_HEADER + 5)] {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("capture");
        let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
        assert!(made.success());
        let child = start(&["analyze", "--format", "json", fifo.to_str().unwrap()]);
        let writer = sent.map(|sent| {
            let mut writer = fs::OpenOptions::new().write(true).open(&fifo).unwrap();
            writer.write_all(&pcap[..sent]).unwrap();
            writer
        });
        wait_until_it_listens(&child);
        let report = end(child);
        assert!(is_stopped_within(&report, 0), "{sent:?}: {report}");
        drop(writer);
    }
}
