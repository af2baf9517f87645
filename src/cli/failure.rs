//! Why the program could not do the job, and what to do next.

#![expect(clippy::disallowed_methods, reason = "messages go to standard error")]

use crate::report::printable;
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

/// A message on standard error, without what a terminal would obey: names of files may hold anything. A closed standard
/// error is no reason to stop.
pub(super) fn say(message: &str) {
    for line in message.split('\n') {
        let _ = writeln!(io::stderr().lock(), "{}", printable(line));
    }
}
