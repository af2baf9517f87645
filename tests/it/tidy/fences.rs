//! Each named crate is used in its folder only, so that replacing it is one folder's work.

use super::{Complaint, every_file, none, without_comments};

/// Crate, as code spells it, and the folders that may name it.
const FENCES: &[(&str, &[&str])] = &[
    ("pcap", &["source"]),
    ("etherparse", &["packet"]),
    ("redis_protocol", &["resp"]),
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("serde", &["report"]),
    ("serde_json", &["report"]),
    ("jiff", &["report", "cli", "tui"]),
];

fn check(file: &str, text: &str) -> Vec<Complaint> {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    let folder = inside.split_once('/').map_or("", |(folder, _)| folder);
    let mut complaints = Vec::new();
    for (number, line) in (1..).zip(without_comments(text).lines()) {
        for (name, folders) in FENCES {
            if !folders.contains(&folder) && names_crate(line, name) {
                let homes: Vec<String> =
                    folders.iter().map(|home| format!("src/{home}/")).collect();
                let advice = format!(
                    "`{name}` is used in {} only. Wrap what is needed there and use the wrapper",
                    homes.join(" and ")
                );
                complaints.push(Complaint::new(file, number, advice));
            }
        }
    }
    complaints
}

/// `name::…`, `use name;` or `use name as …`, where `name` is no part of a longer path.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(offset, _)| {
        let (before, after) = (&line[..offset], &line[offset + name.len()..]);
        let starts = !before.ends_with(|c: char| {
            c.is_alphanumeric() || c == '_' || c == ':' || c == '"' || c == '.'
        });
        let imported = before.trim_end().ends_with("use")
            && (after.starts_with(';') || after.starts_with(" as "));
        // `::name` from the root of all crates also counts.
        let absolute = before.ends_with("::")
            && !before
                .trim_end_matches(':')
                .ends_with(char::is_alphanumeric);
        (starts || absolute) && (after.starts_with("::") || imported)
    })
}

#[test]
fn crates_stay_in_their_folders() {
    none(&every_file(&["src"], &[".rs"], check));
}

#[test]
fn a_crate_outside_its_fence_is_seen() {
    let bad = [
        ("src/packet/walk.rs", "use pcap::Device;"),
        (
            "src/tcp/half.rs",
            "let x = etherparse::TcpHeader::default();",
        ),
        ("src/analyzer/mod.rs", "#[derive(serde::Serialize)]"),
        ("src/tui/mod.rs", "use clap;"),
        ("src/report/text.rs", "use ::ratatui::style::Color;"),
        ("src/main.rs", "use clap::Parser;"),
        ("src/source/mod.rs", "use jiff as time;"),
    ];
    for (file, text) in bad {
        assert_eq!(check(file, text).len(), 1, "{file}: {text}");
    }
}

#[test]
fn a_crate_inside_its_fence_and_namesakes_pass() {
    let good = [
        ("src/source/live.rs", "use pcap::Device;"),
        (
            "src/cli/mod.rs",
            "use crate::source::pcap::open; let pcap = 1; // clap::Parser",
        ),
        (
            "src/report/json.rs",
            "use serde::Serialize; serde_json::to_string(&x);",
        ),
        ("src/cli/args.rs", "#[derive(clap::Parser)]"),
        ("src/source/file.rs", "mod pcap; use self::pcap::Reader;"),
    ];
    for (file, text) in good {
        none(&check(file, text));
    }
}
