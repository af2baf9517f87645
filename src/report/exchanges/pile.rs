//! Bytes of rows one behind the other, in the order they were made. They lie in large blocks that are used again: a piece of
//! memory for each row costs more than making it.
//!
//! Nearly all leave in that order. A block is used again when all of its rows have left. A row that stays while all around it leave
//! keeps its block, so where many blocks are kept each further row has one of its own, of its size.

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

/// Large blocks that are kept at most.
const BLOCKS: usize = 512;

#[derive(Debug, Default)]
struct Block {
    bytes: Vec<u8>,
    /// Rows in it that have not left.
    rows: usize,
}

/// Rows until they leave.
#[derive(Debug, Default)]
pub(super) struct Pile {
    /// Those in the middle may have been used again: they have no bytes.
    blocks: VecDeque<Block>,
    /// Number of the first block.
    first: u64,
    spare: Vec<u8>,
    /// Blocks that have bytes.
    kept: usize,
    /// The block whose last row left, when it was the last that was taken.
    left: Option<u64>,
}

impl Pile {
    /// Adds a row: what `make` writes.
    #[inline]
    pub(super) fn put<R, E>(
        &mut self,
        make: impl FnOnce(&mut Vec<u8>) -> Result<R, E>,
    ) -> Result<(R, Spot), E> {
        self.use_again();
        let many = self.kept > BLOCKS;
        let full = |last: &Block| last.bytes.len() >= BLOCK || (many && last.rows > 0);
        if self.blocks.back().is_none_or(full) {
            self.begin_block(if many { 0 } else { BLOCK + BLOCK / 8 });
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
    fn begin_block(&mut self, room: usize) {
        let mut bytes = match room {
            0 => Vec::new(),
            _ => std::mem::take(&mut self.spare),
        };
        bytes.clear();
        bytes.reserve(room);
        self.kept += 1;
        self.blocks.push_back(Block { bytes, rows: 0 });
    }

    /// All rows of a block have left: the last one has been written by now.
    #[inline]
    fn use_again(&mut self) {
        if let Some(number) = self.left.take() {
            self.empty(number);
        }
    }

    fn empty(&mut self, number: u64) {
        let (at, last) = (self.place(number), self.blocks.len() - 1);
        let Some(block) = self.blocks.get_mut(at).filter(|block| block.rows == 0) else {
            return;
        };
        if at == last {
            block.bytes.clear();
            return;
        }
        let bytes = std::mem::take(&mut block.bytes);
        self.kept -= 1;
        if self.spare.capacity() < bytes.capacity() {
            self.spare = bytes;
        }
        while self.blocks.len() > 1 && self.blocks.front().is_some_and(|block| block.rows == 0) {
            self.blocks.pop_front();
            self.first += 1;
        }
    }

    fn place(&self, number: u64) -> usize {
        // More blocks than there are addresses are not there.
        usize::try_from(number.wrapping_sub(self.first)).unwrap_or(usize::MAX)
    }

    /// A row leaves: its bytes.
    #[inline]
    pub(super) fn take(&mut self, spot: &Spot) -> &[u8] {
        self.use_again();
        let at = self.place(spot.block);
        let Some(block) = self.blocks.get_mut(at) else {
            return &[];
        };
        block.rows = block.rows.saturating_sub(1);
        if block.rows == 0 {
            self.left = Some(spot.block);
        }
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
        pile.use_again();
        assert_eq!((pile.blocks.len(), pile.kept), (1, 1));
    }

    fn put(pile: &mut Pile, row: &[u8]) -> Spot {
        let write = |out: &mut Vec<u8>| {
            out.extend_from_slice(row);
            Ok::<_, ()>(())
        };
        pile.put(write).unwrap().1
    }

    fn room(pile: &Pile) -> usize {
        let blocks = pile.blocks.iter().map(|block| block.bytes.capacity());
        blocks.sum::<usize>() + pile.spare.capacity()
    }

    #[test]
    fn a_row_that_stays_keeps_no_others() {
        let mut pile = Pile::default();
        let row = [7; 100];
        let stays = put(&mut pile, &row);
        for _ in 0..100_000 {
            let spot = put(&mut pile, &row);
            assert_eq!(pile.take(&spot), row);
        }
        assert!(room(&pile) < 4 * BLOCK, "{}", room(&pile));
        assert_eq!(pile.take(&stays), row);
    }

    /// One stays of each block.
    #[test]
    fn rows_that_stay_keep_few_blocks() {
        let mut pile = Pile::default();
        let row = [7; BLOCK / 4];
        let mut stay = Vec::new();
        for _ in 0..3_000 {
            stay.push(put(&mut pile, &row));
            for _ in 0..4 {
                let spot = put(&mut pile, &row);
                pile.take(&spot);
            }
        }
        let most = (BLOCKS + 3) * (BLOCK + BLOCK / 4) + 3_000 * BLOCK / 4;
        assert!(room(&pile) < most, "{}", room(&pile));
        for spot in stay {
            assert_eq!(pile.take(&spot), row);
        }
    }
}
