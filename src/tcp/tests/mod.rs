//! Segments in, a list of what comes out: one short story per case.

mod closed_flows;
mod ends;
mod liveness;
mod lives;
mod names;
mod order;
mod short_ways;

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

fn short_dialogue(wire: &mut Wire) {
    wire.handshake();
    wire.client(0, 0, "ab");
    wire.server(0, 2, "cd");
    wire.send('c', FIN | ACK, 2, 2, b"");
    wire.send('s', FIN | ACK, 2, 3, b"");
    wire.send('c', ACK, 3, 3, b"");
}
