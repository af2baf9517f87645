//! The program from outside: exit codes, streams, messages.

use assert_cmd::Command;
use std::fs;

fn redorder() -> Command {
    let mut command = Command::cargo_bin("redorder").unwrap();
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn run(args: &[&str]) -> Run {
    let output = redorder().args(args).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn help_teaches_by_example() {
    for (name, args) in [
        ("help", vec!["--help"]),
        ("help_analyze", vec!["analyze", "--help"]),
        ("help_exchanges", vec!["exchanges", "--help"]),
    ] {
        let run = run(&args);
        assert_eq!(run.code, 0);
        // The lists of commands and options depend on the features; examples and exit codes do not.
        if cfg!(all(feature = "live", feature = "tui")) {
            insta::assert_snapshot!(name, run.out);
        }
    }
}

#[test]
fn usage_errors_are_2_and_on_standard_error() {
    let table: [(&[&str], &str); 9] = [
        (&[], "Usage"),
        (&["analyse", "x.pcap"], "analyze"),
        (&["analyze"], "CAPTURE"),
        (&["analyze", "x", "--format", "xml"], "ndjson"),
        (
            &["analyze", "x", "--client", "redis.example"],
            "not an address",
        ),
        (&["analyze", "x", "--from", "noon"], "2026-01-31T12:00:00"),
        (
            &["analyze", "x", "--rule", "no-such-rule-at-all"],
            "redorder rules",
        ),
        (&["exchanges", "x", "--min-latency", "5"], "5ms"),
        (&["analyze", "x", "-q", "-v"], "cannot be used with"),
    ];
    for (args, want) in table {
        let run = run(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert_eq!(run.out, "", "{args:?}");
        assert!(run.err.contains(want), "{args:?}: {}", run.err);
    }
}

#[test]
fn from_after_to_can_not_match() {
    let run = run(&["analyze", "x", "--from", "2", "--to", "1"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("later than --to"), "{}", run.err);
}

#[test]
fn stream_numbers_need_every_packet() {
    let run = run(&["analyze", "x", "--stream", "2", "--from", "1"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("neither -f nor --from"), "{}", run.err);
}

#[test]
fn a_stream_that_is_not_there_is_said() {
    let sample = super::run::repository("samples/health-check.pcap");
    let file = sample.to_str().unwrap();
    let run = run(&["analyze", file, "--stream", "99"]);
    assert_eq!(run.code, 0);
    assert!(run.out.contains("(--stream, --client"), "{}", run.out);
}

#[test]
fn lines_show_the_connections_of_shown_findings_only() {
    let sample = super::run::repository("samples/health-check.pcap");
    let args = ["analyze", "--format", "ndjson", sample.to_str().unwrap()];
    let connections = |more: &[&str]| {
        let out = run(&[&args[..], more].concat()).out;
        out.matches("{\"type\":\"connection\"").count()
    };
    assert_eq!(connections(&[]), 3);
    assert_eq!(connections(&["--rule", "auth-race"]), 0);
    assert_eq!(
        connections(&["--rule", "auth-race", "--connections", "all"]),
        3
    );
}

#[test]
fn a_file_is_no_command() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let run = run(&[path]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains(&format!("hint: redorder analyze {path}")),
        "{}",
        run.err
    );
}

#[test]
fn an_unreadable_input_is_2() {
    let run = run(&["analyze", "no/such/file.pcap"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.starts_with("redorder: no/such/file.pcap: "),
        "{}",
        run.err
    );
    assert_eq!(run.out, "");
}

#[test]
fn an_unknown_rule_names_the_nearest() {
    let run = run(&["rules", "auth-rac"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("there is no rule 'auth-rac'"),
        "{}",
        run.err
    );
    assert!(run.err.contains("hint: "), "{}", run.err);
    if redorder::rules::rule("auth-race").is_some() {
        assert!(run.err.contains("auth-race"), "{}", run.err);
    }
}

#[test]
fn every_rule_can_be_explained_in_every_format() {
    for rule in redorder::rules::CATALOGUE {
        for format in ["text", "json", "markdown"] {
            let run = run(&["rules", rule.name, "--format", format]);
            assert_eq!(run.code, 0);
            assert!(run.out.contains(rule.name));
        }
    }
    let list = run(&["rules", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list.out).unwrap();
    assert_eq!(
        list.as_array().unwrap().len(),
        redorder::rules::CATALOGUE.len()
    );
}

#[test]
fn the_output_never_overwrites_an_input() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("a.pcap");
    fs::write(&input, EMPTY_CAPTURE).unwrap();
    let path = input.to_str().unwrap();
    let run = run(&["analyze", path, "-o", path]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("it would be overwritten"), "{}", run.err);
    assert_eq!(fs::read(&input).unwrap(), EMPTY_CAPTURE);
}

/// A pcap header (microseconds, little-endian, Ethernet) and no packet.
const EMPTY_CAPTURE: &[u8] = &[
    0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0,
];

#[test]
fn an_empty_capture_is_analysed() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("a.pcap");
    fs::write(&input, EMPTY_CAPTURE).unwrap();
    let path = input.to_str().unwrap();
    let out = dir.path().join("out.json");
    let json = run(&[
        "analyze",
        "-r",
        path,
        "--format",
        "json",
        "-o",
        out.to_str().unwrap(),
    ]);
    assert_eq!((json.code, json.out.as_str()), (0, ""));
    let document: serde_json::Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    assert_eq!(document["schema"], "redorder/1");
    assert_eq!(document["inputs"][0]["path"], path);
    let text = run(&["analyze", path]);
    assert_eq!(text.code, 0);
    let judged = run(&["analyze", path, "-q", "--fail-on", "note"]);
    assert_eq!(judged.code, 2);
    assert!(judged.err.contains("holds no packets"), "{}", judged.err);
    assert!(
        text.out.contains("The input holds no packets."),
        "{}",
        text.out
    );
    let both = run(&["analyze", path, "no/such/file.pcap"]);
    assert_eq!(both.code, 2);
    assert!(both.out.contains("What was read"), "{}", both.out);
}

#[test]
fn colours_follow_option_and_environment() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("a.pcap");
    fs::write(&input, EMPTY_CAPTURE).unwrap();
    let painted = |env: &[(&str, &str)], color: &str| {
        let mut command = redorder();
        command.args(["analyze", input.to_str().unwrap(), "--color", color]);
        let output = command.envs(env.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains('\x1b')
    };
    assert!(!painted(&[], "auto"));
    assert!(painted(&[], "always"));
    assert!(painted(&[("CLICOLOR_FORCE", "1")], "auto"));
    assert!(!painted(
        &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
        "auto"
    ));
    assert!(painted(&[("NO_COLOR", "1")], "always"));
    assert!(!painted(&[("CLICOLOR_FORCE", "1")], "never"));
}

#[test]
fn completions_are_written() {
    for shell in ["bash", "zsh", "fish"] {
        let run = run(&["completions", shell]);
        assert_eq!(run.code, 0);
        for name in ["redorder", "auth-race", "capture-incomplete"] {
            assert!(run.out.contains(name), "{shell}: {name}");
        }
        #[cfg(feature = "live")]
        for interface in redorder::source::interfaces().unwrap_or_default() {
            assert!(
                run.out.contains(&interface.name),
                "{shell}: {}",
                interface.name
            );
        }
    }
}

#[test]
fn a_rule_that_is_unknown_is_told_the_nearest() {
    let run = run(&["rules", "auth-rase"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("auth-race"), "{}", run.err);
}

#[test]
fn manual_pages_are_written() {
    let whole = run(&["man"]);
    assert_eq!(whole.code, 0);
    assert!(whole.out.contains(".TH redorder 1"), "{}", whole.out);
    let page = run(&["man", "analyze"]);
    assert!(page.out.contains(".TH redorder-analyze 1"), "{}", page.out);
    assert!(page.out.contains("fail\\-on"), "{}", page.out);
    let none = run(&["man", "nothing"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("--help"), "{}", none.err);
}

#[test]
fn the_version_speaks_of_libpcap() {
    let run = run(&["--version"]);
    assert_eq!(run.code, 0);
    assert!(run.out.starts_with("redorder 0."), "{}", run.out);
    assert!(run.out.contains("libpcap"), "{}", run.out);
}

#[test]
fn damage_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("cut.pcap");
    fs::write(&input, [EMPTY_CAPTURE, &[0; 7]].concat()).unwrap();
    let path = input.to_str().unwrap();
    let told = run(&["analyze", path]);
    assert_eq!(told.code, 0);
    let warning = format!("warning: {path}: offset ");
    assert!(told.err.starts_with(&warning), "{}", told.err);
    // The path is long or short; the line may be broken anywhere.
    let words: Vec<&str> = told.out.split_whitespace().collect();
    assert!(words.join(" ").contains("1 damaged place"), "{}", told.out);
    let quiet = run(&["analyze", path, "-q"]);
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
}

#[test]
fn standard_input_is_a_capture() {
    let mut command = redorder();
    command.args(["analyze", "-", "--format", "json"]);
    let output = command.write_stdin(EMPTY_CAPTURE).output().unwrap();
    assert!(output.status.success());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["inputs"][0]["path"], "-");
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("redorder"))
        .args(["rules", "--format", "markdown"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[cfg(feature = "live")]
#[test]
fn a_filter_that_makes_no_sense_is_explained() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("a.pcap");
    fs::write(&input, EMPTY_CAPTURE).unwrap();
    let run = run(&["analyze", input.to_str().unwrap(), "-f", "tcp prot"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("pcap-filter"), "{}", run.err);
}

fn race() -> String {
    let path = super::run::repository("samples/race-then-success.pcap");
    path.to_str().unwrap().to_owned()
}

/// Client and server of the sample's race, as the report shows them.
fn ends() -> (String, String) {
    let report = run(&[
        "analyze",
        &race(),
        "--format",
        "json",
        "--connections",
        "all",
    ]);
    let report: serde_json::Value = serde_json::from_str(&report.out).unwrap();
    let end = |key: &str| report["connections"][0][key].as_str().unwrap().to_owned();
    (end("client"), end("server"))
}

#[test]
fn client_and_server_are_not_each_other() {
    let (client, server) = ends();
    for (option, end, exchanges) in [
        ("--client", &client, true),
        ("--server", &server, true),
        ("--client", &server, false),
        ("--server", &client, false),
    ] {
        let run = run(&["exchanges", &race(), option, end]);
        assert_eq!(!run.out.is_empty(), exchanges, "{option} {end}");
    }
}

#[test]
fn a_declared_proxy_is_named() {
    let (_, server) = ends();
    let declared = format!("{server}=proxy");
    let proxy = run(&["analyze", &race(), "--role", &declared]);
    assert!(
        proxy.out.contains(&format!("by the proxy {server}")),
        "{}",
        proxy.out
    );
    assert!(proxy.out.contains("--role"), "{}", proxy.out);
    let both = run(&[
        "analyze",
        &race(),
        "--role",
        &declared,
        "--role",
        &format!("{server}=redis"),
    ]);
    assert_eq!(both.code, 2);
    assert!(both.err.contains("two roles"), "{}", both.err);
}

#[test]
fn what_filters_left_out_was_there() {
    let run = run(&["analyze", &race(), "--client", "192.0.2.77"]);
    assert!(run.out.contains("Every packet was left out"), "{}", run.out);
}

#[test]
fn exchanges_say_that_there_was_no_redis() {
    let path = super::run::repository("samples/http-answer.pcap");
    let http = run(&["exchanges", path.to_str().unwrap(), "--stream", "9"]);
    assert_eq!((http.code, http.out.as_str()), (0, ""));
    assert!(
        http.err.contains("no Redis traffic was found"),
        "{}",
        http.err
    );
}

#[test]
fn relative_times_count_from_the_first_packet() {
    let lines = |extra: &[&str]| {
        let path = race();
        let args = [&["exchanges", &path, "--time", "relative"], extra].concat();
        run(&args).out
    };
    let all = lines(&[]);
    let errors = lines(&["--errors"]);
    assert!(!errors.is_empty());
    assert!(errors.lines().all(|line| all.contains(line)), "{errors}");
}

#[test]
fn a_port_is_a_number() {
    let run = run(&["analyze", "x", "--port", "redis"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("1 to 65535"), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn odd_names_are_shown_and_do_no_harm() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir
        .path()
        .join(std::ffi::OsStr::from_bytes(b"a\xff\x1b[31m.pcap"));
    let missing = redorder().arg("analyze").arg(&path).output().unwrap();
    let told = String::from_utf8(missing.stderr).unwrap();
    assert!(told.contains("a\\xff\\x1b[31m.pcap"), "{told}");
    fs::write(&path, EMPTY_CAPTURE).unwrap();
    let read = redorder()
        .args(["analyze", "--format", "json"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(String::from_utf8(read.stdout).unwrap().contains("a\\\\xff"));
}

#[cfg(feature = "live")]
#[test]
fn packets_and_report_go_to_different_files() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("kept");
    fs::write(&file, "precious").unwrap();
    let name = file.to_str().unwrap();
    for (args, word) in [
        (["-w", name, "-o", name], "same file"),
        (["-w", "-", "-c", "1"], "standard output"),
    ] {
        let run = run(&[&["live", "-i", "lo"], &args[..]].concat());
        assert_eq!(run.code, 2);
        assert!(run.err.contains(word), "{}", run.err);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[cfg(unix)]
#[test]
fn zones_have_names() {
    let mut command = redorder();
    command.env("TZ", "Asia/Kolkata");
    let output = command
        .args(["exchanges", &race(), "--time", "local", "-c", "1"])
        .output()
        .unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    let known = std::path::Path::new("/usr/share/zoneinfo/Asia/Kolkata").exists();
    assert!(line.contains("+05:30") || !known, "{line}");
}
