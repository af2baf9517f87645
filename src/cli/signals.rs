//! Ctrl-C ends the reading, not the report.

use super::failure::Failure;
use crate::source::Stop;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The first Ctrl-C (or SIGTERM) is noted. The second one ends the program at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<Noted>);

#[derive(Debug, Default)]
struct Noted {
    came: Arc<AtomicBool>,
    /// Number of the last signal; 0 = none.
    number: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Listens from now on.
    pub(super) fn listen() -> Result<Self, Failure> {
        Interrupt::register().map_err(|e| Failure::new(format!("can not listen for Ctrl-C: {e}")))
    }

    fn register() -> io::Result<Self> {
        let interrupt = Interrupt::default();
        let noted = &interrupt.0;
        for signal in signal_hook::consts::TERM_SIGNALS {
            // The order matters: the shutdown looks at the flag before this signal sets it. The exit code is the one
            // that shells make of a signal.
            let came = || Arc::clone(&noted.came);
            let number = usize::try_from(*signal).unwrap_or_default();
            signal_hook::flag::register_conditional_shutdown(*signal, 128 + *signal, came())?;
            signal_hook::flag::register_usize(*signal, Arc::clone(&noted.number), number)?;
            signal_hook::flag::register(*signal, came())?;
        }
        Ok(interrupt)
    }

    /// Tells sources to end when it happens.
    pub(super) fn stop(&self) -> Stop {
        Stop::when(Arc::clone(&self.0.came))
    }

    /// It has happened.
    pub(super) fn is_set(&self) -> bool {
        self.0.came.load(Ordering::Relaxed)
    }

    /// The signal that has come.
    pub(super) fn signal(&self) -> Option<i32> {
        let number = || i32::try_from(self.0.number.load(Ordering::Relaxed)).unwrap_or_default();
        self.is_set().then(number)
    }
}
