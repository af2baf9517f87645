//! Every bound of the program is listed in the docs.

use super::{Complaint, none, repository};
use std::fs;

const LIST: &str = "docs/LIMITS.md";
/// Where the bounds are, and the structs that hold them.
const BOUNDS: [(&str, &str); 3] = [
    ("src/analyzer/config.rs", "pub struct Limits {"),
    ("src/packet/limits.rs", "pub struct DecodeLimits {"),
    ("src/resp/limits.rs", "pub struct Limits {"),
];
/// Fields that are no bounds.
const OTHERS: [&str; 3] = ["decode", "framing", "key"];

/// The fields of the struct that begins with `head`.
fn fields<'t>(text: &'t str, head: &str) -> Vec<&'t str> {
    let body = text.split_once(head).map_or("", |(_, body)| body);
    let body = body.split_once("\n}").map_or(body, |(body, _)| body);
    body.lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(':'))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn every_bound_is_listed() {
    let list = fs::read_to_string(repository(LIST)).unwrap();
    let mut complaints = Vec::new();
    for (file, head) in BOUNDS {
        let text = fs::read_to_string(repository(file)).unwrap();
        let all = fields(&text, head);
        assert!(all.len() > 3, "{file} has no {head}");
        for name in all.iter().filter(|name| !OTHERS.contains(name)) {
            if !list.contains(&format!("| `{name}` |")) {
                let advice =
                    format!("`{name}` of {file} is not listed: say what happens beyond it");
                complaints.push(Complaint::new(LIST, 1, advice));
            }
        }
    }
    none(&complaints);
}

#[test]
fn fields_are_found() {
    let text = "pub struct A {\n    /// One.\n    pub one: u8,\n    pub(super) two: u8,\n}\npub struct B {\n    pub three: u8,\n}\n";
    assert_eq!(fields(text, "pub struct A {"), ["one"]);
}
