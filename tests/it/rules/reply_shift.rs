//! `reply-shift`: each reply belongs to the command in front, and the beginning was not captured.

use crate::talk::{midstream, told};
use redorder::rules::Confidence;

/// Exchanges behind a pause each: what ECHO sends, and what comes back so many ms later.
fn echoes(pairs: &[(u8, u8)], late_ms: u32) -> String {
    // At uneven intervals: at even ones a server that is late by one of them looks the same.
    echoes_after(pairs, late_ms, &[100, 150, 230])
}

fn echoes_after(pairs: &[(u8, u8)], late_ms: u32, waits_ms: &[u32]) -> String {
    let one = |((sent, back), wait): (&(u8, u8), &u32)| {
        format!("C: ECHO {sent}\nC.\nS.\nW {late_ms}\nS: $1 / {back}\nC.\nW {wait}\n")
    };
    pairs.iter().zip(waits_ms.iter().cycle()).map(one).collect()
}

#[test]
fn each_reply_is_that_of_the_command_in_front() {
    let late = [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)];
    let said = midstream(&echoes(&late, 1));
    let finding = said.one("reply-shift");
    assert_eq!(said.accusations(), ["reply-shift"]);
    assert_eq!(finding.confidence, Confidence::Possible);
    assert_eq!(finding.exchanges.first().map(|e| e.index), Some(1));
    assert_eq!(finding.affected, 4, "{finding:?}");
}

#[test]
fn types_tell_as_well_as_contents() {
    let said = midstream(
        "
        C: INCR n
        S: $1 / v
        W 100
        C: GET a
        S: :5
        W 150
        C: INCR n
        S: $1 / v
        W 100
        C: GET a
        S: :6
        W 100
        C: INCR n
        S: $1 / v
        W 100
        ",
    );
    assert_eq!(said.accusations(), ["reply-shift"]);
}

#[test]
fn seen_from_the_start_it_is_a_reply_too_many() {
    let late = [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)];
    let said = told(&(echoes(&late, 1) + "FIN"));
    assert!(!said.rules().contains(&"reply-shift"), "{:?}", said.rules());
}

#[test]
fn a_server_that_is_late_by_an_interval_looks_the_same() {
    let late: Vec<(u8, u8)> = (1..9).map(|n| (n, n - 1)).collect();
    let said = midstream(&echoes_after(&late, 1, &[100]));
    assert_eq!(said.accusations(), [""; 0]);
}

/// What began where all was captured is another rule's.
#[test]
fn a_reply_that_fits_its_own_command_refutes_it() {
    let before = [(1, 1), (2, 2), (3, 3)];
    let late = [(4, 3), (5, 4), (6, 5), (7, 6)];
    let said = midstream(&echoes(&[&before[..], &late[..]].concat(), 1));
    assert!(!said.rules().contains(&"reply-shift"), "{:?}", said.rules());
}

#[test]
fn what_comes_right_behind_is_not_counted() {
    let late = [(1, 0), (2, 1), (3, 2), (4, 3)];
    let right = [(5, 5), (6, 6), (7, 7)];
    let said = midstream(&echoes(&[&late[..], &right[..]].concat(), 1));
    assert_eq!(said.one("reply-shift").affected, 3);
}

#[test]
fn two_are_too_few() {
    let said = midstream(&echoes(&[(1, 0), (2, 1), (3, 2), (4, 4), (5, 5)], 1));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn three_that_are_not_in_a_row() {
    let pairs = [(1, 0), (2, 1), (3, 2), (4, 4), (5, 4), (6, 6), (7, 7)];
    let said = midstream(&echoes(&pairs, 1));
    assert!(!said.rules().contains(&"reply-shift"), "{:?}", said.rules());
}

#[test]
fn a_slow_server_answers_in_the_middle_of_the_next_exchange() {
    let late = [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)];
    let said = midstream(&echoes(&late, 30));
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn replies_of_nobody_that_is_known_are_not_late() {
    let said = midstream(&echoes(&[(1, 9), (2, 8), (3, 7), (4, 6), (5, 5)], 1));
    assert!(!said.rules().contains(&"reply-shift"), "{:?}", said.rules());
}
