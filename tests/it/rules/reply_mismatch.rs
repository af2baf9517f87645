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
