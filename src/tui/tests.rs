//! The screen as a person sees it, and keys as a person presses them.

use super::fixture::{done, events, plain, race};
use super::{Effect, Feed, Focus, Message, Model, Theme, keys, update, view};
use crate::rules::{Finding, Severity};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

const USUAL: (u16, u16) = (80, 24);

fn screen(size: (u16, u16), feeds: Vec<Feed>) -> Model {
    let mut model = Model::new(Theme::default(), size);
    for feed in feeds {
        update(&mut model, Message::Feed(feed));
    }
    play(&mut model, "2");
    model
}

fn press(model: &mut Model, key: KeyEvent) -> Option<Effect> {
    keys::message(model.mode(), key).and_then(|message| update(model, message))
}

/// Presses the keys of `script`; `⏎`, `⎋`, `⇥` and `⌫` stand for their keys.
fn play(model: &mut Model, script: &str) -> Option<Effect> {
    let code = |c| match c {
        '⏎' => KeyCode::Enter,
        '⎋' => KeyCode::Esc,
        '⇥' => KeyCode::Tab,
        '⌫' => KeyCode::Backspace,
        c => KeyCode::Char(c),
    };
    let keys = script
        .chars()
        .map(|c| KeyEvent::new(code(c), KeyModifiers::NONE));
    keys.fold(None, |_, key| press(model, key))
}

fn draw(model: &Model) -> TestBackend {
    let (columns, rows) = model.size;
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| view::draw(frame, model)).unwrap();
    terminal.backend().clone()
}

fn cells(model: &Model) -> Buffer {
    draw(model).buffer().clone()
}

fn text(model: &Model) -> String {
    cells(model)
        .content()
        .iter()
        .map(|cell| cell.symbol())
        .collect()
}

fn three() -> Vec<Finding> {
    let mut slow = plain("b", Severity::Warning, 7_000_000);
    slow.rule = "slow-auth";
    let mut note = plain("c", Severity::Note, 9_000_000);
    note.rule = "pipelined-past-auth";
    note.title = "pipelining past AUTH".to_owned();
    vec![note, slow, race()]
}

fn reading() -> Feed {
    Feed::Progress {
        packets: 123_456,
        commands: 7_890,
        bytes_read: 42,
        bytes_total: Some(100),
    }
}

#[test]
fn nothing_found() {
    let model = screen(USUAL, vec![done(1)]);
    insta::assert_snapshot!("nothing_found", draw(&model));
}

#[test]
fn no_redis() {
    let mut summary = crate::analyzer::Summary::default();
    summary.totals.packets = 40;
    summary.totals.connections = 2;
    summary.totals.skipped.insert("not-ip", 3);
    summary.totals.limits.insert("held_bytes", 1);
    summary.busiest.push(crate::analyzer::BusyPort {
        server: race().server.unwrap(),
        connections: 2,
        bytes: 4_000,
        looks_like: "TLS",
    });
    let input = crate::source::InputReport {
        path: "a.pcap".to_owned(),
        problems_total: 1,
        dropped: Some((5, 0)),
        ..crate::source::InputReport::default()
    };
    let model = screen(USUAL, vec![Feed::Done(Box::new(summary), vec![input])]);
    insta::assert_snapshot!("no_redis", draw(&model));
}

#[test]
fn loading() {
    let model = screen(USUAL, vec![reading()]);
    insta::assert_snapshot!("loading", draw(&model));
}

#[test]
fn failed() {
    let reason = "a.pcap: not a capture; give a pcap or pcapng file";
    let model = screen(USUAL, vec![reading(), Feed::Failed(reason.to_owned())]);
    insta::assert_snapshot!("failed", draw(&model));
}

#[test]
fn one_race() {
    let model = screen(USUAL, vec![events(vec![race()]), done(1)]);
    insta::assert_snapshot!("one_race", draw(&model));
}

#[test]
fn all_of_a_race() {
    let model = screen((100, 64), vec![events(vec![race()]), done(1)]);
    insta::assert_snapshot!("all_of_a_race", draw(&model));
}

#[test]
fn side_by_side() {
    let model = screen((160, 30), vec![events(three()), reading()]);
    insta::assert_snapshot!("side_by_side", draw(&model));
}

#[test]
fn filtered() {
    let mut model = screen(USUAL, vec![events(three()), done(1)]);
    play(&mut model, "/rule:slow");
    insta::assert_snapshot!("filter_typed", draw(&model));
    play(&mut model, "⏎/ nowhere⏎");
    insta::assert_snapshot!("filter_hides_all", draw(&model));
}

#[test]
fn help() {
    let mut model = screen(USUAL, vec![done(1)]);
    play(&mut model, "?");
    insta::assert_snapshot!("help", draw(&model));
}

#[test]
fn tiny() {
    let mut model = screen((30, 6), vec![events(three()), done(1)]);
    insta::assert_snapshot!("tiny_list", draw(&model));
    play(&mut model, "⏎");
    insta::assert_snapshot!("tiny_details", draw(&model));
}

#[test]
fn addresses_hidden() {
    let mut model = screen((100, 64), vec![events(vec![race()]), done(1)]);
    play(&mut model, "p");
    assert!(!text(&model).contains("10.0.0."));
    assert!(text(&model).contains("host-1:50000 → host-2:6379"));
}

#[test]
fn mono_has_no_colour_and_says_the_same() {
    let coloured = screen(USUAL, vec![events(three()), done(1)]);
    let mono = Model {
        theme: Theme { mono: true },
        ..coloured.clone()
    };
    let plain = |model: &Model| {
        let cells = cells(model);
        let mut colours = cells.content().iter().flat_map(|cell| [cell.fg, cell.bg]);
        colours.all(|colour| colour == Color::Reset)
    };
    assert!(plain(&mono));
    assert!(!plain(&coloured));
    assert_eq!(text(&mono), text(&coloured));
    insta::assert_debug_snapshot!(
        "mono",
        cells(&Model {
            size: (60, 10),
            ..mono
        })
    );
}

#[test]
fn keys_move_the_selection() {
    // Keys, the rule selected, the pane that takes the keys.
    let table = [
        ("", "auth-race", Focus::List),
        ("j", "slow-auth", Focus::List),
        ("jjjj", "pipelined-past-auth", Focus::List),
        ("Gk", "slow-auth", Focus::List),
        ("Ggk", "auth-race", Focus::List),
        ("⏎", "auth-race", Focus::Details),
        ("⏎jjjn", "slow-auth", Focus::Details),
        ("⏎⎋", "auth-race", Focus::List),
        ("⇥⇥", "auth-race", Focus::List),
        ("N", "pipelined-past-auth", Focus::List),
        ("NN", "slow-auth", Focus::List),
        ("nnn", "auth-race", Focus::List),
        ("j!", "auth-race", Focus::List),
        ("j!!", "slow-auth", Focus::List),
        ("/note⏎", "pipelined-past-auth", Focus::List),
        ("/note⏎⎋", "auth-race", Focus::List),
        ("/note⎋", "auth-race", Focus::List),
        ("/notx⌫e⏎", "pipelined-past-auth", Focus::List),
        ("?jG⎋", "auth-race", Focus::List),
    ];
    for (script, rule, focus) in table {
        let mut model = screen(USUAL, vec![events(three()), done(1)]);
        assert_eq!(play(&mut model, script), None, "{script}");
        let selected = model.findings.selected().map(|(_, finding)| finding.rule);
        assert_eq!((selected, model.focus), (Some(rule), focus), "{script}");
    }
}

#[test]
fn details_scroll_to_their_end_and_back() {
    let mut model = screen(USUAL, vec![events(three()), done(1)]);
    play(&mut model, "⏎G");
    let end = model.scroll;
    assert!(end > 0);
    assert!(text(&model).contains("frame.number in {4, 5, 6, 7, 8}"));
    play(&mut model, "jk");
    assert_eq!(model.scroll, end - 1);
    play(&mut model, "n");
    assert_eq!(model.scroll, 0, "another finding is read from its start");
}

#[test]
fn q_and_ctrl_c_leave_from_anywhere() {
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for script in ["", "⏎", "?", "/x"] {
        let mut model = screen(USUAL, vec![events(three())]);
        play(&mut model, script);
        assert_eq!(press(&mut model, ctrl_c), Some(Effect::Quit), "{script}");
    }
    let mut model = screen(USUAL, vec![]);
    assert_eq!(play(&mut model, "?q"), Some(Effect::Quit));
    assert_eq!(
        play(&mut model, "⎋/q"),
        None,
        "a q in the filter is a letter"
    );
}

#[test]
fn who_reads_a_finding_keeps_it_when_a_worse_one_comes() {
    let mut model = screen(USUAL, vec![events(vec![plain("c", Severity::Note, 9)])]);
    play(&mut model, "⏎");
    update(&mut model, Message::Feed(events(vec![race()])));
    let selected = model.findings.selected();
    assert_eq!(
        selected.map(|(row, f)| (row, f.rule)),
        Some((1, "slow-auth"))
    );
}

#[test]
fn two_legs_get_a_ladder_each() {
    let mut race = race();
    race.exchanges[2].connection = crate::model::ConnectionId(4);
    let model = screen((100, 64), vec![events(vec![race]), done(1)]);
    let text = text(&model);
    assert!(text.contains("Connection 3 ") && text.contains("Connection 4 "));
}

/// One thing that happens to a screen.
#[derive(Clone, Debug)]
enum Step {
    Key(KeyEvent),
    Size(u16, u16),
    Finding {
        id: u8,
        revision: u32,
        severity: u8,
        withdrawn: bool,
    },
    Done,
}

fn step() -> impl Strategy<Value = Step> {
    let bound: Vec<(KeyCode, bool)> = keys::BINDINGS
        .iter()
        .flat_map(|b| b.keys)
        .copied()
        .collect();
    let modifiers = |held| {
        if held {
            KeyModifiers::CONTROL
        } else {
            KeyModifiers::NONE
        }
    };
    let bound = prop::sample::select(bound);
    prop_oneof![
        8 => bound.prop_map(move |(code, held)| Step::Key(KeyEvent::new(code, modifiers(held)))),
        2 => any::<char>().prop_map(|c| Step::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))),
        2 => (0u16..200, 0u16..60).prop_map(|(columns, rows)| Step::Size(columns, rows)),
        4 => (0u8..6, 1u32..4, 0u8..3, prop::bool::weighted(0.2)).prop_map(
            |(id, revision, severity, withdrawn)| Step::Finding { id, revision, severity, withdrawn }
        ),
        1 => Just(Step::Done),
    ]
}

fn take(model: &mut Model, step: Step) {
    match step {
        Step::Key(key) => {
            press(model, key);
        }
        Step::Size(columns, rows) => {
            update(model, Message::Resize(columns, rows));
        }
        Step::Finding {
            id,
            revision,
            severity,
            withdrawn,
        } => {
            let severities = [Severity::Note, Severity::Warning, Severity::Error];
            let finding = Finding {
                id: id.to_string(),
                revision,
                severity: severities[usize::from(severity)],
                withdrawn,
                ..race()
            };
            update(model, Message::Feed(events(vec![finding])));
        }
        Step::Done => {
            update(model, Message::Feed(done(1)));
        }
    }
}

proptest! {
    #[test]
    fn no_keys_and_no_size_break_the_screen(steps in prop::collection::vec(step(), 0..60)) {
        let mut model = screen((1, 1), vec![]);
        for step in steps {
            take(&mut model, step);
            draw(&model);
            let shown = model.findings.shown_len();
            let selected = model.findings.selected().map(|(row, _)| row);
            prop_assert_eq!(selected.is_some(), shown > 0);
            prop_assert!(selected.is_none_or(|row| row < shown));
            let causes = (model.causes.selected().is_some(), !model.causes.shown().is_empty());
            prop_assert_eq!(causes.0, causes.1);
        }
    }
}
