//! How far an input is read, for a progress bar.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far an input is read. A clone may be kept by another thread and stays up to date.
#[derive(Clone, Debug)]
pub struct Progress {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Progress {
    /// Bytes of the file read so far, packed as it is.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Length of the file in bytes; `None` for a pipe.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Starts counting what is read from `reader`.
    pub(super) fn of(reader: Box<dyn Read + Send>, total: Option<u64>) -> (Progress, Counted) {
        let read = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            reader,
            read: Arc::clone(&read),
        };
        (Progress { read, total }, counted)
    }
}

/// A reader that counts.
pub(super) struct Counted {
    reader: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(out)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
