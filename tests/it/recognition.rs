//! What a connection speaks, by its content: whatever was not captured of it, and on any port.

use super::talk::{ACK, Ends, MS, Run, Said, midstream};
use redorder::analyzer::{Config, Event, Login};
use redorder::rules::Confidence;

/// What is said on a connection to this port, from its SYN on.
fn heard(port: u16, dialogue: &str) -> Said {
    let mut run = Run::new();
    let mut ends = Ends::midstream(40_000);
    ends.service = port;
    run.handshake(&mut ends);
    run.talk(&mut ends, dialogue);
    run.end()
}

#[test]
fn redis_is_recognised_though_its_first_commands_were_not_captured() {
    for port in [6379, 7000] {
        for first in ["+OK", "-ERR unauthorized", "$1 / v", "*0", ":1"] {
            for mark in ["S:", "S-"] {
                let said = heard(
                    port,
                    &format!(
                        "
                        C! AUTH pwd ; GET a
                        {mark} {first}
                        {mark} +OK
                        C.
                        W 100
                        C: PING ; GET b
                        S: +PONG / $-1
                        C.
                        C: GET a
                        S: $1 / v
                        FIN
                        "
                    ),
                );
                let totals = &said.summary.totals;
                let what = format!("{port} {mark} {first}");
                assert_eq!(totals.redis_connections, 1, "{what}");
                assert_eq!(totals.counts.gaps, 1, "{what}");
                assert_eq!(totals.counts.commands, 3, "{what}");
                assert!(said.accusations().is_empty(), "{what}: {:?}", said.rules());
            }
        }
    }
}

#[test]
fn redis_is_recognised_by_what_only_redis_says() {
    for said_first in [
        "-NOAUTH Authentication required.",
        "-ERR unknown command 'x'",
        "-DENIED Redis is running in protected mode",
        "-LOADING Redis is loading the dataset in memory",
        "-ERR max number of clients reached",
    ] {
        let said = heard(7000, &format!("C! FOO\nS: {said_first}\nC.\nW 100\nFIN"));
        assert_eq!(said.summary.totals.redis_connections, 1, "{said_first}");
    }
}

/// Protocols in which the server speaks first, and some in which it answers lines.
const OTHERS: &[(&str, u16, &str)] = &[
    (
        "POP3",
        110,
        r"
        S= +OK POP3 ready\r\n
        C= USER a\r\n
        S= +OK\r\n
        C= PASS b\r\n
        S= +OK\r\n
        C= QUIT\r\n
        S= +OK\r\n
        FIN
        ",
    ),
    (
        "POP3 with a command that Redis knows",
        110,
        r"
        S= +OK\r\n
        C= AUTH PLAIN\r\n
        S= +OK\r\n
        C= QUIT\r\n
        S= +OK\r\n
        FIN
        ",
    ),
    (
        "SMTP",
        25,
        r"
        S= 220 mail.example ESMTP\r\n
        C= HELO a\r\n
        S= 250 mail.example\r\n
        C= QUIT\r\n
        S= 221 bye\r\n
        FIN
        ",
    ),
    (
        "SSH",
        22,
        r"
        S= SSH-2.0-OpenSSH_9.2\r\n
        C= SSH-2.0-OpenSSH_9.2\r\n
        FIN
        ",
    ),
    (
        "HTTP",
        80,
        r"
        C= GET / HTTP/1.1\r\nHost: a\r\n\r\n
        S= HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n
        FIN
        ",
    ),
    (
        "memcached",
        11_211,
        r"
        C= get a\r\n
        S= END\r\n
        C= set a 0 0 1\r\nv\r\n
        S= STORED\r\n
        FIN
        ",
    ),
    (
        "NATS",
        4222,
        r"
        S= INFO {}\r\n
        C= CONNECT {}\r\nPING\r\n
        S= +OK\r\nPONG\r\n
        FIN
        ",
    ),
    (
        "POP3 on a port of Redis",
        6379,
        r"
        S= +OK POP3 ready\r\n
        C= USER a\r\n
        S= +OK\r\n
        C= PASS b\r\n
        S= -ERR no\r\n
        FIN
        ",
    ),
    (
        "what no server of Redis answers, on a port of Redis",
        6379,
        r"
        C= ?who\r\n
        S= me\r\n
        FIN
        ",
    ),
    (
        "a server that greets like Redis answers",
        5000,
        r"
        S= +ready\r\n
        C= PING\r\n
        S= +PONG\r\n
        FIN
        ",
    ),
];

#[test]
fn other_protocols_stay_out() {
    for (name, port, dialogue) in OTHERS {
        let said = heard(*port, dialogue);
        assert_eq!(said.summary.totals.redis_connections, 0, "{name}");
        assert!(said.findings.is_empty(), "{name}: {:?}", said.rules());
        let counted = said.summary.unrecognised_connections;
        assert_eq!(counted, u64::from(*port == 6379), "{name}");
    }
}

#[test]
fn a_port_of_redis_is_one_whatever_the_first_line() {
    for (port, first, redis) in [
        (6379, &b"   \r\n"[..], 1),
        (7000, b"   \r\n", 1),
        (7000, b"*-10\r\n", 1),
        (7000, b" \t\x0b\n", 1),
        (6379, b"\x0b\r\n", 1),
        (7000, b"\x0b\x0c\r\n", 1),
        (6379, b"\x01\x02 foo\r\n", 1),
        (6379, b"?who\r\n", 1),
        (7000, b"?who\r\n", 0),
    ] {
        let mut run = Run::new();
        let mut ends = Ends::midstream(40_000);
        ends.service = port;
        run.handshake(&mut ends);
        run.send(&mut ends, true, ACK, first);
        let what = format!("{port} {}", first.escape_ascii());
        if first.iter().any(u8::is_ascii_alphabetic) {
            let quoted = [b"-ERR unknown command '", first.trim_ascii(), b"'\r\n"].concat();
            run.send(&mut ends, false, ACK, &quoted);
        }
        run.talk(
            &mut ends,
            "C: PING\nS: +PONG\nC.\nW 100\nC: PING\nS: +PONG\nFIN",
        );
        let said = run.end();
        let totals = &said.summary.totals;
        assert_eq!(totals.redis_connections, redis, "{what}");
        assert!(totals.counts.exchanges > 0 || redis == 0, "{what}");
        assert_eq!(said.accusations(), [""; 0], "{what}");
        // Blanks are no bytes that can not be read, but bytes below them are.
        let blank = first
            .iter()
            .all(|byte| byte.is_ascii_whitespace() || *byte == 0x0b);
        let malformed = u64::from(first.first() == Some(&1));
        assert_eq!(totals.malformed_requests, malformed, "{what}");
        assert!(!blank || totals.counts.commands == 2, "{what}");
    }
}

#[test]
fn a_first_line_may_begin_with_any_blank() {
    for (first, redis) in [
        (&b"PING\r\n"[..], 1),
        (b"\x0bPING\r\n", 1),
        (b" \x0c\tPING\x0b\r\n", 1),
        (b"\x0ePING\r\n", 0),
    ] {
        let mut run = Run::new();
        let mut ends = Ends::midstream(40_000);
        ends.service = 7000;
        run.handshake(&mut ends);
        run.send(&mut ends, true, ACK, first);
        run.talk(&mut ends, "S: +PONG\nFIN");
        let totals = run.end().summary.totals;
        let what = first.escape_ascii();
        assert_eq!(totals.redis_connections, redis, "{what}");
        assert_eq!(totals.counts.exchanges, redis, "{what}");
        assert_eq!(totals.malformed_requests, 0, "{what}");
    }
}

#[test]
fn what_a_replica_receives_is_no_reply() {
    let stream = r"
        S= *1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n
        C: REPLCONF ACK 5
        S= *3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nc\r\n
        C: REPLCONF ACK 34
        S= *1\r\n$4\r\nPING\r\n
        FIN
    ";
    let said = midstream(stream);
    let totals = &said.summary.totals;
    assert_eq!(totals.stream_bytes.server.replication, 27 + 14);
    assert_eq!(totals.counts.undecided_commands, 0);
    assert_eq!(totals.counts.silent, 2);
    assert_eq!(said.accusations(), [""; 0]);
    // Whoever gets replies is no replica, whatever it says.
    let said = midstream(
        "
        C: GET a
        S: $1 / v
        C: REPLCONF ACK 5
        C: GET b
        S: $1 / w
        FIN
        ",
    );
    assert_eq!(said.summary.totals.stream_bytes.replication(), 0);
    assert_eq!(said.summary.totals.counts.exchanges, 2);
    // From the start on it is no stream before the server has said so.
    let said = heard(6379, "C: REPLCONF ACK 5\nC: PING\nS: +PONG\nFIN");
    assert_eq!(said.summary.totals.stream_bytes.replication(), 0);
    assert_eq!(said.summary.totals.counts.exchanges, 1);
}

/// Library and name of each client, and how many connections it has.
fn clients(dialogues: &[&str]) -> Vec<(Option<String>, Option<String>, u64)> {
    let mut run = Run::new();
    for (port, dialogue) in (40_000..).zip(dialogues) {
        let mut ends = run.open(port);
        run.talk(&mut ends, dialogue);
    }
    let clients = run.end().summary.clients.into_iter();
    clients
        .map(|c| (c.library, c.name, c.connections))
        .collect()
}

#[test]
fn a_client_is_known_by_the_name_that_it_gives_its_connections() {
    let named = "C: CLIENT SETNAME web ; CLIENT SETINFO LIB-NAME abc\nS: +OK / +OK\nFIN";
    let hello = "C: HELLO 3 SETNAME web\nS: %1 / +proto / :3\nFIN";
    let other = "C: CLIENT SETNAME batch\nS: +OK\nFIN";
    let silent = "C: PING\nS: +PONG\nFIN";
    let of = |name: &str| (Some("abc".to_owned()), Some(name.to_owned()));
    let (library, name) = of("<name#1 3B>");
    assert_eq!(
        clients(&[named, hello, silent]),
        [(library.clone(), name.clone(), 3)]
    );
    let (_, second) = of("<name#2 5B>");
    assert_eq!(
        clients(&[named, hello, other]),
        [(library.clone(), name, 2), (library, second, 1)]
    );
}

#[test]
fn a_name_that_was_refused_is_none() {
    let only = |dialogue: &str| clients(&[dialogue]).pop().unwrap().1;
    let refused = "C: HELLO 3 SETNAME web\nS: -NOPROTO unsupported protocol version\n";
    assert_eq!(only(&format!("{refused}FIN")), None);
    let spaces = "C= *3\\r\\n$6\\r\\nCLIENT\\r\\n$7\\r\\nSETNAME\\r\\n$3\\r\\na b\\r\\n
        S: -ERR Client names cannot contain spaces, newlines or special characters.\n";
    assert_eq!(only(&format!("{spaces}FIN")), None);
    let named = "C: CLIENT SETNAME a\nS: +OK\n";
    let first = Some("<name#1 1B>".to_owned());
    // It is the one before then, and the one behind that was not refused.
    assert_eq!(only(&format!("{named}{refused}{spaces}FIN")), first);
    assert_eq!(only(&format!("{refused}{named}FIN")), first);
    // One that nothing was said of may stand.
    assert_eq!(only("C: CLIENT REPLY OFF ; CLIENT SETNAME a\nFIN"), first);
}

#[test]
fn commands_are_counted_while_their_connection_is_open() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(&mut ends, "C: PING ; GET a\nS: +PONG / $-1");
    run.each(|analyzer| {
        assert_eq!(analyzer.commands_read(), 2);
        assert_eq!(analyzer.totals().counts.commands, 0);
    });
    assert_eq!(run.end().summary.totals.counts.commands, 2);
}

#[test]
fn a_first_command_without_a_readable_name_is_known_by_its_answer() {
    for (port, answer, redis) in [
        (6379, "-ERR unknown command", 1),
        (7000, "-ERR unknown command", 1),
        (7000, "+welcome", 0),
    ] {
        let mut run = Run::new();
        let mut ends = Ends::midstream(40_000);
        ends.service = port;
        run.handshake(&mut ends);
        run.send(&mut ends, true, ACK, b"*1\r\n$2\r\n\xfe\xed\r\n");
        let rest = format!("S: {answer}\nC: PING\nS: +PONG\nFIN");
        run.talk(&mut ends, &rest);
        let totals = run.end().summary.totals;
        assert_eq!(totals.redis_connections, redis, "{port} {answer}");
        assert_eq!(totals.counts.commands, 2 * redis, "{port} {answer}");
    }
}

#[test]
fn an_empty_request_that_is_cut_in_front_of_all_hides_nothing() {
    for (first, rest) in [
        ("*-", "1\\r\\n"),
        ("\\r", "\\n"),
        ("*", "0\\r\\n"),
        ("*-1\\r", "\\n"),
    ] {
        let text = format!("C= {first}\nC= {rest}\nC: PING\nS: +PONG\nFIN");
        let totals = heard(7000, &text).summary.totals;
        assert_eq!(totals.counts.commands, 1, "{first}");
    }
}

#[test]
fn lines_stand_in_the_order_of_their_commands_though_the_clock_steps() {
    // Milliseconds that pass in front of each of six commands: back by half a minute, then one packet of another day.
    for steps in [
        [1, 1, 1, -30_000, 1, 1],
        [1, 1, 900_000_000, -900_000_000, 1, 1],
    ] {
        let mut run = Run::with(Config {
            exchanges: true,
            ..Config::default()
        });
        let mut ends = run.open(40_000);
        for step in steps {
            run.now += step * MS;
            run.talk(&mut ends, "C: PING\nS: +PONG");
        }
        let mut analyzer = run.analyzer;
        analyzer.finish();
        let lines = std::iter::from_fn(|| analyzer.poll()).filter_map(|event| match event {
            Event::Exchange(line) => Some((line.place, line.told, line.index)),
            _ => None,
        });
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), 6);
        assert!(lines.is_sorted(), "{lines:?}");
        assert!(
            lines
                .iter()
                .all(|(place, told, _)| told.since(*place) < 1_000 * MS),
            "{lines:?}"
        );
    }
}

/// The end of a command was not captured, and only an acknowledgement tells of it: its line belongs there, and comes later.
#[test]
fn no_line_is_settled_in_front_of_a_hole_that_an_acknowledgement_shows() {
    let mut run = Run::with(Config {
        exchanges: true,
        ..Config::default()
    });
    let (mut one, mut other) = (run.open(40_000), run.open(40_001));
    run.talk(&mut other, "C: PING\nS: +PONG");
    run.talk(
        &mut one,
        "C= *3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\na\\r\\n$20\\r\\nzz\nC! GET x\nS.",
    );
    for round in 0..500 {
        run.talk(&mut other, "C: PING\nS: +PONG");
        if round == 450 {
            run.talk(&mut one, "S: +OK\nC.");
        }
    }
    let mut analyzer = run.analyzer;
    analyzer.finish();
    let mut settled = Vec::new();
    while let Some(event) = analyzer.poll() {
        if let Event::Exchange(line) = event {
            assert!(settled.iter().all(|until| line.place >= *until), "{line:?}");
            settled.push(line.settled);
        }
    }
    assert_eq!(settled.len(), 502);
    // Others did not wait for it all the time.
    assert!(settled.last() > settled.get(470), "{settled:?}");
}

/// What the lines say of the login, command by command.
fn logins(dialogue: &str) -> Vec<(String, Option<&'static str>)> {
    let mut run = Run::with(Config {
        exchanges: true,
        ..Config::default()
    });
    let mut ends = run.open(40_000);
    run.talk(&mut ends, dialogue);
    let mut analyzer = run.analyzer;
    analyzer.finish();
    let mut lines = Vec::new();
    while let Some(event) = analyzer.poll() {
        if let Event::Exchange(line) = event {
            lines.push((
                line.command.unwrap().into_owned(),
                line.login.map(Login::name),
            ));
        }
    }
    lines
}

#[test]
fn what_became_of_a_login_is_not_guessed() {
    let last = |dialogue: &str| logins(dialogue).pop().unwrap().1;
    assert_eq!(last("C: GET a\nS: $-1"), Some("before"));
    assert_eq!(last("C: AUTH p\nS: +OK\nC: GET a\nS: $-1"), Some("in"));
    let silent = "C: CLIENT REPLY SKIP ; AUTH p\nC: GET a\nS: $-1\nC: GET b\nS: $-1";
    assert_eq!(last(silent), None);
    let queued = "C: MULTI\nS: +OK\nC: AUTH p\nS: +QUEUED\nC: EXEC\nS: *1 / +OK\nC: GET a\nS: $-1";
    assert_eq!(last(queued), None);
    let reset = "C: AUTH p\nS: +OK\nC: RESET\nS: +RESET\nC: GET a\nS: $-1";
    assert_eq!(last(reset), Some("before"));
    let old = "C: GET a\nS: -ERR operation not permitted";
    assert_eq!(last(old), Some("refused"));
    let kept = "C: AUTH p\nS: +OK\nC: AUTH q\nS: -WRONGPASS invalid username-password pair or user is disabled.\nC: GET a\nS: $-1";
    assert_eq!(last(kept), Some("in"));
}

#[test]
fn a_server_that_sends_back_what_it_gets_is_no_redis() {
    let back = "*1 / $4 / PING";
    for dialogue in [
        format!("C: PING\nS: {back}\nC: PING\nS: {back}\nC: PING\nS: {back}\nFIN"),
        format!("C: PING ; PING\nS: {back} / {back}\nFIN"),
        format!("C: PING\nS: {back}\nC: GET a\nS: *2 / $3 / GET / $1 / a\nC: PING\nFIN"),
    ] {
        for port in [6379, 7] {
            let said = heard(port, &dialogue);
            let totals = &said.summary.totals;
            assert_eq!(said.rules(), [""; 0], "{dialogue}");
            assert_eq!(totals.redis_connections, 0, "{dialogue}");
            let counted = said.summary.unrecognised_connections;
            assert_eq!(counted, u64::from(port == 6379), "{dialogue}");
        }
    }
}

#[test]
fn one_command_that_comes_back_is_a_broken_order() {
    let back = "C: GET a\nS: *2 / $3 / GET / $1 / a\n";
    for dialogue in [
        format!("{back}C: PING\nS: +PONG\nFIN"),
        // Not from the start on.
        format!("C: PING\nS: +PONG\n{back}{back}C: PING\nS: +PONG\nFIN"),
        format!(
            "C: PING\nS: +PONG\nC: GET b\nS: $-1\nC: GET b\nS: $-1\n{back}{back}C: PING\nS: +PONG\nFIN"
        ),
        format!("C: GET b\nS: $-1\n{back}{back}C: PING\nS: +PONG\nFIN"),
        // Other words.
        format!("{back}C: GET a\nS: *2 / $3 / SET / $1 / a\nC: PING\nS: +PONG\nFIN"),
    ] {
        let said = heard(6379, &dialogue);
        assert_eq!(said.accusations(), ["reply-mismatch"], "{dialogue}");
    }
}

/// As [`midstream`], on a port that is not known.
fn joined(dialogue: &str) -> Said {
    let mut run = Run::new();
    let mut ends = Ends::midstream(40_000);
    ends.service = 7000;
    run.talk(&mut ends, dialogue);
    run.end()
}

#[test]
fn who_is_the_client_is_told_by_what_only_a_server_says() {
    // A server's array of strings that reads like a command, in front of all.
    let name = "S: *2 / $4 / KEYS / $1 / a\n";
    let asks = "C: LRANGE l 0 -1\nS: *2 / $4 / KEYS / $1 / b\nC: INCR n\n";
    let said = joined(&format!("{name}{asks}S: :1\nC: GET a\nS: $1 / v\nC.\nFIN"));
    let totals = &said.summary.totals;
    assert_eq!((totals.redis_connections, totals.counts.commands), (1, 3));
    assert_eq!(
        totals.counts.exchanges + totals.counts.undecided_commands,
        3
    );
    assert_eq!(said.rules(), ["capture-incomplete"]);
    // Nobody says what only a server does, and both seem to ask: the one with the higher port is the client.
    let said = joined(&format!(
        "{name}C: LRANGE l 0 -1\nS: *2 / $4 / KEYS / $1 / b\nC.\nFIN"
    ));
    assert_eq!(said.rules(), ["capture-incomplete"]);
    let counts = &said.summary.totals.counts;
    assert_eq!((counts.commands, counts.replies), (1, 2));
    // One end alone has sent commands.
    let said = joined("C: LRANGE l 0 -1\nS: *1 / $1 / b\nC: LRANGE l 0 -1\nFIN");
    assert_eq!(said.summary.totals.counts.commands, 2);
}

#[test]
fn nothing_surer_than_possible_rests_on_a_guess_of_the_client() {
    let dialogue = "C: LRANGE l 0 -1\nS: *1 / $1 / b\nW 500\nC: LRANGE l 0 -1\nS: *1 / $1 / b\nW 500\nC: LRANGE l 0 -1\n";
    let end = "C: LRANGE l 0 -1\nRST";
    let guessed = joined(&format!("{dialogue}{end}"));
    let finding = guessed.one("closed-unanswered");
    assert_eq!(finding.confidence, Confidence::Possible);
    let why = |text: &String| text.starts_with("Which end is the client");
    assert!(finding.not_seen.iter().any(why), "{finding:?}");
    let told = joined(&format!("C: PING\nS: +PONG\n{dialogue}{end}"));
    let finding = told.one("closed-unanswered");
    assert!(!finding.not_seen.iter().any(why), "{finding:?}");
}

/// What a hash holds may read like a command: nothing of the connection is lost for that.
#[test]
fn replies_that_read_like_commands_hide_no_connection() {
    let one = "C: HGETALL h\nS: *2 / $4 / type / $1 / a\n";
    let said = joined(&format!("{}C.\nFIN", one.repeat(50)));
    let counts = &said.summary.totals.counts;
    assert_eq!((counts.commands, counts.exchanges), (50, 50));
    assert_eq!(said.accusations(), [""; 0]);
}

/// What the client asked is counted, also where its answers were not captured.
#[test]
fn a_gap_of_the_server_takes_nothing_of_the_client() {
    let one = "C: GET a\nS! $1 / v\nC.\n";
    let said = joined(&format!("{}FIN", one.repeat(20)));
    let totals = &said.summary.totals;
    assert_eq!(totals.counts.commands, 20, "{totals:?}");
    assert_eq!(said.accusations(), [""; 0]);
}

/// A list may hold the very words that ask for it.
#[test]
fn an_array_that_a_redis_may_answer_is_no_echo() {
    let back = "C: LRANGE l 0 -1\nS: *4 / $6 / LRANGE / $1 / l / $1 / 0 / $2 / -1\n";
    let said = heard(6379, &format!("{back}{back}C: GET a\nS: $1 / v\nFIN"));
    assert_eq!(said.summary.totals.counts.exchanges, 3);
    assert_eq!(said.accusations(), [""; 0]);
}

/// Who is the client is known as soon, however the bytes were cut.
#[test]
fn an_answer_in_pieces_tells_as_well() {
    let said = joined("C: SET a 1\nS= +\nS= O\nS= K\\r\nS= \\n\nC: GET a\nC.\nS.\nW 5000\nS.");
    assert_eq!(said.summary.totals.counts.exchanges, 1);
    let guessed = said.findings.values().any(|f| {
        f.not_seen
            .iter()
            .any(|text| text.contains("Which end is the client"))
    });
    assert!(!guessed, "{:?}", said.findings);
}

/// A line of a client that is known asks, and what the server says behind it answers: the rest of an earlier reply does not.
#[test]
fn a_line_behind_the_rest_of_a_reply_opens_a_port_of_redis() {
    let tail = "S= vvvv\\r\\n\n";
    let rest = "C: SET a 1\nS: +OK\nC: GET a\nS: $1 / 1\nFIN";
    for line in ["GET a", "ping"] {
        let line = format!("C= {line}\\r\\n\n");
        for dialogue in [
            format!("{tail}{line}S= $-1\\r\\n\n{rest}"),
            format!("{line}S= $-1\\r\\n\n{rest}"),
            // More of the same reply comes first.
            format!("{tail}{line}{tail}S= $-1\\r\\n\n{rest}"),
        ] {
            let said = midstream(&dialogue);
            let totals = &said.summary.totals;
            assert_eq!(totals.redis_connections, 1, "{dialogue}");
            // Where the first bytes of a client joined in the middle begin is not known: they are counted as not read.
            assert_eq!(totals.counts.commands, 2, "{dialogue}");
            assert!(totals.stream_bytes.client.unread > 0, "{dialogue}");
            assert!(said.accusations().is_empty(), "{:?}", said.rules());
        }
        // Nothing that begins like a reply answers.
        let said = midstream(&format!("{tail}{line}{tail}FIN"));
        assert_eq!(said.summary.totals.redis_connections, 0);
    }
}

#[test]
fn a_command_behind_the_rest_of_another_one_is_recognised() {
    // No segment begins with a command.
    let said =
        joined("C= lue\\r\\n*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n\nS: +OK / $1 / v\nC.\nFIN");
    let totals = &said.summary.totals;
    assert_eq!(totals.redis_connections, 1);
    assert!(totals.stream_bytes.client.unread > 0);
    // Its head is in pieces, and so is what Redis says to it.
    let pieces = "C= lue\\r\\n*2\\r\nC= \\n$3\\r\\nGE\nC= T\\r\\n$1\\r\\na\\r\\n\nS= +O\nS= K\\r\\n\nC.\nFIN";
    assert_eq!(joined(pieces).summary.totals.redis_connections, 1);
    let said = joined("C= CH\\r\\n\nS= -NOAUTH Aut\nS= hentication required.\\r\\n\nC.\nFIN");
    assert_eq!(said.summary.totals.redis_connections, 1);
}

#[test]
fn what_only_may_be_redis_is_not_passed_over_in_silence() {
    for dialogue in [
        "C= lue\\r\\n\nS: +OK\nFIN",
        "C= \\r\\n$1\\r\\nz\\r\\n$1\\r\\n1\\r\\n\nC.\nFIN",
        "C= 7\\r\\nGETNAME\\r\\n\nS: $-1\nFIN",
        // A dump of commands that nobody answers.
        "C= lue\\r\\n*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n\nFIN",
    ] {
        let said = joined(dialogue);
        assert_eq!(said.summary.totals.redis_connections, 0, "{dialogue}");
        assert_eq!(said.summary.unrecognised_connections, 1, "{dialogue}");
        assert_eq!(said.rules(), [""; 0], "{dialogue}");
    }
    for dialogue in [
        "C= \\x00\\x01\\x02 $5 * + and so on\nS= 220 ready\\r\\n\nC.\nFIN",
        "C= a1 SELECT inbox\\r\\n\nS= * 3 EXISTS\\r\\na1 OK done\\r\\n\nC.\nFIN",
        "C= DATA\\r\\n\nS= 354 go on\\r\\n\nC= $ 5 for * 3\\r\\n.\\r\\n\nFIN",
        "C= STAT\\r\\n\nS= +OK 2 320\\r\\n\nFIN",
        "C= next\\r\\n\nS= - an item\\r\\n- another one\\r\\n\nFIN",
    ] {
        let said = joined(dialogue);
        assert_eq!(said.summary.unrecognised_connections, 0, "{dialogue}");
    }
}
