//! Segments in, a list of what comes out: one short story per case.

mod liveness;
mod lives;
mod names;

use super::{Chunk, FlowMeta, Gap, PushOutcome, Receiver, Table, TcpLimitHits, TcpLimits};
use crate::model::{Endpoint, FlowKey, PacketRef, Timestamp};
use crate::packet::{Segment, TcpFlags};
use std::net::Ipv4Addr;

const SYN: u8 = TcpFlags::SYN;
const ACK: u8 = TcpFlags::ACK;
const FIN: u8 = TcpFlags::FIN;
const RST: u8 = TcpFlags::RST;
const MS: i64 = 1_000_000;
const LIMITS: TcpLimits = TcpLimits {
    connections: 4,
    closed_connections: 2,
    held_bytes_per_connection: 1000,
    held_bytes: 1500,
    reorder_grace_ns: 10 * MS,
    half_open: 8,
    half_open_ns: 60_000 * MS,
    idle_ns: 3_600_000 * MS,
};

/// Says what it receives: `c abc`, `s +OK`, `c gap 3`, `open`, `close Fin`.
#[derive(Default)]
struct Diary(Vec<String>);

fn who(meta: &FlowMeta, side: crate::model::Side) -> char {
    if meta.key.end(side).port == 6379 {
        's'
    } else {
        'c'
    }
}

impl Receiver<()> for Diary {
    fn open(&mut self, _: &FlowKey) {
        self.0.push("open".to_owned());
    }
    fn data(&mut self, (): &mut (), meta: &FlowMeta, chunk: Chunk<'_>) {
        let text = String::from_utf8_lossy(chunk.bytes);
        self.0.push(format!("{} {text}", who(meta, chunk.side)));
    }
    fn gap(&mut self, (): &mut (), meta: &FlowMeta, gap: Gap) {
        self.0
            .push(format!("{} gap {}", who(meta, gap.side), gap.len));
    }
    fn close(&mut self, (): (), meta: &FlowMeta) {
        let start = if meta.midstream() { " midstream" } else { "" };
        let sides = if meta.one_sided() { " one-sided" } else { "" };
        self.0.push(format!("close {:?}{start}{sides}", meta.end));
    }
}

/// Client and server number their first data bytes 0; the true numbers start right before the wrap.
struct Wire {
    table: Table<()>,
    diary: Diary,
    now_ms: i64,
    packets: u64,
    port: u16,
    first: u32,
    file: u16,
    /// Timestamp option and hops of the packets, and the server's address.
    stamp: u32,
    hops: u8,
    host: u8,
    outcomes: Vec<PushOutcome>,
}

impl Wire {
    fn new() -> Wire {
        Wire {
            table: Table::new(LIMITS),
            diary: Diary::default(),
            now_ms: 0,
            packets: 0,
            port: 40_000,
            first: u32::MAX - 2,
            file: 0,
            stamp: 0,
            hops: 64,
            host: 2,
            outcomes: Vec::new(),
        }
    }

    /// After a handshake.
    fn open() -> Wire {
        let mut wire = Wire::new();
        wire.handshake();
        wire
    }

    fn handshake(&mut self) {
        self.send('c', SYN, -1, 0, b"");
        self.send('s', SYN | ACK, -1, 0, b"");
        self.send('c', ACK, 0, 0, b"");
    }

    fn send(&mut self, from: char, flags: u8, seq: i32, ack: i32, payload: &[u8]) {
        self.packets += 1;
        let print = 1_000 + self.packets as u32;
        self.push(from, flags, (seq, ack), payload, 0, print);
    }

    fn push(
        &mut self,
        from: char,
        flags: u8,
        (seq, ack): (i32, i32),
        payload: &[u8],
        cut: u32,
        fingerprint: u32,
    ) {
        let client = Endpoint {
            addr: Ipv4Addr::new(10, 0, 0, 1).into(),
            port: self.port,
        };
        let server = Endpoint {
            addr: Ipv4Addr::new(10, 0, 0, self.host).into(),
            port: 6379,
        };
        let (src, dst) = if from == 'c' {
            (client, server)
        } else {
            (server, client)
        };
        let segment = Segment {
            src,
            dst,
            seq: self.first.wrapping_add(seq as u32),
            ack: self.first.wrapping_add(ack as u32),
            flags: TcpFlags(flags),
            window: 512,
            payload,
            cut,
            fingerprint,
            timestamp: self.stamp,
            hops: self.hops,
        };
        let time = Timestamp::from_nanos(self.now_ms * MS);
        let at = PacketRef::new(self.file, self.packets);
        let outcome = self.table.push(&segment, time, at, &mut self.diary);
        self.outcomes.push(outcome);
    }

    fn client(&mut self, seq: i32, ack: i32, text: &str) {
        self.send('c', ACK, seq, ack, text.as_bytes());
    }

    fn server(&mut self, seq: i32, ack: i32, text: &str) {
        self.send('s', ACK, seq, ack, text.as_bytes());
    }

    fn wait(&mut self, ms: i64) {
        self.now_ms += ms;
        let time = Timestamp::from_nanos(self.now_ms * MS);
        self.table.tick(time, &mut self.diary);
    }

    /// What has come out since the last look.
    fn told(&mut self) -> String {
        self.diary.0.drain(..).collect::<Vec<_>>().join(", ")
    }

    fn finish(mut self) -> (String, TcpLimitHits) {
        self.table.finish(&mut self.diary);
        (self.told(), self.table.limit_hits())
    }

    fn end(self) -> String {
        self.finish().0
    }
}

#[test]
fn an_acknowledged_hole_is_a_gap_after_the_grace() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.client(5, 0, "fg");
    wire.server(0, 7, "");
    assert_eq!(wire.told(), "open, c ab");
    wire.wait(9);
    assert_eq!(wire.told(), "", "the grace is not over");
    wire.wait(20);
    assert_eq!(wire.told(), "c gap 3, c fg");
    wire.client(2, 0, "cde");
    assert_eq!(wire.end(), "close Open", "too late");
}

#[test]
fn a_hole_that_nobody_acknowledged_waits_for_its_retransmission() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.client(5, 0, "fg");
    wire.server(0, 2, "");
    wire.wait(5_000);
    assert_eq!(wire.told(), "open, c ab");
    wire.client(2, 0, "cde");
    assert_eq!(wire.end(), "c cde, c fg, close Open");
}

#[test]
fn each_hole_has_a_grace_of_its_own() {
    let mut wire = Wire::open();
    wire.client(2, 0, "c");
    wire.server(0, 3, "");
    wire.wait(6);
    // A second hole is acknowledged while the first is still open.
    wire.client(5, 0, "f");
    wire.server(0, 6, "");
    wire.wait(3);
    wire.client(0, 0, "ab");
    assert_eq!(wire.told(), "open, c ab, c c");
    wire.wait(4);
    assert_eq!(wire.told(), "", "its acknowledgement is 7 ms old");
    wire.client(3, 0, "de");
    assert_eq!(wire.end(), "c de, c f, close Open");
}

/// Whether time passes behind them, because of other traffic, or the capture ends.
#[test]
fn of_two_holes_the_one_that_was_known_first_goes_first() {
    for (passes, first, second) in [
        (0, 'c', 's'),
        (0, 's', 'c'),
        (5_000, 'c', 's'),
        (5_000, 's', 'c'),
    ] {
        let mut wire = Wire::open();
        wire.send(first, ACK, 0, 0, b"ab");
        wire.send(second, ACK, 0, 2, b"xy");
        // Two bytes of each are lost. That they were there is known by what the other end has received.
        wire.send(second, ACK, 4, 4, b"z");
        wire.wait(1);
        wire.send(first, ACK, 4, 5, b"e");
        wire.wait(passes);
        assert_eq!(
            wire.end(),
            format!(
                "open, {first} ab, {second} xy, {first} gap 2, {second} gap 2, {second} z, {first} e, close Open"
            )
        );
    }
}

#[test]
fn overlaps_are_handed_on_once() {
    let mut wire = Wire::open();
    wire.client(0, 0, "abc");
    wire.client(1, 0, "bcde");
    wire.client(0, 0, "abcde");
    wire.client(7, 0, "hi");
    wire.client(6, 0, "ghij");
    wire.client(5, 0, "f");
    assert_eq!(wire.end().replace(", c ", ""), "openabcdefghij, close Open");
}

#[test]
fn a_reply_waits_for_the_command_that_it_acknowledges() {
    let mut wire = Wire::open();
    wire.server(0, 4, "+OK");
    wire.client(0, 0, "AUTH");
    assert_eq!(wire.end(), "open, c AUTH, s +OK, close Open");
}

#[test]
fn keep_alive_and_zero_window_probes_are_no_data() {
    for probe in ["", "d"] {
        let mut wire = Wire::open();
        wire.client(0, 0, "abcd");
        wire.server(0, 4, "");
        wire.client(3, 0, probe);
        wire.server(0, 4, "");
        // The window is closed: one byte of what comes next is tried, refused, and sent again with the rest.
        wire.client(4, 0, "e");
        wire.server(0, 4, "");
        wire.client(4, 0, "efg");
        assert_eq!(wire.end(), "open, c abcd, c e, c fg, close Open");
    }
}

#[test]
fn another_syn_on_the_same_ports_is_another_connection() {
    let mut wire = Wire::open();
    wire.client(0, 0, "one");
    wire.first = 77_000_000;
    wire.handshake();
    wire.client(0, 0, "two");
    assert_eq!(
        wire.end(),
        "open, c one, open, c two, close Replaced, close Open"
    );
}

#[test]
fn a_repeated_syn_is_the_same_connection() {
    let mut wire = Wire::new();
    wire.send('c', SYN, -1, 0, b"");
    wire.handshake();
    wire.client(0, 0, "one");
    assert_eq!(wire.end(), "open, c one, close Open");
}

#[test]
fn data_in_front_of_either_syn_belongs_to_the_connection() {
    let mut wire = Wire::new();
    wire.client(0, 0, "ab");
    wire.send('c', SYN, -1, 0, b"");
    wire.client(2, 3, "cd");
    wire.send('s', SYN | ACK, -1, 0, b"");
    wire.server(0, 2, "+OK");
    assert_eq!(wire.end(), "open, c ab, s +OK, c cd, close Open");
}

#[test]
fn an_acknowledgement_does_not_tell_where_an_end_starts() {
    let mut wire = Wire::new();
    wire.send('c', SYN, -1, 0, b"");
    wire.client(2, 3, "cd");
    wire.client(0, 0, "ab");
    wire.send('s', SYN | ACK, -1, 0, b"");
    wire.server(0, 2, "+OK");
    assert_eq!(wire.end(), "open, c ab, s +OK, c cd, close Open");
}

#[test]
fn behind_a_syn_the_lowest_acknowledgement_is_the_start() {
    let mut wire = Wire::new();
    wire.client(0, 0, "ab");
    wire.send('c', SYN, -1, 0, b"");
    wire.server(3, 2, ".");
    wire.wait(30);
    assert_eq!(
        wire.told(),
        "open, c ab",
        "three bytes of the server are to come"
    );
    wire.server(0, 2, "+OK");
    assert_eq!(wire.end(), "s +OK, s ., close Open");
}

#[test]
fn reset_ends_a_connection() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.send('s', RST | ACK, 0, 2, b"");
    wire.client(2, 0, "cd");
    assert_eq!(wire.told(), "open, c ab, c cd", "it was under way");
    wire.wait(1_100);
    assert_eq!(wire.told(), "close Rst");
    wire.client(2, 0, "cd");
    assert_eq!(wire.outcomes.last(), Some(&PushOutcome::AfterEnd));
    assert_eq!(wire.end(), "", "a repetition opens nothing");
}

#[test]
fn a_segment_behind_the_end_opens_nothing() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.send('c', FIN | ACK, 2, 0, b"");
    wire.send('s', FIN | ACK, 0, 3, b"");
    wire.client(3, 1, "");
    wire.client(0, 0, "ab");
    wire.wait(30);
    assert_eq!(wire.told(), "open, c ab, close Fin");
    wire.client(0, 0, "ab");
    wire.server(1, 3, "");
    assert_eq!(wire.end(), "");
}

#[test]
fn data_overtaken_by_its_fin_is_not_lost() {
    let mut wire = Wire::open();
    wire.send('c', FIN | ACK, 2, 0, b"");
    wire.send('s', FIN | ACK, 0, 3, b"");
    wire.client(3, 1, "");
    wire.client(0, 0, "ab");
    assert_eq!(wire.end(), "open, c ab, close Fin");
}

#[test]
fn midstream_starts_at_the_lowest_byte() {
    let mut wire = Wire::new();
    wire.server(100, 54, "+OK");
    wire.client(50, 100, "PING");
    wire.client(54, 103, "GET");
    assert_eq!(wire.told(), "open", "the grace is not over");
    wire.wait(30);
    assert_eq!(wire.told(), "c PING, s +OK, c GET");
    assert_eq!(wire.end(), "close Open midstream");
}

#[test]
fn one_direction_alone_is_not_held_up() {
    let mut wire = Wire::new();
    wire.send('c', SYN, -1, 0, b"");
    wire.client(0, 0, "");
    wire.client(0, 0, "ab");
    wire.client(2, 5, "cd");
    wire.wait(30);
    wire.client(4, 9, "ef");
    wire.wait(30);
    let told = wire.told();
    assert!(told.starts_with("open, c ab"), "{told}");
    assert!(told.contains("c cd") && told.contains("c ef"), "{told}");
    assert!(told.contains("s gap"), "what is missing is said: {told}");
    assert_eq!(wire.end(), "close Open one-sided");
}

#[test]
fn a_snapshot_cut_is_a_gap_and_not_an_end() {
    let mut wire = Wire::open();
    wire.push('c', ACK, (0, 0), b"ab", 3, 1);
    wire.client(5, 0, "fg");
    wire.push('c', ACK, (9, 0), b"jk", 1, 2);
    wire.client(7, 0, "hi");
    let told = "open, c ab, c gap 3, c fg, c hi, c jk, c gap 1, close Open";
    assert_eq!(wire.end(), told);
}

#[test]
fn the_second_capture_of_a_packet_is_a_duplicate_and_a_retransmission_is_not() {
    let mut wire = Wire::open();
    for fingerprint in [7, 7, 8] {
        wire.push('c', ACK, (0, 0), b"ab", 0, fingerprint);
    }
    for fingerprint in [9, 9, 10] {
        wire.push('s', ACK, (0, 2), b"", 0, fingerprint);
    }
    use PushOutcome::{Duplicate, Taken};
    let wanted = [Taken, Duplicate, Taken, Taken, Duplicate, Taken];
    assert_eq!(wire.outcomes[3..], wanted);
    assert_eq!(wire.end(), "open, c ab, close Open");
}

#[test]
fn held_bytes_are_bounded_and_the_bound_is_counted() {
    let mut wire = Wire::open();
    wire.client(10, 0, &"x".repeat(700));
    wire.client(720, 0, &"y".repeat(300));
    let (told, hits) = wire.finish();
    assert_eq!(hits.held_bytes_per_connection, 1);
    let wanted = format!(
        "open, c gap 10, c {}, c gap 10, c {}, close Open",
        "x".repeat(700),
        "y".repeat(300)
    );
    assert_eq!(told, wanted);

    let mut wire = Wire::open();
    wire.client(10, 0, &"x".repeat(700));
    wire.port += 1;
    wire.handshake();
    wire.client(10, 0, &"y".repeat(700));
    let (_, hits) = wire.finish();
    assert_eq!((hits.held_bytes_per_connection, hits.held_bytes), (0, 1));
}

#[test]
fn evicted_connections_are_counted_and_told() {
    let mut wire = Wire::new();
    for _ in 0..6 {
        wire.now_ms += 1;
        wire.port += 1;
        wire.handshake();
        wire.client(0, 0, "ab");
    }
    let (told, hits) = wire.finish();
    assert_eq!(told.matches("close Idle").count(), 2);
    assert_eq!(told.matches("close Open").count(), 4);
    assert_eq!(hits.connections, 2);
    assert_eq!(
        hits.closed_connections, 2,
        "two of four are remembered, evicted ones never"
    );
}

#[test]
fn the_end_of_time_is_reached_once() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.client(5, 0, "fg");
    wire.server(0, 2, "");
    wire.table.tick(Timestamp::MAX, &mut wire.diary);
    wire.table.tick(Timestamp::MAX, &mut wire.diary);
    assert_eq!(
        wire.told(),
        "open, c ab",
        "still waits for its retransmission"
    );
    assert_eq!(wire.end(), "c gap 3, c fg, close Open");
}

/// A whole connection: handshake, a request, a reply, and both FINs.
fn short_dialogue(wire: &mut Wire) {
    wire.handshake();
    wire.client(0, 0, "ab");
    wire.server(0, 2, "cd");
    wire.send('c', FIN | ACK, 2, 2, b"");
    wire.send('s', FIN | ACK, 2, 3, b"");
    wire.send('c', ACK, 3, 3, b"");
}

#[test]
fn a_closed_connection_seen_again_by_a_late_clock_is_no_other_one() {
    let mut wire = Wire::new();
    short_dialogue(&mut wire);
    wire.wait(500);
    assert_eq!(wire.told(), "open, c ab, s cd, close Fin");
    // The ports are used again before the other input's clock has reached the first use.
    wire.first = 77;
    wire.handshake();
    wire.first = u32::MAX - 2;
    wire.file = 1;
    wire.outcomes.clear();
    short_dialogue(&mut wire);
    assert!(wire.outcomes.iter().all(|o| *o == PushOutcome::Duplicate));
    assert_eq!(wire.told(), "open", "the second connection goes on");
    wire.first = 77;
    wire.handshake();
    wire.client(0, 0, "ef");
    wire.file = 0;
    wire.client(0, 0, "ef");
    assert_eq!(wire.end(), "c ef, close Open");
}

#[test]
fn the_same_numbers_twice_in_one_input_are_two_connections() {
    let mut wire = Wire::new();
    short_dialogue(&mut wire);
    wire.wait(500);
    short_dialogue(&mut wire);
    let twice = "open, c ab, s cd, close Fin, open, c ab, s cd, close Fin";
    assert_eq!(wire.end(), twice);
}
