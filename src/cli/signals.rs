//! Ctrl-C ends the reading, not the report.

use super::failure::Failure;
use crate::source::Stop;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of a second Ctrl-C, as shells count it: 128 + SIGINT.
const KILLED: i32 = 130;

/// Set by the first Ctrl-C (or SIGTERM). The second one ends the program at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    pub(super) fn listen() -> Result<Self, Failure> {
        Interrupt::register().map_err(|e| Failure::new(format!("can not listen for Ctrl-C: {e}")))
    }

    fn register() -> io::Result<Self> {
        let interrupt = Interrupt::default();
        for signal in signal_hook::consts::TERM_SIGNALS {
            // The order matters: the shutdown looks at the flag before this signal sets it.
            let flag = Arc::clone(&interrupt.0);
            signal_hook::flag::register_conditional_shutdown(*signal, KILLED, flag)?;
            signal_hook::flag::register(*signal, Arc::clone(&interrupt.0))?;
        }
        Ok(interrupt)
    }

    /// Tells sources to end when it happens.
    pub(super) fn stop(&self) -> Stop {
        Stop::when(Arc::clone(&self.0))
    }

    /// It has happened.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
