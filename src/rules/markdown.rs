//! The catalogue as a Markdown document: `docs/RULES.md` and `redorder rules --format markdown`.

use super::registry::{CATALOGUE, RESERVED};
use crate::finding::RuleInfo;
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
# Rules

This file is written by `cargo run -- rules --format markdown > docs/RULES.md`. Do not edit it by hand: the text stands
in `src/rules/`, one file per rule.

Severity says how bad it is. `error`: the promise of the protocol is broken, and somebody gets a wrong answer or none.
`warning`: it will hurt. `note`: worth knowing.

Confidence says how sure the finding is. `certain`: no correct server can do this, and the capture is whole. `likely`: the
usual case. `possible`: seen after a gap, on a connection whose start was not captured, or where the rule says so.

*Blind* means: the last byte of the command was sent before the reply of the AUTH in front of it could have been received.
AUTH stands for AUTH and for HELLO with AUTH.

";

/// The whole catalogue as one Markdown document, with a final newline.
pub fn markdown() -> String {
    let mut out = String::from(INTRODUCTION);
    out.push_str("| rule | severity | what was seen |\n|---|---|---|\n");
    for info in CATALOGUE {
        let (name, severity) = (info.name, info.severity.name());
        put(
            &mut out,
            format_args!("| [`{name}`](#{name}) | {severity} | {} |\n", info.summary),
        );
    }
    for info in CATALOGUE {
        section(&mut out, info);
    }
    out.push_str("\n## Reserved names\n\nThese names are kept for rules that are not built yet. No finding has them.\n\n");
    let names: Vec<String> = RESERVED.iter().map(|name| format!("`{name}`")).collect();
    put(&mut out, format_args!("{}.\n", names.join(", ")));
    out
}

fn section(out: &mut String, info: &RuleInfo) {
    let (name, severity) = (info.name, info.severity.name());
    put(
        out,
        format_args!(
            "\n## {name}\n\n**{severity}**: {}.\n\n{}\n\n",
            info.summary, info.explanation
        ),
    );
    put(out, format_args!("```text\n{}\n```\n\n", info.example));
    put(
        out,
        format_args!(
            "**Silent when.** {}\n\n**What to do**\n\n",
            info.silent_when
        ),
    );
    for step in info.steps() {
        put(out, format_args!("- {step}\n"));
    }
    let references: Vec<String> = info.references.iter().map(|r| reference(r)).collect();
    put(
        out,
        format_args!(
            "\nSee {}. Source: `{}`.\n",
            references.join(", "),
            info.file
        ),
    );
}

/// `owner/repository#12` and web addresses become links.
fn reference(text: &str) -> String {
    match text.split_once('#') {
        Some((repository, number)) if !text.starts_with("https://") => {
            format!("[{text}](https://github.com/{repository}/issues/{number})")
        }
        _ => format!("<{text}>"),
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String can not fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_links() {
        let cases = [
            ("a/b#7", "[a/b#7](https://github.com/a/b/issues/7)"),
            ("https://x.example/y#z", "<https://x.example/y#z>"),
        ];
        for (text, link) in cases {
            assert_eq!(reference(text), link);
        }
    }

    #[test]
    fn every_rule_has_a_row_and_a_section() {
        let text = markdown();
        for info in CATALOGUE {
            assert!(
                text.contains(&format!("\n## {}\n", info.name)),
                "{}",
                info.name
            );
            assert!(
                text.contains(&format!("| [`{}`]", info.name)),
                "{}",
                info.name
            );
        }
    }
}
