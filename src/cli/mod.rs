//! The command line: the only folder that names `clap`, prints or exits.
//!
//! `args` is what was typed, `settings` what was meant, then one file per subcommand. Data goes to standard output,
//! everything else to standard error. Exit codes: 0 ran, 1 findings at or above `--fail-on`, 2 could not do the job,
//! 130 and 143 stopped by a signal.

#![expect(
    clippy::disallowed_methods,
    reason = "a message depends on whether a file of that name is there"
)]

mod address;
mod analyze;
mod args;
mod compare;
mod completions;
mod exchanges;
mod failure;
mod inputs;
#[cfg(feature = "live")]
mod interfaces;
#[cfg(feature = "live")]
mod live;
mod man;
mod moment;
mod nearest;
mod options;
mod output;
mod progress;
mod reporter;
mod rules;
mod run;
mod settings;
mod signals;
mod terminal;
#[cfg(feature = "tui")]
mod tui;
mod verdict;
mod version;

use args::{Cli, Command};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};
use failure::Failure;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use verdict::{FAILED, Outcome};

/// Runs the program with `arguments`, the first of which is its own name.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let command = Cli::command().version(version::TEXT);
    let cli = command
        .try_get_matches_from(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match cli {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    match dispatch(cli.command) {
        Ok(outcome) => outcome.exit_code(),
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            ExitCode::from(FAILED)
        }
    }
}

/// Reads `arguments`, the first of which is the program's own name, and runs nothing.
///
/// # Errors
/// What is wrong with them, in the words of the program.
pub fn check(arguments: &[&str]) -> Result<(), String> {
    let read = Cli::command().try_get_matches_from(arguments);
    let read = read.and_then(|matches| Cli::from_arg_matches(&matches));
    match read {
        Err(error) if error.use_stderr() => Err(error.to_string()),
        // Asking for help or for the version is no mistake.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn dispatch(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Analyze(args) => analyze::run(args),
        Command::Exchanges(args) => exchanges::run(args),
        Command::Compare(args) => compare::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        #[cfg(feature = "live")]
        Command::Live(args) => live::run(args),
        #[cfg(feature = "live")]
        Command::Interfaces => interfaces::run(),
        #[cfg(feature = "tui")]
        Command::Tui(args) => tui::run(args),
    }
}

/// Help and version are answers (0); everything else is a usage error (2).
fn misunderstood(error: &clap::Error) -> ExitCode {
    if let Some(failure) = file_instead_of_command(error) {
        failure.tell();
        return ExitCode::from(FAILED);
    }
    // Nobody is left to read it when standard error is closed.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(FAILED),
    }
}

fn file_instead_of_command(error: &clap::Error) -> Option<Failure> {
    let (ErrorKind::InvalidSubcommand, Some(ContextValue::String(word))) =
        (error.kind(), error.get(ContextKind::InvalidSubcommand))
    else {
        return None;
    };
    Path::new(word).exists().then(|| {
        Failure::new(format!("'{word}' is a file, not a command"))
            .hint(format!("redorder analyze {word}"))
    })
}
