//! Gaps, starts in the middle, and finding the way back.

use super::{Anchor, From, check, pairs};

#[test]
fn a_gap_inside_a_value_changes_nothing_but_certainty() {
    let talk = check(
        From::Syn,
        "G2",
        "C: GET a ; PING
         S= $10\\r\\nxxx
         GS 4
         S= xxx\\r\\n+PONG\\r\\n",
        "GET a => $xxx…(10B)
         PING => +PONG",
    );
    assert_eq!(talk.recorder.last_anchor, Some(Anchor::Content));
}

#[test]
fn a_gap_over_a_boundary_loses_what_is_outstanding() {
    pairs(
        "G3",
        "C: PING ; GET a ; PING
         S: +PONG
         GS 40
         S: +PONG",
        "PING => +PONG
         GET a => undecided
         PING => undecided
         lost",
    );
}

#[test]
fn pairing_is_found_again_where_nothing_is_outstanding() {
    let talk = check(
        From::Syn,
        "G5 behind a pause",
        "C: PING ; GET a
         S: +PONG
         GS 40
         S: +OK
         W 60
         C: INCR a
         S: :1",
        "PING => +PONG
         GET a => undecided
         lost
         INCR a => :1",
    );
    assert_eq!(talk.recorder.last_anchor, Some(Anchor::Quiet));
    let talk = check(
        From::Syn,
        "G5 without a pause",
        "C: GET a
         GS 40
         S: +OK
         C: INCR a
         S: :1",
        "GET a => undecided
         lost
         INCR a => :1",
    );
    assert_eq!(talk.recorder.last_anchor, Some(Anchor::Weak));
}

#[test]
fn a_client_that_has_not_read_all_is_no_place_to_start() {
    pairs(
        "G5",
        "C: GET a ; GET b
         GS 40
         S: +OK
         C- INCR a
         S: :1",
        "GET a => undecided
         GET b => undecided
         lost
         INCR a => undecided",
    );
}

#[test]
fn a_gap_of_the_client_loses_too() {
    pairs(
        "G3 G6",
        "C: PING
         GC 30
         C= \\r\\n*1\\r\\n$4\\r\\nPING\\r\\n
         S: +PONG / $1 / v / +PONG
         W 60
         C: GET a
         S: $1 / v",
        "PING => undecided
         lost
         undecided +PONG
         undecided $v
         undecided +PONG
         GET a => $v",
    );
}

#[test]
fn a_start_in_the_middle_pairs_nothing_with_older_replies() {
    check(
        From::Midstream,
        "G1 G6 inside a command",
        "C= \\nvalue\\r\\n*1\\r\\n$4\\r\\nPING\\r\\n
         S: +OK / +PONG",
        "orphan +OK
         orphan +PONG",
    );
    let talk = check(
        From::Midstream,
        "G1 at a command",
        "C: ECHO a
         S: $1 / a
         C: PING
         S: +PONG",
        "ECHO a => $a
         PING => +PONG",
    );
    assert_eq!(talk.recorder.last_anchor, Some(Anchor::Content));
}

#[test]
fn plain_text_from_the_server_is_broken() {
    pairs(
        "no RESP",
        "C: PING
         S= HTTP/1.1 400 Bad Request\\r\\n\\r\\n",
        "broken
         PING => undecided
         lost",
    );
}

#[test]
fn a_request_that_is_no_resp_ends_the_pairing() {
    pairs(
        "N20 V57",
        "C: PING
         C= *1\\r\\nPING\\r\\n
         S: +PONG / -ERR Protocol error: expected '$', got 'P'",
        "PING => undecided
         lost
         undecided +PONG
         undecided -ERR Protocol error: expected '$', got 'P'",
    );
}
