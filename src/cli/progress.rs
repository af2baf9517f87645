//! The progress bar on standard error, and the status line of a live run.

use super::terminal;
use crate::analyzer::Totals;
use indicatif::{ProgressBar, ProgressStyle};

const KNOWN: &str = "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg}";
const UNKNOWN: &str = "{spinner} {bytes} {bytes_per_sec} {msg}";
#[cfg(feature = "live")]
const STATUS: &str = "{spinner} {wide_msg}";

/// A bar over the bytes of the inputs, or nothing when nobody would see it.
#[derive(Debug)]
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    /// A bar, unless `quiet` or standard error is no terminal.
    pub(super) fn new(quiet: bool) -> Self {
        let seen = !quiet && terminal::shows_progress();
        Bar(seen.then(|| ProgressBar::no_length().with_style(style(UNKNOWN))))
    }

    /// A line about a run that has no end to be near to.
    #[cfg(feature = "live")]
    pub(super) fn status(quiet: bool) -> Self {
        let seen = !quiet && terminal::shows_progress();
        Bar(seen.then(|| ProgressBar::no_length().with_style(style(STATUS))))
    }

    /// What the status line says from now on.
    pub(super) fn tell(&self, totals: &Totals, commands: u64, dropped: u64) {
        if let Some(bar) = &self.0 {
            bar.tick();
            bar.set_message(words(totals, commands, dropped));
        }
    }

    /// Lets something else be written to the terminal.
    pub(super) fn aside<R>(&self, write: impl FnOnce() -> R) -> R {
        match &self.0 {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// `read` of `total` bytes.
    pub(super) fn update(&self, read: u64, total: Option<u64>, packets: u64) {
        let Some(bar) = &self.0 else {
            return;
        };
        if let (Some(total), None) = (total, bar.length()) {
            bar.set_length(total);
            bar.set_style(style(KNOWN));
        }
        bar.set_position(read);
        bar.set_message(format!("{packets} packets"));
    }

    /// Takes it off the screen before anything else is written.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn words(totals: &Totals, commands: u64, dropped: u64) -> String {
    format!(
        "packets {}  connections {}  commands {commands}  dropped {dropped}",
        totals.packets, totals.connections
    )
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_line_says_how_much_came() {
        let totals = Totals {
            packets: 1,
            connections: 2,
            ..Totals::default()
        };
        assert_eq!(
            words(&totals, 34, 5),
            "packets 1  connections 2  commands 34  dropped 5"
        );
    }
}
