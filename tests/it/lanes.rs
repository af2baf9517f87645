//! Both lanes say the same of every capture at hand, to the last byte.

use super::golden::captures;
use super::run::redorder;

#[test]
fn both_lanes_say_the_same_of_every_capture() {
    let mut seen = 0;
    for (name, path) in captures() {
        let path = path.to_str().unwrap();
        for format in ["json", "ndjson"] {
            let fast = redorder(&["analyze", "-q", "--format", format, path]);
            let full = redorder(&["analyze", "-q", "--format", format, "--no-fast-lane", path]);
            assert!(fast == full, "{name} as {format}");
        }
        for show in [&[][..], &["--show", "values"]] {
            let lines = [&["exchanges", "-q", "--format", "tsv", path], show].concat();
            let fast = redorder(&lines);
            let full = redorder(&[&lines[..], &["--no-fast-lane"]].concat());
            assert!(fast == full, "{name} as lines, {show:?}");
        }
        seen += 1;
    }
    assert!(seen > 20, "{seen} captures");
}
