//! What may lie at the top of the repository. A test that fails, or a tool that is run by hand, may leave files where it was
//! called: among a few names they would be seen, among hundreds they are not.

use super::{Complaint, none};
use crate::run::repository;

/// Folders and files at the top. Those that begin with a dot are settings of tools.
const TOP: [&str; 12] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "deny.toml",
    "docs",
    "proptest-regressions",
    "rustfmt.toml",
    "samples",
    "src",
    "tests",
];

fn check(name: &str) -> Option<Complaint> {
    let known = TOP.contains(&name) || name == "target" || name.starts_with('.');
    (!known).then(|| {
        Complaint::new(
            name,
            1,
            "nothing else lies at the top: captures belong in samples/ or tests/, and what a test writes in a folder of its own",
        )
    })
}

#[test]
fn nothing_is_left_behind_at_the_top() {
    let top = std::fs::read_dir(repository(".")).unwrap();
    let names = top.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    none(&names.filter_map(|name| check(&name)).collect::<Vec<_>>());
}

#[test]
fn what_was_left_behind_is_seen() {
    assert!(check("bad_17.pcap").is_some() && check("src2").is_some());
    assert!(check("src").is_none() && check(".gitignore").is_none());
}
