//! CLIENT REPLY in all its combinations, and RESET.

use super::text::trimmed;
use super::{From, Talk, pairs};

#[test]
fn off_silences_until_on() {
    pairs(
        "N9",
        "C: CLIENT REPLY OFF ; PING ; GET ; CLIENT REPLY ON ; ECHO z
         S: +OK / $1 / z",
        "CLIENT REPLY OFF => silent
         PING => silent
         GET => silent
         CLIENT REPLY ON => +OK
         ECHO z => $z",
    );
    pairs(
        "N9 to the end",
        "C: CLIENT REPLY OFF ; SET a 1 ; SET b 1",
        "CLIENT REPLY OFF => silent
         SET a 1 => silent
         SET b 1 => silent",
    );
    pairs(
        "N9 ON while on",
        "C: CLIENT REPLY ON ; PING
         S: +OK / +PONG",
        "CLIENT REPLY ON => +OK
         PING => +PONG",
    );
    pairs(
        "N9 SKIP under OFF changes nothing",
        "C: CLIENT REPLY OFF ; CLIENT REPLY SKIP ; PING ; PING ; CLIENT REPLY ON ; ECHO z
         S: +OK / $1 / z",
        "CLIENT REPLY OFF => silent
         CLIENT REPLY SKIP => silent
         PING => silent
         PING => silent
         CLIENT REPLY ON => +OK
         ECHO z => $z",
    );
}

#[test]
fn off_across_segments() {
    pairs(
        "N9",
        "C: CLIENT REPLY OFF
         C: SET a 1
         C: CLIENT REPLY ON
         S: +OK
         C: PING
         S: +PONG",
        "CLIENT REPLY OFF => silent
         SET a 1 => silent
         CLIENT REPLY ON => +OK
         PING => +PONG",
    );
}

#[test]
fn a_refused_switch_answers_and_does_not_switch() {
    pairs(
        "N9 refused",
        "C: CLIENT REPLY OFF
         S: -NOAUTH Authentication required.
         C: PING
         S: -NOAUTH Authentication required.",
        "CLIENT REPLY OFF => -NOAUTH Authentication required.
         PING => -NOAUTH Authentication required.",
    );
    pairs(
        "N10 refused",
        "C: CLIENT REPLY SKIP ; PING
         S: -NOPERM x / -NOPERM x",
        "CLIENT REPLY SKIP => -NOPERM x
         PING => -NOPERM x",
    );
    pairs(
        "N9 no such mode",
        "C: CLIENT REPLY MAYBE ; PING
         S: -ERR syntax error / +PONG",
        "CLIENT REPLY MAYBE => -ERR syntax error
         PING => +PONG",
    );
}

#[test]
fn skip_silences_the_next_request() {
    pairs(
        "N10",
        "C: CLIENT REPLY SKIP ; PING ; ECHO a
         S: $1 / a",
        "CLIENT REPLY SKIP => silent
         PING => silent
         ECHO a => $a",
    );
    pairs(
        "N10 SKIP SKIP",
        "C: CLIENT REPLY SKIP ; CLIENT REPLY SKIP ; PING ; ECHO a
         S: $1 / a",
        "CLIENT REPLY SKIP => silent
         CLIENT REPLY SKIP => silent
         PING => silent
         ECHO a => $a",
    );
    pairs(
        "N10 SKIP ON",
        "C: CLIENT REPLY SKIP ; CLIENT REPLY ON ; ECHO a
         S: +OK / $1 / a",
        "CLIENT REPLY SKIP => silent
         CLIENT REPLY ON => +OK
         ECHO a => $a",
    );
    pairs(
        "N10 SKIP OFF",
        "C: CLIENT REPLY SKIP ; CLIENT REPLY OFF ; PING ; CLIENT REPLY ON ; ECHO a
         S: +OK / $1 / a",
        "CLIENT REPLY SKIP => silent
         CLIENT REPLY OFF => silent
         PING => silent
         CLIENT REPLY ON => +OK
         ECHO a => $a",
    );
    pairs(
        "N10 before a command of each shape",
        "C: CLIENT REPLY SKIP ; GET a ; INCR b ; CLIENT REPLY SKIP ; INCR b ; GET a
         S: :1 / $1 / v",
        "CLIENT REPLY SKIP => silent
         GET a => silent
         INCR b => :1
         CLIENT REPLY SKIP => silent
         INCR b => silent
         GET a => $v",
    );
}

#[test]
fn an_empty_request_uses_up_skip() {
    for empty in ["\\r\\n", "*0\\r\\n", "*-1\\r\\n"] {
        pairs(
            "N12",
            &format!(
                "C: CLIENT REPLY SKIP
                 C= {empty}
                 C: PING ; ECHO a
                 S: +PONG / $1 / a"
            ),
            "CLIENT REPLY SKIP => silent
             PING => +PONG
             ECHO a => $a",
        );
    }
    pairs(
        "N12 an empty request in front changes nothing",
        "C= \\r\\n
         C: CLIENT REPLY SKIP ; PING ; ECHO a
         S: $1 / a",
        "CLIENT REPLY SKIP => silent
         PING => silent
         ECHO a => $a",
    );
}

#[test]
fn confirmations_ignore_off_and_skip() {
    pairs(
        "N11",
        "C: CLIENT REPLY OFF ; SUBSCRIBE a ; PING
         S: *3 / $9 / subscribe / $1 / a / :1",
        "CLIENT REPLY OFF => silent
         SUBSCRIBE a => *3
         PING => silent",
    );
    pairs(
        "N11 SKIP",
        "C: CLIENT REPLY SKIP ; SUBSCRIBE a
         S: *3 / $9 / subscribe / $1 / a / :1
         C: PING
         S: *2 / $4 / pong / $0 /",
        "CLIENT REPLY SKIP => silent
         SUBSCRIBE a => *3
         PING => *2",
    );
    pairs(
        "N11 Redis 5.0 does not confirm under OFF",
        "C: CLIENT REPLY OFF ; SUBSCRIBE a ; UNSUBSCRIBE a ; CLIENT REPLY ON ; ECHO z
         S: +OK / $1 / z",
        "CLIENT REPLY OFF => silent
         SUBSCRIBE a => silent
         UNSUBSCRIBE a => silent
         CLIENT REPLY ON => +OK
         ECHO z => $z",
    );
}

#[test]
fn reset_answers_under_off() {
    pairs(
        "N11",
        "C: CLIENT REPLY OFF ; PING ; RESET ; ECHO a
         S: +RESET / $1 / a",
        "CLIENT REPLY OFF => silent
         PING => silent
         RESET => +RESET
         ECHO a => $a",
    );
    pairs(
        "N11 not under SKIP",
        "C: CLIENT REPLY SKIP ; RESET ; ECHO a
         S: $1 / a",
        "CLIENT REPLY SKIP => silent
         RESET => silent
         ECHO a => $a",
    );
}

#[test]
fn reset_clears_transaction_and_subscriptions() {
    pairs(
        "RESET inside MULTI",
        "C: MULTI ; SET a 1 ; RESET ; GET a ; EXEC
         S: +OK / +QUEUED / +RESET / $-1 / -ERR EXEC without MULTI",
        "MULTI => +OK
         SET a 1 => +QUEUED
         RESET => +RESET
         GET a => $-1
         EXEC => -ERR EXEC without MULTI",
    );
    pairs(
        "RESET while subscribed",
        "C: SUBSCRIBE a ; RESET ; LRANGE l 0 -1 ; PING
         S: *3 / $9 / subscribe / $1 / a / :1 / +RESET / *3 / $7 / message / $1 / a / $1 / b / +PONG",
        "SUBSCRIBE a => *3
         RESET => +RESET
         LRANGE l 0 -1 => *3
         PING => +PONG",
    );
    pairs(
        "RESET while monitoring",
        "C: MONITOR
         S: +OK / +1795359453.486379 [0 127.0.0.1:46152] \"PING\"
         C: RESET ; PING
         S: +RESET / +PONG",
        "MONITOR => +OK
         push +1795359453.486379 [0 127.0.0.1:46152] \"PING\"
         RESET => +RESET
         PING => +PONG",
    );
}

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

#[test]
fn a_subscriber_that_monitors_is_told_that_he_may_not() {
    const LINE: &str = "+1795898874.004769 [0 127.0.0.1:43016] \"SUBSCRIBE\" \"x\"";
    pairs(
        "N8 MONITOR of a RESP2 subscriber",
        &format!(
            "C: MONITOR
             S: +OK
             C: SUBSCRIBE x
             S: *3 / $9 / subscribe / $1 / x / :1 / {LINE}
             C: MONITOR
             S: -ERR Can't execute 'monitor': only SUBSCRIBE is allowed in this context
             C: PING
             S: *2 / $4 / pong / $0 /"
        ),
        "MONITOR => +OK
         SUBSCRIBE x => *3
         push +1795898874.004769 [0 127.0.0.1:43016] \"SUBSCRIBE\" \"x\"
         MONITOR => -ERR Can't execute 'monitor': only SUBSCRIBE is allowed in this context
         PING => *2",
    );
    // Nobody but a subscriber is told.
    pairs(
        "N8 MONITOR without a subscription",
        "C: MONITOR
         S: +OK
         C: MONITOR
         S: -ERR Can't execute 'monitor': only SUBSCRIBE is allowed in this context
         C: PING
         S: +PONG",
        "MONITOR => +OK
         undecided -ERR Can't execute 'monitor': only SUBSCRIBE is allowed in this context
         MONITOR => silent
         PING => +PONG
         Surplus at 1",
    );
}

/// As Redis 7.0 does it: the number of arguments, the user and the state of the server are looked at first.
#[test]
fn what_is_ignored_while_monitoring_may_be_refused() {
    const COUNT: &str = "-ERR wrong number of arguments for";
    for (command, reply) in [
        ("MONITOR x", format!("{COUNT} 'monitor' command")),
        ("SYNC x", format!("{COUNT} 'sync' command")),
        ("PSYNC", format!("{COUNT} 'psync' command")),
        ("PSYNC ?", format!("{COUNT} 'psync' command")),
        (
            "MONITOR",
            "-NOPERM this user has no permissions to run the 'monitor' command".to_owned(),
        ),
        (
            "SYNC",
            "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
                .to_owned(),
        ),
    ] {
        pairs(
            command,
            &format!(
                "C: MONITOR
                 S: +OK
                 C: {command}
                 S: {reply}
                 C: GET a
                 S: -ERR Replica can't interact with the keyspace
                 C: PING
                 S: +PONG"
            ),
            &format!(
                "MONITOR => +OK
                 {command} => {reply}
                 GET a => -ERR Replica can't interact with the keyspace
                 PING => +PONG"
            ),
        );
    }
}

#[test]
fn what_is_ignored_while_monitoring_gets_nothing() {
    for command in ["MONITOR", "SYNC", "PSYNC ? -1"] {
        pairs(
            command,
            &format!(
                "C: MONITOR
                 S: +OK
                 C: {command}
                 C: GET a
                 S: -ERR Replica can't interact with the keyspace
                 C: {command}
                 C: PING
                 S: +PONG
                 C: {command}"
            ),
            &format!(
                "MONITOR => +OK
                 {command} => silent
                 GET a => -ERR Replica can't interact with the keyspace
                 {command} => silent
                 PING => +PONG
                 {command} => silent"
            ),
        );
    }
}

#[test]
fn monitor_with_an_argument_switches_nothing_on() {
    const LINE: &str = "+1795898874.004769 [0 127.0.0.1:43016] \"PING\"";
    pairs(
        "behind SKIP",
        "C: CLIENT REPLY SKIP ; MONITOR x
         C: MONITOR x
         S: -ERR wrong number of arguments for 'monitor' command
         C: MONITOR
         S: +OK
         C: PING
         S: +PONG",
        "CLIENT REPLY SKIP => silent
         MONITOR x => silent
         MONITOR x => -ERR wrong number of arguments for 'monitor' command
         MONITOR => +OK
         PING => +PONG",
    );
    pairs(
        "no MONITOR at all",
        &format!(
            "C: MONITOR x
             S: -ERR wrong number of arguments for 'monitor' command
             C: PING
             S: +PONG / {LINE}"
        ),
        &format!(
            "MONITOR x => -ERR wrong number of arguments for 'monitor' command
             PING => +PONG
             undecided {LINE}
             Surplus at the end"
        ),
    );
}

#[test]
fn of_very_many_ignored_commands_few_wait() {
    let again = vec!["MONITOR"; 3000].join(" ; ");
    let told = vec!["MONITOR => silent"; 3000].join("\n");
    pairs(
        "many",
        &format!("C: MONITOR\nS: +OK\nC: {again}\nC: PING\nS: +PONG"),
        &format!("MONITOR => +OK\n{told}\nPING => +PONG"),
    );
}

/// Has the dialogue: no order is broken in it.
fn nobody_is_accused(from: From, dialogue: &str) {
    let mut talk = Talk::new(from);
    for line in trimmed(dialogue) {
        talk.line(line);
    }
    talk.session.finish(&mut talk.shared, &mut talk.recorder);
    let lines = &talk.recorder.lines;
    assert!(
        !lines.iter().any(|line| line.contains(" at ")),
        "{lines:#?}"
    );
}

#[test]
fn what_is_refused_without_a_word_opens_no_transaction() {
    // A subscriber of RESP2 may not, and MULTI takes no argument.
    for multi in ["MULTI", "MULTI x"] {
        nobody_is_accused(
            From::Syn,
            &format!(
                "
                C: PING
                S: +PONG
                C: CLIENT REPLY OFF ; SUBSCRIBE ch ; {multi} ; CLIENT REPLY ON ; SUBSCRIBE ch
                S: *3 / $9 / subscribe / $2 / ch / :1 / *3 / $9 / subscribe / $2 / ch / :1
                "
            ),
        );
    }
}

#[test]
fn a_subscribe_without_channels_confirms_nothing() {
    nobody_is_accused(
        From::Syn,
        "
        C: PING
        S: +PONG
        C: CLIENT REPLY SKIP ; SUBSCRIBE ; PSUBSCRIBE c* ; UNSUBSCRIBE
        S: *3 / $10 / psubscribe / $2 / c* / :1 / *3 / $11 / unsubscribe / $-1 / :1
        ",
    );
}

#[test]
fn who_monitored_before_the_capture_is_ignored() {
    nobody_is_accused(
        From::Midstream,
        "
        W 60
        C: PING hey
        S: +1700000000.123456 [0 127.0.0.1:1] \"PING\" \"hey\" / $3 / hey
        W 60
        C: PING you
        S: +1700000001.123456 [0 127.0.0.1:1] \"PING\" \"you\" / $3 / you
        W 60
        C: MONITOR ; PING x ; PING y
        S: +1700000002.123456 [0 127.0.0.1:1] \"PING\" \"x\" / $1 / x
        S: +1700000003.123456 [0 127.0.0.1:1] \"PING\" \"y\" / $1 / y
        ",
    );
}
