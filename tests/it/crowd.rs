//! Many clients meet the same fault at many servers: the report is still one that a person reads.

use super::made::{ACK, Capture, FIN, PSH, SYN, packet};
use super::run::redorder;
use std::net::Ipv4Addr;

/// AUTH and two commands in one flight; the server refuses the first of them although it accepts the login.
const FLIGHT: &[u8] = b"*2\r\n$4\r\nAUTH\r\n$10\r\nlab-secret\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n";
const REPLIES: &[u8] = b"+OK\r\n-NOAUTH Authentication required.\r\n$-1\r\n";

/// `races` connections of 200 clients, one after the other at each of the servers.
fn races(races: u32, servers: u32) -> Vec<u8> {
    let mut capture = Capture::new();
    for number in 0..races {
        let client = Ipv4Addr::from_bits(0x0a01_0001 + number % 200);
        let server = Ipv4Addr::from_bits(0x0a02_0001 + number % servers);
        let ports = (10_000 + u16::try_from(number % 50_000).unwrap(), 6379);
        let back = (ports.1, ports.0);
        let (ours, theirs) = (FLIGHT.len() as u32, REPLIES.len() as u32);
        let closed = (1 + ours, 1 + theirs);
        for segment in [
            packet(client, server, ports, (0, 0), SYN, b""),
            packet(server, client, back, (0, 1), SYN | ACK, b""),
            packet(client, server, ports, (1, 1), ACK, b""),
            packet(client, server, ports, (1, 1), PSH | ACK, FLIGHT),
            packet(server, client, back, (1, 1 + ours), PSH | ACK, REPLIES),
            packet(client, server, ports, closed, FIN | ACK, b""),
            packet(
                server,
                client,
                back,
                (closed.1, closed.0 + 1),
                FIN | ACK,
                b"",
            ),
            packet(
                client,
                server,
                ports,
                (closed.0 + 1, closed.1 + 1),
                ACK,
                b"",
            ),
        ] {
            capture.record(&segment);
        }
    }
    capture.bytes
}

fn report(capture: &[u8], options: &[&str]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), capture).unwrap();
    let path = file.path().to_str().unwrap();
    redorder(&[&["analyze", path], options].concat())
}

#[test]
fn five_thousand_races_are_a_few_screens() {
    let capture = races(5_000, 3);
    let text = report(&capture, &[]);
    let lines = text.lines().count();
    assert!(lines < 150, "{lines} lines:\n{text}");
    let blocks = text.matches("GET refused with NOAUTH although").count();
    assert_eq!(blocks, 3);
    assert!(text.contains("1667 of 1667 connections"), "{text}");
    let document = report(&capture, &["--format", "json"]).len();
    assert!(document < 8_000_000, "{document} bytes of JSON");
}

#[test]
fn forty_servers_are_counted_and_not_told_one_by_one() {
    let capture = races(400, 40);
    let text = report(&capture, &[]);
    let lines = text.lines().count();
    assert!(lines < 170, "{lines} lines:\n{text}");
    let blocks = text.matches("GET refused with NOAUTH although").count();
    assert_eq!(blocks, 3);
    assert!(
        text.contains("37 more causes of auth-race: -v, or `causes` in the JSON."),
        "{text}"
    );
    let all = report(&capture, &["-v"]);
    for server in 1..=40 {
        let head = format!("by the server 10.2.0.{server}:6379\nGET refused");
        assert!(all.contains(&head), "{head}");
    }
}
