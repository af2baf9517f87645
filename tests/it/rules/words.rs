//! The words of every rule, as its sample brings them out: title, proof, what was not seen, advice, culprit.

use super::table;
use redorder::rules::CATALOGUE;
use serde_json::Value;
use std::fmt::Write as _;

fn list(text: &mut String, name: &str, value: &Value) {
    for line in value.as_array().unwrap() {
        writeln!(text, "{name}: {}", line.as_str().unwrap()).unwrap();
    }
}

/// One finding, without what changes with each capture point: ids, packets in full, times.
fn words(finding: &Value) -> String {
    let mut text = String::new();
    let word = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
    for key in ["severity", "confidence", "scope", "title", "explanation"] {
        writeln!(text, "{key}: {}", word(key)).unwrap();
    }
    let endpoint = word("culprit_endpoint");
    writeln!(text, "culprit: {} {endpoint}", word("culprit")).unwrap();
    writeln!(text, "affected: {}", finding["affected"]).unwrap();
    let proof = &finding["proof"];
    writeln!(text, "proof: {}", proof["text"].as_str().unwrap()).unwrap();
    let packets = proof["packets"].as_array().unwrap();
    let packets: Vec<String> = packets.iter().map(|p| p["packet"].to_string()).collect();
    writeln!(text, "packets: {}", packets.join(" ")).unwrap();
    for (name, value) in proof["values"].as_object().unwrap() {
        writeln!(text, "value: {name} = {value}").unwrap();
    }
    for (name, value) in finding["measures"].as_object().unwrap() {
        writeln!(text, "measure: {name} = {value}").unwrap();
    }
    list(&mut text, "not seen", &finding["not_seen"]);
    list(&mut text, "note", &finding["notes"]);
    list(&mut text, "advice", &finding["advice"]);
    text
}

#[test]
fn every_rule_finds_its_words() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("words");
    let rows = table();
    for info in CATALOGUE {
        let row = rows.iter().find(|row| row.rule == info.name).unwrap();
        let document = row.fires.document();
        let findings = document["findings"].as_array().unwrap();
        let found = findings.iter().find(|f| f["rule"] == info.name).unwrap();
        settings.bind(|| insta::assert_snapshot!(info.name, words(found)));
    }
}
