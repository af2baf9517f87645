//! `closed-unanswered`: the server ends a connection on which a command waits.

use crate::talk::told;

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
