//! The progress bar on standard error.

use super::terminal;
use indicatif::{ProgressBar, ProgressStyle};

const KNOWN: &str = "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg}";
const UNKNOWN: &str = "{spinner} {bytes} {bytes_per_sec} {msg}";

/// A bar over the bytes of the inputs, or nothing when nobody would see it.
#[derive(Debug)]
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    /// A bar, unless `quiet` or standard error is no terminal.
    pub(super) fn new(quiet: bool) -> Self {
        let seen = !quiet && terminal::shows_progress();
        Bar(seen.then(|| ProgressBar::no_length().with_style(style(UNKNOWN))))
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

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
