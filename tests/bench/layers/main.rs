//! How long each layer takes, alone: `cargo bench`. For finding where time goes; what is promised is counted in instructions,
//! see `docs/PERFORMANCE.md`.

mod wire;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use redorder::analyzer::{Analyzer, Config};
use redorder::model::{FlowKey, PacketRef, Side, Timestamp};
use redorder::packet::{DecodeLimits, Decoded, Decoder};
use redorder::redis::errors::ErrorCodes;
use redorder::redis::{
    BrokenReply, CommandTable, Exchange, Fate, Observer, Pending, Redactor, Session, Shared, Show,
    SpareLines, StrayFrame, Waiting,
};
use redorder::resp::{Framer, Limits, PrintKey, Role, Step};
use redorder::tcp::{Chunk, FlowMeta, Gap, Receiver, Table, TcpLimits};
use wire::Capture;

/// Commands of each measurement.
const COMMANDS: usize = 3_000;

fn main() {
    divan::main();
}

/// Commands and replies that lie whole in segments: `at_a_time` of them.
#[divan::bench(args = [1, 30])]
fn framer(bencher: Bencher<'_, '_>, at_a_time: usize) {
    let flights = wire::flights(COMMANDS, at_a_time);
    let limits = Limits::default();
    bencher
        .counter(ItemsCount::new(COMMANDS))
        .with_inputs(|| (Framer::new(Role::Commands), Framer::new(Role::Replies)))
        .bench_local_values(|(mut commands, mut replies)| {
            let mut frames = 0;
            for (request, reply) in &flights {
                frames += frame(&mut commands, request, &limits);
                frames += frame(&mut replies, reply, &limits);
            }
            assert_eq!(frames, 2 * COMMANDS);
        });
}

fn frame(framer: &mut Framer, bytes: &[u8], limits: &Limits) -> usize {
    let (mut used, mut frames) = (0, 0);
    while let Some(mut rest @ [_, ..]) = bytes.get(used..) {
        if let Step::More | Step::Malformed(_) = black_box(framer.step(&mut rest, limits)) {
            return frames;
        }
        used = bytes.len() - rest.len();
        frames += 1;
    }
    frames
}

/// Packets to segments.
#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let capture = Capture::of(&wire::flights(COMMANDS, 1));
    bencher
        .counter(ItemsCount::new(capture.len()))
        .with_inputs(|| Decoder::new(DecodeLimits::default()))
        .bench_local_values(|mut decoder| {
            let mut segments = 0;
            for packet in capture.packets() {
                let decoded = black_box(decoder.decode(&packet));
                segments += usize::from(matches!(decoded, Decoded::Segment(_)));
            }
            assert_eq!(segments, capture.len());
        });
}

/// Packets to bytes in order; with `every`, each of so many packets comes behind the next one.
#[divan::bench(args = [0, 10])]
fn reassembly(bencher: Bencher<'_, '_>, every: usize) {
    let flights = wire::flights(COMMANDS, 1);
    let bytes = flights.iter().map(|(a, b)| (a.len() + b.len()) as u64);
    let total: u64 = bytes.sum();
    let mut capture = Capture::of(&flights);
    capture.shuffle(every);
    bencher
        .counter(ItemsCount::new(capture.len()))
        .with_inputs(|| (Decoder::new(DecodeLimits::default()), Table::new(TCP)))
        .bench_local_values(|(mut decoder, mut table)| {
            let mut bytes = Bytes(0);
            for packet in capture.packets() {
                if let Decoded::Segment(segment) = decoder.decode(&packet) {
                    table.push(&segment, packet.time, packet.at, &mut bytes);
                }
            }
            table.finish(&mut bytes);
            assert_eq!(bytes.0, total);
        });
}

const TCP: TcpLimits = TcpLimits {
    connections: 1_000,
    closed_connections: 1_000,
    held_bytes_per_connection: 1 << 20,
    held_bytes: 1 << 24,
    reorder_grace_ns: 50_000_000,
    half_open: 1_000,
    half_open_ns: 1_000_000_000,
    idle_ns: 1_000_000_000_000,
};

/// Counts bytes.
struct Bytes(u64);

impl Receiver<()> for Bytes {
    fn open(&mut self, _: &FlowKey) {}
    fn data(&mut self, (): &mut (), _: &FlowMeta, chunk: Chunk<'_>) {
        self.0 += chunk.bytes.len() as u64;
    }
    fn gap(&mut self, (): &mut (), _: &FlowMeta, _: Gap) {}
    fn close(&mut self, (): (), _: &FlowMeta) {}
}

/// Bytes in order to exchanges.
#[divan::bench(args = [1, 30])]
fn pairing(bencher: Bencher<'_, '_>, at_a_time: usize) {
    let flights = wire::flights(COMMANDS, at_a_time);
    bencher
        .counter(ItemsCount::new(COMMANDS))
        .with_inputs(|| (shared(), Session::new(true)))
        .bench_local_values(|(mut shared, mut session)| {
            let mut heard = Heard(0);
            let (mut sent, mut received) = (0, 0);
            for (n, (request, reply)) in (1..).zip(&flights) {
                let chunk = chunk(Side::Low, n, sent, request, received);
                session.client_data(&mut shared, &chunk, &mut heard);
                sent += request.len() as i64;
                let chunk = self::chunk(Side::High, n, received, reply, sent);
                session.server_data(&mut shared, &chunk, &mut heard);
                received += reply.len() as i64;
            }
            assert_eq!(heard.0, COMMANDS);
        });
}

fn chunk(side: Side, n: u64, offset: i64, bytes: &[u8], ack: i64) -> Chunk<'_> {
    Chunk {
        side,
        offset,
        bytes,
        time: Timestamp::from_nanos(n as i64 * 1_000),
        at: PacketRef::new(0, n),
        ack: Some(ack),
        acked: offset,
    }
}

fn shared() -> Shared {
    Shared {
        fast_lane: true,
        effects_seen: false,
        commands: CommandTable::new(100),
        errors: ErrorCodes::new(100),
        redactor: Redactor::new(Show::Tags, false, 1_000, PrintKey::default()),
        framing: Limits::default(),
        keep_arguments: false,
        commands_in_flight: 10_000,
        hits_in_flight: 0,
        commands_unheard: 64,
        hits_unheard: 0,
        hits_readings: 0,
        waiting: Waiting {
            most: 1 << 24,
            ..Waiting::default()
        },
        spare_lines: SpareLines::default(),
        hits_framing: 0,
        malformed_requests: 0,
        commands_read: 0,
    }
}

/// Counts exchanges.
struct Heard(usize);

impl Observer for Heard {
    fn sent(&mut self, _: &mut Shared, _: &Pending) {}
    fn answered(&mut self, _: &mut Shared, _: &Exchange<'_>) {
        self.0 += 1;
    }
    fn unpaired(&mut self, _: &mut Shared, _: Fate, _: &Pending) {}
    fn stray(&mut self, _: &mut Shared, _: &StrayFrame<'_>) {}
    fn broken(&mut self, _: &mut Shared, _: &BrokenReply<'_>) {}
    fn mistaken(&mut self, _: &mut Shared) {}
    fn lost(&mut self, _: &mut Shared) {}
}

/// Packets in, summary out.
#[divan::bench(args = [1, 30])]
fn end_to_end(bencher: Bencher<'_, '_>, at_a_time: usize) {
    let capture = Capture::of(&wire::flights(COMMANDS, at_a_time));
    bencher
        .counter(ItemsCount::new(COMMANDS))
        .with_inputs(|| Analyzer::new(Config::default()))
        .bench_local_values(|mut analyzer| {
            for packet in capture.packets() {
                analyzer.push(&packet);
            }
            let summary = analyzer.finish();
            assert_eq!(summary.totals.counts.exchanges, COMMANDS as u64);
        });
}
