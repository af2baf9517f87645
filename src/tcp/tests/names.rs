//! Who a connection is: one of several names, several of one name.

use super::*;

/// Two connections of the same addresses and ports, each with numbers of its own.
fn two_of_a_name(wire: &mut Wire, mut step: impl FnMut(&mut Wire, usize)) {
    for (which, first) in [77_u32, 2_000_000_000].into_iter().enumerate() {
        wire.first = first;
        step(wire, which);
    }
}

#[test]
fn two_connections_of_one_name_live_side_by_side() {
    let mut wire = Wire::new();
    two_of_a_name(&mut wire, |wire, _| wire.send('c', SYN, -1, 0, b""));
    two_of_a_name(&mut wire, |wire, _| wire.send('s', SYN | ACK, -1, 0, b""));
    two_of_a_name(&mut wire, |wire, which| {
        wire.client(0, 0, ["a", "b"][which])
    });
    two_of_a_name(&mut wire, |wire, which| {
        wire.server(0, 1, ["A", "B"][which])
    });
    two_of_a_name(&mut wire, |wire, which| {
        wire.client(1, 1, ["c", "d"][which])
    });
    let told = "open, open, c a, c b, s A, s B, c c, c d, close Open, close Open";
    assert_eq!(wire.end(), told);
}

#[test]
fn two_connections_of_one_name_joined_in_the_middle() {
    let mut wire = Wire::new();
    for round in 0..3 {
        two_of_a_name(&mut wire, |wire, _| wire.client(round * 2, round, "ab"));
        two_of_a_name(&mut wire, |wire, _| wire.server(round, round * 2 + 2, "x"));
        wire.wait(30);
    }
    let told = wire.end();
    assert_eq!(told.matches("c ab").count(), 6, "{told}");
    assert_eq!(told.matches("open").count(), 2, "{told}");
    assert!(!told.contains("gap"), "{told}");
}

#[test]
fn a_jump_in_one_direction_is_a_gap() {
    let mut wire = Wire::open();
    wire.client(0, 0, "ab");
    wire.server(50_000_000, 2, "x");
    wire.wait(30);
    wire.client(2, 50_000_001, "cd");
    wire.wait(30);
    assert_eq!(
        wire.end(),
        "open, c ab, s gap 50000000, s x, c cd, close Open"
    );
}

/// A dialogue that is captured in front of and behind address translation.
fn translated(stamps: [u32; 2], hops: [u8; 2], from_syn: bool) -> (String, u64) {
    let mut wire = Wire::new();
    wire.table.limits.connections = 100;
    let mut twice = |from: char, flags: u8, seq: i32, ack: i32, payload: &str| {
        for which in [0, 1] {
            wire.host = [2, 7][which];
            wire.stamp = stamps[which];
            wire.hops = hops[which];
            let what = format!("{from}{flags}{seq}{ack}{payload}");
            let print = what
                .bytes()
                .fold(0, |hash: u32, byte| hash.wrapping_mul(31) ^ u32::from(byte));
            wire.packets += 1;
            wire.push(from, flags, (seq, ack), payload.as_bytes(), 0, print);
        }
    };
    if from_syn {
        twice('c', SYN, -1, 0, "");
        twice('s', SYN | ACK, -1, 0, "");
    }
    twice('c', ACK, 0, 0, "");
    twice('c', ACK, 0, 0, "ab");
    twice('s', ACK, 0, 2, "cd");
    twice('c', ACK, 2, 2, "ef");
    let connections = wire.table.connections();
    (wire.end(), connections)
}

#[test]
fn the_same_packets_under_two_names_are_one_connection() {
    let once = "open, c ab, s cd, c ef, close Open";
    assert_eq!(translated([5, 5], [64, 63], true), (once.to_owned(), 1));
    assert_eq!(translated([0, 0], [64, 63], true), (once.to_owned(), 1));
    assert_eq!(translated([5, 5], [64, 64], true), (once.to_owned(), 1));
    // `open` comes twice: the second name was taken for a connection, until its first data came.
    let (told, connections) = translated([5, 5], [64, 63], false);
    assert_eq!(told, "open, open, c ab, s cd, c ef, close Open midstream");
    assert_eq!(connections, 1);
}

#[test]
fn without_timestamps_the_client_keeps_its_port() {
    let mut wire = Wire::new();
    wire.table.limits.connections = 100;
    for (port, hops) in [(40_001, 64), (40_002, 63)] {
        wire.port = port;
        wire.hops = hops;
        wire.handshake();
        wire.client(0, 0, "ab");
    }
    assert_eq!(wire.table.connections(), 2);
}

#[test]
fn equal_numbers_alone_are_no_proof() {
    for (stamps, hops) in [([5, 6], [64, 64]), ([0, 0], [64, 64]), ([5, 6], [64, 63])] {
        let (told, connections) = translated(stamps, hops, true);
        assert_eq!(connections, 2, "{told}");
        assert_eq!(told.matches("c ab").count(), 2);
    }
}

#[test]
fn a_name_that_leads_elsewhere_is_given_up() {
    let mut wire = Wire::new();
    wire.stamp = 5;
    wire.handshake();
    wire.host = 7;
    wire.handshake();
    wire.client(0, 0, "ab");
    // The translator takes the second name for another connection.
    wire.stamp = 9;
    wire.first = 2_000_000_000;
    wire.handshake();
    wire.client(0, 0, "cd");
    let told = "open, c ab, open, c cd, close Open, close Open";
    assert_eq!(wire.end(), told);
}
