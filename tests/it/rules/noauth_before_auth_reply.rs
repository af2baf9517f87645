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

/// What stands in front of AUTH may get no reply, and who refuses a switch says so.
#[test]
fn commands_without_a_reply_around_it() {
    for (sent, auth) in [
        ("CLIENT REPLY SKIP ; GET a ; AUTH pwd ; INCR n ; GET b", 3),
        ("AUTH pwd ; CLIENT REPLY OFF ; GET b", 1),
    ] {
        let said = told(&format!(
            "C: AUTH pwd\nS: +OK\nC: {sent}\nS: -NOAUTH Authentication required. / +OK / $1 / v\nC.\nFIN"
        ));
        let finding = said.one("noauth-before-auth-reply");
        assert_eq!(finding.exchanges[0].index, auth, "{sent}");
    }
}

/// Whether an AUTH at the end lost its error is not known: some servers drop it.
#[test]
fn an_auth_behind_it_without_an_answer() {
    let said = told(
        "
        C: AUTH pwd ; COMMAND COUNT ; AUTH wrong
        S: -NOAUTH Authentication required. / +OK
        C.
        FIN
        ",
    );
    assert!(
        said.rules().contains(&"noauth-before-auth-reply"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn debug_object_behind_it_is_no_end() {
    let said = told(
        "
        C: AUTH pwd ; GET a ; DEBUG OBJECT a
        S: -NOAUTH Authentication required. / +OK / +Value at:0x1 refcount:1
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["noauth-before-auth-reply"]);
}
