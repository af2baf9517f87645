//! Opening lines, forbidden words, names of files, lints that must stay on.

use super::{Complaint, every_file, none, read};

/// Module names that say nothing about what is inside.
const DRAWERS: &[&str] = &[
    "utils", "util", "common", "helpers", "helper", "types", "misc", "manager",
];

/// Split, so that this file does not accuse itself.
const FORBIDDEN: &[(&str, &str)] = &[
    (
        concat!("/wo", "rk/"),
        "is a path of one machine. Use a path relative to the repository",
    ),
    (
        concat!("/ro", "ot/"),
        "is a path of one machine. Use a path relative to the repository",
    ),
    (
        concat!("/ho", "me/"),
        "is a path of one machine. Use a path relative to the repository",
    ),
    (
        concat!("TO", "DO"),
        "is a note to nobody. Do it, or describe the limit in a sentence",
    ),
    (
        concat!("FIX", "ME"),
        "is a note to nobody. Fix it, or describe the limit in a sentence",
    ),
];

fn opening(file: &str, text: &str) -> Vec<Complaint> {
    if text.starts_with("//! ") {
        return Vec::new();
    }
    vec![Complaint::new(
        file,
        1,
        "the first line must be a `//! ` line that says what the file is for",
    )]
}

fn words(file: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for (word, advice) in FORBIDDEN {
            if line.contains(word) {
                complaints.push(Complaint::new(file, number, format!("`{word}` {advice}")));
            }
        }
    }
    complaints
}

fn drawers(file: &str, _text: &str) -> Vec<Complaint> {
    let parts = file.split('/').map(|part| part.trim_end_matches(".rs"));
    let named = parts.filter(|part| DRAWERS.contains(part));
    named
        .map(|part| {
            Complaint::new(
                file,
                1,
                format!("`{part}` says nothing. Name the file after what it knows"),
            )
        })
        .collect()
}

fn lints(file: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    if !text
        .lines()
        .any(|line| line.trim() == r#"unsafe_code = "forbid""#)
    {
        complaints.push(Complaint::new(
            file,
            1,
            r#"keep `unsafe_code = "forbid"` under [lints.rust]"#,
        ));
    }
    complaints
}

/// Every feature has a comment above it, and a sentence in `readme`.
fn features(file: &str, text: &str, readme: &str) -> Vec<Complaint> {
    let lines: Vec<(usize, &str)> = (1..).zip(text.lines()).collect();
    let inside = lines
        .iter()
        .skip_while(|(_, line)| *line != "[features]")
        .skip(1);
    let section: Vec<_> = inside
        .take_while(|(_, line)| !line.starts_with('['))
        .collect();
    let mut complaints = Vec::new();
    let mut above = "";
    for (number, line) in section {
        if let Some((name, _)) = line.split_once(" = ")
            && !line.starts_with('#')
            && name != "default"
        {
            if !above.starts_with("# ") {
                complaints.push(Complaint::new(
                    file,
                    *number,
                    format!("say in a comment above what `{name}` adds"),
                ));
            }
            if !readme.contains(&format!("`{name}`")) {
                complaints.push(Complaint::new(
                    file,
                    *number,
                    format!("name the feature `{name}` in README.md"),
                ));
            }
        }
        above = line;
    }
    complaints
}

#[test]
fn every_source_file_opens_with_its_purpose() {
    none(&every_file(&["src", "tests"], &[".rs"], opening));
}

#[test]
fn no_machine_paths_and_no_notes_to_nobody() {
    let folders = [
        "src",
        "tests",
        "docs",
        "samples",
        ".ci",
        "README.md",
        "Cargo.toml",
    ];
    none(&every_file(
        &folders,
        &[
            ".rs", ".md", ".toml", ".tsv", ".json", ".snap", "setup", "run",
        ],
        words,
    ));
}

#[test]
fn no_drawers() {
    none(&every_file(&["src", "tests"], &[".rs"], drawers));
}

#[test]
fn unsafe_code_is_forbidden() {
    none(&lints("Cargo.toml", &read("Cargo.toml")));
}

#[test]
fn features_are_documented() {
    none(&features(
        "Cargo.toml",
        &read("Cargo.toml"),
        &read("README.md"),
    ));
}

/// Both are run as they stand: by people who copy them, the second by `.ci/run` as well.
#[test]
fn the_readme_holds_both_commands() {
    let readme = read("README.md");
    for command in [
        ".ci/setup && cargo run --release -- analyze samples/classic-race.pcap",
        ".ci/setup && cargo test",
    ] {
        assert!(
            readme.lines().any(|line| line == command),
            "README.md: a line must read `{command}`"
        );
    }
    assert!(
        read(".ci/run").contains("README.md"),
        ".ci/run: take the test command from README.md"
    );
}

#[test]
fn bad_texts_are_seen() {
    assert_eq!(opening("a.rs", "use x;\n//! late\n").len(), 1);
    assert_eq!(opening("a.rs", "/// item\n").len(), 1);
    for (word, _) in FORBIDDEN {
        assert_eq!(
            words("a.rs", &format!("fine\nsee {word} x\n")),
            words("a.rs", &format!("\n {word}\n"))
        );
        assert_eq!(words("a.rs", &format!("fine\nsee {word} x\n")).len(), 1);
    }
    assert_eq!(drawers("src/tcp/utils.rs", "").len(), 1);
    assert_eq!(drawers("src/common/mod.rs", "").len(), 1);
    assert!(drawers("src/tcp/utility_room.rs", "").is_empty());
    assert_eq!(
        lints("Cargo.toml", "[lints.rust]\nunsafe_code = \"warn\"\n").len(),
        1
    );
}

#[test]
fn undocumented_features_are_seen() {
    let text =
        "[features]\ndefault = [\"a\"]\n# The first.\na = []\nb = []\n[dependencies]\nc = \"1\"\n";
    let found = features("Cargo.toml", text, "has `a`");
    assert_eq!(
        found.iter().map(|c| c.line).collect::<Vec<_>>(),
        [5, 5],
        "{found:?}"
    );
    assert!(
        features(
            "Cargo.toml",
            text.replace("b = []\n", "").as_str(),
            "has `a`"
        )
        .is_empty()
    );
}
