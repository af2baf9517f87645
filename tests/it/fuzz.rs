//! The fuzz targets over their corpus, over the samples, and over bytes made from a seed.

#[path = "../fuzz/bodies.rs"]
mod bodies;

use super::run::repository;
use bodies::TARGETS;
use std::fs;

/// A generator (xorshift64): the same seed gives the same bytes.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u8
    }
}

#[test]
fn the_corpus_holds() {
    for (name, target) in TARGETS {
        let folder = repository("tests/fuzz/corpus").join(name);
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            target(&fs::read(entry.unwrap().path()).unwrap());
        }
    }
}

#[test]
fn the_samples_hold_in_every_target() {
    for entry in fs::read_dir(repository("samples")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for (_, target) in TARGETS {
            target(&bytes);
        }
    }
}

/// Few values per byte: so the numbers of the segments meet.
fn rounds(count: u64) {
    for seed in 1..=count {
        let mut noise = Noise(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let kinds = 1 + usize::from(noise.next() % 24);
        let palette: Vec<u8> = (0..kinds).map(|_| noise.next()).collect();
        let len = 7 * (4 + usize::from(noise.next()) % 60);
        let bytes: Vec<u8> = (0..len)
            .map(|_| palette[usize::from(noise.next()) % kinds])
            .collect();
        let held = std::panic::catch_unwind(|| {
            bodies::wire(&bytes);
            bodies::resp(&bytes);
            bodies::decode(&bytes);
        });
        assert!(held.is_ok(), "seed {seed}: {bytes:?}");
    }
}

#[test]
fn bytes_from_a_seed_hold() {
    rounds(3_000);
}

#[test]
#[ignore = "takes minutes"]
fn many_bytes_from_a_seed_hold() {
    rounds(2_000_000);
}
