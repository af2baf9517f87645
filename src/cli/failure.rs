//! Why the program could not do the job, and what to do next.

use crate::source::SourceError;
use std::io::{self, Write};

/// A message for people, with a hint. Ends the run with exit code 2, or quietly for a broken pipe.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    hint: Option<String>,
    broken_pipe: bool,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Failure {
            message: message.into(),
            hint: None,
            broken_pipe: false,
        }
    }

    /// Says what to do next.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }

    /// `redorder: message` and `hint: …` on standard error.
    pub(super) fn tell(&self) {
        say(&format!("redorder: {}", self.message));
        if let Some(hint) = &self.hint {
            say(&format!("hint: {hint}"));
        }
    }
}

impl From<io::Error> for Failure {
    /// An error of the output: inputs have errors of their own.
    fn from(error: io::Error) -> Self {
        Failure {
            broken_pipe: error.kind() == io::ErrorKind::BrokenPipe,
            ..Failure::new(format!("can not write the output: {error}"))
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Failure::new(error.to_string())
    }
}

/// Control characters of a file's name must not reach a terminal.
fn printable(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// One line on standard error. A closed standard error is no reason to stop.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(line));
}
