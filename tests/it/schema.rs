//! The published JSON Schema and the document say the same.

use crate::fixture::{inputs, race_events, report, summary};
use crate::run::{redorder, repository};
use redorder::analyzer::{ConnectionsWanted, Event, Summary};
use redorder::report::{Format, Options};
use serde_json::Value;
use std::collections::BTreeSet;

const SCHEMA: &str = include_str!("../../docs/redorder-1.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn document(events: &[Event], summary: &Summary) -> Value {
    let options = Options {
        connections: ConnectionsWanted::All,
        ..Options::default()
    };
    let json = report(Format::Json, options, events, summary, &inputs());
    serde_json::from_str(&json).unwrap()
}

#[test]
fn documents_are_valid() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let full = document(&race_events(), &summary());
    for document in [&full, &document(&[], &Summary::default())] {
        let errors: Vec<String> = validator
            .iter_errors(document)
            .map(|e| format!("{}: {e}", e.instance_path))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let mut wrong = full;
    wrong["findings"][0]["severity"] = Value::from(3);
    assert!(!validator.is_valid(&wrong));
}

/// Every key of every object is in the schema, required, and nothing else is.
#[test]
fn the_schema_names_every_key() {
    let schema = schema();
    let document = document(&race_events(), &summary());
    compare(&schema, &schema, &document, "$");
}

fn compare(root: &Value, schema: &Value, value: &Value, path: &str) {
    let schema = resolve(root, schema);
    match value {
        Value::Object(fields) if schema.get("properties").is_some() => {
            let have: BTreeSet<&String> = fields.keys().collect();
            let known: BTreeSet<&String> =
                schema["properties"].as_object().unwrap().keys().collect();
            let required: Vec<&str> = schema["required"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| r.as_str().unwrap())
                .collect();
            assert_eq!(have, known, "{path}: keys");
            assert_eq!(required.len(), known.len(), "{path}: required");
            for (key, field) in fields {
                compare(
                    root,
                    &schema["properties"][key],
                    field,
                    &format!("{path}.{key}"),
                );
            }
        }
        Value::Array(items) => {
            for item in items {
                compare(root, &schema["items"], item, &format!("{path}[]"));
            }
        }
        _ => {}
    }
}

/// The captures of `samples/`.
fn samples() -> Vec<String> {
    let entries = std::fs::read_dir(repository("samples")).unwrap();
    let names = entries.map(|entry| entry.unwrap().path().to_str().unwrap().to_owned());
    let mut names: Vec<String> = names.filter(|name| name.contains(".pcap")).collect();
    names.sort();
    names
}

/// A validator for one definition of the schema.
fn of(definition: &str) -> jsonschema::Validator {
    let mut schema = schema();
    let root = schema.as_object_mut().unwrap();
    root.retain(|key, _| key.starts_with('$'));
    root.insert(
        "$ref".to_owned(),
        Value::from(format!("#/$defs/{definition}")),
    );
    jsonschema::draft202012::new(&schema).unwrap()
}

fn valid(validator: &jsonschema::Validator, text: &str, what: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    let errors = validator.iter_errors(&value);
    let errors: Vec<String> = errors
        .map(|e| format!("{}: {e}", e.instance_path))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{text}");
}

#[test]
fn every_document_and_line_of_every_sample_is_valid() {
    let document = jsonschema::draft202012::new(&schema()).unwrap();
    let (line, exchange) = (of("line"), of("exchange_line"));
    let (mut lines, mut exchanges) = (0, 0);
    for sample in samples() {
        let all = ["--connections", "all", &sample];
        let args = [&["analyze", "--format", "json"], &all[..]].concat();
        valid(&document, &redorder(&args), &sample);
        let args = [&["analyze", "--format", "ndjson"], &all[..]].concat();
        for text in redorder(&args).lines() {
            valid(&line, text, &sample);
            lines += 1;
        }
        for text in redorder(&["exchanges", "--format", "ndjson", &sample]).lines() {
            valid(&exchange, text, &sample);
            exchanges += 1;
        }
    }
    assert!(lines > 100 && exchanges > 100, "{lines} {exchanges}");
    assert!(!line.is_valid(&serde_json::json!({ "type": "finding" })));
    assert!(!exchange.is_valid(&serde_json::json!({ "kind": "exchange" })));
}

#[test]
fn every_comparison_is_valid() {
    let schema = include_str!("../../docs/redorder-compare-1.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let samples = samples();
    for pair in samples.windows(2) {
        let args = ["compare", "--format", "json", &pair[0], &pair[1]];
        let text = redorder(&args);
        valid(&validator, &text, &pair.join(" "));
        compare(&schema, &schema, &serde_json::from_str(&text).unwrap(), "$");
    }
    assert!(!validator.is_valid(&serde_json::json!({ "schema": "redorder-compare/1" })));
}

/// Follows `$ref` and the branch of `anyOf` that is not `null`.
fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    if let Some(Value::String(at)) = schema.get("$ref") {
        let target = root.pointer(at.trim_start_matches('#')).unwrap();
        return resolve(root, target);
    }
    let Some(Value::Array(branches)) = schema.get("anyOf") else {
        return schema;
    };
    let branch = branches.iter().find(|b| b["type"] != "null");
    resolve(root, branch.unwrap())
}
