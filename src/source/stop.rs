//! Reading that ends when it is told to, also while nothing comes.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this file waits for captures that are still being written"
)]

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long one look at a silent pipe takes: as long as a stop may go unnoticed.
const LOOK: Duration = Duration::from_millis(100);

/// Tells sources to end. Clones share one flag; a signal handler may set it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends when this flag is set.
    pub fn when(flag: Arc<AtomicBool>) -> Stop {
        Stop(flag)
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a reader says that was told to end.
#[derive(Clone, Copy, Debug)]
struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stopped {}

fn stopped() -> io::Error {
    io::Error::other(Stopped)
}

/// The reading was told to end: the input is not damaged.
pub(super) fn is_stopped(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Stopped>())
}

/// Opens what may wait for a writer: a FIFO does not open before there is one.
pub(super) fn open(path: &Path, stop: &Stop) -> io::Result<std::fs::File> {
    let (done, opened) = channel();
    let path = path.to_owned();
    std::thread::spawn(move || done.send(std::fs::File::open(path)).is_ok());
    loop {
        match opened.recv_timeout(LOOK) {
            Ok(file) => return file,
            Err(RecvTimeoutError::Timeout) if !stop.is_set() => {}
            Err(_) => return Err(stopped()),
        }
    }
}

/// A pipe, a FIFO or a terminal: its reader looks up now and then.
pub(super) struct Waiting {
    file: std::fs::File,
    stop: Stop,
}

impl Waiting {
    pub(super) fn new(file: std::fs::File, stop: Stop) -> Waiting {
        Waiting { file, stop }
    }

    /// Whether there is something to read, or the end, before `LOOK` is over.
    #[cfg(unix)]
    fn is_ready(&self) -> io::Result<bool> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let look = Timespec {
            tv_sec: 0,
            tv_nsec: LOOK.subsec_nanos().into(),
        };
        let mut fds = [PollFd::new(&self.file, PollFlags::IN)];
        match poll(&mut fds, Some(&look)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(unix))]
    fn is_ready(&self) -> io::Result<bool> {
        Ok(true)
    }
}

impl Read for Waiting {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.stop.is_set() {
                return Err(stopped());
            }
            if self.is_ready()? {
                return self.file.read(out);
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_silent_pipe_is_left_when_told_to() {
        let (reader, writer) = io::pipe().unwrap();
        let flag = Arc::new(AtomicBool::new(false));
        let file = std::fs::File::from(std::os::fd::OwnedFd::from(reader));
        let mut waiting = Waiting::new(file, Stop::when(Arc::clone(&flag)));
        (&writer).write_all(b"abc").unwrap();
        let mut out = [0; 8];
        assert_eq!(waiting.read(&mut out).unwrap(), 3);
        flag.store(true, Ordering::Relaxed);
        let error = waiting.read(&mut out).unwrap_err();
        assert!(is_stopped(&error));
        drop(writer);
    }

    #[test]
    fn the_end_of_a_pipe_is_seen() {
        let (reader, writer) = io::pipe().unwrap();
        drop(writer);
        let file = std::fs::File::from(std::os::fd::OwnedFd::from(reader));
        let mut waiting = Waiting::new(file, Stop::default());
        assert_eq!(waiting.read(&mut [0; 8]).unwrap(), 0);
    }

    use std::io::Write;
}
