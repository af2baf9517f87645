//! `noauth-unexplained`: a refusal that no other rule can name a cause for.

use crate::talk::told;
use redorder::rules::Confidence;

#[test]
fn refused_then_served_though_neither_was_sent_early() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
        ",
    );
    let finding = said.one("noauth-unexplained");
    assert_eq!(
        (finding.affected, finding.confidence),
        (1, Confidence::Likely)
    );
}

#[test]
fn sent_early_it_is_a_race() {
    let said = told(
        "
        C: AUTH pwd ; GET a
        S: +OK
        S: -NOAUTH Authentication required.
        C: GET a
        S: $1 / v
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["auth-race"]);
}

/// What is refused and takes effect all the same is one cause, not two.
#[test]
fn a_refused_transaction_that_was_opened() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a ; MULTI ; INCR n ; EXEC
        S: $1 / v / -NOAUTH Authentication required. / +QUEUED / *1 / :1
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["noauth-unexplained"]);
}

#[test]
fn a_refused_monitor_that_monitors() {
    let said = told(
        "
        C: AUTH pwd
        S: +OK
        C: GET a ; MONITOR ; GET a
        S: $1 / v / -NOAUTH Authentication required. / $1 / v
        S: +1700000000.123456 [0 127.0.0.1:1] \"GET\" \"a\"
        C.
        FIN
        ",
    );
    assert_eq!(said.accusations(), ["noauth-unexplained"]);
}
