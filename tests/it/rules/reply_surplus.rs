//! `reply-surplus`: an answer that nobody asked for.

use crate::talk::told;

#[test]
fn an_answer_sent_twice() {
    let said = told(
        "
        C: ECHO a ; ECHO b ; ECHO c ; ECHO d
        S: $1 / a
        S: $1 / b
        S: $1 / b
        S: $1 / c
        S: $1 / d
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["reply-surplus"]);
}

#[test]
fn two_equal_questions() {
    let said = told(
        "
        C: ECHO a ; ECHO b ; ECHO b ; ECHO c
        S: $1 / a
        S: $1 / b
        S: $1 / b
        S: $1 / c
        C.
        FIN
        ",
    );
    assert_eq!(said.rules(), [""; 0]);
}
