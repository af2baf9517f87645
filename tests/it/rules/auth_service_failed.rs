//! `auth-service-failed`: the service that a proxy asks about credentials failed.

use crate::talk::told;

#[test]
fn the_words_of_the_proxy() {
    let said = told("C: AUTH pwd\nS: -ERR external authentication failed\nFIN");
    assert_eq!(said.accusations(), ["auth-service-failed"]);
}

#[test]
fn a_service_that_says_no_has_not_failed() {
    let said = told("C: AUTH pwd\nS: -ERR unauthorized\nFIN");
    assert_eq!(said.accusations(), ["auth-refused"]);
}
