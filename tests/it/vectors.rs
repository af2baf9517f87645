//! The written vectors of the ordering oracle, one leg each: what must be reported, and what must not.

use super::made::{ACK, Capture, Ends, FIN, PSH, SYN};
use super::run::{Finding, analyze_file};
use redorder::rules::rule;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A refused or forgotten AUTH is no false alarm where the dialogue holds one.
const PLAIN: [&str; 5] = [
    "auth-error",
    "auth-refused",
    "command-before-auth",
    "auth-missing",
    "reauth-refused",
];

/// The rule and the confidence that a vector's own names stand for; `None` = any confidence.
fn wanted(expect: &Value) -> Option<(&'static str, Option<&'static str>)> {
    let word = |key: &str| expect[key].as_str().unwrap_or_default();
    let by_certainty = match word("certainty") {
        "proof" => "certain",
        "strong" => "likely",
        _ => "possible",
    };
    let named = |name| Some((name, Some(by_certainty)));
    match (word("rule"), word("cause")) {
        ("NOAUTH_AFTER_OK", "auth-not-honoured") => Some(("auth-not-honoured", None)),
        ("NOAUTH_AFTER_OK", "auth-expired") => Some(("auth-expired", None)),
        ("NOAUTH_AFTER_OK", "race-confirmed") => Some(("auth-race", Some("certain"))),
        ("NOAUTH_AFTER_OK", _) => Some(("auth-race", Some("likely"))),
        ("NOAUTH_BEFORE_AUTH_REPLY", _) => named("noauth-before-auth-reply"),
        ("SWAP", _) => named("reply-swapped"),
        ("MISSING_REPLY", _) => named("reply-missing"),
        ("EXTRA_REPLY", _) => named("reply-surplus"),
        ("MISMATCH", _) => named("reply-mismatch"),
        ("SUCCESS_BEFORE_AUTH", _) => named("served-before-auth"),
        ("SERVER_BUG_AUTH_ERROR_ELIDED", _) => Some(("auth-reply-lost", None)),
        // The vector says "suspicious"; the rule's own row says `possible` only of what the next AUTH released.
        ("STALL_AFTER_AUTH", _) => Some(("auth-stranded", Some("likely"))),
        ("" | "OPAQUE_EXEC" | "RESYNC", _) => None,
        (other, _) => panic!("no rule for {other}"),
    }
}

/// What is wrong with the findings of a vector.
fn complaint(expect: &Value, found: &[Finding]) -> Option<String> {
    let Some((name, confidence)) = wanted(expect) else {
        let alarm = found
            .iter()
            .find(|f| f.severity != "note" && !PLAIN.contains(&f.rule.as_str()));
        return alarm.map(|f| format!("false alarm: {f:?}"));
    };
    if let Some(wrong) = found
        .iter()
        .find(|f| f.severity == "error" && f.rule != name)
    {
        return Some(format!("{name} is wanted, found {wrong:?}"));
    }
    let hit = found.iter().find(|f| f.rule == name);
    match (rule(name), hit) {
        (None, _) => Some(format!("{name} is no rule yet")),
        (Some(_), None) => Some(format!("{name} is missing: {found:?}")),
        (Some(_), Some(hit)) => confidence
            .filter(|wanted| hit.confidence != *wanted)
            .map(|wanted| format!("{name} is {}, not {wanted}", hit.confidence)),
    }
}

/// The dialogue as a capture: a segment per event, each acknowledging all that the other end has sent.
fn capture(vector: &Value) -> Vec<u8> {
    let mut capture = Capture::new();
    let start = capture.now_us;
    let mut ends = Ends {
        client_port: 40_001,
        client_seq: 1_000,
        server_seq: 5_000,
    };
    if vector["syn_seen"] == true {
        capture.now_us = start - 1_000;
        ends.client(&mut capture, SYN, b"");
        ends.server(&mut capture, SYN | ACK, b"");
        ends.client(&mut capture, ACK, b"");
    }
    let events = vector["events"].as_array().unwrap();
    for (at, event) in events.iter().enumerate() {
        assert_eq!(event["conn"], "k1", "one connection");
        let at_us = start + (event["t_ms"].as_f64().unwrap() * 1_000.0) as u64;
        capture.now_us = capture.now_us.max(at_us);
        play(&mut capture, &mut ends, event);
        // The other end's system acknowledges what nobody answers at once.
        let t = |e: &Value| e["t_ms"].as_f64().unwrap();
        let next = events
            .get(at + 1)
            .is_none_or(|next| t(next) > t(event) + 0.1);
        match event["dir"].as_str() {
            Some("c") if next => ends.server(&mut capture, ACK, b""),
            Some("s") if next => ends.client(&mut capture, ACK, b""),
            _ => {}
        }
    }
    capture.bytes
}

fn play(capture: &mut Capture, ends: &mut Ends, event: &Value) {
    let text = event["data"].as_str().unwrap();
    let data: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    match event["dir"].as_str().unwrap() {
        "c" => ends.client(capture, PSH | ACK, &data),
        "s" => ends.server(capture, PSH | ACK, &data),
        "C" => ends.client(capture, FIN | ACK, b""),
        "S" => ends.server(capture, FIN | ACK, b""),
        "g" => ends.server_seq += text.parse::<u32>().unwrap(),
        other => panic!("no such direction: {other}"),
    }
}

/// Not found: a reply in front of all commands.
const NOT_YET: [&str; 0] = [];

#[test]
fn every_vector_of_one_leg_is_judged_as_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures/order_vectors.json");
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let document: Value = serde_json::from_str(&text).unwrap();
    let vectors = document["vectors"].as_array().unwrap();
    let single = vectors.iter().filter(|v| v["topology"] == "single");
    let folder = tempfile::tempdir().unwrap();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for vector in single {
        let id = vector["id"].as_str().unwrap();
        let file = folder.path().join(format!("{id}.pcap"));
        fs::write(&file, capture(vector)).unwrap();
        let found = analyze_file(&file, &[]);
        let complaint = complaint(&vector["expect"], &found);
        if NOT_YET.contains(&id) {
            // None passes by accident: what is right now has to leave the list.
            if complaint.is_none() {
                wrong.push(format!("{id} is right now: take it out of its list"));
            }
        } else if let Some(text) = complaint {
            wrong.push(format!("{id} {}: {text}", vector["title"]));
        }
        seen += 1;
    }
    assert!(seen >= 70, "{seen} vectors of one leg");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_verdict_is_noticed() {
    let finding = |rule: &str, severity: &str, confidence: &str| Finding {
        rule: rule.to_owned(),
        severity: severity.to_owned(),
        confidence: confidence.to_owned(),
        affected: 1,
    };
    let race = serde_json::json!({ "rule": "NOAUTH_AFTER_OK", "certainty": "proof" });
    let ok = serde_json::json!({ "rule": null });
    let likely = finding("auth-race", "error", "likely");
    let certain = finding("auth-race", "error", "certain");
    let refused = finding("auth-refused", "warning", "likely");
    assert_eq!(complaint(&race, std::slice::from_ref(&likely)), None);
    assert!(complaint(&race, &[]).is_some());
    assert!(complaint(&race, &[certain]).is_some());
    let no_rule = serde_json::json!({ "rule": "SUCCESS_BEFORE_AUTH", "certainty": "proof" });
    assert!(complaint(&no_rule, &[]).is_some());
    assert_eq!(complaint(&ok, &[refused]), None);
    assert!(complaint(&ok, &[likely]).is_some());
}
