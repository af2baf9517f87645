//! `noauth-before-auth-reply`: the refusal of the next command comes in front of the answer to AUTH.

use crate::talk::told;
use redorder::rules::Confidence;

#[test]
fn a_refusal_that_overtakes_auth() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: -NOAUTH Authentication required.
        S: +OK
        C.
        C: PING
        S: +PONG
        FIN
        ",
    );
    let finding = said.one("noauth-before-auth-reply");
    assert!(finding.confidence >= Confidence::Likely, "{finding:?}");
}

#[test]
fn in_order_it_is_a_race() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C.
        C: PING
        S: +PONG
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["auth-race"]);
}
