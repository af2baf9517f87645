//! Commands that wait are judged while their connection is open, and limits hide no error.

use super::talk::{Ends, MS, Run, START, told};
use redorder::analyzer::Event;
use redorder::model::Timestamp;
use redorder::rules::{Confidence, Finding};
use std::collections::BTreeMap;

/// Patience of one second, and the second that a verdict may come later.
const TOLD_WITHIN_NS: i64 = 2_000 * MS;

fn poll(run: &mut Run, told: &mut BTreeMap<String, Finding>) {
    while let Some(event) = run.analyzer.poll() {
        match event {
            Event::Finding(f) if f.withdrawn => drop(told.remove(&f.id)),
            Event::Finding(f) => {
                drop(told.insert(f.id.clone(), std::sync::Arc::unwrap_or_clone(f)))
            }
            _ => {}
        }
    }
}

/// AUTH and two GET in one flight, of which the second is never answered. Returns when it was sent.
fn strand(run: &mut Run) -> (Ends, i64) {
    let mut ends = run.open(40_000);
    run.talk(&mut ends, "C: AUTH pwd ; GET a ; GET a");
    let sent = run.now;
    run.talk(&mut ends, "W 60\nS: +OK\nS: $1 / v\nC.");
    (ends, sent)
}

fn stranded(told: &BTreeMap<String, Finding>) -> Option<&Finding> {
    told.values().find(|f| f.rule == "auth-stranded")
}

#[test]
fn a_strand_is_told_while_the_connection_is_open() {
    let (mut run, mut said) = (Run::new(), BTreeMap::new());
    let (mut ends, sent) = strand(&mut run);
    let mut neighbour = run.open(40_001);
    while run.now - sent < TOLD_WITHIN_NS && stranded(&said).is_none() {
        run.talk(&mut neighbour, "C: PING\nS: +PONG\nW 100");
        poll(&mut run, &mut said);
    }
    let early = stranded(&said).expect("told while it is open").clone();
    assert!(!early.is_final);
    run.talk(&mut ends, "C.\nFIN");
    run.analyzer.finish();
    poll(&mut run, &mut said);
    let last = stranded(&said).expect("and in the end");
    assert_eq!(
        (last.id.as_str(), last.affected, last.is_final),
        (early.id.as_str(), early.affected, true)
    );
    assert_eq!(last.confidence, Confidence::Likely);
}

#[test]
fn time_alone_is_enough() {
    let (mut run, mut said) = (Run::new(), BTreeMap::new());
    let (_, sent) = strand(&mut run);
    run.each(|a| a.tick(Timestamp::from_nanos(sent + 500 * MS)));
    poll(&mut run, &mut said);
    assert!(stranded(&said).is_none(), "too early");
    run.analyzer
        .tick(Timestamp::from_nanos(sent + TOLD_WITHIN_NS));
    poll(&mut run, &mut said);
    assert!(stranded(&said).is_some());
}

#[test]
fn an_answer_that_comes_late_takes_the_verdict_back() {
    let (mut run, mut said) = (Run::new(), BTreeMap::new());
    let (mut ends, sent) = strand(&mut run);
    run.analyzer
        .tick(Timestamp::from_nanos(sent + TOLD_WITHIN_NS));
    poll(&mut run, &mut said);
    assert!(stranded(&said).is_some());
    run.now = sent + TOLD_WITHIN_NS;
    run.talk(&mut ends, "S: $1 / v\nC.\nFIN");
    run.analyzer.finish();
    poll(&mut run, &mut said);
    assert!(stranded(&said).is_none());
}

#[test]
fn many_mild_findings_hide_no_error() {
    let mut run = Run::new();
    for n in 0..20_000u32 {
        let port = u16::try_from(1_024 + n % 60_000).unwrap();
        let mut ends = run.open(port);
        let refused = "C: PING\nS: -NOAUTH Authentication required.\nFIN\nW 20";
        run.talk(&mut ends, refused);
    }
    let mut ends = run.open(65_000);
    run.talk(
        &mut ends,
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C: PING
        S: +PONG
        FIN
        ",
    );
    let said = run.end();
    let counted = &said.summary.totals.findings;
    assert_eq!((counted["auth-missing"], counted["auth-race"]), (20_000, 1));
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
}

#[test]
fn a_clock_far_ahead_is_no_wait() {
    let said = told("C: PING\nS: +PONG\nC: GET a\nC.");
    assert!(said.accusations().is_empty());
    let (mut run, mut said) = (Run::new(), BTreeMap::new());
    let mut ends = run.open(40_000);
    run.talk(&mut ends, "C: PING\nS: +PONG\nC: GET a");
    let mut other = run.open(40_001);
    run.now = START + 80 * 365 * 86_400_000 * MS;
    run.talk(&mut other, "C: PING");
    run.analyzer.finish();
    poll(&mut run, &mut said);
    assert!(said.values().all(|f| f.rule != "unanswered"), "{said:?}");
}

#[test]
fn a_case_that_is_called_otherwise_leaves_no_finding_behind() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    let mut neighbour = run.open(40_001);
    // The first command seems to wait for longer than anybody's patience …
    run.talk(
        &mut ends,
        "C: INFO ; GET a\nS.\nW 700\nS! $1 / v / $1 / w\nC: TIME\nRST",
    );
    run.talk(&mut neighbour, "W 400\nC: PING\nS: +PONG\nC.");
    // … but its answer was only not captured, and another command is the one that waits.
    run.talk(&mut neighbour, "W 2000\nC: PING\nS: +PONG\nC.");
    let said = run.end();
    assert_eq!(said.one("closed-unanswered").exchanges[0].index, 2);
}
