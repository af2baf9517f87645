//! Segments that are where they are expected take short ways. Whatever comes, these leave the same behind as the full one.

use super::{ACK, FIN, RST, SYN, Wire};
use proptest::prelude::*;

/// What happens on the wire.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// SYN, SYN-ACK and ACK, or only so many of them. Numbers begin so much further on than those of the connection before.
    Opens(usize, i32),
    /// FIN, FIN and ACK, or only so many of them.
    Ends(usize),
    /// One segment with these flags and so many bytes.
    Sends(u8, usize),
    /// The same, and the capture misses it.
    Misses(u8, usize),
    /// A segment so far back comes again: as a second capture, or sent again.
    Repeats(usize, bool),
    /// So many ms pass.
    Waits(i64),
}

/// On which of two connections, from which side, so many bytes in front of where it should be, and so many of the other
/// side not acknowledged.
type Played = (usize, bool, i32, i32, Step);

fn step() -> impl Strategy<Value = Step> {
    let flags = prop_oneof![
        6 => Just(ACK), 2 => Just(FIN | ACK), 1 => Just(RST | ACK), 1 => Just(SYN | ACK), 1 => Just(SYN), 1 => Just(FIN),
    ];
    let len = prop_oneof![2 => Just(0usize), 1 => 1usize..20];
    let sent = (flags, len);
    prop_oneof![
        4 => (1usize..=3, prop_oneof![Just(5_000_000), 0i32..2_000]).prop_map(|(n, on)| Step::Opens(n, on)),
        3 => (1usize..=3).prop_map(Step::Ends),
        8 => sent.clone().prop_map(|(flags, len)| Step::Sends(flags, len)),
        1 => sent.prop_map(|(flags, len)| Step::Misses(flags, len)),
        2 => (1usize..6, any::<bool>()).prop_map(|(back, copy)| Step::Repeats(back, copy)),
        2 => prop_oneof![0i64..30, Just(1_500)].prop_map(Step::Waits),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Played>> {
    let off = prop_oneof![12 => Just(0), 1 => -3i32..4];
    let behind = prop_oneof![6 => Just(0), 1 => 0i32..9];
    prop::collection::vec((0usize..2, any::<bool>(), off, behind, step()), 1..60)
}

/// A segment as it was sent.
#[derive(Clone, Copy)]
struct Sent {
    port: usize,
    client: bool,
    flags: u8,
    numbers: (i32, i32),
    len: usize,
    print: u32,
}

/// Two ends of two connections, whose packets two tables take: one of them by the full way alone.
struct Play {
    wires: [Wire; 2],
    /// The next byte of server and client, by connection.
    next: [[i32; 2]; 2],
    sent: Vec<Sent>,
}

impl Play {
    fn new() -> Play {
        let wires = [false, true].map(|full| {
            let mut wire = Wire::new();
            if full {
                wire.table.closed.take_no_short_way();
            }
            wire
        });
        Play {
            wires,
            next: [[0; 2]; 2],
            sent: Vec::new(),
        }
    }

    fn push(&mut self, sent: Sent) {
        for wire in &mut self.wires {
            wire.packets += 1;
            wire.port = 40_000 + sent.port as u16;
            let from = if sent.client { 'c' } else { 's' };
            let payload = [b'x'; 20];
            let payload = payload.get(..sent.len).unwrap_or_default();
            wire.push(from, sent.flags, sent.numbers, payload, 0, sent.print);
        }
    }

    fn send(&mut self, port: usize, client: bool, (flags, len): (u8, usize), shift: (i32, i32)) {
        let [own, peer] = [client, !client].map(|side| self.next[port][usize::from(side)]);
        let seq = own - i32::from(flags & SYN > 0) + shift.0;
        let sent = Sent {
            port,
            client,
            flags,
            numbers: (seq, peer - shift.1),
            len,
            print: 1_000 + self.sent.len() as u32,
        };
        self.sent.push(sent);
        self.push(sent);
        self.next[port][usize::from(client)] += len as i32 + i32::from(flags & FIN > 0);
    }

    fn play(&mut self, (port, client, off, behind, step): Played) {
        match step {
            Step::Opens(segments, on) => {
                let start = self.next[port].into_iter().max().unwrap_or_default();
                self.next[port] = [start + on, start + on];
                let all = [(client, SYN), (!client, SYN | ACK), (client, ACK)];
                for (client, flags) in all.into_iter().take(segments) {
                    self.send(port, client, (flags, 0), (0, 0));
                }
            }
            Step::Ends(segments) => {
                let all = [(client, FIN | ACK), (!client, FIN | ACK), (client, ACK)];
                for (client, flags) in all.into_iter().take(segments) {
                    self.send(port, client, (flags, 0), (off, behind));
                }
            }
            Step::Sends(flags, len) => self.send(port, client, (flags, len), (off, behind)),
            Step::Misses(flags, len) => {
                let fin = i32::from(flags & FIN > 0);
                self.next[port][usize::from(client)] += len as i32 + fin;
            }
            Step::Repeats(back, copy) => {
                let at = self.sent.len().checked_sub(back);
                if let Some(sent) = at.and_then(|at| self.sent.get(at)).copied() {
                    let other = 1_000_000 + self.wires[0].packets as u32;
                    let print = if copy { sent.print } else { other };
                    self.push(Sent { print, ..sent });
                }
            }
            Step::Waits(ms) => self.wires.iter_mut().for_each(|wire| wire.wait(ms)),
        }
    }
}

/// All that a table knows, but for its index and for what has closed: those have an order of their own.
fn known(wire: &Wire) -> String {
    let table = &wire.table;
    let flows = (&table.slots, &table.free, &table.twins, &table.streams);
    let times = (&table.alarms, &table.clock, table.pushed, table.hand);
    let counts = (table.half_open, table.next_id, table.joined, table.held);
    let names = table.index.len();
    let told = (&wire.diary.0, &wire.outcomes, table.limit_hits());
    format!("{flows:?} {times:?} {counts:?} {names} {told:?}")
}

proptest! {
    #[test]
    fn short_ways_lead_to_the_same(steps in steps()) {
        let mut play = Play::new();
        for (at, step) in (1..).zip(steps) {
            play.play(step);
            let [short, full] = &play.wires;
            prop_assert_eq!(&short.outcomes, &full.outcomes);
            if at % 16 == 0 {
                prop_assert_eq!(known(short), known(full));
            }
        }
        let [short, full] = &play.wires;
        prop_assert_eq!(known(short), known(full));
        let [short, full] = play.wires.map(Wire::end);
        prop_assert_eq!(short, full);
    }
}
