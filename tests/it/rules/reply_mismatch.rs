//! `reply-mismatch`: an answer that can not belong to its command.

use crate::talk::told;

#[test]
fn the_echo_of_something_else() {
    let said = told(
        "
        C: ECHO a ; PING ; ECHO c
        S: $1 / x
        S: +PONG
        S: $1 / c
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["reply-mismatch"]);
}

#[test]
fn an_error_may_answer_anything() {
    let said = told(
        "
        C: ECHO a ; PING ; ECHO c
        S: -ERR max number of clients reached
        S: +PONG
        S: $1 / c
        C.
        FIN
        ",
    );
    assert!(
        !said.rules().contains(&"reply-mismatch"),
        "{:?}",
        said.rules()
    );
}

/// Only a subscriber is told unasked that a slot went away.
#[test]
fn a_slot_that_nobody_subscribed_to() {
    let taken = "S: *3 / $12 / sunsubscribe / $-1 / :0 / :1\nC.\nFIN";
    let said = told(&format!("C: SCAN 0 ; INCR n\n{taken}"));
    assert!(
        !said.rules().contains(&"reply-missing"),
        "{:?}",
        said.rules()
    );
    let subscribed = "C: SSUBSCRIBE x\nS: *3 / $10 / ssubscribe / $1 / x / :1\n";
    let said = told(&format!(
        "{subscribed}C: PING\nS: *3 / $12 / sunsubscribe / $1 / x / :0 / +PONG\nC.\nFIN"
    ));
    assert_eq!(said.accusations(), [""; 0]);
}
