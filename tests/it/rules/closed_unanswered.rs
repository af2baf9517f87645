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
