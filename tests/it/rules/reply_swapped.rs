//! `reply-swapped`: two neighbouring answers in exchange.

use crate::talk::told;

#[test]
fn two_echoes_in_exchange() {
    let said = told(
        "
        C: ECHO a ; ECHO b ; ECHO c ; ECHO d
        S: $1 / a
        S: $1 / c
        S: $1 / b
        S: $1 / d
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["reply-swapped"]);
}

#[test]
fn two_gets_may_hold_anything() {
    let said = told(
        "
        C: GET a ; GET b ; GET c ; GET d
        S: $1 / a
        S: $1 / c
        S: $1 / b
        S: $1 / d
        C.
        FIN
        ",
    );
    assert_eq!(said.rules(), [""; 0]);
}
