//! What the terminal and the environment ask for.

#![expect(
    clippy::disallowed_methods,
    reason = "this file asks what the terminal is and wants"
)]

use crate::report::Paint;
use std::ffi::OsStr;
use std::io::{IsTerminal, stderr, stdout};

/// `--color`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    pub(super) const ALL: [Color; 3] = [Color::Auto, Color::Always, Color::Never];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Color::Auto => "auto",
            Color::Always => "always",
            Color::Never => "never",
        }
    }

    /// The option wins over `NO_COLOR`, that over `CLICOLOR_FORCE`, and that over what standard output is.
    pub(super) fn paint(self, to_file: bool) -> Paint {
        let on = match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => asked_for(
                &|name| std::env::var_os(name),
                !to_file && stdout().is_terminal(),
            ),
        };
        Paint::new(on)
    }
}

fn asked_for<S: AsRef<OsStr>>(env: &impl Fn(&str) -> Option<S>, terminal: bool) -> bool {
    let set = |name: &str| env(name).is_some_and(|v| !v.as_ref().is_empty());
    let is = |name: &str, value: &str| env(name).is_some_and(|v| v.as_ref() == value);
    if set("NO_COLOR") {
        return false;
    }
    if set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0") {
        return true;
    }
    terminal && !is("TERM", "dumb")
}

/// The environment asks for no colours (`NO_COLOR`).
#[cfg(feature = "tui")]
pub(super) fn is_mono() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
}

/// A progress bar makes sense.
pub(super) fn shows_progress() -> bool {
    stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_environment() {
        type Environment = &'static [(&'static str, &'static str)];
        let table: [(Environment, bool, bool); 8] = [
            (&[], true, true),
            (&[], false, false),
            (&[("NO_COLOR", "1")], true, false),
            (&[("NO_COLOR", "")], true, true),
            (&[("CLICOLOR_FORCE", "1")], false, true),
            (&[("CLICOLOR_FORCE", "0")], false, false),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], true, false),
            (&[("TERM", "dumb")], true, false),
        ];
        for (env, terminal, want) in table {
            let get = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
            assert_eq!(asked_for(&get, terminal), want, "{env:?} {terminal}");
        }
    }
}
