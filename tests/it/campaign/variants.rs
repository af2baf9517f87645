//! What a capture may go through.

use super::capture::{Ends, Record};
use crate::dice::Dice;
use std::collections::HashMap;

/// How many commands a variant must have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Commands {
    /// As many as the capture itself.
    Same,
    /// Twice as many.
    Twice,
    /// Bytes are missing: anything.
    Any,
}

type Change = fn(&[Record], &mut Dice) -> Vec<Vec<Record>>;

/// One way to change a capture: its name, what it does, and what it must not change.
pub(super) const VARIANTS: [(&str, Change, Commands); 21] = [
    ("drop", drop_some, Commands::Any),
    ("burst loss", burst_loss, Commands::Any),
    ("duplicate", duplicate, Commands::Same),
    ("jitter", jitter, Commands::Same),
    ("reorder", reorder, Commands::Same),
    ("resegment", resegment, Commands::Same),
    ("head cut", head_cut, Commands::Any),
    ("tail cut", tail_cut, Commands::Any),
    ("one direction", one_direction, Commands::Any),
    ("snaplen", snaplen, Commands::Any),
    ("VLAN", vlan, Commands::Same),
    ("VXLAN", vxlan, Commands::Same),
    ("GRE", gre, Commands::Same),
    ("cooked", cooked, Commands::Same),
    ("pcapng", pcapng, Commands::Same),
    ("skewed split", skewed_split, Commands::Any),
    ("clock step", clock_step, Commands::Same),
    ("stray RST", stray_rst, Commands::Same),
    ("stray SYN", stray_syn, Commands::Same),
    ("port collision", port_collision, Commands::Twice),
    ("NAT twin", nat_twin, Commands::Same),
];

fn map(records: &[Record], mut change: impl FnMut(&Record) -> Vec<Record>) -> Vec<Vec<Record>> {
    vec![records.iter().flat_map(&mut change).collect()]
}

/// Changes TCP packets, one by one, and leaves the others alone.
fn map_tcp(records: &[Record], mut change: impl FnMut(&Record) -> Vec<Record>) -> Vec<Vec<Record>> {
    map(records, |record| match record.is_tcp() {
        true => change(record),
        false => vec![record.clone()],
    })
}

fn drop_some(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    map(records, |record| match dice.below(20) {
        0 => Vec::new(),
        _ => vec![record.clone()],
    })
}

fn burst_loss(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    let from = dice.below(records.len());
    let len = records.len() / 20 + 3;
    let kept = records
        .iter()
        .enumerate()
        .filter(|(i, _)| !(from..from + len).contains(i));
    vec![kept.map(|(_, record)| record.clone()).collect()]
}

fn duplicate(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    map(records, |record| {
        let mut again = record.clone();
        again.later(1_000);
        vec![record.clone(), again]
    })
}

fn jitter(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    map(records, |record| {
        let mut moved = record.clone();
        moved.later(dice.below(20_000) as i64 - 10_000);
        vec![moved]
    })
}

/// The queues of a network card hand their packets over in turns.
fn reorder(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    let mut all = records.to_vec();
    for i in 1..all.len() {
        if dice.below(4) == 0 && all[i].ns.abs_diff(all[i - 1].ns) < 1_000_000 {
            all.swap(i, i - 1);
        }
    }
    vec![all]
}

fn resegment(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    map_tcp(records, |record| {
        let payload = record.payload().to_vec();
        if payload.len() < 2 || record.flags() & 0x07 != 0 {
            return vec![record.clone()];
        }
        let cut = 1 + dice.below(payload.len() - 1);
        let (mut first, mut second) = (record.clone(), record.clone());
        first.set_payload(&payload[..cut]);
        second.set_payload(&payload[cut..]);
        second.set_seq(record.seq().wrapping_add(cut as u32));
        second.later(1);
        vec![first, second]
    })
}

fn head_cut(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    let from = dice.below(records.len() / 2);
    vec![records[from..].to_vec()]
}

fn tail_cut(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    let to = records.len() - dice.below(records.len() / 2);
    vec![records[..to].to_vec()]
}

/// The direction of a packet: `true` for the end that sorts first.
fn is_up(record: &Record) -> bool {
    let (src, dst) = record.ends();
    src < dst
}

fn one_direction(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    let kept = dice.below(2) == 0;
    map_tcp(records, |record| match is_up(record) == kept {
        true => vec![record.clone()],
        false => Vec::new(),
    })
}

fn snaplen(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    map(records, |record| {
        let mut cut = record.clone();
        cut.bytes.truncate(96);
        vec![cut]
    })
}

const MACS: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

fn vlan(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    map_tcp(records, |record| {
        let front = [&MACS[..], &[0x81, 0, 0, 42], &record.ethertype()].concat();
        vec![record.wrapped(1, &front)]
    })
}

/// Behind the headers of a tunnel a packet of this length would be longer than IP allows.
const LONG: usize = 65_000;

/// An IPv4 header in front of `len` bytes of `protocol`.
fn outer(protocol: u8, len: usize) -> Vec<u8> {
    let total = u16::try_from(20 + len).unwrap().to_be_bytes();
    let mut header = [
        &MACS[..],
        &[0x08, 0, 0x45, 0],
        &total,
        &[0, 0, 0x40, 0, 64, protocol],
    ]
    .concat();
    header.extend([0, 0, 172, 16, 0, 1, 172, 16, 0, 2]);
    header
}

fn vxlan(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    map_tcp(records, |record| {
        if record.ip_len() > LONG {
            return vec![record.clone()];
        }
        let inner = 14 + record.ip_len();
        let udp = u16::try_from(16 + inner).unwrap().to_be_bytes();
        let vxlan = [
            &[0xc0, 0, 0x12, 0xb5][..],
            &udp,
            &[0, 0, 8, 0, 0, 0, 0, 0, 7, 0],
        ]
        .concat();
        let front = [
            &outer(17, 16 + inner)[..],
            &vxlan,
            &MACS,
            &record.ethertype(),
        ]
        .concat();
        vec![record.wrapped(1, &front)]
    })
}

fn gre(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    map_tcp(records, |record| {
        if record.ip_len() > LONG {
            return vec![record.clone()];
        }
        let front = [
            &outer(47, 4 + record.ip_len())[..],
            &[0, 0],
            &record.ethertype(),
        ]
        .concat();
        vec![record.wrapped(1, &front)]
    })
}

fn cooked(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    map_tcp(records, |record| {
        let front = [
            &[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0][..],
            &record.ethertype(),
        ]
        .concat();
        vec![record.wrapped(113, &front)]
    })
}

fn pcapng(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    vec![records.to_vec()]
}

/// A tap that writes one file for each direction, by two clocks.
fn skewed_split(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for record in records.iter().filter(|record| record.is_tcp()) {
        let mut record = record.clone();
        if is_up(&record) {
            up.push(record);
        } else {
            record.later(3_000_000_000);
            down.push(record);
        }
    }
    vec![up, down]
}

fn clock_step(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    let middle = records.len() / 2;
    let mut all = records.to_vec();
    for record in &mut all[middle..] {
        record.later(-5_000_000_000);
    }
    vec![all]
}

/// Puts a packet without data, made from one that is there, behind one in ten.
fn stray(records: &[Record], dice: &mut Dice, flags: u8) -> Vec<Vec<Record>> {
    map_tcp(records, |record| {
        let mut all = vec![record.clone()];
        if dice.below(10) == 0 && record.flags() & 0x07 == 0 {
            let mut stray = record.clone();
            stray.set_payload(&[]);
            stray.set_flags(flags);
            stray.set_seq(
                record
                    .seq()
                    .wrapping_add(0x3000_0000 + dice.below(0x1000_0000) as u32),
            );
            stray.set_ack(0);
            stray.renew(1);
            stray.later(1);
            all.push(stray);
        }
        all
    })
}

fn stray_rst(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    stray(records, dice, 0x04)
}

fn stray_syn(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    stray(records, dice, 0x02)
}

/// The same dialogues on another host, with the same addresses and ports and other sequence numbers.
fn port_collision(records: &[Record], dice: &mut Dice) -> Vec<Vec<Record>> {
    let moved = [0x2345_6789 + dice.below(1 << 20) as u32, 0x5678_9abc];
    let tcp = records.iter().filter(|record| record.is_tcp());
    let other = tcp.map(|record| {
        let mut record = record.clone();
        let [own, peer] = if is_up(&record) {
            moved
        } else {
            [moved[1], moved[0]]
        };
        record.set_seq(record.seq().wrapping_add(own));
        if record.flags() & 0x10 != 0 {
            record.set_ack(record.ack().wrapping_add(peer));
        }
        record.later(37_000);
        record
    });
    vec![records.to_vec(), other.collect()]
}

/// Every packet again, behind a translator that gives the server another address.
fn nat_twin(records: &[Record], _: &mut Dice) -> Vec<Vec<Record>> {
    let mut servers: HashMap<Ends, bool> = HashMap::new();
    map_tcp(records, |record| {
        let (src, dst) = record.ends();
        let known = servers
            .get(&(dst.clone(), src.clone()))
            .map(|to_server| !to_server);
        let to_server = known.unwrap_or_else(|| *servers.entry((src, dst)).or_insert(true));
        let mut twin = record.clone();
        twin.rename(!to_server, 0x15);
        twin.hop();
        twin.later(7_000);
        vec![record.clone(), twin]
    })
}
