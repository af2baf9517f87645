//! What is counted, bounded and told apart, whatever the rule.

use super::talk::{ACK, Ends, FIN, MS, Run, START, SYN, Said, packet, told};
use redorder::analyzer::{AuthResult, Config, ConnectionsWanted, Role};
use redorder::model::{PacketRef, Timestamp};
use redorder::packet::Packet;

#[test]
fn a_proxy_protocol_header_of_version_2_hides_no_redis() {
    let header =
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x01\x01\x01\x01";
    let mut run = Run::new();
    let mut ends = run.open(40_000);
    run.send(&mut ends, true, ACK, header);
    run.talk(
        &mut ends,
        "
        C: AUTH pwd
        S: +OK
        C: SET a b
        S: +OK
        FIN
        ",
    );
    let said = run.end();
    assert_eq!(said.summary.totals.redis_connections, 1);
}

#[test]
fn an_answer_to_auth_tells_which_proxy_it_is() {
    let said = told(
        "
        C: AUTH pwd
        S: -ERR unauthorized
        FIN
    ",
    );
    assert!(said.summary.endpoints.iter().any(|e| e.role == Role::Proxy));
}

#[test]
fn an_auth_that_can_not_be_paired_shifts_no_other() {
    let mut config = Config {
        connections: ConnectionsWanted::All,
        ..Config::default()
    };
    config.limits.commands_in_flight = 2;
    let mut run = Run::with(config);
    let mut ends = run.open(40_000);
    run.talk(
        &mut ends,
        "C: PING ; PING ; AUTH pwd\nS: +PONG / +PONG / +OK\nC.\nW 200",
    );
    run.talk(
        &mut ends,
        "
        C: AUTH pwd
        S: +OK
        C.
        W 200
    ",
    );
    run.talk(
        &mut ends,
        "
        C: AUTH pwd
        S: -WRONGPASS invalid
        FIN
    ",
    );
    let said = run.end();
    let connection = &said.connections[0];
    let results: Vec<AuthResult> = connection.auth.iter().map(|a| a.result).collect();
    assert_eq!(connection.auth_total, connection.auth.len() as u64);
    assert_eq!(results.len(), 3);
    assert_eq!(results[1..], [AuthResult::Ok, AuthResult::Refused]);
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
    let mut run = Run::with(config);
    let mut sleeper = run.open(40_000);
    run.talk(
        &mut sleeper,
        "
        C: PING
        S: +PONG
        C.
    ",
    );
    let mut busy = run.open(40_001);
    for _ in 0..5000 {
        run.talk(
            &mut busy,
            r"
            C: PING
            S: +PONG
        ",
        );
    }
    run.talk(
        &mut sleeper,
        "
        C: PING
        S: +PONG
        C: PING
        S: +PONG
        C.
    ",
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
    run.talk(
        &mut ends,
        "
        C: PING
        S: +PONG
        FIN
    ",
    );
    let said = run.end();
    assert_eq!(said.connections[0].vantages[0].tcp_stream, None);
}

#[test]
fn empty_requests_that_wait_take_no_room() {
    let blanks = format!("C= {}\n", r"\r\n".repeat(600));
    let said = told(&format!(
        "C: PING ; CLIENT REPLY SKIP\n{}C: GET a\nS: +PONG\nS: $1 / v\nC.\nFIN",
        blanks.repeat(100)
    ));
    assert_eq!(said.accusations(), [""; 0]);
    let counts = &said.summary.totals.counts;
    assert_eq!(
        (counts.exchanges, counts.silent, counts.commands),
        (2, 1, 3)
    );
}

#[test]
fn a_value_that_reads_like_http_hides_no_redis() {
    let mut run = Run::new();
    let mut ends = Ends::midstream(40_000);
    run.talk(
        &mut ends,
        r"
        S= HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello\r\n
        C.
        W 200
    ",
    );
    for _ in 0..3 {
        run.talk(
            &mut ends,
            "
            C: GET a
            S: $1 / v
            C.
            W 200
        ",
        );
    }
    let said = run.end();
    assert_eq!(said.accusations(), [""; 0]);
    assert_eq!(said.summary.totals.redis_connections, 1);
    assert_eq!(said.summary.totals.counts.exchanges, 3);
}

/// The same packets once more, by an input whose clock is behind.
fn seen_again_later(dialogues: &[&str]) -> Said {
    let mut run = Run::new();
    for file in 0..2u16 {
        run.now += 5000 * MS;
        run.begin_file(file);
        for (n, dialogue) in (0u32..).zip(dialogues) {
            let base = 1000 + 100_000_000 * n;
            let mut ends = Ends::at(40_000, base, base + 7000);
            run.handshake(&mut ends);
            run.talk(&mut ends, dialogue);
            run.now += 100 * MS;
        }
    }
    run.end()
}

const RACE: &str = "
    C: AUTH pwd ; PING
    S: +OK
    S: -NOAUTH Authentication required.
    C.
    C: GET a
    S: $1 / v
    FIN
";

#[test]
fn two_connections_of_the_same_ports_in_two_inputs_are_two() {
    let said = seen_again_later(&[RACE, RACE]);
    assert_eq!(said.summary.totals.connections, 2, "{:?}", said.rules());
}

#[test]
fn one_connection_in_two_inputs_is_one() {
    let said = seen_again_later(&[RACE]);
    assert_eq!(said.summary.totals.connections, 1, "{:?}", said.rules());
}

fn push_all(run: &mut Run, file: u16, number: &mut u64, packets: &[Vec<u8>]) {
    for bytes in packets {
        *number += 1;
        run.push_in(file, *number, bytes);
    }
}

#[test]
fn a_later_connection_of_these_ports_without_its_syn_is_no_copy() {
    let (ping_bytes, pong_bytes) = (b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n");
    let p = |client, seq, ack, flags, bytes: &[u8]| packet(40_000, client, seq, ack, flags, bytes);
    let (ping, pong) = (
        u32::try_from(ping_bytes.len()).unwrap(),
        u32::try_from(pong_bytes.len()).unwrap(),
    );
    let first = vec![
        p(true, 1000, 0, SYN, b""),
        p(false, 5000, 1001, SYN | ACK, b""),
        p(true, 1001, 5001, ACK, ping_bytes),
        p(false, 5001, 1001 + ping, ACK, pong_bytes),
        p(true, 1001 + ping, 5001 + pong, FIN | ACK, b""),
        p(false, 5001 + pong, 1002 + ping, FIN | ACK, b""),
        p(true, 1002 + ping, 5002 + pong, ACK, b""),
    ];
    let (c, s) = (900_000_000u32, 1_900_000_000u32);
    let mut second = Vec::new();
    for n in 0..4 {
        second.push(p(true, c + n * ping, s + n * pong, ACK, ping_bytes));
        second.push(p(false, s + n * pong, c + (n + 1) * ping, ACK, pong_bytes));
    }
    let mut run = Run::new();
    let (mut a, mut b) = (0, 0);
    push_all(&mut run, 0, &mut a, &first);
    run.now += 5000 * MS;
    push_all(&mut run, 1, &mut b, &first);
    run.now += 3_600_000 * MS;
    push_all(&mut run, 1, &mut b, &second);
    let said = run.end();
    assert_eq!(
        said.summary.totals.connections, 2,
        "{:?}",
        said.summary.totals.skipped
    );
}

/// Says something byte by byte.
fn spell(run: &mut Run, ends: &mut Ends, by_client: bool, text: &str) {
    for byte in text.as_bytes() {
        run.send(ends, by_client, ACK, &[*byte]);
    }
}

#[test]
fn redis_is_recognised_however_small_the_pieces_are() {
    let mut run = Run::new();
    let mut ends = Ends::midstream(40_000);
    spell(
        &mut run,
        &mut ends,
        false,
        "-NOAUTH Authentication required.\r\n",
    );
    run.talk(&mut ends, "C.\nW 60");
    spell(
        &mut run,
        &mut ends,
        true,
        "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n",
    );
    spell(&mut run, &mut ends, false, "+OK\r\n");
    run.talk(&mut ends, "C.\nFIN");
    let totals = run.end().summary.totals;
    assert_eq!((totals.redis_connections, totals.counts.exchanges), (1, 1));
}

#[test]
fn what_is_typed_into_another_program_is_no_redis() {
    let mut run = Run::new();
    let mut ends = Ends::midstream(40_000);
    spell(&mut run, &mut ends, false, "login: ");
    spell(&mut run, &mut ends, true, "somebody\r\nls\r\nexit\r\n");
    spell(&mut run, &mut ends, false, "bye\r\n");
    run.talk(&mut ends, "C.\nFIN");
    assert_eq!(run.end().summary.totals.redis_connections, 0);
}

/// The same segment in IPv6, between other hosts and one router further on.
fn in_ipv6(ipv4: &[u8], hosts: [u8; 2]) -> Vec<u8> {
    let (tcp, from) = (&ipv4[20..], ipv4[15]);
    let mut ip = vec![0x60, 0, 0, 0];
    ip.extend(u16::try_from(tcp.len()).unwrap().to_be_bytes());
    ip.extend([6, 63]);
    let (src, dst) = match from {
        1 => (hosts[0], hosts[1]),
        _ => (hosts[1], hosts[0]),
    };
    for host in [src, dst] {
        ip.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]);
    }
    ip.extend(tcp);
    ip
}

/// What becomes of a packet on its way.
type View<'v> = &'v dyn Fn(&[u8]) -> Vec<u8>;

/// A race, each packet of which is captured at two points; what becomes of it at each is said by `views`.
fn seen_twice(views: [View<'_>; 2]) -> Said {
    let auth = b"*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n*1\r\n$4\r\nPING\r\n";
    let said = b"+OK\r\n-NOAUTH Authentication required.\r\n";
    let (asked, answered) = (
        1 + u32::try_from(auth.len()).unwrap(),
        1 + u32::try_from(said.len()).unwrap(),
    );
    let packets = [
        packet(40_000, true, 0, 0, SYN, b""),
        packet(40_000, false, 0, 1, SYN | ACK, b""),
        packet(40_000, true, 1, 1, ACK, b""),
        packet(40_000, true, 1, 1, ACK, auth),
        packet(40_000, false, 1, asked, ACK, said),
        packet(40_000, true, asked, answered, FIN | ACK, b""),
    ];
    let mut run = Run::new();
    for packet in &packets {
        for view in views {
            run.capture(&view(packet));
        }
    }
    run.end()
}

#[test]
fn a_connection_before_and_behind_a_translator_of_ipv6_is_one() {
    let plain = |ipv4: &[u8]| ipv4.to_vec();
    let inside = |ipv4: &[u8]| {
        let mut ipv6 = in_ipv6(ipv4, [1, 2]);
        ipv6[7] = 64;
        ipv6
    };
    let outside = |ipv4: &[u8]| in_ipv6(ipv4, [1, 9]);
    // NAT64, and IPv6 to IPv6.
    let views: [[View<'_>; 2]; 2] = [[&plain, &outside], [&inside, &outside]];
    for views in views {
        let said = seen_twice(views);
        let totals = &said.summary.totals;
        assert_eq!((totals.connections, totals.counts.commands), (1, 2));
        assert_eq!(said.accusations().len(), 1, "{:?}", said.rules());
    }
}

#[test]
fn two_connections_with_equal_numbers_and_no_router_between_are_two() {
    let one = |ipv4: &[u8]| in_ipv6(ipv4, [1, 2]);
    let other = |ipv4: &[u8]| in_ipv6(ipv4, [1, 9]);
    let totals = seen_twice([&one, &other]).summary.totals;
    assert_eq!((totals.connections, totals.counts.commands), (2, 4));
}
