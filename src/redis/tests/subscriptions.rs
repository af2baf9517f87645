//! Confirmations and messages: which frames answer, and which come by themselves.

use super::{From, Talk, pairs};

#[test]
fn subscribe_has_a_frame_per_channel() {
    pairs(
        "N3 RESP2",
        "C: SUBSCRIBE a b c ; PING
         S: *3 / $9 / subscribe / $1 / a / :1 / *3 / $9 / subscribe / $1 / b / :2
         S: *3 / $9 / subscribe / $1 / c / :3 / *2 / $4 / pong / $0 /",
        "SUBSCRIBE a b c => *3
         push *3
         push *3
         PING => *2",
    );
    pairs(
        "N3 twice the same channel",
        "C: SUBSCRIBE a a
         S: *3 / $9 / subscribe / $1 / a / :1 / *3 / $9 / subscribe / $1 / a / :1
         C: UNSUBSCRIBE ; PING
         S: *3 / $11 / unsubscribe / $1 / a / :0 / +PONG",
        "SUBSCRIBE a a => *3
         push *3
         UNSUBSCRIBE => *3
         PING => +PONG",
    );
    pairs(
        "N3 refused: one error for all",
        "C: SUBSCRIBE a b ; PING
         S: -NOPERM x / +PONG",
        "SUBSCRIBE a b => -NOPERM x
         PING => +PONG",
    );
    pairs(
        "N3 N7 RESP3",
        "C: HELLO 3 ; SUBSCRIBE a b ; GET x
         S: %1 / $5 / proto / :3 / >3 / $9 / subscribe / $1 / a / :1
         S: >3 / $9 / subscribe / $1 / b / :2 / $1 / v",
        "HELLO 3 => %1
         SUBSCRIBE a b => >3
         push >3
         GET x => $v",
    );
    pairs(
        "N3 shard channels",
        "C: SSUBSCRIBE a
         S: *3 / $10 / ssubscribe / $1 / a / :1
         S: *3 / $12 / sunsubscribe / $1 / a / :0
         C: PING
         S: +PONG",
        "SSUBSCRIBE a => *3
         push *3
         PING => +PONG",
    );
}

#[test]
fn a_shard_channel_may_leave_by_itself() {
    pairs(
        "N5 while a command waits",
        "C: SSUBSCRIBE a
         S: *3 / $10 / ssubscribe / $1 / a / :1
         C: PING
         S- *3 / $12 / sunsubscribe / $1 / a / :0
         S: +PONG",
        "SSUBSCRIBE a => *3
         push *3
         PING => +PONG",
    );
    pairs(
        "N4 SUNSUBSCRIBE without arguments",
        "C: SSUBSCRIBE a b ; SUNSUBSCRIBE ; PING
         S: *3 / $10 / ssubscribe / $1 / a / :1 / *3 / $10 / ssubscribe / $1 / b / :2
         S: *3 / $12 / sunsubscribe / $1 / b / :1 / *3 / $12 / sunsubscribe / $1 / a / :0 / +PONG",
        "SSUBSCRIBE a b => *3
         push *3
         SUNSUBSCRIBE => *3
         push *3
         PING => +PONG",
    );
}

#[test]
fn an_array_in_resp3_is_an_answer_whatever_it_says() {
    pairs(
        "N7",
        "C: HELLO 3 ; SUBSCRIBE a ; LRANGE l 0 -1 ; LRANGE m 0 -1 ; PING
         S: %1 / $5 / proto / :3 / >3 / $9 / subscribe / $1 / a / :1
         S: *3 / $7 / message / $1 / a / $1 / b / *3 / $9 / subscribe / $1 / a / :1 / +PONG",
        "HELLO 3 => %1
         SUBSCRIBE a => >3
         LRANGE l 0 -1 => *3
         LRANGE m 0 -1 => *3
         PING => +PONG",
    );
}

#[test]
fn unsubscribe_without_arguments_has_a_frame_per_subscription() {
    pairs(
        "N4 nothing subscribed",
        "C: UNSUBSCRIBE ; PING
         S: *3 / $11 / unsubscribe / $-1 / :0 / +PONG",
        "UNSUBSCRIBE => *3
         PING => +PONG",
    );
    pairs(
        "N4 any order",
        "C: SUBSCRIBE a b ; UNSUBSCRIBE ; PING
         S: *3 / $9 / subscribe / $1 / a / :1 / *3 / $9 / subscribe / $1 / b / :2
         S: *3 / $11 / unsubscribe / $1 / b / :1 / *3 / $11 / unsubscribe / $1 / a / :0 / +PONG",
        "SUBSCRIBE a b => *3
         push *3
         UNSUBSCRIBE => *3
         push *3
         PING => +PONG",
    );
    pairs(
        "N4 patterns stay when channels go",
        "C: PSUBSCRIBE p* ; SUBSCRIBE a ; UNSUBSCRIBE ; PING ; PUNSUBSCRIBE ; PING
         S: *3 / $10 / psubscribe / $2 / p* / :1 / *3 / $9 / subscribe / $1 / a / :2
         S: *3 / $11 / unsubscribe / $1 / a / :1 / *2 / $4 / pong / $0 /
         S: *3 / $12 / punsubscribe / $2 / p* / :0 / +PONG",
        "PSUBSCRIBE p* => *3
         SUBSCRIBE a => *3
         UNSUBSCRIBE => *3
         PING => *2
         PUNSUBSCRIBE => *3
         PING => +PONG",
    );
    pairs(
        "N4 Valkey 8 outside subscribed mode",
        "C: UNSUBSCRIBE x y ; PING
         S: -NOSUB 'unsubscribe' command executed not in subscribed mode / +PONG",
        "UNSUBSCRIBE x y => -NOSUB 'unsubscribe' command executed not in subscribed mode
         PING => +PONG",
    );
}

#[test]
fn messages_come_between_replies() {
    pairs(
        "N5",
        "C: SUBSCRIBE a
         S: *3 / $9 / subscribe / $1 / a / :1
         C: PING ; GET x
         S- *3 / $7 / message / $1 / a / $1 / m
         S: *2 / $4 / pong / $0 /  / -ERR Can't execute 'get'",
        "SUBSCRIBE a => *3
         push *3
         PING => *2
         GET x => -ERR Can't execute 'get'",
    );
    pairs(
        "N5 patterns",
        "C: PSUBSCRIBE a*
         S: *3 / $10 / psubscribe / $2 / a* / :1
         S: *4 / $8 / pmessage / $2 / a* / $1 / a / $1 / m",
        "PSUBSCRIBE a* => *3
         push *4",
    );
    pairs(
        "a list whose first element says message is no message",
        "C: LRANGE l 0 -1 ; PING
         S: *3 / $7 / message / $1 / a / $1 / b / +PONG",
        "LRANGE l 0 -1 => *3
         PING => +PONG",
    );
}

/// A subscriber gets messages for hours: what is remembered of them has an end.
#[test]
fn messages_are_not_remembered_without_end() {
    let mut talk = Talk::new(From::Syn);
    talk.line("C: SUBSCRIBE a ; SUBSCRIBE b");
    for (channel, count) in [("a", 1), ("b", 2)] {
        talk.line(&format!(
            "S: *3 / $9 / subscribe / $1 / {channel} / :{count}"
        ));
    }
    for _ in 0..2000 {
        talk.line("S: *3 / $7 / message / $1 / a / $2 / hi");
    }
    let mut remembered = 0;
    talk.session.each_open(&mut |_| remembered += 1);
    assert!((1..600).contains(&remembered), "{remembered}");
    assert_eq!(talk.session.counts().pushes, 2000);
}

/// The same of commands that get no reply.
#[test]
fn silent_commands_are_not_remembered_without_end() {
    let mut talk = Talk::new(From::Syn);
    talk.line("C: GET a ; GET b ; CLIENT REPLY OFF");
    talk.line("S: $1 / a / $1 / b");
    for _ in 0..4000 {
        talk.line("C- GET a");
    }
    let mut remembered = 0;
    talk.session.each_open(&mut |_| remembered += 1);
    assert!((1..2000).contains(&remembered), "{remembered}");
    assert_eq!(talk.session.counts().silent, 4001);
}
