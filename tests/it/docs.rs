//! Commands that the documents show: each is run as it stands, or at least understood.
//!
//! A command is a line of a fenced block, or of the examples of `--help`, that calls `redorder`. Captures that only stand
//! for those of the reader are replaced by a sample; files are written to a folder that goes away.

use super::run::{redorder, repository};
use assert_cmd::Command;
use std::fs;
use std::path::Path;

/// Subcommands that are understood and not run, and why.
const NOT_RUN: [(&str, &str); 3] = [
    (
        "live",
        "it needs an interface and the right to listen on it",
    ),
    (
        "interfaces",
        "what it says, and whether it may, depends on the machine",
    ),
    ("tui", "it needs a terminal"),
];

/// Words that stand for a capture of the reader.
const PLACEHOLDERS: [&str; 4] = ["CAPTURE...", "BEFORE", "AFTER", "FILE"];

/// The capture that stands in for them.
const SAMPLE: &str = "samples/classic-race.pcap";

/// A command in a document.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Shown {
    file: String,
    line: usize,
    /// What follows the name of the program.
    words: Vec<String>,
}

/// The lines of fenced blocks, with their numbers. A line that ends in `|` or `\` goes on in the next.
fn fenced(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let (mut inside, mut goes_on) = (false, false);
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            (inside, goes_on) = (!inside, false);
        } else if inside {
            let said = line.trim().trim_end_matches('\\');
            match found.last_mut() {
                Some((_, before)) if goes_on => before.push_str(&format!(" {said}")),
                _ => found.push((number, said.to_owned())),
            }
            goes_on = line.ends_with(['|', '\\']);
        }
    }
    found
}

/// The parts of a line that a shell would run one by one, as words. `#` begins a remark, two spaces behind a word begin
/// what is said about the command.
fn commands(line: &str) -> Vec<Vec<String>> {
    let line = line.strip_prefix("$ ").unwrap_or(line);
    let mut parts = vec![Vec::new()];
    let (mut word, mut quote, mut blanks) = (None::<String>, None, 0);
    for c in line.chars().chain([' ']) {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('#', None) if word.is_none() => break,
            (' ' | '|' | ';' | '&', None) => {
                parts.last_mut().unwrap().extend(word.take());
                blanks = if c == ' ' { blanks + 1 } else { 0 };
                if c != ' ' {
                    parts.push(Vec::new());
                } else if blanks > 1 {
                    break;
                }
                continue;
            }
            (c, None) => word.get_or_insert_default().push(c),
        }
        blanks = 0;
    }
    parts
}

/// What follows the name of the program in these words; `None` when it is not called.
fn call(words: &[String]) -> Option<Vec<String>> {
    let named = |w: &String| w == "redorder" || w.ends_with("/redorder");
    let cargo =
        words.first().is_some_and(|w| w == "cargo") && words.get(1).is_some_and(|w| w == "run");
    let at = match cargo {
        true => words.iter().position(|w| w == "--")?,
        false => words.iter().position(named)?,
    };
    let rest = words.get(at + 1..)?;
    // Where the output goes is the business of the shell.
    let rest = rest.iter().take_while(|w| !w.starts_with(['>', '<']));
    Some(rest.cloned().collect())
}

fn shown(file: &str, lines: &[(usize, String)]) -> Vec<Shown> {
    let lines = lines.iter();
    let calls = lines.flat_map(|(line, text)| {
        let calls = commands(text).into_iter().filter_map(|words| call(&words));
        calls.map(move |words| (*line, words))
    });
    calls
        .map(|(line, words)| Shown {
            file: file.to_owned(),
            line,
            words,
        })
        .collect()
}

/// `README.md` and every document.
fn documents() -> Vec<String> {
    let mut files = vec!["README.md".to_owned(), "samples/README.md".to_owned()];
    for entry in fs::read_dir(repository("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            files.push(format!("docs/{name}"));
        }
    }
    files.sort();
    files
}

/// The commands in the fenced blocks of all of them.
fn documented() -> Vec<Shown> {
    let of = |file: &String| {
        let text = fs::read_to_string(repository(file)).unwrap();
        shown(file, &fenced(&text))
    };
    documents().iter().flat_map(of).collect()
}

/// Commands between back quotes, outside of fenced blocks. Nobody copies these, and captures are left out.
fn in_sentences(text: &str) -> Vec<String> {
    let blocks = text.split("```").step_by(2);
    let spans =
        blocks.flat_map(|block| block.lines().flat_map(|l| l.split('`').skip(1).step_by(2)));
    let commands = spans.filter(|span| span.starts_with("redorder "));
    commands.map(str::to_owned).collect()
}

/// Every word of it is understood. Captures and interfaces may be left out.
fn is_understood(command: &str) -> bool {
    let words: Vec<&str> = command.split_whitespace().collect();
    match redorder::cli::check(&words) {
        Ok(()) => true,
        Err(wrong) => wrong.contains("required arguments were not provided"),
    }
}

/// The examples of every `--help`.
fn examples() -> Vec<Shown> {
    let mut found = Vec::new();
    for name in [
        "",
        "analyze",
        "live",
        "tui",
        "exchanges",
        "compare",
        "rules",
        "completions",
        "man",
    ] {
        let args: Vec<&str> = [name, "--help"]
            .into_iter()
            .filter(|a| !a.is_empty())
            .collect();
        let help = redorder(&args);
        let lines = (1..).zip(help.lines());
        let lines = lines
            .skip_while(|(_, l)| !l.starts_with("Examples:"))
            .skip(1);
        let lines = lines.take_while(|(_, l)| l.starts_with("  "));
        let lines: Vec<(usize, String)> = lines.map(|(n, l)| (n, l.trim().to_owned())).collect();
        found.extend(shown(&args.join(" "), &lines));
    }
    found
}

/// The words as they can be run: captures that are there, files of `-o` in `folder`.
fn runnable(words: &[String], folder: &Path) -> Vec<String> {
    let mut ready: Vec<String> = Vec::new();
    for word in words {
        let writes = ready.last().is_some_and(|w| w == "-o" || w == "--output");
        let capture =
            word.ends_with(".pcap") || word.ends_with(".pcapng") || word.ends_with(".pcap*");
        let stands_for_one =
            PLACEHOLDERS.contains(&word.as_str()) || (capture && !repository(word).is_file());
        ready.push(match (writes, stands_for_one) {
            (true, _) => folder.join(word).to_str().unwrap().to_owned(),
            (false, true) => SAMPLE.to_owned(),
            (false, false) => word.clone(),
        });
    }
    ready
}

/// Why it is not run, if it is not.
fn not_run(words: &[String]) -> Option<&'static str> {
    let first = words.first()?;
    let row = NOT_RUN.iter().find(|(name, _)| name == first);
    row.map(|(_, why)| *why)
}

/// What is wrong with a command.
fn complaint(shown: &Shown, folder: &Path) -> Option<String> {
    let words = runnable(&shown.words, folder);
    let place = format!(
        "{}:{}: redorder {}",
        shown.file,
        shown.line,
        shown.words.join(" ")
    );
    let args: Vec<&str> = ["redorder"]
        .into_iter()
        .chain(words.iter().map(String::as_str))
        .collect();
    if not_run(&words).is_some() {
        let wrong = redorder::cli::check(&args).err()?;
        return Some(format!("{place}\n{wrong}"));
    }
    let mut command = Command::cargo_bin("redorder").unwrap();
    command.current_dir(repository("")).args(&words);
    if words.iter().any(|w| w == "-") {
        command.write_stdin(fs::read(repository(SAMPLE)).unwrap());
    }
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let judged = words.iter().any(|w| w.starts_with("--fail-on"));
    let fine = match output.status.code() {
        Some(0) => true,
        Some(1) => judged,
        _ => false,
    };
    let quiet = !errors.contains("error:") && !errors.contains("Usage:");
    (!fine || !quiet).then(|| format!("{place}\n{}\n{errors}", output.status))
}

#[test]
fn what_is_shown_can_be_run() {
    if !cfg!(all(feature = "live", feature = "tui")) {
        eprintln!("skipped: the documents show subcommands that are not built in");
        return;
    }
    let (documented, examples) = (documented(), examples());
    assert!(documented.len() >= 12, "{documented:#?}");
    assert!(examples.len() >= 15, "{examples:#?}");
    let folder = tempfile::tempdir().unwrap();
    let all = documented.iter().chain(&examples);
    let wrong: Vec<String> = all.filter_map(|c| complaint(c, folder.path())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_named_in_a_sentence_is_understood() {
    if !cfg!(all(feature = "live", feature = "tui")) {
        eprintln!("skipped: the documents name subcommands that are not built in");
        return;
    }
    let mut named = Vec::new();
    for file in documents() {
        let text = fs::read_to_string(repository(&file)).unwrap();
        named.extend(
            in_sentences(&text)
                .into_iter()
                .map(|words| (file.clone(), words)),
        );
    }
    assert!(named.len() >= 6, "{named:#?}");
    for (file, words) in named {
        assert!(is_understood(&words), "{file}: `{words}` is not understood");
    }
    assert!(is_understood("redorder analyze --brief"));
    assert!(is_understood("redorder compare"));
    assert!(!is_understood("redorder analyze --no-such-option"));
    assert_eq!(
        in_sentences("`x`, `redorder man a` and `redorder`\n```\n`redorder b`\n```\n"),
        ["redorder man a"]
    );
}

#[test]
fn what_can_not_be_run_is_seen() {
    let text = "```sh\n\
        redorder analyze app.pcap --format json |\n  jq .\n\
        $ redorder rules auth-race        one rule explained\n\
        sudo setcap cap_net_raw+eip \"$(command -v redorder)\"\n\
        valgrind --tool=none target/quick/redorder analyze FILE >/dev/null\n\
        cargo run --release -- analyze 'a b.pcap' # a remark\n\
        redorder analyze --no-such-option app.pcap\n\
        redorder live -i eth0 --no-such-option\n\
        redorder rules no-such-rule-at-all\n\
        ```\nredorder is no command here\n";
    let found = shown("x.md", &fenced(text));
    let words: Vec<String> = found.iter().map(|s| s.words.join(" ")).collect();
    let wanted = [
        "analyze app.pcap --format json",
        "rules auth-race",
        "analyze FILE",
        "analyze a b.pcap",
        "analyze --no-such-option app.pcap",
        "live -i eth0 --no-such-option",
        "rules no-such-rule-at-all",
    ];
    assert_eq!(words, wanted);
    let folder = tempfile::tempdir().unwrap();
    let wrong = found
        .iter()
        .filter(|c| complaint(c, folder.path()).is_some());
    let lines: Vec<usize> = wrong.map(|c| c.line).collect();
    assert_eq!(lines, [8, 9, 10]);
}
