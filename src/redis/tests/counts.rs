//! How many frames a request yields: transactions, MONITOR, pushes, replication.

use super::{From, Pending, Talk, pairs};

#[test]
fn one_frame_each_in_order_errors_too() {
    pairs(
        "N1",
        "C: PING ; GET a ; LPUSH l 1
         S: +PONG / -WRONGTYPE x / :1",
        "PING => +PONG
         GET a => -WRONGTYPE x
         LPUSH l 1 => :1",
    );
    pairs(
        "N1, reply split over segments",
        "C: GET a ; PING
         S= $3\\r\\nab
         S= c\\r\\n+PO
         S= NG\\r\\n",
        "GET a => $abc
         PING => +PONG",
    );
}

#[test]
fn empty_requests_have_no_reply() {
    pairs(
        "N2",
        "C= \\r\\n*0\\r\\n*-1\\r\\n*1\\r\\n$4\\r\\nPING\\r\\n\\r\\n
         S: +PONG",
        "PING => +PONG",
    );
    pairs(
        "N2",
        "C: REPLCONF ACK 5 ; REPLCONF GETACK * ; REPLCONF CAPA eof ; PING
         S: +OK / +PONG",
        "REPLCONF ACK 5 => silent
         REPLCONF GETACK * => silent
         REPLCONF CAPA eof => +OK
         PING => +PONG",
    );
}

#[test]
fn shutdown_takes_earlier_replies_with_it() {
    pairs(
        "N2 SHUTDOWN",
        "C: PING ; SHUTDOWN NOSAVE ; PING",
        "PING => silent
         SHUTDOWN NOSAVE => silent
         PING => silent",
    );
    pairs(
        "N2 SHUTDOWN refused",
        "C: SHUTDOWN NOSAVE ; PING
         S: -ERR Errors trying to SHUTDOWN. Check logs. / +PONG",
        "SHUTDOWN NOSAVE => -ERR Errors trying to SHUTDOWN. Check logs.
         PING => +PONG",
    );
}

#[test]
fn greetings_answer_nothing() {
    for text in [
        "-DENIED Redis is running in protected mode",
        "-ERR max number of clients reached",
    ] {
        pairs(
            "N5",
            &format!("S: {text}\nC: PING"),
            &format!("push {text}\nPING => unanswered"),
        );
        // The refusal crosses the client's first command on its way.
        pairs(
            "N5",
            &format!("C: PING\nS- {text}"),
            &format!("push {text}\nPING => unanswered"),
        );
    }
}

#[test]
fn monitor_lines_are_no_replies() {
    let line = "+1795359453.486379 [0 127.0.0.1:46152] \"PING\"";
    pairs(
        "N6 behind the reply",
        &format!("C: MONITOR ; PING\nS: +OK / +PONG / {line}"),
        &format!("MONITOR => +OK\nPING => +PONG\npush {line}"),
    );
    pairs(
        "N6 before the reply",
        &format!("C: MONITOR ; PING\nS: +OK / {line} / +PONG"),
        &format!("MONITOR => +OK\npush {line}\nPING => +PONG"),
    );
    pairs(
        "N2 a second MONITOR has no reply",
        &format!("C: MONITOR ; MONITOR ; PING\nS: +OK / +PONG / {line}"),
        &format!("MONITOR => +OK\nMONITOR => silent\nPING => +PONG\npush {line}"),
    );
}

#[test]
fn pushes_are_skipped_at_any_time() {
    pairs(
        "N7",
        "C: HELLO 3 ; GET a
         S: %1 / $5 / proto / :3 / >2 / $10 / invalidate / *1 / $1 / a / $1 / v / >2 / $10 / invalidate / _
         C: PING
         S: +PONG",
        "HELLO 3 => %1
         push >2
         GET a => $v
         push >2
         PING => +PONG",
    );
    pairs(
        "N7 a push inside EXEC",
        "C: HELLO 3 ; MULTI ; SET a 1 ; PING ; EXEC ; ECHO z
         S: %1 / $5 / proto / :3 / +OK / +QUEUED / +QUEUED
         S: *2 / +OK / >2 / $10 / invalidate / *1 / $1 / a / +PONG / $1 / z",
        "HELLO 3 => %1
         MULTI => +OK
         SET a 1 => +QUEUED
         PING => +QUEUED
         EXEC => *2
         ECHO z => $z",
    );
    pairs(
        "N8 an attribute belongs to the next frame",
        "C: HELLO 3 ; GET a ; PING
         S: %1 / $5 / proto / :3 / |1 / +ttl / :3600 / $1 / v / +PONG",
        "HELLO 3 => %1
         GET a => $v
         PING => +PONG",
    );
}

#[test]
fn transactions() {
    pairs(
        "N13 N14",
        "C: MULTI ; LPOP s ; INCR s ; EXEC ; PING
         S: +OK / +QUEUED / +QUEUED / *2 / -WRONGTYPE x / :2 / +PONG",
        "MULTI => +OK
         LPOP s => +QUEUED
         INCR s => +QUEUED
         EXEC => *2
         PING => +PONG",
    );
    pairs(
        "N14 WATCH abort",
        "C: WATCH x ; MULTI ; PING ; EXEC ; PING
         S: +OK / +OK / +QUEUED / *-1 / +PONG",
        "WATCH x => +OK
         MULTI => +OK
         PING => +QUEUED
         EXEC => *-1
         PING => +PONG",
    );
    pairs(
        "N14 EXECABORT",
        "C: MULTI ; NOSUCH x ; EXEC ; MULTI ; PING ; EXEC
         S: +OK / -ERR unknown command / -EXECABORT Transaction discarded / +OK / +QUEUED / *1 / +PONG",
        "MULTI => +OK
         NOSUCH x => -ERR unknown command
         EXEC => -EXECABORT Transaction discarded
         MULTI => +OK
         PING => +QUEUED
         EXEC => *1",
    );
    pairs(
        "N13 WATCH and MULTI inside MULTI, DISCARD",
        "C: MULTI ; MULTI ; WATCH a ; UNWATCH ; DISCARD ; PING
         S: +OK / -ERR MULTI calls can not be nested / -ERR WATCH inside MULTI is not allowed / +QUEUED / +OK / +PONG",
        "MULTI => +OK
         MULTI => -ERR MULTI calls can not be nested
         WATCH a => -ERR WATCH inside MULTI is not allowed
         UNWATCH => +QUEUED
         DISCARD => +OK
         PING => +PONG",
    );
}

#[test]
fn exec_of_another_length_is_never_paired() {
    pairs(
        "N14",
        "C: MULTI ; INCR a ; EXEC ; PING
         S: +OK / +QUEUED / *2 / :1 / :1 / +PONG",
        "MULTI => +OK
         INCR a => +QUEUED
         EXEC => undecided
         undecided *2
         PING => +PONG
         Mismatch at 2",
    );
}

#[test]
fn behind_an_opaque_exec_nothing_is_paired() {
    for odd in ["UNSUBSCRIBE", "CLIENT REPLY OFF", "MONITOR", "DEBUG JMAP"] {
        pairs(
            "N15",
            &format!("C: MULTI ; {odd} ; EXEC ; PING\nS: +OK / +QUEUED / *1 / +x / +PONG"),
            &format!(
                "MULTI => +OK\n{odd} => +QUEUED\nEXEC => *1\nPING => undecided\nlost\nundecided +PONG"
            ),
        );
    }
}

#[test]
fn a_push_is_an_element_of_exec() {
    pairs(
        "N15 RESP3: the header says 1, and a push is that element",
        "C: HELLO 3 ; MULTI ; SUBSCRIBE a ; EXEC ; PING
         S: %1 / $5 / proto / :3 / +OK / +QUEUED / *1 / >3 / $9 / subscribe / $1 / a / :1",
        "HELLO 3 => %1
         MULTI => +OK
         SUBSCRIBE a => +QUEUED
         EXEC => *1
         PING => unanswered",
    );
}

#[test]
fn replication_ends_the_pairing() {
    pairs(
        "N16",
        "C: PSYNC ? -1
         S= \\n\\n\\n+FULLRESYNC aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 14\\r\\n$EOF:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\\r\\nREDIS
         C: REPLCONF ACK 14
         S: *1 / $4 / PING",
        "PSYNC ? -1 => +FULLRESYNC aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 14
         lost
         REPLCONF ACK 14 => silent",
    );
    pairs(
        "N16 behind pending output",
        "C: PING ; PSYNC ? -1 ; PING
         S: +PONG / -ERR SYNC and PSYNC are invalid with pending output / +PONG",
        "PING => +PONG
         PSYNC ? -1 => -ERR SYNC and PSYNC are invalid with pending output
         PING => +PONG",
    );
    pairs(
        "N16 SYNC",
        "C: SYNC
         S= $5\\r\\nREDIS*1\\r\\n$4\\r\\nPING\\r\\n",
        "SYNC => silent
         lost",
    );
}

#[test]
fn what_the_end_cuts_off_is_unanswered() {
    pairs(
        "N19",
        "C: MULTI ; PING ; EXEC
         S: +OK / +QUEUED / *1",
        "MULTI => +OK
         PING => +QUEUED
         EXEC => begun",
    );
    pairs(
        "N19 QUIT",
        "C: QUIT ; PING
         S: +OK",
        "QUIT => +OK
         PING => unanswered",
    );
}

#[test]
fn a_blocked_client_keeps_the_order() {
    pairs(
        "N18",
        "C: BLPOP q 0 ; PING ; GET z
         W 800
         S: *-1 / +PONG / $-1",
        "BLPOP q 0 => *-1
         PING => +PONG
         GET z => $-1",
    );
    pairs(
        "N18 overtaken: never a pair",
        "C: BLPOP q 0 ; PING
         S: +PONG
         W 800
         S: *2 / $1 / q / $1 / v",
        "PING => undecided
         undecided +PONG
         BLPOP q 0 => undecided
         undecided *2
         Swapped at 0",
    );
}

/// So many commands in one segment, and how the dialogue ends.
fn flight(commands: usize, prepare: impl Fn(&mut Talk)) -> Talk {
    let mut talk = Talk::new(From::Syn);
    prepare(&mut talk);
    talk.line(&format!("C: {}", ["PING"; 40].join(" ; ")));
    talk.line(&format!("C: {}", vec!["PING"; commands - 40].join(" ; ")));
    talk.session.finish(&mut talk.shared, &mut talk.recorder);
    talk
}

#[test]
fn where_no_server_is_heard_few_commands_wait() {
    for (unheard, commands, unanswered, undecided, hits) in [
        (true, 64, 64, 0, 0),
        (true, 65, 0, 65, 1),
        (true, 90, 0, 90, 1),
        (false, 90, 90, 0, 0),
    ] {
        let talk = flight(commands, |talk| talk.session.set_unheard(unheard));
        let counts = talk.session.counts();
        assert_eq!(
            (counts.unanswered, counts.undecided_commands),
            (unanswered, undecided),
            "{unheard} {commands}"
        );
        assert_eq!(talk.shared.hits_unheard, hits);
    }
}

#[test]
fn commands_in_flight_share_their_memory() {
    let room = |bytes: usize| move |talk: &mut Talk| talk.shared.waiting.most = bytes;
    let talk = flight(60, room(1000));
    assert_eq!(talk.session.counts().undecided_commands, 60);
    assert_eq!(
        (talk.shared.waiting.hits, talk.shared.waiting.bytes),
        (1, 0)
    );
    let talk = flight(60, room(1 << 20));
    assert_eq!(talk.session.counts().unanswered, 60);
    assert_eq!(
        (talk.shared.waiting.hits, talk.shared.waiting.bytes),
        (0, 0)
    );
    // Others take all the room: a connection with few commands in flight is not the one to blame.
    let mut talk = Talk::new(From::Syn);
    talk.shared.waiting.bytes = usize::MAX / 2;
    for _ in 0..4 {
        talk.line("C: PING");
    }
    assert_eq!(talk.shared.waiting.hits, 0);
    talk.line("C: PING");
    assert_eq!(talk.shared.waiting.hits, 1);
}

#[test]
fn what_waits_is_weighed_until_it_is_answered() {
    let mut talk = Talk::new(From::Syn);
    talk.line(&format!("C: {}", ["PING"; 1000].join(" ; ")));
    let weight = talk.shared.waiting.bytes;
    assert!(weight >= 1000 * size_of::<Pending>(), "{weight}");
    talk.line(&format!("S: {}", ["+PONG"; 1000].join(" / ")));
    assert_eq!(talk.shared.waiting.bytes, 0);
    assert_eq!(talk.session.counts().exchanges, 1000);
}

#[test]
fn more_readings_than_are_followed_are_given_up_and_counted() {
    for (times, hits) in [(4, 0), (200, 1)] {
        let inside = " ; MULTI ; CLIENT REPLY ON ; DISCARD".repeat(times);
        let mut talk = Talk::new(From::Syn);
        talk.line(&format!("C: CLIENT REPLY OFF{inside} ; PING"));
        talk.line("S: +OK");
        assert_eq!(talk.shared.hits_readings, hits, "{times}");
        talk.session.finish(&mut talk.shared, &mut talk.recorder);
        let told = talk.session.counts();
        let fates = told.exchanges + told.unanswered + told.silent + told.undecided_commands;
        assert_eq!(told.commands, fates, "{times}");
    }
}

#[test]
fn a_push_answers_nothing_but_a_subscription() {
    // The reply of another connection stands in the place of HELLO's: no reply is missing, and no two are in exchange.
    pairs(
        "K6 push",
        "C: HELLO 3 ; HGETALL h ; DISCARD ; ZINCRBY z 1 m
         S: >3 / $11 / unsubscribe / _ / :0 / %0 / -ERR DISCARD without MULTI / ,1
         C: PING
         S: +PONG",
        "HELLO 3 => undecided
         undecided >3
         HGETALL h => %0
         DISCARD => -ERR DISCARD without MULTI
         ZINCRBY z 1 m => ,1
         Mismatch at 0
         PING => +PONG",
    );
}

#[test]
fn hello_is_in_exchange_with_what_tells_of_a_server() {
    let hello = "server / $5 / redis / $7 / version / $5 / 8.0.1 / $5 / proto / :2";
    let dialogue = format!(
        "C: HELLO 3 ; HGETALL h ; DISCARD ; ZINCRBY z 1 m
         S: *6 / $6 / {hello} / %0 / -ERR DISCARD without MULTI / ,1
         C: PING
         S: +PONG"
    );
    // What happened is not known: each of the readings that are left has a fault, and none is likelier.
    pairs(
        "K7 HELLO",
        &dialogue,
        "HELLO 3 => *6
         HGETALL h => undecided
         DISCARD => undecided
         ZINCRBY z 1 m => undecided
         undecided %0
         undecided -ERR DISCARD without MULTI
         undecided ,1
         Surplus at 0
         lost
         PING => undecided
         undecided +PONG",
    );
}
