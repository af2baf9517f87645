//! Which changes are tried: a sample that the seed decides, without two that overlap.

use crate::site::Site;
use std::path::PathBuf;

/// A site and the file it is in.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Relative to the project.
    pub file: PathBuf,
    /// The change.
    pub site: Site,
}

impl std::fmt::Display for Mutant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}: {}",
            self.file.display(),
            self.site.line,
            self.site.what
        )
    }
}

/// All of them in an order that the seed decides (xorshift, Fisher and Yates).
pub fn shuffled(mut all: Vec<Mutant>, seed: u64) -> Vec<Mutant> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for i in (1..all.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        all.swap(i, (state % (i as u64 + 1)) as usize);
    }
    all
}

/// Takes the first of `from` that overlap none of those taken, up to `count` in all.
pub fn fill(taken: &mut Vec<Mutant>, from: &mut std::vec::IntoIter<Mutant>, count: usize) {
    while taken.len() < count
        && let Some(next) = from.next()
    {
        if !taken.iter().any(|t| overlap(t, &next)) {
            taken.push(next);
        }
    }
}

fn overlap(a: &Mutant, b: &Mutant) -> bool {
    let (x, y) = (&a.site.range, &b.site.range);
    let insertion = x.is_empty() || y.is_empty();
    a.file == b.file && x.start < y.end && y.start < x.end && !insertion
        || a.file == b.file && x == y
}
