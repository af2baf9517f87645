//! `auth-reply-lost`: the error of a failing AUTH is dropped, and the answers behind it move up.

use crate::talk::told;

#[test]
fn the_error_behind_an_answer_that_was_on_its_way() {
    let said = told("C: PING ; AUTH wrong ; ECHO a\nS: +PONG / $1 / a\nC.\nFIN");
    let finding = said.one("auth-reply-lost");
    assert_eq!(said.accusations(), ["auth-reply-lost"], "{finding:?}");
}

#[test]
fn an_error_that_comes_is_not_lost() {
    let said = told(
        "
        C: PING ; AUTH wrong ; ECHO a
        S: +PONG / -WRONGPASS invalid username-password pair / $1 / a
        C.
        FIN
        ",
    );
    assert!(
        !said.rules().contains(&"auth-reply-lost"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn a_client_that_wants_no_replies_lost_none() {
    let said = told(
        "
        C: PING ; CLIENT REPLY SKIP ; AUTH wrong ; ECHO a
        S: +PONG / $1 / a
        C.
        FIN
        ",
    );
    assert!(
        !said.rules().contains(&"auth-reply-lost"),
        "{:?}",
        said.rules()
    );
}
