//! `reauth-refused`: a renewal with a wrong credential.

use crate::talk::told;

#[test]
fn a_second_refused_renewal_is_still_a_renewal() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S: $1 / v
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C: GET a
        S: $1 / v
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["reauth-refused", "reauth-refused"]);
}

#[test]
fn a_refused_renewal_says_whether_the_old_login_survived() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S: $1 / v
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    let f = said.one("reauth-refused");
    let all = format!(
        "{} {} {:?} {:?}",
        f.title, f.proof.text, f.notes, f.measures
    );
    assert!(
        f.exchanges.iter().any(|e| e.command == "GET") || all.contains("old"),
        "{all}"
    );
}

#[test]
fn a_first_auth_refused_on_an_open_server_is_no_new_auth() {
    let said = told(
        "
        C: GET a
        S: $1 / v
        C.
        C: AUTH bob pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert!(
        !said
            .findings
            .values()
            .any(|f| f.title.starts_with("a new AUTH"))
    );
}

#[test]
fn a_blind_answer_behind_a_refused_renewal_shows_the_login() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C.
        C: AUTH pwd ; GET a
        S: -WRONGPASS invalid username-password pair or user is disabled.
        S: $1 / v
        C.
        C: AUTH pwd ; GET a
        S: -WRONGPASS invalid username-password pair or user is disabled.
        S: $1 / v
        C.
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["reauth-refused", "reauth-refused"]);
}
