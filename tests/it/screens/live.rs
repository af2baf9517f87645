//! Screens of a run that goes on: revisions, withdrawals, sums of what was read so far.

use super::{USUAL, feeds, play, screen, text};
use crate::run::repository;
use redorder::analyzer::{Analyzer, Config, Event};
use redorder::rules::{Finding, Severity};
use redorder::source::Input;
use redorder::tui::{Feed, Message, Model, update};
use std::fs;
use std::io::Cursor;
use std::sync::Arc;

/// The first finding of the race.
fn first_finding() -> Finding {
    let events = feeds("classic-race.pcap", None)
        .into_iter()
        .flat_map(|feed| match feed {
            Feed::Events(events) => events,
            _ => Vec::new(),
        });
    let mut findings = events.filter_map(|event| match event {
        Event::Finding(finding) if finding.rule == "auth-race" => Some(finding),
        _ => None,
    });
    Finding::clone(&findings.next().unwrap())
}

fn tell(model: &mut Model, finding: &Finding) {
    let events = vec![Event::Finding(Arc::new(finding.clone()))];
    update(model, Message::Feed(Feed::Events(events)));
}

#[test]
fn revisions_and_withdrawals_change_the_causes() {
    let mut model = screen(USUAL, Vec::new());
    let mut finding = first_finding();
    (finding.is_final, finding.affected) = (false, 1);
    tell(&mut model, &finding);
    assert_eq!(model.causes.shown().first().map(|c| c.affected), Some(1));
    assert!(
        text(&model).contains("1 may still change"),
        "{}",
        text(&model)
    );

    (finding.revision, finding.affected) = (finding.revision + 1, 5);
    tell(&mut model, &finding);
    let hit = model
        .causes
        .shown()
        .first()
        .map(|c| (c.findings, c.affected));
    assert_eq!(hit, Some((1, 5)));
    play(&mut model, "⏎");
    assert!(
        text(&model).contains("5 commands hit, 1 before"),
        "{}",
        text(&model)
    );

    (finding.revision, finding.withdrawn) = (finding.revision + 1, true);
    tell(&mut model, &finding);
    assert!(model.causes.is_empty());
    assert!(text(&model).contains("1 withdrawn"), "{}", text(&model));
    play(&mut model, "⎋");
    assert!(text(&model).contains("Causes (0)"), "{}", text(&model));
}

#[test]
fn a_cause_keeps_the_selection_when_a_worse_one_comes() {
    let mut model = screen(USUAL, Vec::new());
    let mut note = first_finding();
    note.rule = "slow-auth";
    note.is_final = false;
    note.severity = Severity::Note;
    note.id = "00000000000000ff".to_owned();
    tell(&mut model, &note);
    play(&mut model, "⇥");
    tell(&mut model, &first_finding());
    let selected = model
        .causes
        .selected()
        .map(|(row, cause)| (row, cause.rule));
    assert_eq!(selected, Some((1, "slow-auth")));
    note.revision += 1;
    note.withdrawn = true;
    tell(&mut model, &note);
    assert_eq!(model.causes.selected().map(|(row, _)| row), Some(0));
}

/// While packets come, connections that are still open count as well.
#[test]
fn what_is_known_in_the_middle_is_shown() {
    let mut model = screen(USUAL, feeds("races-among-healthy.pcap", Some(700)));
    let cause = model.causes.shown().first().unwrap();
    assert!(cause.connections_of >= cause.connections && cause.connections_of > 1);
    play(&mut model, "3");
    assert!(
        text(&model).contains("So far: packets still come."),
        "{}",
        text(&model)
    );
    let judged = model.coverage.as_ref().unwrap().commands;
    for feed in feeds("races-among-healthy.pcap", None) {
        update(&mut model, Message::Feed(feed));
    }
    assert!(judged > 0 && model.coverage.unwrap().commands > judged);
}

#[test]
fn a_sum_so_far_is_never_more_than_the_last_one() {
    for entry in fs::read_dir(repository("samples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "pcap") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let mut input = Input::new("sample", Box::new(Cursor::new(bytes)), None).unwrap();
        let mut analyzer = Analyzer::new(Config::default());
        while input.advance() {
            analyzer.push(&input.packet().unwrap());
        }
        let (so_far, last) = (analyzer.so_far(), analyzer.finish());
        let (now, then) = (&so_far.totals, &last.totals);
        let name = path.display();
        assert_eq!(now.connections, then.connections, "{name}");
        assert_eq!(
            now.encrypted_connections, then.encrypted_connections,
            "{name}"
        );
        assert_eq!(
            so_far.one_sided_connections, last.one_sided_connections,
            "{name}"
        );
        assert_eq!(so_far.errors, last.errors, "{name}");
        assert_eq!(so_far.loads, last.loads, "{name}");
        assert!(now.counts.commands <= then.counts.commands, "{name}");
        assert!(now.counts.exchanges <= then.counts.exchanges, "{name}");
    }
}
