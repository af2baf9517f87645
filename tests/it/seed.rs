//! The question that started it all, "it fails only when the clusters are connected in another order", answered on the
//! first screen. Every number there is checked by a reader of its own, which knows nothing of the program: one command
//! or more a segment, whole segments, one AUTH a connection.

use super::run::{redorder, repository};
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pcap_file::pcap::PcapReader;
use redorder::model::span;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Rows of a terminal.
const SCREEN: usize = 24;

/// The recorded sessions: the sample first, then those beside the repository.
const CAPTURES: [&str; 9] = [
    "2.8.16_order_problem_last_r2",
    "2.8.16_order_problem_first_r2",
    "2.5.61_order_problem_last_r3",
    "2.5.61_order_problem_first_r3",
    "2.5.61_order_problem_last_fixed",
    "3.1.31_order_problem_last_r2",
    "3.1.31_order_problem_last_fixed",
    "2.1.30_order_problem_last_r2",
    "2.1.30_order_problem_first_r2",
];

fn captures() -> Vec<PathBuf> {
    let mut paths = vec![
        repository("samples/classic-race.pcap"),
        repository("samples/cluster-first-stays-clean.pcap"),
    ];
    let folder = repository("../shared/captures/stackexchange");
    for name in CAPTURES {
        let path = folder.join(format!("{name}.pcap"));
        if path.is_file() {
            paths.push(path);
        } else {
            eprintln!("skipped: {name} is not there");
        }
    }
    paths
}

/// What happened around the first AUTH of a connection.
#[derive(Debug, Default)]
struct Login {
    auth_packet: u64,
    auth_ns: i64,
    /// Commands in the segment of AUTH, AUTH itself first.
    with_auth: usize,
    /// The next segment of the client with a command.
    next_ns: Option<i64>,
    ok_ns: Option<i64>,
    /// What the first reply behind AUTH's begins with.
    then: Option<u8>,
}

impl Login {
    fn gap(&self) -> Option<i64> {
        match self.with_auth {
            1 => self.next_ns.map(|next| next - self.auth_ns),
            _ => Some(0),
        }
    }

    fn latency(&self) -> Option<i64> {
        self.ok_ns.map(|ok| ok - self.auth_ns)
    }

    fn is_refused(&self) -> bool {
        self.then == Some(b'-')
    }
}

/// One TCP connection by its server and client ports.
#[derive(Debug, Default)]
struct Seen {
    redis: bool,
    login: Option<Login>,
}

fn count(haystack: &[u8], needle: &[u8]) -> usize {
    haystack
        .windows(needle.len())
        .filter(|window| *window == needle)
        .count()
}

/// Commands in a segment: each begins `*N CR LF $`.
fn commands(payload: &[u8]) -> usize {
    let lines = payload.split(|byte| *byte == b'\n');
    lines.filter(|line| line.starts_with(b"*")).count()
}

fn client_says(seen: &mut Seen, packet: u64, ns: i64, payload: &[u8]) {
    match &mut seen.login {
        None if count(payload, b"\r\nAUTH\r\n") > 0 => {
            assert!(
                payload.starts_with(b"*2\r\n$4\r\nAUTH\r\n"),
                "packet {packet}"
            );
            seen.login = Some(Login {
                auth_packet: packet,
                auth_ns: ns,
                with_auth: commands(payload),
                ..Login::default()
            });
        }
        Some(login) if login.next_ns.is_none() => login.next_ns = Some(ns),
        _ => {}
    }
}

fn server_says(seen: &mut Seen, ns: i64, payload: &[u8]) {
    let Some(login) = &mut seen.login else {
        return;
    };
    let mut replies = payload;
    if login.ok_ns.is_none() {
        assert!(replies.starts_with(b"+OK\r\n"), "AUTH is accepted");
        login.ok_ns = Some(ns);
        replies = &replies[5..];
    }
    if login.then.is_none() {
        login.then = replies.first().copied();
    }
}

/// Every connection of a capture, by its client's port.
fn read(path: &Path) -> BTreeMap<(u16, u16), Seen> {
    let mut reader = PcapReader::new(File::open(path).unwrap()).unwrap();
    let mut all: BTreeMap<(u16, u16), Seen> = BTreeMap::new();
    let mut number = 0;
    while let Some(packet) = reader.next_packet() {
        let packet = packet.unwrap();
        number += 1;
        let ns = i64::try_from(packet.timestamp().as_nanos()).unwrap();
        let sliced = SlicedPacket::from_ethernet(packet.data()).unwrap();
        let (Some(NetSlice::Ipv4(_)), Some(TransportSlice::Tcp(tcp))) =
            (&sliced.net, &sliced.transport)
        else {
            continue;
        };
        let (from, to) = (tcp.source_port(), tcp.destination_port());
        // The lab's servers listen below 20,000, its clients come from above.
        let from_client = to < 20_000;
        let seen = match from_client {
            true => all.entry((from, to)).or_default(),
            false => all.entry((to, from)).or_default(),
        };
        match (tcp.payload(), from_client) {
            ([], _) => {}
            (payload, true) => {
                seen.redis |= payload.starts_with(b"*");
                client_says(seen, number, ns, payload);
            }
            (payload, false) => server_says(seen, ns, payload),
        }
    }
    all
}

/// `2.76 ms` and the like, wherever they stand in a text.
fn durations(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let unit = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        ["ns", "µs", "ms", "s"]
            .into_iter()
            .find(|unit| *unit == word)
    };
    let mut found = Vec::new();
    for pair in words.windows(2) {
        let number = pair[0].trim_start_matches('(');
        if let (Some(unit), true) = (unit(pair[1]), number.parse::<f64>().is_ok()) {
            found.push(format!("{number} {unit}"));
        }
    }
    found
}

/// `8 of 8 connections`.
fn shares(text: &str) -> Vec<(u64, u64)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = Vec::new();
    for four in words.windows(4) {
        if let [hit, "of", all, noun] = four
            && noun.starts_with("connection")
        {
            found.push((hit.parse().unwrap(), all.parse().unwrap()));
        }
    }
    found
}

/// The part of the report that says why.
fn why(text: &str) -> &str {
    let from = ["Why the order", "Why it went well"];
    let start = from.iter().find_map(|head| text.find(head)).unwrap();
    let end = text[start..].find("\n\n").unwrap();
    &text[start..start + end]
}

#[test]
fn every_number_of_the_answer_is_one_of_the_capture() {
    let mut checked = 0;
    for path in captures() {
        let name = path.display();
        let seen = read(&path);
        let logins: Vec<&Login> = seen.values().filter_map(|s| s.login.as_ref()).collect();
        let times = logins.iter().flat_map(|l| [l.gap(), l.latency()]);
        let times: BTreeSet<String> = times.flatten().map(span).collect();
        let text = redorder(&["analyze", path.to_str().unwrap()]);
        let why = why(&text);
        for duration in durations(why) {
            assert!(times.contains(&duration), "{name}: {duration} in\n{why}");
            checked += 1;
        }
        let refused: Vec<(&(u16, u16), &Login)> = seen
            .iter()
            .filter_map(|(ports, s)| Some((ports, s.login.as_ref()?)))
            .filter(|(_, l)| l.is_refused())
            .collect();
        assert_eq!(
            refused.is_empty(),
            why.starts_with("Why it went well"),
            "{name}"
        );
        let Some(((_, server), _)) = refused.first() else {
            continue;
        };
        let to = |ports: &(u16, u16)| ports.1 == *server;
        let hit = refused.iter().filter(|(ports, _)| to(ports)).count() as u64;
        let all = seen
            .iter()
            .filter(|(ports, s)| to(ports) && s.redis)
            .count() as u64;
        for share in shares(why) {
            assert_eq!(share, (hit, all), "{name}: {why}");
            checked += 1;
        }
        let first = refused.iter().map(|(_, l)| l.auth_packet).min().unwrap();
        let verdict: Vec<&str> = text
            .lines()
            .take(2)
            .flat_map(str::split_whitespace)
            .collect();
        let packet = format!("#{first}");
        assert!(
            verdict.contains(&packet.as_str()),
            "{name}: {packet}: {verdict:?}"
        );
        assert_eq!(shares(&verdict.join(" ")), [(hit, all)], "{name}");
    }
    assert!(checked > 30, "{checked} numbers");
}

#[test]
fn the_gaps_and_latencies_of_the_document_are_those_of_the_capture() {
    for path in captures() {
        let seen = read(&path);
        let of_capture: BTreeSet<(Option<i64>, Option<i64>)> = seen
            .values()
            .filter_map(|s| s.login.as_ref())
            .map(|l| (l.gap(), l.latency()))
            .collect();
        let args = ["analyze", "--format", "json", path.to_str().unwrap()];
        let document: serde_json::Value = serde_json::from_str(&redorder(&args)).unwrap();
        let clients = document["clients"].as_array().unwrap().iter();
        let rows = clients.flat_map(|c| c["order"].as_array().unwrap());
        let told: BTreeSet<(Option<i64>, Option<i64>)> = rows
            .filter(|row| !row["auth_latency_ns"].is_null())
            .map(|row| (row["gap_ns"].as_i64(), row["auth_latency_ns"].as_i64()))
            .collect();
        assert_eq!(told, of_capture, "{}", path.display());
    }
}

#[test]
fn the_first_screen_says_why() {
    for path in captures() {
        let text = redorder(&["analyze", path.to_str().unwrap()]);
        let screen: Vec<&str> = text.lines().take(SCREEN).collect();
        let screen = screen.join("\n");
        let flat: Vec<&str> = screen.split_whitespace().collect();
        let flat = flat.join(" ");
        let name = path.display();
        for word in [
            "gap behind AUTH",
            "AUTH took",
            "outcome",
            "order",
            "delay",
            "version",
        ] {
            assert!(screen.contains(word), "{name}: {word} in\n{screen}");
        }
        if !screen.contains("Nothing wrong was found") {
            let said = "Each NOAUTH came on the connection of its own AUTH";
            assert!(flat.contains(said), "{name}\n{screen}");
        }
    }
}

/// A word that is longer than a line, and the filter that is there to be copied, may stand out.
#[test]
fn no_line_is_wider_than_a_terminal() {
    let samples = std::fs::read_dir(repository("samples")).unwrap();
    let samples = samples.map(|entry| entry.unwrap().path());
    let samples = samples.filter(|path| path.to_str().unwrap().contains(".pcap"));
    for path in samples.chain(captures()) {
        for option in ["-v", "--brief", "--time=local"] {
            let text = redorder(&["analyze", option, path.to_str().unwrap()]);
            for line in text.lines().filter(|line| line.chars().count() > 80) {
                let words = line.split_whitespace().map(|word| word.chars().count());
                let long = words.max().unwrap_or(0) > 60;
                let filter = line.trim_start().starts_with("wireshark");
                assert!(long || filter, "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn nobody_reads_that_it_went_well_where_something_went_wrong() {
    let samples = std::fs::read_dir(repository("samples")).unwrap();
    let samples = samples.map(|entry| entry.unwrap().path());
    let samples = samples.filter(|path| path.to_str().unwrap().contains(".pcap"));
    let mut faulty = 0;
    for path in samples {
        for options in [
            &["--format", "json"][..],
            &["--format", "json", "--rule", "slow-auth"],
        ] {
            let name = path.to_str().unwrap();
            let args = [&["analyze", name], options].concat();
            let shown: Value = serde_json::from_str(&redorder(&args)).unwrap();
            let whole = redorder(&["analyze", name, "--format", "json"]);
            let whole: Value = serde_json::from_str(&whole).unwrap();
            let hit: Vec<&Value> = whole["findings"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|f| f["severity"] != "note" && f["culprit"] != "client")
                .flat_map(|f| f["connections"].as_array().unwrap())
                .collect();
            for client in shown["clients"].as_array().unwrap() {
                let order = client["order"].as_array().unwrap();
                if order.iter().any(|row| hit.contains(&&row["connection"])) {
                    faulty += 1;
                    let said = client["explanation"].to_string();
                    assert!(!said.contains("Clean"), "{name}: {said}");
                }
            }
        }
    }
    assert!(faulty > 10, "{faulty}");
}
