//! `closed-unanswered`: the server ends a connection on which a command waits.

use crate::talk::{Run, told};

#[test]
fn a_server_that_crashed_while_auth_was_asked_is_not_silent() {
    // The proxy ends while it asks about AUTH.
    let said = told("C: AUTH pwd ; GET a\nS.\nW 1500\nRST");
    assert_eq!(said.accusations(), ["closed-unanswered"]);
}

#[test]
fn a_client_that_leaves_is_not_left() {
    let said = told("C: PING\nS: +PONG\nC: GET a\nS.\nFIN");
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn who_answers_with_something_else_may_hang_up() {
    let said = told(
        r"
        C: PING
        S: +PONG
        C: GET a ; GET b
        S= HTTP/1.1 400 Bad Request\r\n\r\n
        RST
    ",
    );
    assert_eq!(said.accusations(), ["malformed-resp"]);
}

#[test]
fn an_answer_in_front_of_the_rst_that_was_not_captured_is_no_absence() {
    let said = told(
        "
        C: GET a
        S: $1 / v
        C: GET b
        S! $1 / w
        RST
    ",
    );
    assert!(said.accusations().is_empty(), "{:?}", said.rules());
}

/// A client waits, and another one has something done; then the server resets the first.
fn ended_after(order: &str, ms: u32, answer: &str) -> Vec<String> {
    let mut run = Run::new();
    let mut waiting = run.open(40_000);
    let mut other = run.open(40_001);
    run.talk(&mut waiting, "C: PING\nS: +PONG\nC: BLPOP k 0\nS.");
    run.talk(&mut other, &format!("C: {order}"));
    run.talk(&mut waiting, &format!("W {ms}\nRST"));
    run.talk(&mut other, &format!("{answer}\nFIN"));
    let said = run.end();
    said.accusations().into_iter().map(str::to_owned).collect()
}

#[test]
fn who_was_asked_to_end_a_connection_is_not_accused_of_it() {
    for (order, answer) in [
        ("CLIENT KILL TYPE normal", "S: :1"),
        ("ACL DELUSER bob", "S: :1"),
        ("SHUTDOWN", "S."),
    ] {
        assert_eq!(ended_after(order, 1, answer), [""; 0], "{order}");
    }
    for (order, ms) in [("CLIENT NO-TOUCH ON", 1), ("CLIENT UNPAUSE", 5_000)] {
        assert_eq!(
            ended_after(order, ms, "S: +OK"),
            ["closed-unanswered"],
            "{order}"
        );
    }
    // What was asked for is done soon behind the answer, and nothing is done behind a refusal.
    for (answer, ms) in [
        ("S: :1", 5_000),
        ("S: :0", 1),
        ("S: -ERR No such client", 1),
    ] {
        let mut run = Run::new();
        let (mut waiting, mut other) = (run.open(40_000), run.open(40_001));
        run.talk(&mut waiting, "C: PING\nS: +PONG\nC: BLPOP k 0\nS.");
        run.talk(&mut other, &format!("C: CLIENT KILL TYPE normal\n{answer}"));
        run.talk(&mut waiting, &format!("W {ms}\nRST"));
        assert_eq!(run.end().accusations(), ["closed-unanswered"], "{answer}");
    }
}
