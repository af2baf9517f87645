//! Rule files, the sample table, the sample index and the generated documents agree with the catalogue.

use super::{Complaint, every_file, none, read};
use crate::rules::{Row, table};
use crate::run::{blessing, repository};
use redorder::rules::{CATALOGUE, RuleInfo, Severity, markdown};
use std::fs;

/// A section shorter than this says nothing.
const SHORTEST_SECTION: usize = 20;
const SAMPLES: &str = "samples/rules.tsv";
/// All samples together, in bytes: everybody who clones the repository pays for them.
const SAMPLES_TOTAL: u64 = 3 << 20;

fn sections(info: &RuleInfo) -> Vec<Complaint> {
    let texts = [
        ("summary", info.summary),
        ("explanation", info.explanation),
        ("example", info.example),
        ("silent_when", info.silent_when),
        ("advice", info.advice),
    ];
    let short = texts
        .iter()
        .filter(|(_, text)| text.trim().len() < SHORTEST_SECTION);
    let mut wanting: Vec<String> = short
        .map(|(name, _)| format!("write the section `{name}`"))
        .collect();
    if info.references.is_empty() {
        wanting.push("name a thread or a specification in `references`".to_owned());
    }
    if info.summary.ends_with('.') || info.summary.contains('\n') {
        wanting.push("`summary` is one line without a final full stop".to_owned());
    }
    let file = format!(
        "src/rules/{}/{}.rs",
        info.family,
        info.name.replace('-', "_")
    );
    if info.file != file {
        wanting.push(format!("rule `{}` belongs in {file}", info.name));
    }
    wanting
        .into_iter()
        .map(|advice| Complaint::new(info.file, 1, advice))
        .collect()
}

/// Every rule has exactly one row, with two different cases whose captures exist.
fn samples(names: &[&str], rows: &[Row], exists: impl Fn(&str) -> bool) -> Vec<Complaint> {
    let complain = |advice: String| Complaint::new(SAMPLES, 1, advice);
    let mut complaints = Vec::new();
    for name in names {
        let count = rows.iter().filter(|row| row.rule == *name).count();
        if count != 1 {
            complaints.push(complain(format!(
                "`{name}` has {count} rows, want one: a capture that fires and a near miss"
            )));
        }
    }
    for row in rows {
        if !names.contains(&row.rule.as_str()) {
            complaints.push(complain(format!(
                "`{}` is no rule of the catalogue",
                row.rule
            )));
        }
        if row.fires == row.silent {
            complaints.push(complain(format!(
                "`{}` fires and stays silent on the same thing",
                row.rule
            )));
        }
        for case in [&row.fires, &row.silent] {
            if !exists(&case.file) {
                complaints.push(complain(format!("samples/{} does not exist", case.file)));
            }
        }
    }
    complaints
}

/// Every file has a line in the index, and every line of the index a file.
fn index(index: &str, files: &[String]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in files {
        if !index.contains(&format!("| `{file}` |")) {
            let advice = format!(
                "add a row for `{file}`: what it shows, where it comes from, what is found in it"
            );
            complaints.push(Complaint::new("samples/README.md", 1, advice));
        }
    }
    for (number, line) in (1..).zip(index.lines()) {
        let name = line
            .strip_prefix("| `")
            .and_then(|rest| rest.split_once('`'))
            .map(|(name, _)| name);
        if let Some(name) = name
            && !files.iter().any(|file| file == name)
        {
            complaints.push(Complaint::new(
                "samples/README.md",
                number,
                format!("`{name}` does not exist: remove its row"),
            ));
        }
    }
    complaints
}

/// A generated document, and how to write it anew.
fn current(file: &str, found: &str, wanted: &str) -> Vec<Complaint> {
    let lines = found.lines().zip(wanted.lines());
    let same = lines.take_while(|(a, b)| a == b).count();
    if found == wanted {
        return Vec::new();
    }
    let advice = "is not what the catalogue says. Run `cargo run -- rules --format markdown > docs/RULES.md`, or this test with REDORDER_BLESS=1";
    vec![Complaint::new(file, same + 1, advice)]
}

#[test]
fn rules_are_documented_in_their_own_file() {
    none(
        &CATALOGUE
            .iter()
            .flat_map(|info| sections(info))
            .collect::<Vec<_>>(),
    );
    for info in CATALOGUE {
        assert!(
            repository(info.file).is_file(),
            "{}: no such file",
            info.file
        );
    }
}

#[test]
fn every_rule_has_a_sample_and_a_near_miss() {
    let names: Vec<&str> = CATALOGUE.iter().map(|info| info.name).collect();
    none(&samples(&names, &table(), |file| {
        repository("samples").join(file).is_file()
    }));
}

/// `auth-race` has its conversations in `tests/it/rules/auth_race.rs`, at least one that fires and one near miss, and its
/// words in a snapshot.
#[test]
fn every_rule_has_its_conversations_and_its_words() {
    for info in CATALOGUE {
        let file = format!("tests/it/rules/{}.rs", info.name.replace('-', "_"));
        assert!(repository(&file).is_file(), "{file}: not there");
        let text = read(&file);
        assert!(
            text.matches("#[test]").count() >= 2,
            "{file}: want a case that fires and a near miss"
        );
        let quoted = format!("\"{}\"", info.name);
        assert!(text.contains(&quoted), "{file}: {quoted} is not expected");
        let words = format!("tests/it/rules/words/{}.snap", info.name);
        assert!(repository(&words).is_file(), "{words}: not there");
    }
}

#[test]
fn every_sample_is_indexed() {
    let listed = fs::read_dir(repository("samples")).unwrap();
    let names = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: Vec<String> = names.filter(|name| name != "README.md").collect();
    none(&index(&read("samples/README.md"), &files));
}

#[test]
fn samples_stay_small() {
    let entries = fs::read_dir(repository("samples")).unwrap();
    let total: u64 = entries
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(
        total <= SAMPLES_TOTAL,
        "samples/: {total} bytes, want {SAMPLES_TOTAL} at most. Cut the captures or drop one"
    );
}

#[test]
fn the_rule_document_is_current() {
    let wanted = markdown();
    if blessing() {
        fs::write(repository("docs/RULES.md"), &wanted).unwrap();
    }
    none(&every_file(
        &["docs/RULES.md"],
        &["RULES.md"],
        |file, found| current(file, found, &wanted),
    ));
}

#[test]
fn an_incomplete_rule_is_seen() {
    let info = RuleInfo {
        family: "auth",
        name: "some-rule",
        severity: Severity::Note,
        summary: "it ends with a full stop.",
        explanation: "",
        example: "client -> server   PING",
        silent_when: "nothing of the kind was seen",
        advice: "change what has to be changed",
        references: &[],
        file: "src/rules/other.rs",
    };
    assert_eq!(sections(&info).len(), 4);
}

#[test]
fn wrong_sample_tables_are_seen() {
    let rows = crate::rules::parse("a\tx.pcap\ty.pcap\nb\tx.pcap\tx.pcap\nc\tgone.pcap\tx.pcap\n")
        .unwrap();
    let found = samples(&["a", "b", "d"], &rows, |file| file != "gone.pcap");
    let texts: Vec<&str> = found.iter().map(|c| c.advice.as_str()).collect();
    for wanted in [
        "`d` has 0 rows",
        "`b` fires and stays silent",
        "`c` is no rule",
        "samples/gone.pcap",
    ] {
        assert!(
            texts.iter().any(|text| text.contains(wanted)),
            "{wanted}: {texts:?}"
        );
    }
    assert_eq!(found.len(), 4);
}

#[test]
fn wrong_indexes_and_documents_are_seen() {
    let text = "| file |\n|---|\n| `a.pcap` | x |\n| `gone.pcap` | y |\n";
    let found = index(text, &["a.pcap".to_owned(), "b.pcap".to_owned()]);
    assert_eq!(
        found.iter().map(|c| c.line).collect::<Vec<_>>(),
        [1, 4],
        "{found:?}"
    );
    assert_eq!(
        current("f", "a\nb\n", "a\nc\n")
            .iter()
            .map(|c| c.line)
            .collect::<Vec<_>>(),
        [2]
    );
    assert!(current("f", "a\n", "a\n").is_empty());
}
