//! Imports only go down: a module names itself and those below it.

use super::{Complaint, every_file, line_of, none, without_comments};

/// Bottom first. The shells stand on one step and never import each other.
const LAYERS: &[&[&str]] = &[
    &["model"],
    &["packet"],
    &["tcp"],
    &["resp"],
    &["redis"],
    &["legs"],
    &["finding"],
    &["rules"],
    &["analyzer"],
    &["source", "report", "tui"],
    &["cli"],
];

/// What a shell may take from another shell: the report of an input is data that text, JSON and screen show. It stands
/// beside the trait that fills it in, and moving it below would tell the analysis that files exist.
const SHOWN_INPUTS: &[&str] = &["InputReport", "Problem"];

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|names| names.contains(&name))
}

fn allowed(from: &str, path: &[String]) -> bool {
    let [to, rest @ ..] = path else {
        return true;
    };
    let (Some(above), Some(below)) = (layer(from), layer(to)) else {
        return true;
    };
    let shown = to == "source"
        && rest
            .first()
            .is_some_and(|item| SHOWN_INPUTS.contains(&item.as_str()));
    from == to || below < above || (shown && ["report", "tui"].contains(&from))
}

fn check(file: &str, text: &str) -> Vec<Complaint> {
    let Some(inside) = file.strip_prefix("src/") else {
        return Vec::new();
    };
    let Some((from, rest)) = inside.split_once('/') else {
        return Vec::new();
    };
    let code = without_comments(text);
    let depth = 1 + rest
        .trim_end_matches(".rs")
        .split('/')
        .filter(|part| *part != "mod")
        .count();
    let mut complaints = Vec::new();
    for (offset, path) in from_the_root(&code, depth) {
        if !allowed(from, &path) {
            let advice = format!(
                "`{from}` must not use `crate::{}`: imports go down only (the order is in src/lib.rs). Move the item to a lower layer, or hand it in as an argument",
                path.join("::")
            );
            complaints.push(Complaint::new(file, line_of(&code, offset), advice));
        }
    }
    complaints
}

/// Every path that starts at the crate's root, spelled `crate::` or with enough `super::`.
fn from_the_root(code: &str, depth: usize) -> Vec<(usize, Vec<String>)> {
    let tests = code.find("\nmod tests {").unwrap_or(code.len());
    let mut found = Vec::new();
    for (offset, _) in code.match_indices("crate::") {
        if starts_a_word(code, offset) {
            found.push((offset, &code[offset + "crate::".len()..]));
        }
    }
    for (offset, _) in code.match_indices("super::") {
        if !starts_a_word(code, offset) {
            continue;
        }
        let mut rest = &code[offset..];
        let mut steps = 0;
        while let Some(behind) = rest.strip_prefix("super::") {
            (rest, steps) = (behind, steps + 1);
        }
        // A test module is one step further in.
        if steps == depth + usize::from(offset > tests) {
            found.push((offset, rest));
        }
    }
    let trees = found.into_iter();
    trees
        .flat_map(|(offset, rest)| expand(rest).into_iter().map(move |path| (offset, path)))
        .collect()
}

/// Not the tail of a longer word or path.
fn starts_a_word(code: &str, offset: usize) -> bool {
    let before = code[..offset].chars().next_back();
    !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
}

/// `a::{b, c::d}` becomes `a::b` and `a::c::d`.
pub(super) fn expand(tree: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    subtree(tree, &[], &mut paths);
    paths
}

/// Reads one tree and returns what stands behind it.
fn subtree<'t>(text: &'t str, prefix: &[String], paths: &mut Vec<Vec<String>>) -> &'t str {
    let mut path = prefix.to_vec();
    let mut rest = text.trim_start();
    loop {
        if let Some(mut inner) = rest.strip_prefix('{') {
            loop {
                inner = subtree(inner, &path, paths).trim_start();
                match inner.strip_prefix(',') {
                    Some(behind) => inner = behind,
                    None => return inner.strip_prefix('}').unwrap_or(inner),
                }
            }
        }
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        if end > 0 {
            path.push(rest[..end].to_owned());
        }
        rest = &rest[end..];
        match rest.strip_prefix("::") {
            Some(behind) => rest = behind,
            None => break,
        }
    }
    if path.len() > prefix.len() {
        paths.push(path);
    }
    rest
}

#[test]
fn imports_only_go_down() {
    none(&every_file(&["src"], &[".rs"], check));
}

#[test]
fn every_top_level_module_has_a_layer() {
    for line in super::read("src/lib.rs").lines() {
        if let Some(name) = line
            .strip_prefix("pub mod ")
            .and_then(|rest| rest.strip_suffix(';'))
        {
            assert!(
                layer(name).is_some(),
                "src/lib.rs: give `{name}` a place in LAYERS of tests/it/tidy/layers.rs"
            );
        }
    }
}

#[test]
fn upward_imports_are_seen_however_they_are_spelled() {
    let bad = [
        ("src/tcp/table.rs", "use crate::rules::Finding;"),
        (
            "src/tcp/table.rs",
            "\nuse crate::{model::Side, redis::Session};",
        ),
        (
            "src/tcp/table.rs",
            "use crate::{\n    model::{Side, Endpoint},\n    resp::Head,\n};",
        ),
        ("src/rules/mod.rs", "fn f() { crate::analyzer::go() }"),
        ("src/rules/mod.rs", "use super::analyzer::Config;"),
        ("src/rules/race.rs", "use super::super::analyzer::Config;"),
        ("src/report/text.rs", "use crate::tui::Model;"),
        (
            "src/report/text.rs",
            "use crate::source::{InputReport, Source};",
        ),
        (
            "src/source/file.rs",
            "use crate::source::open; use crate::report::Format;",
        ),
        ("src/tui/view/list.rs", "use super::super::super::cli::run;"),
        (
            "src/packet/mod.rs",
            "#[cfg(test)]\nmod tests {\n    use super::super::tcp::Table;\n}",
        ),
    ];
    for (file, text) in bad {
        assert_eq!(check(file, text).len(), 1, "{file}: {text}");
    }
}

#[test]
fn downward_imports_pass() {
    let good = [
        (
            "src/tcp/table.rs",
            "use crate::model::{Side, Endpoint}; use crate::packet::Segment; use super::half::Half;",
        ),
        (
            "src/tcp/table.rs",
            "// crate::rules is above\n/// see [`crate::analyzer`]",
        ),
        (
            "src/packet/mod.rs",
            "use self::tcp::decode;\n#[cfg(test)]\nmod tests {\n    use super::tcp::decode;\n}",
        ),
        ("src/packet/walk.rs", "use super::tcp;"),
        (
            "src/report/text.rs",
            "use crate::source::{InputReport, Problem}; use crate::analyzer::Event;",
        ),
        (
            "src/cli/run.rs",
            "use crate::tui::run; use crate::source::open;",
        ),
        ("src/lib.rs", "pub use crate::cli::run;"),
    ];
    for (file, text) in good {
        none(&check(file, text));
    }
}
