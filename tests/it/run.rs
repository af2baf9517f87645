//! Runs the `redorder` binary as a user would, and reads what it says.

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Test runs with `REDORDER_BLESS=1` rewrite generated files instead of complaining about them.
pub(crate) fn blessing() -> bool {
    std::env::var_os("REDORDER_BLESS").is_some_and(|value| value == "1")
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// One finding as JSON shows it: what the rule tests look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Finding {
    /// Rule name.
    pub(crate) rule: String,
    /// Severity word.
    pub(crate) severity: String,
    /// Confidence word.
    pub(crate) confidence: String,
    /// Commands hit.
    pub(crate) affected: u64,
}

/// What `redorder` prints on standard output with these arguments; panics with its complaint if it ends badly.
pub(crate) fn redorder(args: &[&str]) -> String {
    let output = Command::cargo_bin("redorder")
        .unwrap()
        .args(args)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "redorder {} ended with {}: {errors}",
        args.join(" "),
        output.status
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The findings of `redorder analyze --format json` on `path`.
pub(crate) fn analyze_file(path: &Path, options: &[&str]) -> Vec<Finding> {
    let file = path.to_str().unwrap();
    let args = [&["analyze", "--format", "json"], options, &[file]].concat();
    let document: Value = serde_json::from_str(&redorder(&args))
        .unwrap_or_else(|e| panic!("{file}: standard output is no JSON: {e}"));
    let findings = document["findings"]
        .as_array()
        .expect("`findings` is an array");
    findings.iter().map(finding).collect()
}

fn finding(value: &Value) -> Finding {
    let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    Finding {
        rule: word("rule"),
        severity: word("severity"),
        confidence: word("confidence"),
        affected: value["affected"].as_u64().unwrap_or_default(),
    }
}
