//! `auth-error`: an AUTH that fails for another reason than its credential.

use crate::talk::told;

#[test]
fn a_renewal_on_a_subscriber_is_not_refused_credentials() {
    let said = told(
        r"
        C: AUTH pwd
        S: +OK
        C: SUBSCRIBE c
        S: *3 / $9 / subscribe / $1 / c / :1
        C: AUTH pwd
        S= -ERR Can't execute 'auth': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n
        S: *3 / $7 / message / $1 / c / $1 / x
        C.
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-error"]);
}

#[test]
fn a_refused_credential_is_another_rule() {
    let said = told("C: AUTH pwd\nS: -WRONGPASS invalid username-password pair\nFIN");
    assert_eq!(said.accusations(), ["auth-refused"]);
}

#[test]
fn refusals_behind_an_auth_that_failed_for_another_cause_are_not_lost() {
    let said = told(
        "
        C: AUTH pwd ; GET a ; GET b
        S: -upstream failure
        S: -NOAUTH Authentication required.
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    let unexplained = &said.summary.unexplained;
    let refused = unexplained.iter().filter(|u| u.text.contains("NOAUTH"));
    assert_eq!(refused.map(|u| u.count).sum::<u64>(), 2, "{unexplained:?}");
}
