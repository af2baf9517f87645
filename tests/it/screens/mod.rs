//! What the screen shows of the samples, and keys as a person presses them.

/// What changes while packets come.
mod live;

use super::run::repository;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use redorder::analyzer::{Analyzer, Config, ConnectionsWanted, Event};
use redorder::source::{Input, InputReport};
use redorder::tui::{Feed, Focus, Message, Model, Theme, View, keys, update, view};
use std::fs;
use std::io::Cursor;

const USUAL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (170, 40);

/// What an analysis of a sample says, as the screen hears it: `paused` stops in the middle.
fn feeds(name: &str, paused: Option<u64>) -> Vec<Feed> {
    let bytes = fs::read(repository("samples").join(name)).unwrap();
    let mut input = Input::new(name, Box::new(Cursor::new(bytes)), None).unwrap();
    let mut analyzer = Analyzer::new(Config {
        connections: ConnectionsWanted::All,
        ..Config::default()
    });
    let mut feeds = Vec::new();
    let mut packets = 0;
    while paused != Some(packets) && input.advance() {
        packets += 1;
        analyzer.push(&input.packet().unwrap());
        hear(&mut analyzer, &mut feeds);
    }
    let inputs = vec![InputReport {
        path: name.to_owned(),
        packets,
        ..InputReport::default()
    }];
    if paused.is_some() {
        feeds.push(Feed::SoFar(Box::new(analyzer.so_far()), inputs));
        return feeds;
    }
    let summary = analyzer.finish();
    hear(&mut analyzer, &mut feeds);
    feeds.push(Feed::Done(Box::new(summary), inputs));
    feeds
}

fn hear(analyzer: &mut Analyzer, feeds: &mut Vec<Feed>) {
    let events: Vec<Event> = std::iter::from_fn(|| analyzer.poll()).collect();
    if !events.is_empty() {
        feeds.push(Feed::Events(events));
    }
}

fn screen(size: (u16, u16), feeds: Vec<Feed>) -> Model {
    let mut model = Model::new(Theme::default(), size);
    for feed in feeds {
        update(&mut model, Message::Feed(feed));
    }
    model
}

fn sample(name: &str, size: (u16, u16)) -> Model {
    screen(size, feeds(name, None))
}

/// Presses the keys of `script`; `⏎`, `⎋` and `⇥` stand for their keys.
fn play(model: &mut Model, script: &str) {
    for c in script.chars() {
        let code = match c {
            '⏎' => KeyCode::Enter,
            '⎋' => KeyCode::Esc,
            '⇥' => KeyCode::Tab,
            c => KeyCode::Char(c),
        };
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        if let Some(message) = keys::message(model.mode(), key) {
            update(model, message);
        }
    }
}

fn draw(model: &Model) -> TestBackend {
    let (columns, rows) = model.size;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| view::draw(frame, model)).unwrap();
    terminal.backend().clone()
}

fn rows(model: &Model) -> Vec<String> {
    let backend = draw(model);
    let cells: Vec<&str> = backend
        .buffer()
        .content()
        .iter()
        .map(|c| c.symbol())
        .collect();
    let rows = cells.chunks(usize::from(model.size.0));
    rows.map(|row| row.concat()).collect()
}

fn text(model: &Model) -> String {
    rows(model).join("\n")
}

fn shows(name: &str, script: &str, size: (u16, u16)) -> TestBackend {
    let mut model = sample(name, size);
    play(&mut model, script);
    draw(&model)
}

#[test]
fn causes_of_a_race() {
    insta::assert_snapshot!("causes_of_a_race", shows("classic-race.pcap", "", USUAL));
    insta::assert_snapshot!(
        "causes_of_a_race_wide",
        shows("classic-race.pcap", "", WIDE)
    );
    let all = shows("races-among-healthy.pcap", "j⇥G", USUAL);
    insta::assert_snapshot!("causes_details", all);
}

#[test]
fn findings_of_a_cause() {
    insta::assert_snapshot!(
        "findings_of_a_cause",
        shows("classic-race.pcap", "⏎j", USUAL)
    );
    insta::assert_snapshot!(
        "findings_of_a_cause_wide",
        shows("classic-race.pcap", "⏎j", WIDE)
    );
}

#[test]
fn coverage() {
    for (name, sample) in [
        ("race", "classic-race.pcap"),
        ("errors", "transactions.pcap"),
        ("encrypted", "malformed-requests.pcap"),
    ] {
        insta::assert_snapshot!(format!("coverage_{name}"), shows(sample, "3", USUAL));
        insta::assert_snapshot!(format!("coverage_{name}_wide"), shows(sample, "3", WIDE));
    }
}

#[test]
fn a_capture_without_a_packet() {
    let mut empty = screen(USUAL, Vec::new());
    let summary = Analyzer::new(Config::default()).finish();
    update(
        &mut empty,
        Message::Feed(Feed::Done(Box::new(summary), Vec::new())),
    );
    insta::assert_snapshot!("causes_of_nothing", draw(&empty));
    play(&mut empty, "3");
    insta::assert_snapshot!("coverage_of_nothing", draw(&empty));
}

#[test]
fn only_errors_that_nothing_explains() {
    insta::assert_snapshot!(
        "causes_without_findings",
        shows("handshake-falls-back.pcap", "", USUAL)
    );
}

#[test]
fn keys_lead_from_causes_to_findings_and_back() {
    use Focus::{Details, List};
    use View::{Causes, Coverage, Findings};
    // Keys, what is looked at, the pane that takes the keys, rows of the list.
    let table = [
        ("", Causes, List, 4),
        ("jjjjj", Causes, List, 4),
        ("⇥", Causes, Details, 4),
        ("⇥⎋", Causes, List, 4),
        ("⏎", Findings, List, 10),
        ("⏎⎋", Causes, List, 4),
        ("j⏎", Findings, List, 3),
        ("j⏎⏎", Findings, Details, 3),
        ("j⏎⏎⎋", Findings, List, 3),
        ("j⏎⏎⎋⎋", Causes, List, 4),
        ("j⏎2", Findings, List, 16),
        ("2⎋", Causes, List, 4),
        ("3", Coverage, Details, 0),
        ("3jjG", Coverage, Details, 0),
        ("3⏎", Coverage, Details, 0),
        ("3⎋", Causes, List, 4),
        ("31", Causes, List, 4),
        ("3/x", Coverage, Details, 0),
        ("/auth-refused⏎", Causes, List, 1),
        ("/auth-refused⏎⏎", Findings, List, 3),
        ("/auth-refused⏎⏎⎋", Findings, List, 3),
        ("/auth-refused⏎⏎⎋⎋", Causes, List, 4),
        ("!", Causes, List, 1),
        ("!!", Causes, List, 4),
        ("NN", Causes, List, 4),
    ];
    for (script, view, focus, rows) in table {
        let mut model = sample("races-among-healthy.pcap", USUAL);
        play(&mut model, script);
        let pane = (model.view, model.pane(), model.rows());
        assert_eq!(pane, (view, focus, rows), "{script}");
    }
}

#[test]
fn who_leaves_the_findings_is_back_at_their_cause() {
    let mut model = sample("races-among-healthy.pcap", USUAL);
    play(&mut model, "jj");
    let before = model.causes.selected_key();
    play(&mut model, "⏎j⏎⎋⎋");
    assert_eq!(model.causes.selected_key(), before);
    assert_eq!(model.selected_row(), Some(2));
}

#[test]
fn causes_and_coverage_are_those_of_the_report() {
    for name in [
        "classic-race.pcap",
        "races-among-healthy.pcap",
        "direct-redis.pcap",
        "tls13.pcap",
    ] {
        let model = sample(name, USUAL);
        let file = repository("samples").join(name);
        let told = super::run::redorder(&["analyze", "--format", "json", file.to_str().unwrap()]);
        let report: serde_json::Value = serde_json::from_str(&told).unwrap();
        let told: Vec<_> = report["causes"].as_array().unwrap().iter().collect();
        let shown = model.causes.shown();
        assert_eq!(shown.len(), told.len(), "{name}");
        for (cause, told) in shown.iter().zip(told) {
            assert_eq!(told["rule"], cause.rule, "{name}");
            assert_eq!(told["findings"], cause.findings, "{name}");
            assert_eq!(told["connections"], cause.connections, "{name}");
            assert_eq!(told["connections_of"], cause.connections_of, "{name}");
        }
        let coverage = model.coverage.unwrap();
        assert_eq!(
            report["coverage"]["complete"],
            coverage.is_complete(),
            "{name}"
        );
        let errors = report["coverage"]["unexplained_errors"].as_array().unwrap();
        assert_eq!(errors.len(), coverage.unexplained_errors.len(), "{name}");
    }
}

#[test]
fn the_server_stays_visible_in_80_columns() {
    for name in [
        "classic-race.pcap",
        "races-among-healthy.pcap",
        "echo-of-another.pcap",
    ] {
        let mut model = sample(name, USUAL);
        for (script, at) in [("", "culprit"), ("2", "server")] {
            play(&mut model, script);
            let rows = rows(&model);
            let head = rows.get(1).unwrap();
            assert!(head.contains(at), "{head}");
            let server = model
                .findings
                .shown()
                .find_map(|f| f.server)
                .unwrap()
                .to_string();
            let list = rows.get(2..8).unwrap().join("\n");
            assert!(list.contains(&server), "{name}: {server}\n{list}");
        }
    }
}

#[test]
fn hidden_addresses_are_hidden_in_causes_and_coverage() {
    for script in ["p", "p⏎", "p3", "p2"] {
        let mut model = sample("tls13.pcap", (100, 60));
        play(&mut model, script);
        assert!(
            !text(&model).contains("127.0.0.1"),
            "{script}\n{}",
            text(&model)
        );
        let mut model = sample("races-among-healthy.pcap", (100, 60));
        play(&mut model, script);
        assert!(
            !text(&model).contains("127.0.0.1"),
            "{script}\n{}",
            text(&model)
        );
    }
}

#[test]
fn no_screen_tells_a_secret() {
    for entry in fs::read_dir(repository("samples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "pcap") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut model = sample(&name, (300, 200));
        let mut seen = String::new();
        for view in ["3", "2", "1"] {
            play(&mut model, view);
            for _ in 0..model.rows().max(1) {
                seen.push_str(&text(&model));
                play(&mut model, "n");
            }
        }
        assert!(seen.contains("Judged"), "{name}");
        let leaked = crate::secrets::leaked(path, &seen);
        assert!(leaked.is_empty(), "{name}: {leaked:?}");
    }
}

#[test]
fn the_keys_are_in_the_document() {
    let document = fs::read_to_string(repository("docs/TUI.md")).unwrap();
    for binding in keys::BINDINGS {
        let keys: Vec<String> = binding.label.split(' ').map(|k| format!("`{k}`")).collect();
        let row = format!("| {} | {} |", keys.join(" "), binding.help);
        assert!(document.contains(&row), "docs/TUI.md: add the row\n{row}");
    }
}
