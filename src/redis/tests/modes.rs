//! CLIENT REPLY in all its combinations, and RESET.

use super::{From, nobody_is_accused, pairs};

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
