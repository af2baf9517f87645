//! What a person reads first and last: the verdict, why, how far it goes, and how two captures differ.

use super::run::{redorder, repository};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Lines that are seen without scrolling, at either end.
const SEEN: usize = 10;

fn sample(name: &str) -> String {
    let path = repository("samples").join(name);
    path.to_str().unwrap().to_owned()
}

fn samples() -> Vec<PathBuf> {
    let names = std::fs::read_dir(repository("samples")).unwrap();
    let mut paths: Vec<PathBuf> = names.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|e| e == "pcap" || e == "pcapng")
    });
    paths.sort();
    paths
}

fn document(path: &Path) -> Value {
    let args = ["analyze", "--format", "json", path.to_str().unwrap()];
    serde_json::from_str(&redorder(&args)).unwrap()
}

/// Without line ends: a verdict may be broken anywhere.
fn flat<'l>(lines: impl Iterator<Item = &'l str>) -> String {
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

#[test]
fn the_worst_cause_opens_and_ends_every_report() {
    let mut causes = 0;
    for path in samples() {
        let document = document(&path);
        let Some(cause) = document["causes"]
            .get(0)
            .filter(|c| c["severity"] != "note")
        else {
            continue;
        };
        causes += 1;
        let text = redorder(&["analyze", path.to_str().unwrap()]);
        let lines: Vec<&str> = text.lines().collect();
        let first = flat(lines.iter().take(SEEN).copied());
        let last = flat(lines.iter().skip(lines.len().saturating_sub(SEEN)).copied());
        let hit = format!(
            "{} of {} connection",
            cause["connections"], cause["connections_of"]
        );
        let mut wanted = vec![cause["rule"].as_str().unwrap().to_owned(), hit];
        wanted.extend(cause["culprit_endpoint"].as_str().map(str::to_owned));
        for word in wanted {
            assert!(first.contains(&word), "{}: {word}: {first}", path.display());
            assert!(last.contains(&word), "{}: {word}: {last}", path.display());
        }
    }
    assert!(causes > 10, "{causes} samples have a cause");
}

#[test]
fn nothing_is_called_well_that_was_not_read() {
    for path in samples() {
        let document = document(&path);
        let text = redorder(&["analyze", "--brief", path.to_str().unwrap()]);
        if document["coverage"]["complete"] == false {
            assert!(
                !text.contains("Nothing wrong"),
                "{}: {text}",
                path.display()
            );
        }
        for kind in document["coverage"]["not_judged"]
            .as_object()
            .unwrap()
            .keys()
        {
            let known = text.contains("Not judged: ") || text.contains("could be read");
            assert!(known, "{}: {kind} is not said: {text}", path.display());
        }
    }
}

#[test]
fn causes_count_what_the_findings_hold() {
    for path in samples() {
        let document = document(&path);
        let count = |key: &str| document[key].as_array().unwrap();
        let of_causes: u64 = count("causes")
            .iter()
            .map(|c| c["findings"].as_u64().unwrap())
            .sum();
        assert_eq!(
            of_causes,
            count("findings").len() as u64,
            "{}",
            path.display()
        );
        for cause in count("causes") {
            assert!(cause["connections"].as_u64() <= cause["connections_of"].as_u64());
            assert!(!cause["explanation"].as_str().unwrap().is_empty());
            assert!(!cause["advice"].as_array().unwrap().is_empty());
        }
    }
}

#[test]
fn the_verdict_alone() {
    insta::assert_snapshot!(redorder(&[
        "analyze",
        "--brief",
        &sample("classic-race.pcap")
    ]));
}

#[test]
fn encrypted_traffic_is_not_called_well() {
    let text = redorder(&["analyze", "--brief", &sample("tls13.pcap")]);
    insta::assert_snapshot!(text);
}

#[test]
fn a_gap_and_a_latency_are_those_of_the_capture() {
    let document = document(&repository("samples/cluster-first-stays-clean.pcap"));
    for client in document["clients"].as_array().unwrap() {
        for row in client["order"].as_array().unwrap() {
            assert!(row["gap_ns"].as_i64().is_none_or(|ns| ns >= 0), "{row}");
            assert!(
                row["auth_latency_ns"].as_i64().is_none_or(|ns| ns >= 0),
                "{row}"
            );
            let refused = row["outcome"] == "refused";
            assert!(!refused || row["gap_ns"].is_i64(), "{row}");
        }
    }
    let (clients, explained) = ("clients", "explanation");
    let told = document[clients].as_array().unwrap();
    assert!(told.iter().any(|c| c[explained].is_string()));
}

#[test]
fn markdown_fits_an_issue() {
    for path in samples() {
        let text = redorder(&["analyze", "--format", "markdown", path.to_str().unwrap()]);
        assert!(text.lines().count() <= 40, "{}: {text}", path.display());
        let prose = text.split("```").step_by(2).collect::<String>();
        assert!(!prose.contains('#'), "a link to an issue: {prose}");
        assert_eq!(text.matches("```").count() % 2, 0);
    }
}

#[test]
fn a_change_that_helped() {
    let (race, held) = (
        sample("race-then-success.pcap"),
        sample("pipelined-and-well.pcap"),
    );
    let compare = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redorder"));
        let output = command.arg("compare").args(args).output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, same) = compare(&[&race, &race, "--fail-on", "worse"]);
    assert_eq!(code, 0, "{same}");
    assert!(same.starts_with("The same faults"), "{same}");
    let (code, worse) = compare(&[&held, &race, "--fail-on", "worse"]);
    assert_eq!(code, 1, "{worse}");
    assert!(worse.starts_with("Worse"), "{worse}");
    let (code, better) = compare(&[&race, &held, "--fail-on", "worse"]);
    assert_eq!(code, 0, "{better}");
    assert!(better.starts_with("Better"), "{better}");
    // Another server: that the first one is mended is not shown.
    let other = sample("cluster-first-stays-clean.pcap");
    let (_, after) = compare(&[&race, &other]);
    assert!(after.starts_with("Not proven"), "{after}");
    let (_, json) = compare(&[&race, &other, "--format", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "redorder-compare/1");
    assert_eq!(json["verdict"], "not proven");
    let (_, markdown) = compare(&[&race, &other, "--format", "markdown"]);
    assert!(markdown.starts_with("**Not proven"), "{markdown}");
    assert!(markdown.contains("| auth-race |"), "{markdown}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_stopped_by_a_signal_says_so_first() {
    if !Path::new("/proc/self/status").exists() {
        eprintln!("skipped: there is no /proc to see when the program listens");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let big = dir.path().join("big.pcap");
    let one = std::fs::read(repository("samples/races-among-healthy.pcap")).unwrap();
    let (head, records) = one.split_at(24);
    // Long enough that the signal comes while it is read.
    std::fs::write(&big, [head, &records.repeat(400)].concat()).unwrap();
    let (document, code) = interrupted(&big, &["--format", "json", "-q"]);
    assert_eq!(code, Some(143));
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["coverage"]["complete"], false);
    assert_eq!(document["coverage"]["stopped"]["reason"], "signal");
    // On a busy machine the signal may come before anything was read.
    let mut runs = (0..100).map(|_| interrupted(&big, &["--brief"]));
    let has_begun = |(text, _): &(String, _)| !text.contains("before the first packet");
    let (text, code) = runs.find(has_begun).unwrap();
    assert_eq!(code, Some(143));
    // How far it came differs from run to run.
    let first: String = text
        .lines()
        .take_while(|line| !line.ends_with("part."))
        .chain(text.lines().find(|line| line.ends_with("part.")))
        .collect::<Vec<_>>()
        .join(" ");
    let mut said = String::new();
    for c in first.chars() {
        match c.is_ascii_digit() {
            true if said.ends_with('N') => {}
            true => said.push('N'),
            false => said.push(c),
        }
    }
    insta::assert_snapshot!(said);
}

/// Standard output and exit code of a run that gets a SIGTERM.
#[cfg(target_os = "linux")]
fn interrupted(big: &Path, args: &[&str]) -> (String, Option<i32>) {
    let child = Command::new(env!("CARGO_BIN_EXE_redorder"))
        .arg("analyze")
        .args(args)
        .arg(big)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The handler is in place before the first byte is read.
    let listens = |pid: u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let caught = status
            .lines()
            .find_map(|l| l.strip_prefix("SigCgt:"))
            .map(str::trim);
        caught
            .and_then(|hex| u64::from_str_radix(hex, 16).ok())
            .is_some_and(|set| set & (1 << 14) != 0)
    };
    while !listens(child.id()) {
        std::thread::yield_now();
    }
    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text, output.status.code())
}

/// Exit code and standard output.
fn ends(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_redorder"))
        .current_dir(repository("samples"))
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    let code = output.status.code().unwrap();
    format!("exit {code}\n{said}{complaint}")
}

#[test]
fn what_is_said_of_a_capture_with_tls_only() {
    let args = ["analyze", "tls13.pcap", "--fail-on", "error"];
    insta::assert_snapshot!(ends(&args));
}

#[cfg(feature = "live")]
#[test]
fn what_is_said_when_a_filter_leaves_nothing() {
    let args = ["analyze", "classic-race.pcap", "-f", "udp"];
    let judged = [&args[..], &["--fail-on", "error"]].concat();
    insta::assert_snapshot!(format!("{}\n{}", ends(&args), ends(&judged)));
}

#[test]
fn what_is_said_of_a_refusal_in_the_middle_of_a_stream() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("late.pcap");
    let all = std::fs::read(repository("samples/expiration-missing.pcap")).unwrap();
    // Without the first packets: handshake and AUTH were not captured.
    let (header, mut records) = all.split_at(24);
    for _ in 0..8 {
        let length = u32::from_le_bytes(records[8..12].try_into().unwrap());
        records = &records[16 + length as usize..];
    }
    std::fs::write(&file, [header, records].concat()).unwrap();
    let said = ends(&["analyze", file.to_str().unwrap(), "--fail-on", "error"]);
    let folder = format!("{}/", dir.path().display());
    insta::assert_snapshot!(said.replace(&folder, ""));
}

#[test]
fn commands_are_counted_and_keys_are_found() {
    let capture = sample("transactions.pcap");
    let stats = redorder(&["exchanges", "--stats", &capture]);
    let counted: u64 = stats
        .lines()
        .skip(1)
        .map(|line| {
            line.split_whitespace()
                .nth(1)
                .unwrap()
                .parse::<u64>()
                .unwrap()
        })
        .sum();
    let lines = redorder(&["exchanges", "--format", "tsv", &capture]);
    let commands = lines
        .lines()
        .skip(1)
        .filter(|line| !line.split('\t').nth(5).unwrap().is_empty());
    assert_eq!(counted, commands.count() as u64, "{stats}");
    let of_key = redorder(&["exchanges", "--key", "key#1", &capture]);
    assert!(!of_key.is_empty());
    assert!(
        of_key.lines().all(|line| line.contains("<key#1 ")),
        "{of_key}"
    );
}

/// No address of a sample is left in any format, and everything else is as it was.
#[test]
fn no_address_is_left_with_anonymize() {
    for path in samples() {
        let file = path.to_str().unwrap();
        for (command, format) in [
            ("analyze", "text"),
            ("analyze", "json"),
            ("analyze", "ndjson"),
            ("analyze", "markdown"),
            ("exchanges", "text"),
            ("exchanges", "tsv"),
            ("exchanges", "ndjson"),
        ] {
            let plain = redorder(&[command, "--format", format, file]);
            let masked = redorder(&[command, "--format", format, "--anonymize", file]);
            let left = addresses(&masked);
            assert!(left.is_empty(), "{file} {command} {format}: {left:?}");
            assert_eq!(plain.lines().count(), masked.lines().count());
            if !addresses(&plain).is_empty() {
                let named = ["client-1", "server-1", "proxy-1"]
                    .iter()
                    .any(|n| masked.contains(n));
                assert!(named, "{file} {command} {format}: {masked}");
            }
        }
    }
}

#[test]
fn lines_without_addresses_do_not_tell_how_long_those_were() {
    let file = sample("races-among-healthy.pcap");
    let lines = redorder(&["exchanges", "--anonymize", &file]);
    for line in lines.lines() {
        let (_, behind) = line.split_once(" > ").unwrap();
        let end = behind.split(' ').next().unwrap();
        let gap = behind[end.len()..].len() - behind[end.len()..].trim_start().len();
        // Two blanks, and the empty column of a command of which that is not known.
        assert!(gap == 2 || gap >= 9, "{line}");
    }
    let aligned = redorder(&["exchanges", &file]);
    let columns = aligned.lines().filter_map(|line| {
        let login = |word: &&str| ["before", "blind", "in", "refused"].contains(word);
        let word = line.split_whitespace().nth(5).filter(login)?;
        line.find(&format!("  {word} "))
    });
    let columns: BTreeSet<usize> = columns.collect();
    assert_eq!(columns.len(), 1, "{columns:?}");
}

#[test]
fn no_address_is_left_in_a_comparison() {
    let [race, held] = ["race-then-success.pcap", "held-and-released.pcap"].map(sample);
    for format in ["text", "json", "markdown"] {
        let plain = redorder(&["compare", "--format", format, &race, &held]);
        assert!(!addresses(&plain).is_empty(), "{plain}");
        let masked = redorder(&["compare", "--format", format, "--anonymize", &race, &held]);
        assert_eq!(addresses(&masked), [""; 0], "{masked}");
        assert_eq!(plain.lines().count(), masked.lines().count());
        assert!(masked.contains("client-1"), "{masked}");
    }
}

/// Words of a text that are IPv4 addresses, with or without a port.
fn addresses(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words
        .filter(|word| word.parse::<std::net::Ipv4Addr>().is_ok())
        .map(str::to_owned)
        .collect()
}

#[test]
fn roles_are_names_with_anonymize() {
    let file = sample("classic-race.pcap");
    let role = "127.0.0.1:16604=proxy";
    let brief = ["analyze", "--brief", "--anonymize", "--role", role, &file];
    let text = redorder(&brief);
    assert!(text.contains("proxy-1:16604"), "{text}");
    assert!(text.contains("client-1"), "{text}");
}

#[test]
fn markdown_says_which_capture_it_was() {
    let file = sample("classic-race.pcap");
    let text = redorder(&["analyze", "--format", "markdown", &file]);
    let sum = Command::new("sha1sum").arg(&file).output();
    let Ok(sum) = sum else {
        eprintln!("skipped: there is no sha1sum");
        return;
    };
    let sum = String::from_utf8(sum.stdout).unwrap();
    let hash = sum.split_whitespace().next().unwrap();
    assert!(text.contains(&format!("(SHA-1 {hash})")), "{text}");
    for path in samples() {
        let text = redorder(&["analyze", "--format", "markdown", path.to_str().unwrap()]);
        let lines = text.lines().count();
        assert!(lines <= 40, "{}: {lines} lines", path.display());
    }
}

/// Command, reply and login of each line.
fn logins(capture: &str) -> Vec<(String, String, String)> {
    let lines = redorder(&["exchanges", "--format", "tsv", &sample(capture)]);
    let cells = lines.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        (
            cells[5].to_owned(),
            cells[11].to_owned(),
            cells[16].to_owned(),
        )
    });
    cells.collect()
}

#[test]
fn a_line_says_how_its_command_stood_to_the_login() {
    let race = logins("race-then-success.pcap");
    let refused = race
        .iter()
        .filter(|(_, reply, _)| reply.starts_with("-NOAUTH"));
    assert!(refused.clone().count() > 0);
    assert!(
        refused.clone().all(|(_, _, login)| login == "blind"),
        "{race:?}"
    );
    let last = race
        .iter()
        .rfind(|(command, _, _)| !command.is_empty())
        .unwrap();
    assert_eq!(last.2, "in", "{race:?}");
    let wrong = logins("wrong-password.pcap");
    let auth = wrong
        .iter()
        .find(|(command, _, _)| command == "AUTH")
        .unwrap();
    assert_eq!(auth.2, "refused", "{wrong:?}");
    let early = logins("ping-in-front-of-auth.pcap");
    assert!(
        early.iter().any(|(_, _, login)| login == "refused"),
        "{early:?}"
    );
    let open = logins("replies-in-order.pcap");
    assert!(
        open.iter().all(|(_, _, login)| login == "before"),
        "{open:?}"
    );
}

/// When the command of each line was sent, or else when its reply came; RFC 3339 sorts by itself.
fn times(lines: &str) -> Vec<String> {
    let cells = lines.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        [cells[7], cells[12]]
            .into_iter()
            .find(|c| !c.is_empty())
            .unwrap()
            .to_owned()
    });
    cells.collect()
}

#[test]
fn lines_come_in_the_order_of_the_commands() {
    let file = sample("races-among-healthy.pcap");
    let ordered = times(&redorder(&["exchanges", "--format", "tsv", &file]));
    assert!(ordered.is_sorted());
    // From a pipe a line is there when its reply is.
    let mut cat = Command::new("cat")
        .arg(&file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let piped = Command::new(env!("CARGO_BIN_EXE_redorder"))
        .args(["exchanges", "--format", "tsv", "-"])
        .stdin(cat.stdout.take().unwrap())
        .output()
        .unwrap();
    cat.wait().unwrap();
    let piped = times(&String::from_utf8(piped.stdout).unwrap());
    assert_eq!(piped.len(), ordered.len());
    assert!(!piped.is_sorted());
    let first = redorder(&["exchanges", "--format", "tsv", "-c", "3", &file]);
    assert_eq!(times(&first), ordered[..3]);
}

#[test]
fn sizes_are_those_of_the_wire() {
    let lines = redorder(&[
        "exchanges",
        "--format",
        "tsv",
        &sample("race-then-success.pcap"),
    ]);
    let mut seen = 0;
    for line in lines.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let command = match cells[5] {
            "PING" => "*1\r\n$4\r\nPING\r\n".len(),
            _ => continue,
        };
        assert_eq!(cells[17], command.to_string());
        assert_eq!(cells[18], (cells[11].len() + 2).to_string());
        seen += 1;
    }
    assert!(seen > 0, "{lines}");
}

#[test]
fn the_readme_shows_a_session_as_it_is() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let (_, behind) = readme
        .split_once("$ redorder analyze samples/classic-race.pcap\n")
        .unwrap();
    let (shown, _) = behind.split_once("\n...\n").unwrap();
    let text = redorder(&["analyze", &sample("classic-race.pcap")]);
    assert!(
        text.starts_with(shown),
        "README.md: the session reads now\n{text}"
    );
    assert!(shown.lines().count() > 10);
}
