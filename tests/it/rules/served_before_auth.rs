//! `served-before-auth`: data was given out before any login.

use crate::talk::told;

#[test]
fn data_and_then_a_password() {
    let said = told(
        "
        C: GET a
        S: $1 / v
        C: AUTH pwd
        S: +OK
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["served-before-auth"]);
}

/// A proxy answers PING itself, a user without a password is accepted with any, and settings may have been changed.
#[test]
fn what_needs_no_password() {
    for conversation in [
        "
        C: PING
        S: +PONG
        C: AUTH pwd
        S: +OK
        FIN
        ",
        "
        C: GET a
        S: $1 / v
        C: AUTH user pwd
        S: +OK
        FIN
        ",
        "
        C: CONFIG SET requirepass pwd
        S: +OK
        C: GET a
        S: $1 / v
        C: AUTH pwd
        S: +OK
        FIN
        ",
        "
        C: GET a
        S: $1 / v
        W 60000
        C: AUTH pwd
        S: +OK
        FIN
        ",
    ] {
        let said = told(conversation);
        assert_eq!(said.accusations(), [""; 0], "{conversation}");
    }
}

#[test]
fn a_reset_in_between_changes_nothing() {
    let said = told("C: GET a\nS: $1 / v\nC: RESET\nS: +RESET\nC: AUTH pwd\nS: +OK\nC.\nFIN");
    assert_eq!(said.accusations(), ["served-before-auth"]);
}
