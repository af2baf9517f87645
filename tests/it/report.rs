//! What the formats write, as snapshots, and what must hold for all of them.

use crate::fixture::{
    connection, inputs, lines, no_redis, note, race, race_again, race_events, report, summary, time,
};
use redorder::analyzer::{ConnectionsWanted, Event, ExchangeLine, Summary};
use redorder::model::ConnectionId;
use redorder::report::{
    ExchangeChoice, ExchangeFormat, ExchangeReport, Format, Options, Paint, Progress, Report,
    RuleChoice, Selection, TextOptions, TimeStyle, frame_filter,
};
use redorder::rules::{Confidence, Finding, Severity};

fn text(events: &[Event], summary: &Summary) -> String {
    report(Format::Text, Options::default(), events, summary, &inputs())
}

fn with_text(text: TextOptions) -> Options {
    Options {
        text,
        ..Options::default()
    }
}

fn events(findings: impl IntoIterator<Item = Finding>) -> Vec<Event> {
    let boxed = |f| Event::Finding(std::sync::Arc::new(f));
    findings.into_iter().map(boxed).collect()
}

#[test]
fn text_of_a_race() {
    insta::assert_snapshot!(text(&race_events(), &summary()));
}

#[test]
fn text_of_many_races() {
    let grouped = (0..9).map(|n| race_again(n, Some("0123456789abcdef")));
    let alone = (10..15).map(|n| race_again(n, None));
    insta::assert_snapshot!(text(&events(grouped.chain(alone)), &summary()));
}

#[test]
fn text_when_all_is_well() {
    let events = [Event::Connection(std::sync::Arc::new(connection()))];
    let options = Options {
        connections: ConnectionsWanted::All,
        ..Options::default()
    };
    insta::assert_snapshot!(report(
        Format::Text,
        options,
        &events,
        &summary(),
        &inputs()
    ));
}

#[test]
fn text_without_redis() {
    insta::assert_snapshot!(text(&[], &no_redis()));
}

#[test]
fn text_of_nothing() {
    insta::assert_snapshot!(report(
        Format::Text,
        Options::default(),
        &[],
        &Summary::default(),
        &[]
    ));
}

#[test]
fn text_of_a_live_run() {
    let mut second = race();
    second.revision = 2;
    second.is_final = false;
    let mut noted = note();
    noted.is_final = false;
    let mut gone = note();
    gone.revision = 2;
    gone.withdrawn = true;
    let mut first = race();
    first.is_final = false;
    first.confidence = Confidence::Likely;
    let mut last = second.clone();
    // Nothing that a reader would want to be told again.
    last.revision = 3;
    last.is_final = true;
    let events = events([noted, first, second, last, gone]);
    let options = with_text(TextOptions {
        live: true,
        quiet: true,
        time: TimeStyle::Relative,
        ..TextOptions::default()
    });
    insta::assert_snapshot!(report(
        Format::Text,
        options,
        &events,
        &summary(),
        &inputs()
    ));
}

#[test]
fn json_of_a_race() {
    insta::assert_snapshot!(report(
        Format::Json,
        Options::default(),
        &race_events(),
        &summary(),
        &inputs()
    ));
}

#[test]
fn ndjson_of_a_race() {
    let mut out = Vec::new();
    let mut report = Format::Ndjson.report(&mut out, Options::default());
    for event in race_events() {
        report.event(&event).unwrap();
    }
    let progress = Progress {
        time: Some(time(1)),
        packets: 15,
        commands: 3,
        findings: 2,
        dropped: 3,
    };
    report.progress(&progress).unwrap();
    report.finish(&summary(), &inputs()).unwrap();
    drop(report);
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

fn exchanges(format: ExchangeFormat, choice: ExchangeChoice, lines: &[ExchangeLine]) -> String {
    let mut out = Vec::new();
    let mut report = ExchangeReport::new(&mut out, format, choice, TimeStyle::Utc);
    for line in lines {
        report
            .event(&Event::Exchange(Box::new(line.clone())))
            .unwrap();
    }
    report.finish(&Summary::default(), &[]).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn exchange_lines() {
    for format in ExchangeFormat::ALL {
        let lines = exchanges(format, ExchangeChoice::default(), &lines());
        insta::assert_snapshot!(format!("exchanges_{}", format.name()), lines);
    }
}

#[test]
fn exchange_lines_are_chosen() {
    let of = |choice| {
        exchanges(ExchangeFormat::Ndjson, choice, &lines())
            .lines()
            .count()
    };
    let all = ExchangeChoice::default();
    assert_eq!(of(all.clone()), 4);
    assert_eq!(
        of(ExchangeChoice {
            errors: true,
            ..all.clone()
        }),
        1
    );
    assert_eq!(
        of(ExchangeChoice {
            commands: vec!["GET".to_owned()],
            ..all.clone()
        }),
        1
    );
    assert_eq!(
        of(ExchangeChoice {
            min_latency_ns: Some(5_120_001),
            ..all.clone()
        }),
        1
    );
    assert_eq!(
        of(ExchangeChoice {
            count: Some(2),
            ..all
        }),
        2
    );
}

#[test]
fn a_table_without_rows_has_its_header() {
    let table = exchanges(ExchangeFormat::Tsv, ExchangeChoice::default(), &[]);
    assert_eq!(table.lines().count(), 1);
    let full = exchanges(ExchangeFormat::Tsv, ExchangeChoice::default(), &lines());
    let columns = |l: &str| l.split('\t').count();
    assert!(full.lines().all(|l| columns(l) == columns(&table)));
}

fn value(options: Options, events: &[Event]) -> serde_json::Value {
    let json = report(Format::Json, options, events, &summary(), &inputs());
    serde_json::from_str(&json).unwrap()
}

#[test]
fn the_last_revision_counts() {
    let mut raised = note();
    raised.revision = 2;
    raised.severity = Severity::Error;
    raised.first.time = time(-1);
    let document = value(
        Options::default(),
        &events([note(), race(), raised, note()]),
    );
    let found = document["findings"].as_array().unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["rule"], "slow-auth");
    assert_eq!(found[0]["severity"], "error");
}

#[test]
fn what_is_taken_back_is_gone() {
    let mut told = race();
    told.is_final = false;
    let mut gone = race();
    gone.revision = 2;
    gone.withdrawn = true;
    let connection = Event::Connection(std::sync::Arc::new(connection()));
    let mut all = events([told, gone]);
    all.push(connection);
    let document = value(Options::default(), &all);
    assert_eq!(document["findings"].as_array().unwrap().len(), 0);
    assert_eq!(document["connections"].as_array().unwrap().len(), 0);
    assert_eq!(document["totals"]["findings"], serde_json::json!({}));
    let streamed = report(Format::Ndjson, Options::default(), &all, &summary(), &[]);
    assert!(streamed.contains("\"withdrawn\":true"));
}

#[test]
fn severity_hides_and_rule_chooses() {
    let hidden = Options {
        selection: Selection {
            rules: vec![],
            min_severity: Some(Severity::Warning),
        },
        ..Options::default()
    };
    let document = value(hidden, &race_events());
    assert_eq!(document["findings"].as_array().unwrap().len(), 1);
    let both = serde_json::json!({"auth-race": 1, "slow-auth": 1});
    assert_eq!(document["totals"]["findings"], both);
    let chosen = Options {
        selection: Selection {
            rules: vec![RuleChoice {
                name: "auth-race".to_owned(),
                excluded: true,
            }],
            min_severity: None,
        },
        ..Options::default()
    };
    let document = value(chosen, &race_events());
    assert_eq!(
        document["totals"]["findings"],
        serde_json::json!({"slow-auth": 1})
    );
}

#[test]
fn connections_are_notable_or_all() {
    let mut other = connection();
    other.id = ConnectionId(7);
    let mut all = race_events();
    all.push(Event::Connection(std::sync::Arc::new(other)));
    assert_eq!(
        value(Options::default(), &all)["connections"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let options = Options {
        connections: ConnectionsWanted::All,
        ..Options::default()
    };
    assert_eq!(
        value(options, &all)["connections"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn the_order_of_events_does_not_matter() {
    let mut events: Vec<Event> = (0..9)
        .map(|n| race_again(n, None))
        .map(|f| Event::Finding(std::sync::Arc::new(f)))
        .collect();
    let forth = report(
        Format::Json,
        Options::default(),
        &events,
        &summary(),
        &inputs(),
    );
    events.reverse();
    let back = report(
        Format::Json,
        Options::default(),
        &events,
        &summary(),
        &inputs(),
    );
    assert_eq!(forth, back);
}

#[test]
fn the_filter_names_each_packet_once() {
    assert_eq!(frame_filter(&race()), "frame.number in {4, 6, 7, 9}");
}

#[test]
fn colours_are_an_addition() {
    let plain = text(&race_events(), &summary());
    let options = with_text(TextOptions {
        paint: Paint::new(true),
        ..TextOptions::default()
    });
    let painted = report(Format::Text, options, &race_events(), &summary(), &inputs());
    assert!(painted.contains("\x1b[1;31mERROR\x1b[0m"));
    assert_eq!(without_colours(&painted), plain);
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

#[test]
fn the_text_fits_and_obeys_no_wire() {
    let mut hostile = race();
    hostile.title = "a\x1b]0;b\x07".repeat(40);
    hostile.exchanges[1].reply = Some("-ERR \x1b[2J\r\n".repeat(20).into());
    hostile.exchanges[1].args = ["x".repeat(500)].iter().collect();
    let text = text(&events([hostile]), &summary());
    assert!(!text.contains(['\x1b', '\x07', '\r']));
    let long: Vec<&str> = text.lines().filter(|l| l.chars().count() > 80).collect();
    // One word without a space can not be wrapped.
    assert!(long.iter().all(|l| !l.trim().contains(' ')), "{long:#?}");
}
