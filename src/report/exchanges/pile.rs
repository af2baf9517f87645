//! Bytes of rows one behind the other, taken from the front. They lie in large blocks that are used again: a piece of memory
//! for each row costs more than making it.

use std::collections::VecDeque;

/// Bytes of a block, but for the row that does not fit any more.
const BLOCK: usize = 64 << 10;

/// Rows from the first to the last.
#[derive(Debug, Default)]
pub(super) struct Pile {
    blocks: VecDeque<Vec<u8>>,
    /// So much of the first block has been taken.
    taken: usize,
    spare: Vec<Vec<u8>>,
}

impl Pile {
    /// Where the next row is to be written, behind what is there.
    pub(super) fn end(&mut self) -> &mut Vec<u8> {
        if self.blocks.back().is_none_or(|last| last.len() >= BLOCK) {
            let block = self.spare.pop();
            self.blocks
                .push_back(block.unwrap_or_else(|| Vec::with_capacity(BLOCK + BLOCK / 8)));
        }
        let last = self.blocks.len() - 1;
        &mut self.blocks[last]
    }

    /// The first `len` bytes, which were written as one row.
    pub(super) fn take(&mut self, len: usize) -> &[u8] {
        while self.blocks.len() > 1
            && let Some(first) = self.blocks.front()
            && self.taken >= first.len()
            && let Some(mut block) = self.blocks.pop_front()
        {
            block.clear();
            self.taken = 0;
            // One is in use at the front, one at the end.
            if self.spare.is_empty() {
                self.spare.push(block);
            }
        }
        let begin = self.taken;
        self.taken += len;
        let first = self.blocks.front();
        first
            .and_then(|block| block.get(begin..begin + len))
            .unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        let left: usize = self.blocks.iter().map(Vec::len).sum();
        left == self.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_across_blocks() {
        let mut pile = Pile::default();
        let row = |n: usize| format!("{n};").repeat(n % 50 + 1).into_bytes();
        let (mut put, mut got) = (0, 0);
        for ahead in [1, 3_000, 2, 5_000, 0] {
            while put < got + ahead {
                pile.end().extend_from_slice(&row(put));
                put += 1;
            }
            while got < put {
                let want = row(got);
                assert_eq!(pile.take(want.len()), want);
                got += 1;
            }
            assert!(pile.is_empty());
        }
        assert!(pile.blocks.len() + pile.spare.len() <= 2);
    }
}
