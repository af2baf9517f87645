//! Damaged and hostile bytes: nothing panics, nothing hangs, nothing is lost without a word.

use super::corpus::{BIG, Kind, LITTLE, Ng, ORDERS, Order, corpus, packets, pcap};
use super::{Seen, read_bytes};
use proptest::prelude::*;

/// A small capture of each format and byte order.
fn small() -> Vec<(Vec<u8>, Vec<Seen>)> {
    let mut all = Vec::new();
    for order in ORDERS {
        let mut sent = packets(1);
        sent.truncate(6);
        all.push((pcap(order, Kind::Micros, 262_144, 1, &sent), sent.clone()));
        all.push((enhanced(order, &sent), sent));
    }
    all
}

fn enhanced(order: Order, sent: &[Seen]) -> Vec<u8> {
    let mut ng = Ng::new(order);
    ng.interface(1, 262_144, &[(9, vec![9])]);
    for packet in sent {
        ng.enhanced(0, packet.time as u64, packet, Some("c"));
    }
    ng.out
}

#[test]
fn a_cut_at_any_byte_keeps_what_was_whole() {
    for (bytes, sent) in small() {
        let mut before = 0;
        for cut in 0..bytes.len() {
            let Ok((seen, report)) = read_bytes(&bytes[..cut]) else {
                assert!(cut < 24, "refused at {cut}");
                continue;
            };
            assert!(sent.starts_with(&seen), "cut at {cut}");
            assert!(seen.len() >= before, "cut at {cut}");
            before = seen.len();
            // Either the cut is between two records, or it is said.
            let whole = read_bytes(&bytes[..cut]).unwrap().1.problems_total == 0;
            assert!(whole || report.problems[0].offset < cut as u64);
            assert!(report.problems_total <= 1, "{:?}", report.problems);
        }
        assert_eq!(before, sent.len() - 1);
    }
}

/// Cuts between records are clean, all others are reported.
#[test]
fn a_cut_inside_a_record_is_said() {
    let sent = packets(1);
    let whole = pcap(LITTLE, Kind::Micros, 262_144, 1, &sent[..3]);
    let second = pcap(LITTLE, Kind::Micros, 262_144, 1, &sent[..2]).len();
    for cut in second..whole.len() {
        let (seen, report) = read_bytes(&whole[..cut]).unwrap();
        assert_eq!(seen.len(), 2);
        assert_eq!(report.problems_total, u64::from(cut > second), "{cut}");
        if let Some(problem) = report.problems.first() {
            assert_eq!(problem.offset, second as u64);
            assert!(
                problem.reason.contains("the file ends inside"),
                "{}",
                problem.reason
            );
        }
    }
}

#[test]
fn flipped_bytes_do_no_harm() {
    for (bytes, _) in small() {
        for at in 0..bytes.len() {
            for flip in [0x01, 0x80, 0xFF] {
                let mut bad = bytes.clone();
                bad[at] ^= flip;
                let _ = read_bytes(&bad);
            }
        }
    }
}

/// A length that makes no sense costs its own packet, not the rest of the file.
#[test]
fn a_bad_length_loses_one_packet() {
    let sent = packets(1);
    let sent = [&sent[..4], &sent[6..8]].concat();
    for order in ORDERS {
        for bad in [0x7FFF_FFFF, 0x00FF_FFFF, 300_000, 3_000] {
            let whole = pcap(order, Kind::Micros, 262_144, 1, &sent);
            let second = pcap(order, Kind::Micros, 262_144, 1, &sent[..1]).len();
            let mut damaged = whole.clone();
            damaged[second + 8..second + 12].copy_from_slice(&order.u32(bad));
            assert_lost(1, second, &damaged, &sent);
        }
        for bad in [0x7FFF_FFFF, 0x0001_0000, 13, 4, 0] {
            let mut damaged = enhanced(order, &sent);
            let second = enhanced(order, &sent[..1]).len();
            damaged[second + 4..second + 8].copy_from_slice(&order.u32(bad));
            assert_lost(1, second, &damaged, &sent);
        }
    }
}

/// One place is damaged, at `offset`, and costs just the packet `index`.
fn assert_lost(index: usize, offset: usize, damaged: &[u8], sent: &[Seen]) {
    let (seen, report) = read_bytes(damaged).unwrap();
    let problems = &report.problems;
    assert_eq!(times(&seen), times(&without(sent, index)), "{problems:?}");
    assert_eq!(
        (report.problems_total, problems[0].offset),
        (1, offset as u64)
    );
}

fn times(seen: &[Seen]) -> Vec<i64> {
    seen.iter().map(|packet| packet.time).collect()
}

fn without(sent: &[Seen], index: usize) -> Vec<Seen> {
    let mut rest = sent.to_vec();
    rest.remove(index);
    rest
}

/// Blocks that can not be used are skipped by their length; the packets around them stay.
#[test]
fn bad_blocks_are_skipped_and_said() {
    let sent = packets(1);
    type Insert = fn(&mut Ng, &Seen);
    let cases: [(&str, Insert); 7] = [
        ("interface 7", |ng, p| ng.enhanced(7, 1, p, None)),
        ("interface 9", |ng, p| ng.old(9, 1, p)),
        ("room for", |ng, _| {
            let mut body = [0; 8].to_vec();
            body.extend(
                [
                    ng.order.u32(0),
                    ng.order.u32(500),
                    ng.order.u32(500),
                    [1; 4],
                ]
                .concat(),
            );
            ng.block(6, &body);
        }),
        ("too short", |ng, _| ng.block(6, &[0; 12])),
        ("too short", |ng, _| ng.block(3, &[])),
        ("statistics of an interface", |ng, _| ng.block(5, &[9; 12])),
        ("Decryption Secrets", |ng, _| ng.block(10, &[0xFF; 8])),
    ];
    for (words, insert) in cases {
        for order in [LITTLE, BIG] {
            let mut ng = Ng::new(order);
            ng.interface(1, 262_144, &[(9, vec![9])]);
            ng.enhanced(0, 1, &sent[0], None);
            let offset = ng.out.len() as u64;
            insert(&mut ng, &sent[1]);
            ng.enhanced(0, 2, &sent[2], None);
            let (seen, report) = read_bytes(&ng.out).unwrap();
            assert_eq!(times(&seen), [1, 2], "{words}");
            assert_eq!(report.problems.len(), 1, "{words}");
            assert_eq!(report.problems[0].offset, offset);
            assert!(
                report.problems[0].reason.contains(words),
                "{:?}",
                report.problems
            );
        }
    }
}

/// Wireshark gives these blocks a number although they are no packets, so the numbers after them agree with it.
#[test]
fn numbers_are_those_of_wireshark() {
    let sent = packets(1);
    let cases = [
        (9, 3),
        (0xBAD, 3),
        (0x4000_0BAD, 3),
        (0x204, 3),
        (0x216, 3),
        (0x221, 3),
        (0x208, 2),
        (0x7777, 2),
    ];
    for (kind, number) in cases {
        let mut ng = Ng::new(LITTLE);
        ng.interface(1, 0, &[]);
        ng.enhanced(0, 1, &sent[0], None);
        ng.block(kind, &[1; 24]);
        ng.enhanced(0, 2, &sent[1], None);
        let (seen, report) = read_bytes(&ng.out).unwrap();
        assert_eq!((seen[1].number, report.packets), (number, 2), "{kind:#x}");
    }
}

/// Some writers do not count the padding.
#[test]
fn a_length_without_its_padding_is_taken_as_padded() {
    let sent = packets(1);
    let mut ng = Ng::new(LITTLE);
    ng.interface(1, 0, &[]);
    ng.out.extend([
        0x77, 0, 0, 0, 17, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0, 17, 0, 0, 0,
    ]);
    ng.enhanced(0, 1, &sent[0], None);
    let (seen, report) = read_bytes(&ng.out).unwrap();
    assert_eq!((seen.len(), report.problems_total), (1, 0));
}

#[test]
fn a_packet_of_sixteen_mebibytes_is_read() {
    let mut big = packets(1);
    big.truncate(3);
    big[1].bytes = vec![9; 16 << 20];
    big[1].wire_len = 16 << 20;
    for bytes in [pcap(BIG, Kind::Nanos, 0, 1, &big), enhanced(BIG, &big)] {
        let (seen, report) = read_bytes(&bytes).unwrap();
        assert!(seen == big, "{:?}", report.problems);
    }
}

#[test]
fn a_run_of_zeros_is_passed_over() {
    let sent = packets(1);
    let mut bytes = enhanced(LITTLE, &sent[..2]);
    let damage = bytes.len();
    bytes.extend(vec![0; 3_000_000]);
    let header = enhanced(LITTLE, &[]).len();
    bytes.extend(&enhanced(LITTLE, &sent[2..])[header..]);
    let (seen, report) = read_bytes(&bytes).unwrap();
    assert_eq!(times(&seen), times(&sent));
    assert_eq!(
        (report.problems_total, report.problems[0].offset),
        (1, damage as u64)
    );
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..4_000), start in 0..6usize) {
        let starts: [&[u8]; 6] = [
            &[],
            &[0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0],
            &[0xA1, 0xB2, 0xCD, 0x34],
            &[0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0],
            &[0x1F, 0x8B, 8, 0],
            &[0x04, 0x22, 0x4D, 0x18],
        ];
        let _ = read_bytes(&[starts[start], &bytes].concat());
    }

    #[test]
    fn many_flips_are_survived(file in 0..40usize, flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30)) {
        let all = corpus();
        let mut bytes = all[file % all.len()].bytes.clone();
        bytes.truncate(3_000);
        for (at, flip) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
        }
        let _ = read_bytes(&bytes);
    }
}
