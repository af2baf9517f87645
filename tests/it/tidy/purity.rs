//! Clocks, files, threads and the like are touched by the shells only. `.clippy.toml` names what that is; here stands
//! who may be excused from it.

use super::{Complaint, every_file, none, read, without_comments};

/// These touch the outside world.
const SHELLS: &[&str] = &["src/source/", "src/tui/", "src/cli/", "src/main.rs"];

fn check(file: &str, text: &str) -> Vec<Complaint> {
    if SHELLS.iter().any(|shell| file.starts_with(shell)) {
        return Vec::new();
    }
    let code = without_comments(text);
    let lines = (1..).zip(code.lines());
    let excused = lines.filter(|(_, line)| {
        line.contains("disallowed_methods")
            || line.contains("disallowed_types")
            || line.contains("clippy::style")
            || line.contains("clippy::all")
    });
    excused
        .map(|(number, _)| {
            let advice = "only source/, tui/ and cli/ may be excused from `.clippy.toml`: take the time, the bytes or the setting as an argument";
            Complaint::new(file, number, advice)
        })
        .collect()
}

#[test]
fn the_pure_rooms_are_not_excused() {
    none(&every_file(&["src"], &[".rs"], check));
}

#[test]
fn an_excuse_in_a_pure_room_is_seen() {
    let bad = "#[expect(clippy::disallowed_methods, reason = \"x\")]\nfn f() {}";
    assert_eq!(check("src/tcp/table.rs", bad).len(), 1);
    assert_eq!(check("src/report/text/mod.rs", bad).len(), 1);
    none(&check("src/cli/run.rs", bad));
    none(&check(
        "src/tcp/table.rs",
        "// disallowed_methods keeps clocks out",
    ));
}

/// One way into each kind of thing, and the ways around it that are forgotten easily.
#[test]
fn the_list_covers_what_it_promises() {
    let list = read(".clippy.toml");
    for path in [
        "std::time::Instant::now",
        "std::time::SystemTime",
        "std::time::Instant::elapsed",
        "std::fs::File::open",
        "std::fs::OpenOptions",
        "std::fs::metadata",
        "std::path::Path::exists",
        "std::env::var",
        "std::env::var_os",
        "std::env::args_os",
        "std::thread::spawn",
        "std::thread::Builder",
        "std::thread::sleep",
        "std::process::Command",
        "std::process::exit",
        "std::net::TcpStream",
        "std::os::unix::net::UnixStream",
        "std::io::stdout",
    ] {
        let row = format!("{{ path = \"{path}\"");
        assert!(list.contains(&row), ".clippy.toml: {path} is missing");
    }
    let manifest = read("Cargo.toml");
    for lint in ["disallowed_methods", "disallowed_types"] {
        let on = format!("{lint} = \"warn\"");
        assert!(manifest.contains(&on), "Cargo.toml: {on}");
    }
}
