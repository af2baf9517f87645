//! Every rule fires on its sample and stays silent on its near miss (`samples/rules.tsv`).

mod abandoned_read;
mod auth_error;
mod auth_expired;
mod auth_missing;
mod auth_not_honoured;
mod auth_race;
mod auth_refused;
mod auth_reply_lost;
mod auth_service_failed;
mod auth_stranded;
mod capture_incomplete;
mod closed_unanswered;
mod command_before_auth;
mod encrypted;
mod malformed_resp;
mod noauth_before_auth_reply;
mod noauth_unexplained;
mod pipelined_past_auth;
mod proxy_error;
mod reauth_refused;
mod reply_mismatch;
mod reply_missing;
mod reply_shift;
mod reply_surplus;
mod reply_swapped;
mod served_before_auth;
mod served_during_reauth;
mod slow_auth;
mod unanswered;
mod upstream_noauth;
mod words;

use super::run::{Finding, analyze_file, redorder, repository};
use redorder::rules::rule;
use std::fs;

/// A line of `samples/rules.tsv`.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub(crate) rule: String,
    pub(crate) fires: Case,
    pub(crate) silent: Case,
}

/// A capture in `samples/` and the options it is analysed with.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Case {
    pub(crate) file: String,
    pub(crate) options: Vec<String>,
}

impl Case {
    fn parse(field: &str) -> Option<Case> {
        let mut words = field.split_whitespace().map(str::to_owned);
        Some(Case {
            file: words.next()?,
            options: words.collect(),
        })
    }

    /// The JSON document of its analysis.
    pub(crate) fn document(&self) -> serde_json::Value {
        let path = repository("samples").join(&self.file);
        let mut args = vec!["analyze", "--format", "json", path.to_str().unwrap()];
        args.extend(self.options.iter().map(String::as_str));
        serde_json::from_str(&redorder(&args)).unwrap()
    }

    fn findings(&self) -> Vec<Finding> {
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        analyze_file(&repository("samples").join(&self.file), &options)
    }
}

/// The rows of the table, or what is wrong with a line of it.
pub(crate) fn parse(text: &str) -> Result<Vec<Row>, String> {
    let lines = (1..).zip(text.lines());
    let rows = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    rows.map(|(number, line)| {
        row(line).ok_or(format!(
            "line {number}: want rule, firing file, silent file, with tabs between: {line}"
        ))
    })
    .collect()
}

fn row(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [rule, fires, silent] = fields.as_slice() else {
        return None;
    };
    Some(Row {
        rule: (*rule).to_owned(),
        fires: Case::parse(fires)?,
        silent: Case::parse(silent)?,
    })
}

pub(crate) fn table() -> Vec<Row> {
    let text = fs::read_to_string(repository("samples/rules.tsv")).unwrap();
    parse(&text).unwrap_or_else(|e| panic!("samples/rules.tsv: {e}"))
}

#[test]
fn every_rule_fires_on_its_sample_and_not_on_its_near_miss() {
    let mut wrong = Vec::new();
    for Row {
        rule,
        fires,
        silent,
    } in table()
    {
        let names =
            |findings: &[Finding]| findings.iter().map(|f| f.rule.clone()).collect::<Vec<_>>();
        let found = fires.findings();
        if !found.iter().any(|f| f.rule == rule) {
            wrong.push(format!(
                "{rule} does not fire on {}: found {:?}",
                fires.file,
                names(&found)
            ));
        }
        let found = silent.findings();
        if found.iter().any(|f| f.rule == rule) {
            wrong.push(format!(
                "{rule} fires on its near miss {}: found {:?}",
                silent.file,
                names(&found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the report of 2024 must become: eight connections, each with one refused command, and nothing else of that weight.
#[test]
fn the_classic_race_is_told_in_full() {
    let found = analyze_file(&repository("samples/classic-race.pcap"), &[]);
    let races: Vec<&Finding> = found.iter().filter(|f| f.rule == "auth-race").collect();
    assert_eq!(
        races.iter().map(|f| f.affected).sum::<u64>(),
        8,
        "{found:?}"
    );
    assert!(races.iter().all(|f| f.severity == "error"), "{found:?}");
    assert!(
        found
            .iter()
            .all(|f| f.rule == "auth-race" || f.severity == "note"),
        "{found:?}"
    );
}

/// The document says of itself that this command writes it.
#[test]
fn the_program_prints_the_rule_document() {
    let document = fs::read_to_string(repository("docs/RULES.md")).unwrap();
    let printed = redorder(&["rules", "--format", "markdown"]);
    assert!(
        printed == document,
        "`redorder rules --format markdown` does not print docs/RULES.md: print `rules::markdown()` there"
    );
}

#[test]
fn a_race_is_certain_once_a_later_command_succeeds() {
    let found = analyze_file(&repository("samples/race-then-success.pcap"), &[]);
    assert!(
        found
            .iter()
            .any(|f| f.rule == "auth-race" && f.confidence == "certain"),
        "{found:?}"
    );
}

/// The last column of `samples/README.md`: rule names in back quotes that must be found, options in back quotes, or
/// `notes at most`.
#[test]
fn the_index_of_samples_tells_the_truth() {
    let index = fs::read_to_string(repository("samples/README.md")).unwrap();
    let mut wrong = Vec::new();
    for expected in index.lines().filter_map(expectation) {
        let found = expected.case.findings();
        for name in &expected.rules {
            if !found.iter().any(|f| f.rule == *name) {
                wrong.push(format!(
                    "{}: {name} is promised: {found:?}",
                    expected.case.file
                ));
            }
        }
        if expected.quiet && found.iter().any(|f| f.severity != "note") {
            wrong.push(format!(
                "{}: notes at most are promised: {found:?}",
                expected.case.file
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A row of the index.
struct Expectation {
    case: Case,
    rules: Vec<String>,
    quiet: bool,
}

fn expectation(line: &str) -> Option<Expectation> {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let ["", file, _, _, expected, ""] = cells.as_slice() else {
        return None;
    };
    let file = file.trim_matches('`').to_owned();
    if !file.contains(".pcap") {
        return None;
    }
    let quoted: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let options = quoted.iter().filter(|word| word.starts_with("--"));
    let rules = quoted.iter().filter(|word| rule(word).is_some());
    Some(Expectation {
        case: Case {
            file,
            options: options
                .flat_map(|o| o.split(' '))
                .map(str::to_owned)
                .collect(),
        },
        rules: rules.map(|name| (*name).to_owned()).collect(),
        quiet: *expected == "notes at most",
    })
}

#[test]
fn a_row_of_the_index_is_read() {
    let row =
        expectation("| `a.pcap` | x `y` | z | `auth-race`, 8 commands, with `--port 1` |").unwrap();
    assert_eq!((row.case.file.as_str(), row.quiet), ("a.pcap", false));
    assert_eq!(row.case.options, ["--port", "1"]);
    assert_eq!(row.rules, ["auth-race"]);
    assert!(
        expectation("| `a.pcap` | x | z | notes at most |")
            .unwrap()
            .quiet
    );
    assert!(expectation("| file | what it shows | origin | expected findings |").is_none());
}

#[test]
fn the_table_is_read_with_options_and_refuses_short_lines() {
    let rows = parse("# comment\na-b\tx.pcap --port 1\ty.pcap\n").unwrap();
    let [
        Row {
            rule,
            fires,
            silent,
        },
    ] = rows.as_slice()
    else {
        panic!("one row wanted: {rows:?}");
    };
    assert_eq!(
        (rule.as_str(), fires.file.as_str(), silent.file.as_str()),
        ("a-b", "x.pcap", "y.pcap")
    );
    assert_eq!(fires.options, ["--port", "1"]);
    assert!(parse("\na-b\tx.pcap\n").unwrap_err().contains("line 2"));
}
