//! `malformed-resp`: bytes of the server that are no RESP, and unusual ones that are.

use crate::talk::told;

#[test]
fn bytes_that_are_no_resp_count_with_nothing_outstanding() {
    let said = told(
        r"
        C: PING
        S= +PONG\r\nHTTP/1.1 400 Bad Request\r\n\r\n
        C.
        FIN
    ",
    );
    assert_eq!(said.accusations(), ["malformed-resp"]);
}

#[test]
fn attributes_and_streamed_types_are_resp() {
    let said = told(
        "
        C: HELLO 3
        S: %1 / $6 / server / $5 / redis
        C: GET a
        S: |1 / +ttl / :3600 / $1 / v
        C: GET a
        S: $? / ;4 / abcd / ;0
        C: TIME
        S: *? / :1 / :2 / .
        C: PING
        S: +PONG
        FIN
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.counts.exchanges, 5);
}

#[test]
fn keep_alives_of_a_replication_are_no_malformed_resp() {
    let said = told(
        r"
        C: PING
        S: +PONG
        C: REPLCONF listening-port 6380
        S: +OK
        C: PSYNC ? -1
        S= \n
        W 500
        S= \n
        S= +FULLRESYNC 0123456789012345678901234567890123456789 1\r\n$5\r\nREDIS
        S: *1 / $4 / PING
        C.
        W 5000
        C.
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
}

#[test]
fn a_status_longer_than_the_framer_takes_is_no_fault_of_the_server() {
    let part = format!("S= {}\n", "x".repeat(1400));
    let said = told(&format!(
        "C: EVAL x 0\nS= +\n{}S= \\r\\n\nC.\nC: PING\nS: +PONG\nFIN",
        part.repeat(60)
    ));
    assert_eq!(said.accusations(), [""; 0]);
    let hits = said.summary.totals.limits.get("framing");
    assert!(
        hits.is_some_and(|n| *n > 0),
        "{:?}",
        said.summary.totals.limits
    );
}

#[test]
fn a_request_that_is_no_resp_is_counted() {
    let said = told(
        r"
        C: PING
        S: +PONG
        C= *1\r\n:5\r\n
        S: -ERR Protocol error: expected '$', got ':'
        FIN
    ",
    );
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.malformed_requests, 1);
}

#[test]
fn what_came_is_shown_by_its_form_only() {
    let said = told(
        r"
        C: PING
        S= wrong horse 42\r\n
        RST
    ",
    );
    let finding = said.one("malformed-resp");
    let (_, text) = finding.exchanges[0].instead.clone().unwrap();
    assert_eq!(text, "xxxxx xxxxx xx  ");
    assert!(finding.proof.text.contains(&text), "{finding:?}");
    assert!(!format!("{finding:?}").contains("horse"), "{finding:?}");
}
