//! What each fuzz target does with its bytes. The targets call this, and so does the test that replays the corpus.
//!
//! Whatever the bytes are: nothing panics, nothing loops, and what is counted adds up.

use redorder::analyzer::{Analyzer, Config, ConnectionsWanted, Limits, Show};
use redorder::model::{Endpoint, FlowKey, PacketRef, Side, Timestamp};
use redorder::packet::{DecodeLimits, Decoder, Packet, Segment, TcpFlags};
use redorder::resp::{self, Framer, Role, Step};
use redorder::source::Input;
use redorder::tcp::{Chunk, FlowMeta, Gap, Receiver, Table, TcpLimits};
use std::io::Cursor;

/// A target: its name, which is that of its corpus too, and what it does.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// Every target.
pub(crate) const TARGETS: [Target; 5] = [
    ("reader", reader),
    ("decode", decode),
    ("wire", wire),
    ("resp", resp),
    ("analyze", analyze),
];

/// A file of any format: the numbers of packets rise, and every damaged place is counted. Some blocks of pcapng that are no
/// packets have a number too, as in Wireshark.
pub(crate) fn reader(data: &[u8]) {
    let Ok(mut input) = Input::new("fuzz", Box::new(Cursor::new(data.to_vec())), None) else {
        return;
    };
    let (mut packets, mut number) = (0, 0);
    while input.advance() {
        packets += 1;
        let packet = input.packet().expect("it went to a packet");
        assert!(packet.at.number() > number);
        number = packet.at.number();
        assert!(packet.wire_len as usize >= packet.bytes.len());
    }
    let report = input.report();
    assert_eq!(report.packets, packets);
    assert!(report.problems_total >= report.problems.len() as u64);
}

/// Packets of one link type, one behind the other: two bytes of link type, then a length byte and the packet, and so on.
pub(crate) fn decode(data: &[u8]) {
    let Some(([high, low], mut rest)) = data.split_first_chunk() else {
        return;
    };
    let mut decoder = Decoder::new(DecodeLimits::default());
    let mut number = 0;
    while let Some((len, behind)) = rest.split_first() {
        let (bytes, behind) = behind.split_at(behind.len().min(usize::from(*len)));
        rest = behind;
        number += 1;
        decoder.decode(&Packet {
            at: PacketRef::new(0, number),
            time: Timestamp::from_nanos(number as i64),
            link: u16::from_be_bytes([*high, *low]),
            wire_len: u32::from(*len),
            bytes,
        });
    }
}

/// Where each direction goes on.
#[derive(Default)]
struct Places([i64; 2]);

impl Places {
    /// Bytes come in order, each once. A FIN takes one number.
    fn go_on(&mut self, side: Side, offset: i64, len: i64) {
        let place = &mut self.0[side as usize];
        assert!(
            (0..=1).contains(&(offset - *place)),
            "a byte came twice, or none was said to be missing"
        );
        *place = offset + len;
    }
}

struct Orderly;

impl Receiver<Places> for Orderly {
    fn open(&mut self, _: &FlowKey) -> Places {
        Places::default()
    }
    fn data(&mut self, places: &mut Places, _: &FlowMeta, chunk: Chunk<'_>) {
        places.go_on(chunk.side, chunk.offset, chunk.bytes.len() as i64);
    }
    fn gap(&mut self, places: &mut Places, _: &FlowMeta, gap: Gap) {
        assert!(gap.len > 0);
        places.go_on(gap.side, gap.offset, gap.len);
    }
    fn close(&mut self, _: Places, meta: &FlowMeta) {
        let sides = [Side::Low, Side::High].map(|side| meta.liveness.of(side));
        assert!(sides.iter().all(|life| life.acked <= life.sent));
    }
}

/// Segments of a few connections, seven bytes each: connection and sender, flags, sequence and acknowledgement number,
/// length, time that passes.
pub(crate) fn wire(data: &[u8]) {
    let limits = Limits::default();
    let mut table = Table::new(TcpLimits {
        connections: 3,
        closed_connections: 3,
        held_bytes_per_connection: 400,
        held_bytes: 600,
        reorder_grace_ns: limits.reorder_grace_ns,
        half_open: 2,
        half_open_ns: limits.half_open_ns,
        idle_ns: limits.idle_ns,
    });
    let (mut ns, mut number) = (0_i64, 0_u64);
    let bytes = [b'x'; 255];
    for op in data.chunks_exact(7) {
        number += 1;
        ns += (i64::from(op[6]) - 16) * 4_000_000;
        let (src, dst) = ends(op[0]);
        let segment = Segment {
            src,
            dst,
            seq: u32::from(op[2]) << (op[0] >> 4),
            ack: u32::from(op[3]) << (op[0] >> 4),
            flags: TcpFlags(op[1] & 0x1f),
            window: u16::from(op[4] & 3),
            payload: &bytes[..usize::from(op[5] & 63)],
            cut: u32::from(op[5] >> 6),
            fingerprint: u32::from_be_bytes([op[1], op[2], op[3], op[5]]),
            timestamp: u32::from(op[4] >> 2),
            hops: 64 - (op[0] & 1),
        };
        let at = PacketRef::new(u16::from(op[4] & 1), number);
        table.push(&segment, Timestamp::from_nanos(ns), at, &mut Orderly);
    }
    table.finish(&mut Orderly);
}

fn ends(which: u8) -> (Endpoint, Endpoint) {
    let end = |last: u8, port| Endpoint {
        addr: [10, 0, 0, last].into(),
        port,
    };
    let (client, server) = (end(1, 40_000), end(2 + (which >> 1 & 3), 6379));
    if which & 1 == 0 {
        (client, server)
    } else {
        (server, client)
    }
}

/// RESP of one direction, which the first byte names, in pieces as long as the second byte says.
pub(crate) fn resp(data: &[u8]) {
    let Some(([role, size], data)) = data.split_first_chunk() else {
        return;
    };
    let role = if role & 1 == 0 {
        Role::Commands
    } else {
        Role::Replies
    };
    let limits = resp::Limits::default();
    let mut framer = Framer::new(role);
    for piece in data.chunks(usize::from(*size).max(1)) {
        let mut rest = piece;
        while !rest.is_empty() && framer.is_broken().is_none() {
            let mut left = rest;
            let waits = matches!(framer.step(&mut left, &limits), Step::More);
            let used = rest.len() - left.len();
            rest = &rest[used..];
            assert!(!waits || rest.is_empty(), "it waits for more and has more");
            assert!(used > 0 || framer.is_broken().is_some(), "it stands still");
        }
    }
}

/// A whole capture: packets and commands add up.
pub(crate) fn analyze(data: &[u8]) {
    let Ok(mut input) = Input::new("fuzz", Box::new(Cursor::new(data.to_vec())), None) else {
        return;
    };
    let mut analyzer = Analyzer::new(Config {
        exchanges: true,
        connections: ConnectionsWanted::All,
        show: Show::Values,
        ..Config::default()
    });
    let mut packets = 0;
    while input.advance() {
        packets += 1;
        let packet = input.packet().expect("it went to a packet");
        analyzer.push(&packet);
        while analyzer.poll().is_some() {}
    }
    let totals = analyzer.finish().totals;
    while analyzer.poll().is_some() {}
    let skipped: u64 = totals.skipped.values().sum();
    assert_eq!(totals.packets, packets);
    assert_eq!(totals.packets, totals.tcp_segments + skipped);
    let counts = &totals.counts;
    let fates = counts.exchanges + counts.unanswered + counts.silent + counts.undecided_commands;
    assert_eq!(counts.commands, fates);
}
