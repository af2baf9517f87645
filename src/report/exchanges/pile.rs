//! Bytes of rows one behind the other, in the order they were made. They lie in large blocks that are used again: a piece of
//! memory for each row costs more than making it.
//!
//! Nearly all leave in that order. A row that leaves before others leaves its bytes behind, until all of its block have left: it was
//! late, and there are no more of those than there were commands in flight.

use std::collections::VecDeque;

/// Bytes of a block, but for the row that does not fit any more.
const BLOCK: usize = 64 << 10;

/// Where the bytes of a row lie.
#[derive(Debug)]
pub(super) struct Spot {
    /// Number of the block.
    block: u64,
    at: usize,
    len: usize,
}

#[derive(Debug, Default)]
struct Block {
    bytes: Vec<u8>,
    /// Rows in it that have not left.
    rows: usize,
}

/// Rows until they leave.
#[derive(Debug, Default)]
pub(super) struct Pile {
    blocks: VecDeque<Block>,
    /// Number of the first block.
    first: u64,
    spare: Vec<u8>,
}

impl Pile {
    /// Adds a row: what `make` writes.
    #[inline]
    pub(super) fn put<R, E>(
        &mut self,
        make: impl FnOnce(&mut Vec<u8>) -> Result<R, E>,
    ) -> Result<(R, Spot), E> {
        if self.blocks.back().is_none_or(|b| b.bytes.len() >= BLOCK) {
            self.begin_block();
        }
        let last = self.blocks.len() - 1;
        let block = &mut self.blocks[last];
        let at = block.bytes.len();
        let made = make(&mut block.bytes)?;
        block.rows += 1;
        let spot = Spot {
            block: self.first + last as u64,
            at,
            len: block.bytes.len() - at,
        };
        Ok((made, spot))
    }

    #[cold]
    fn begin_block(&mut self) {
        while self.blocks.front().is_some_and(|block| block.rows == 0)
            && let Some(block) = self.blocks.pop_front()
        {
            self.first += 1;
            self.spare = block.bytes;
        }
        let mut bytes = std::mem::take(&mut self.spare);
        bytes.clear();
        bytes.reserve(BLOCK + BLOCK / 8);
        self.blocks.push_back(Block { bytes, rows: 0 });
    }

    /// A row leaves: its bytes.
    #[inline]
    pub(super) fn take(&mut self, spot: &Spot) -> &[u8] {
        let block = spot.block.checked_sub(self.first);
        let block = block.and_then(|at| self.blocks.get_mut(at as usize));
        let Some(block) = block else { return &[] };
        block.rows = block.rows.saturating_sub(1);
        let bytes = block.bytes.get(spot.at..spot.at + spot.len);
        bytes.unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.iter().all(|block| block.rows == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_across_blocks() {
        let mut pile = Pile::default();
        let row = |n: usize| format!("{n};").repeat(n % 50 + 1).into_bytes();
        let mut spots = VecDeque::new();
        let mut put = 0;
        for ahead in [1, 3_000, 2, 5_000, 0] {
            while spots.len() < ahead {
                let write = |out: &mut Vec<u8>| {
                    out.extend_from_slice(&row(put));
                    Ok::<_, ()>(put)
                };
                spots.push_back(pile.put(write).unwrap());
                put += 1;
            }
            // Every third is in front of the one before.
            for at in (2..spots.len()).step_by(3) {
                spots.swap(at, at - 1);
            }
            for (n, spot) in spots.drain(..) {
                assert_eq!(pile.take(&spot), row(n));
            }
            assert!(pile.is_empty());
        }
        pile.begin_block();
        assert_eq!(
            pile.blocks.len(),
            1,
            "all others have been used again or are gone"
        );
    }
}
