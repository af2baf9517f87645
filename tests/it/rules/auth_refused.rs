//! `auth-refused`: a first login with a wrong credential, and the errors and renewals that are none.

use crate::talk::{Run, midstream, told};
use redorder::rules::Confidence;

#[test]
fn an_error_that_is_not_about_credentials_refuses_none() {
    let hello = "HELLO 3 AUTH default pwd";
    let cases = [
        (
            hello,
            "-ERR Client names cannot contain spaces, newlines or special characters.",
        ),
        (hello, "-ERR Syntax error in HELLO option 'SETNAM'"),
        (
            hello,
            "-ERR Protocol version is not an integer or out of range",
        ),
        (
            hello,
            "-ERR HELLO options like AUTH and SETNAME are not supported",
        ),
        (hello, "-ERR Syntax error: unknown HELLO option 'X'"),
        (hello, "-no upstream host"),
        (hello, "-upstream failure"),
        (
            hello,
            "-ERR no valid HELLO response received from any shard",
        ),
        (
            "AUTH pwd",
            r"-ERR Can't execute 'auth': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
        ),
        (
            "AUTH pwd",
            "-ERR only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT allowed in this context",
        ),
        ("AUTH pwd", "-upstream failure"),
    ];
    let mut wrong = Vec::new();
    for (ask, text) in cases {
        let said = told(&format!("C: {ask}\nS= {text}\\r\\n\nFIN"));
        if said.rules().contains(&"auth-refused") {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_renewal_refused_midstream_is_not_called_a_first_login() {
    let said = midstream(
        "
        C: GET a
        S: $1 / v
        C.
        W 100
        C: GET a
        S: $1 / v
        C.
        W 100
        C: AUTH pwd
        S: -ERR unauthorized
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    assert_eq!(
        said.rules()
            .iter()
            .filter(|r| **r == "auth-refused")
            .count(),
        0
    );
}

#[test]
fn a_re_auth_refused_behind_a_gap_is_not_a_first_login() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S! $1 / v
        C.
        W 500
        C: GET a
        S: $1 / v
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert_eq!(
        said.accusations()
            .iter()
            .filter(|r| **r == "auth-refused")
            .count(),
        0
    );
}

#[test]
fn a_first_login_is_none_again_where_none_was_needed() {
    let said = told(
        "
        C: GET a
        S: $1 / v
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["auth-refused"]);
}

#[test]
fn a_renewal_refused_behind_a_race_is_no_first_login() {
    let said = told(
        "
        C: AUTH pwd ; PING
        S: +OK
        S: -NOAUTH Authentication required.
        C.
        C: GET a
        S: $1 / v
        C.
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    let mut rules = said.accusations();
    rules.sort_unstable();
    assert_eq!(rules, ["auth-race", "reauth-refused"]);
}

#[test]
fn a_login_is_not_forgotten_with_pairing_on_a_whole_connection() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C.
        C: DEBUG SLEEP 0
        S: +OK
        C.
        W 200
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    let wrong = said
        .findings
        .values()
        .find(|f| f.rule == "auth-refused" && f.confidence > Confidence::Possible);
    assert!(wrong.is_none());
}

#[test]
fn two_refused_renewals_in_a_row_are_both_renewals() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C.
        C: GET a
        S: $1 / v
        C.
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C.
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert!(!said.accusations().contains(&"auth-refused"));
}

#[test]
fn a_discarded_auth_logs_nobody_out() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C.
        C: MULTI
        S: +OK
        C: AUTH pwd
        S: +QUEUED
        C: DISCARD
        S: +OK
        C.
        C: AUTH pwd
        S: -WRONGPASS invalid username-password pair or user is disabled.
        C.
        C: GET a
        S: $1 / v
        FIN
    ",
    );
    assert!(
        !said.accusations().contains(&"auth-refused"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn a_server_that_is_full_or_loading_refuses_no_credentials() {
    let error: &[&str] = &["auth-error"];
    for (text, rules) in [
        ("-ERR max number of clients reached", &[][..]),
        ("-LOADING Redis is loading the dataset in memory", error),
        ("-DENIED Redis is running in protected mode", &[]),
        ("-MASTERDOWN Link with MASTER is down", error),
        ("-NOPERM this user has no permissions", error),
    ] {
        let said = told(&format!("C: AUTH pwd\nS: {text}\nFIN"));
        assert_eq!(said.accusations(), rules, "{text}");
    }
    let said = told("C: AUTH pwd\nS: -WRONGPASS invalid\nFIN");
    assert_eq!(said.accusations(), ["auth-refused"]);
}

#[test]
fn a_story_has_a_name_once_it_has_two_findings() {
    let refused = "C: AUTH pwd\nS: -WRONGPASS no\nFIN";
    assert_eq!(told(refused).one("auth-refused").group, None);
    let mut run = Run::new();
    for port in [40_000, 40_001, 40_002] {
        let mut ends = run.open(port);
        run.talk(&mut ends, refused);
    }
    let said = run.end();
    let groups: Vec<_> = said.findings.values().map(|f| f.group.clone()).collect();
    assert_eq!(groups.len(), 3);
    assert!(groups[0].is_some() && groups.iter().all(|g| *g == groups[0]));
}

#[test]
fn no_other_auth_was_sent_is_not_said_where_one_was() {
    let said = told(
        "
        C: HELLO 3 AUTH default pwd
        S: -NOPROTO unsupported protocol version
        C.
        C: AUTH pwd
        S: -ERR Client sent AUTH, but no password is set
        C.
        C: GET a
        S: -NOAUTH Authentication required.
        FIN
    ",
    );
    let wrong = said
        .findings
        .values()
        .any(|f| f.proof.text.contains("no other AUTH was sent"));
    assert!(!wrong);
}
