//! Conversations told packet by packet: what healthy ones must not be accused of, and what must not be lost without a
//! word.

use super::told::Step::{Asks, ClientEnds, Hears, Says, Unseen, Waits};
use super::told::*;
use redorder::analyzer::{Analyzer, AuthResult, Config, ConnectionsWanted, Show};
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;
use redorder::rules::{Confidence, Finding};

#[test]
fn an_auth_still_on_its_way_is_an_auth() {
    let said = told(&[Asks(PING), Says(NOAUTH), Asks(AUTH)]);
    assert_eq!(said.rules(), ["command-before-auth"]);
    let finding = said.one("command-before-auth");
    assert_eq!((finding.affected, finding.exchanges.len()), (1, 2));
    assert_eq!(finding.exchanges[0].command, "AUTH");
}

#[test]
fn a_blocking_command_behind_auth_is_not_stranded() {
    let flight = [AUTH, PING, BLPOP].concat();
    let said = told(&[
        Asks(&flight),
        Says(OK),
        Says(PONG),
        Hears,
        Waits(1500 * MS),
        Asks(AUTH),
        Waits(20 * MS),
        Says("*2\r\n$1\r\nq\r\n$1\r\nv\r\n"),
        Says(OK),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
    let behind = told(&[
        Asks(&[AUTH, PING, BLPOP, PING].concat()),
        Says(OK),
        Says(PONG),
        Hears,
        Waits(1500 * MS),
        Asks(AUTH),
        Waits(20 * MS),
        Says("*2\r\n$1\r\nq\r\n$1\r\nv\r\n"),
        Says(PONG),
        Says(OK),
    ]);
    assert_eq!(behind.accusations(), [""; 0]);
}

#[test]
fn a_blocking_command_far_back_in_the_queue_counts() {
    let waits = |queue: &str| told(&[Asks(PING), Says(PONG), Asks(queue), Waits(3000 * MS), Hears]);
    let behind = waits(&[BLPOP, &GET.repeat(12)].concat());
    assert_eq!(behind.accusations(), [""; 0]);
    let in_front = waits(&[&GET.repeat(12), BLPOP, GET].concat());
    assert_eq!(in_front.one("unanswered").affected, 12);
}

#[test]
fn a_status_longer_than_the_framer_takes_is_no_fault_of_the_server() {
    let mut steps = vec![
        Asks("*3\r\n$4\r\nEVAL\r\n$1\r\nx\r\n$1\r\n0\r\n"),
        Says("+"),
    ];
    let part = "x".repeat(1400);
    steps.extend([Says(&part)].repeat(60));
    steps.extend([Says("\r\n"), Hears, Asks(PING), Says(PONG), ClientEnds]);
    let said = told(&steps);
    assert_eq!(said.accusations(), [""; 0]);
    let hits = said.summary.totals.limits.get("framing");
    assert!(
        hits.is_some_and(|n| *n > 0),
        "{:?}",
        said.summary.totals.limits
    );
}

#[test]
fn a_server_that_is_full_or_loading_refuses_no_credentials() {
    let error: &[&str] = &["auth-error"];
    for (text, rules) in [
        ("-ERR max number of clients reached\r\n", &[][..]),
        ("-LOADING Redis is loading the dataset in memory\r\n", error),
        ("-DENIED Redis is running in protected mode\r\n", &[]),
        ("-MASTERDOWN Link with MASTER is down\r\n", error),
        ("-NOPERM this user has no permissions\r\n", error),
    ] {
        let said = told(&[Asks(AUTH), Says(text), ClientEnds]);
        assert_eq!(said.accusations(), rules, "{text}");
    }
    let said = told(&[Asks(AUTH), Says("-WRONGPASS invalid\r\n"), ClientEnds]);
    assert_eq!(said.accusations(), ["auth-refused"]);
}

#[test]
fn one_captured_direction_accuses_nobody() {
    for last in [ClientEnds, Waits(0)] {
        let mut run = Run::new();
        run.deaf = true;
        let mut ends = run.open(40_000);
        let mut steps = Vec::new();
        for _ in 0..8 {
            steps.extend([Asks(GET), Says(VALUE), Waits(400 * MS)]);
        }
        steps.extend([
            Asks(AUTH),
            Asks(PING),
            Says(OK),
            Says(PONG),
            Waits(5000 * MS),
        ]);
        steps.extend([Asks(GET), Says(VALUE), Hears, Waits(5000 * MS), Hears, last]);
        run.talk(&mut ends, &steps);
        assert_eq!(run.end().accusations(), [""; 0]);
    }
}

#[test]
fn an_answer_lost_by_the_capture_accuses_nobody() {
    let head = [Asks(AUTH), Says(OK), Asks(GET), Says(VALUE)];
    let tail = [Asks(GET), Unseen(VALUE), Hears, Waits(5000 * MS), Hears];
    let said = told(&[&head[..], &tail].concat());
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.counts.undecided_commands, 1);
}

#[test]
fn a_port_used_again_says_nothing_of_the_time_between() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        &[Asks(PING), Says(PONG), Asks(GET), Waits(60_000 * MS)],
    );
    let mut again = Ends {
        port: 40_000,
        client: 900_000_000,
        server: 1_900_000_000,
    };
    run.send(&mut again, true, SYN, "");
    run.send(&mut again, false, SYN | ACK, "");
    run.talk(&mut again, &[Asks(PING), Says(PONG), ClientEnds]);
    assert_eq!(run.end().accusations(), [""; 0]);
}

#[test]
fn a_gap_behind_a_finding_takes_nothing_from_it() {
    let flight = [AUTH, PING].concat();
    let race = [
        Asks(&flight),
        Says(OK),
        Says(NOAUTH),
        Asks(GET),
        Says(VALUE),
    ];
    let later = [
        Asks(GET),
        Unseen(VALUE),
        Hears,
        Waits(500 * MS),
        Asks(PING),
        Says(PONG),
    ];
    let said = told(&[&race[..], &later].concat());
    assert_eq!(said.one("auth-race").confidence, Confidence::Certain);
    let before = [
        Asks(GET),
        Unseen(VALUE),
        Hears,
        Waits(500 * MS),
        Asks(PING),
        Says(PONG),
    ];
    let said = told(&[&before[..], &race].concat());
    assert!(said.one("auth-race").confidence < Confidence::Certain);
}

#[test]
fn an_auth_that_can_not_be_paired_shifts_no_other() {
    let mut config = Config {
        connections: ConnectionsWanted::All,
        ..Config::default()
    };
    config.limits.commands_in_flight = 2;
    let mut run = Run::new();
    run.analyzer = Analyzer::new(config);
    let mut ends = run.open(40_000);
    let flight = [PING, PING, AUTH].concat();
    let answers = [PONG, PONG, OK].concat();
    let steps = [Asks(&flight), Says(&answers), Hears, Waits(200 * MS)];
    run.talk(&mut ends, &steps);
    run.talk(&mut ends, &[Asks(AUTH), Says(OK), Hears, Waits(200 * MS)]);
    run.talk(
        &mut ends,
        &[Asks(AUTH), Says("-WRONGPASS invalid\r\n"), ClientEnds],
    );
    let said = run.end();
    let connection = &said.connections[0];
    let results: Vec<AuthResult> = connection.auth.iter().map(|a| a.result).collect();
    assert_eq!(connection.auth_total, connection.auth.len() as u64);
    assert_eq!(results.len(), 3);
    assert_eq!(results[1..], [AuthResult::Ok, AuthResult::Refused]);
}

#[test]
fn connections_are_counted_once_however_their_auths_interleave() {
    let mut run = Run::new();
    let flight = [AUTH, PING].concat();
    let mut ends: Vec<Ends> = (0..12).map(|n| run.open(40_000 + n)).collect();
    for _ in 0..2 {
        for end in &mut ends {
            run.talk(
                end,
                &[Asks(&flight), Waits(30 * MS), Says(OK), Says(PONG), Hears],
            );
            for _ in 0..4 {
                run.talk(end, &[Asks(GET), Says(VALUE)]);
            }
        }
    }
    let said = run.end();
    let exposed = said.one("pipelined-past-auth");
    assert_eq!(
        (exposed.connections_total, exposed.connections.len()),
        (12, 12)
    );
    let slow = said.one("slow-auth");
    assert_eq!((slow.connections_total, slow.connections.len()), (12, 10));
}

#[test]
fn a_request_that_is_no_resp_is_counted() {
    let said = told(&[
        Asks(PING),
        Says(PONG),
        Asks("*1\r\n:5\r\n"),
        Says("-ERR Protocol error: expected '$', got ':'\r\n"),
        ClientEnds,
    ]);
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.malformed_requests, 1);
}

#[test]
fn pieces_that_carry_little_are_bounded_too() {
    let mut run = Run::new();
    let ends = run.open(40_000);
    for n in 0..20_000 {
        let seq = ends.client + 2 + 2 * n;
        run.capture(&packet(40_000, true, seq, ends.server, ACK, b"x"));
    }
    let said = run.end();
    let hits = said.summary.totals.limits.get("held_bytes_per_connection");
    assert!(hits.is_some(), "{:?}", said.summary.totals.limits);
}

#[test]
fn a_connection_dropped_for_its_silence_is_heard_when_it_goes_on() {
    let mut config = Config::default();
    config.limits.idle_ns = 1000 * MS;
    let mut run = Run::new();
    run.analyzer = Analyzer::new(config);
    let mut sleeper = run.open(40_000);
    run.talk(&mut sleeper, &[Asks(PING), Says(PONG), Hears]);
    let mut busy = run.open(40_001);
    for _ in 0..5000 {
        run.talk(&mut busy, &[Asks(PING), Says(PONG)]);
    }
    run.talk(
        &mut sleeper,
        &[Asks(PING), Says(PONG), Asks(PING), Says(PONG), Hears],
    );
    let said = run.end();
    assert_eq!(said.summary.totals.limits.get("idle_ns"), Some(&1));
    assert_eq!(said.summary.totals.counts.commands, 5003);
}

#[test]
fn stream_numbers_are_not_guessed_once_packets_are_left_out() {
    let mut run = Run::new();
    let other = packet(39_999, true, 1, 1, ACK, b"");
    run.analyzer.skip(
        &Packet {
            at: PacketRef::new(0, 1),
            time: Timestamp::from_nanos(START),
            link: 101,
            wire_len: 40,
            bytes: &other,
        },
        redorder::packet::SkipReason::Filtered,
    );
    run.packets = 1;
    let mut ends = run.open(40_000);
    run.talk(&mut ends, &[Asks(PING), Says(PONG), ClientEnds]);
    let said = run.end();
    assert_eq!(said.connections[0].vantages[0].tcp_stream, None);
}

#[test]
fn a_paused_server_may_be_silent() {
    let pause = "*3\r\n$6\r\nCLIENT\r\n$5\r\nPAUSE\r\n$5\r\n10000\r\n";
    let wait = [Asks(GET), Waits(4000 * MS), Hears];
    let said = told(&[&[Asks(PING), Says(PONG)], &wait[..]].concat());
    assert_eq!(said.accusations(), ["unanswered"]);
    let mut run = Run::new();
    let mut admin = run.open(40_000);
    let mut client = run.open(40_001);
    run.talk(&mut admin, &[Asks(pause), Says(OK)]);
    run.talk(&mut client, &wait);
    assert_eq!(run.end().accusations(), [""; 0]);
}

#[test]
fn empty_requests_that_wait_take_no_room() {
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    let skip = "*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$4\r\nSKIP\r\n";
    run.talk(&mut ends, &[Asks(&[PING, skip].concat())]);
    let blanks = "\r\n".repeat(600);
    run.talk(&mut ends, &[Asks(&blanks)].repeat(100));
    run.talk(
        &mut ends,
        &[Asks(GET), Says(PONG), Says(VALUE), Hears, ClientEnds],
    );
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
    let counts = &said.summary.totals.counts;
    assert_eq!(
        (counts.exchanges, counts.silent, counts.commands),
        (2, 1, 3)
    );
}

#[test]
fn a_packet_captured_at_two_points_counts_once() {
    let mut run = Run::new();
    run.twice = true;
    let mut ends = run.open(40_000);
    let flight = [AUTH, PING].concat();
    run.talk(&mut ends, &[Asks(&flight), Says(OK), Says(NOAUTH), Hears]);
    run.talk(&mut ends, &[Asks(GET), Says(VALUE), ClientEnds]);
    let packets = run.packets;
    let said = run.end();
    let totals = &said.summary.totals;
    assert_eq!(totals.skipped.get("duplicate"), Some(&packets));
    assert_eq!(
        (totals.tcp_segments, totals.packets),
        (packets, 2 * packets)
    );
    let race = said.one("auth-race");
    assert_eq!((race.affected, race.confidence), (1, Confidence::Certain));
    assert_eq!(said.connections[0].vantages.len(), 2);
}

#[test]
fn a_value_that_reads_like_http_hides_no_redis() {
    let mut run = Run::new();
    let mut ends = Ends {
        port: 40_000,
        client: 1000,
        server: 5000,
    };
    let page = "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello\r\n";
    run.talk(&mut ends, &[Says(page), Hears, Waits(200 * MS)]);
    for _ in 0..3 {
        run.talk(&mut ends, &[Asks(GET), Says(VALUE), Hears, Waits(200 * MS)]);
    }
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.redis_connections, 1);
    assert_eq!(said.summary.totals.counts.exchanges, 3);
}

#[test]
fn the_verdict_does_not_depend_on_what_is_shown() {
    let flight = [AUTH, PING, GET].concat();
    let verdict = |show| {
        let mut run = Run::showing(show);
        let mut ends = run.open(40_000);
        // The stored value reads like a refusal.
        let value = "$22\r\nNOAUTH is a fine value\r\n";
        run.talk(&mut ends, &[Asks(&flight), Says(OK), Says(NOAUTH)]);
        run.talk(&mut ends, &[Says(value), ClientEnds]);
        let said = run.end();
        let told = |f: &Finding| {
            let words = [&f.title, &f.explanation, &f.proof.text].map(String::clone);
            (f.rule, f.affected, f.confidence, words, f.not_seen.clone())
        };
        said.findings.values().map(told).collect::<Vec<_>>()
    };
    let tags = verdict(Show::Tags);
    assert!(tags.iter().any(|(rule, ..)| *rule == "auth-race"));
    assert_eq!(tags, verdict(Show::Values));
}

#[test]
fn packets_that_the_system_dropped_are_part_of_the_verdict() {
    let dropped = |text: &str| {
        let mut run = Run::new();
        let mut ends = run.open(40_000);
        run.talk(&mut ends, &[Asks(text), Says(PONG), ClientEnds]);
        run.analyzer.set_dropped(7);
        run.end()
    };
    let said = dropped(PING);
    let finding = said.one("capture-incomplete");
    assert!(finding.title.ends_with("7 packets dropped while capturing"));
    assert!(finding.measures.contains(&("dropped", 7)));
    assert_eq!(finding.connections_total, 0);
    assert_eq!(
        dropped("GET / HTTP/1.1\r\n\r\n").rules(),
        [""; 0],
        "no Redis"
    );
}

#[test]
fn a_story_has_a_name_once_it_has_two_findings() {
    let refused = [Asks(AUTH), Says("-WRONGPASS no\r\n"), ClientEnds];
    assert_eq!(told(&refused).one("auth-refused").group, None);
    let mut run = Run::new();
    for port in [40_000, 40_001, 40_002] {
        let mut ends = run.open(port);
        run.talk(&mut ends, &refused);
    }
    let said = run.end();
    let groups: Vec<_> = said.findings.values().map(|f| f.group.clone()).collect();
    assert_eq!(groups.len(), 3);
    assert!(groups[0].is_some() && groups.iter().all(|g| *g == groups[0]));
}
