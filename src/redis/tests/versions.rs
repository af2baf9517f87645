//! Versions of the protocol: what HELLO changes, and what it leaves open.

use super::pairs;

#[test]
fn hello_switches_the_protocol() {
    let talk = super::check(
        super::From::Syn,
        "HELLO 3",
        "C: HELLO 3 ; GET a ; HELLO 2 ; GET a
         S: %1 / $5 / proto / :3 / _ / *2 / $5 / proto / :2 / $-1",
        "HELLO 3 => %1
         GET a => _
         HELLO 2 => *2
         GET a => $-1",
    );
    assert_eq!(talk.session.resp(), Some(2));
    let talk = super::check(
        super::From::Syn,
        "HELLO 3, RESET",
        "C: HELLO 3 ; RESET
         S: %1 / $5 / proto / :3 / +RESET",
        "HELLO 3 => %1
         RESET => +RESET",
    );
    assert_eq!(talk.session.resp(), Some(2));
}

#[test]
fn a_version_that_hello_changed_without_a_word_leaves_both_ways_open() {
    const HELLO: &str = "%1 / $6 / server / $5 / redis";
    // Refused as a version that does not exist, and accepted: RESP3 stays, and the subscriber may switch.
    for version in ["9", "3"] {
        pairs(
            "N11 HELLO under OFF",
            &format!(
                "C: HELLO 3
                 S: {HELLO}
                 C: CLIENT REPLY OFF
                 C: SUBSCRIBE x
                 S: >3 / $9 / subscribe / $1 / x / :1
                 C: HELLO {version}
                 C: CLIENT REPLY ON
                 S: +OK
                 C: PING
                 S: +PONG"
            ),
            &format!(
                "HELLO 3 => %1
                 CLIENT REPLY OFF => silent
                 SUBSCRIBE x => >3
                 HELLO {version} => silent
                 CLIENT REPLY ON => +OK
                 PING => +PONG"
            ),
        );
    }
    // The confirmation says that HELLO in front of it was accepted.
    pairs(
        "N11 HELLO, then a subscription under OFF",
        "C: PING
         S: +PONG
         C: CLIENT REPLY OFF
         C: HELLO 3 ; SUBSCRIBE x
         S: >3 / $9 / subscribe / $1 / x / :1
         C: CLIENT REPLY ON
         S: +OK
         C: GET a
         S: _",
        "PING => +PONG
         CLIENT REPLY OFF => silent
         HELLO 3 => silent
         SUBSCRIBE x => >3
         CLIENT REPLY ON => +OK
         GET a => _",
    );
    pairs(
        "N11 in one flight",
        "C: PING
         S: +PONG
         C: CLIENT REPLY OFF ; HELLO 3 ; SUBSCRIBE x ; CLIENT REPLY ON ; PING ; GET a
         S: >3 / $9 / subscribe / $1 / x / :1
         S: +OK / +PONG / _",
        "PING => +PONG
         CLIENT REPLY OFF => silent
         HELLO 3 => silent
         SUBSCRIBE x => >3
         CLIENT REPLY ON => +OK
         PING => +PONG
         GET a => _",
    );
}

#[test]
fn a_subscriber_of_resp2_is_surely_refused_under_off() {
    pairs(
        "N11 without HELLO",
        "C: CLIENT REPLY OFF
         C: SUBSCRIBE x
         S: *3 / $9 / subscribe / $1 / x / :1
         C: CLIENT REPLY ON
         S: +OK
         C: PING
         S: +PONG",
        "CLIENT REPLY OFF => silent
         SUBSCRIBE x => *3
         CLIENT REPLY ON => silent
         undecided +OK
         undecided +PONG
         Surplus at 2
         PING => silent",
    );
}
