//! `redorder completions`.

use super::args::{Cli, CompletionsArgs};
use super::failure::Failure;
use super::output;
use super::verdict::Outcome;
use crate::rules::CATALOGUE;
use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory};
use std::io::Write;

pub(super) fn run(args: &CompletionsArgs) -> Result<Outcome, Failure> {
    let mut command = Cli::command();
    for name in ["analyze", "live", "tui", "rules"] {
        command = with_names(command, name);
    }
    // Written to memory first: the generator panics when its writer fails, and a closed pipe is no reason to.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "redorder", &mut script);
    let mut out = output::open(None, &[])?;
    out.write_all(&script)?;
    out.flush()?;
    Ok(Outcome::default())
}

/// The arguments of a subcommand that have names which are known when the script is written: those of the rules, and those
/// of the interfaces of this machine.
///
/// For the shell only: who types another one is told more than a list of what is possible.
fn with_names(command: Command, subcommand: &'static str) -> Command {
    let rules: Vec<&'static str> = CATALOGUE.iter().map(|rule| rule.name).collect();
    if command.find_subcommand(subcommand).is_none() {
        return command;
    }
    command.mut_subcommand(subcommand, |command| {
        command.mut_args(|arg| match (subcommand, arg.get_id().as_str()) {
            ("rules", "name") | (_, "rule") => arg.value_parser(PossibleValuesParser::new(&rules)),
            (_, "interface") => named(arg, interfaces()),
            _ => arg,
        })
    })
}

fn named(arg: clap::Arg, names: Vec<&'static str>) -> clap::Arg {
    match names.is_empty() {
        true => arg,
        false => arg.value_parser(PossibleValuesParser::new(names)),
    }
}

/// They live as long as the program, which ends with the script.
#[cfg(feature = "live")]
fn interfaces() -> Vec<&'static str> {
    let all = crate::source::interfaces().unwrap_or_default();
    all.into_iter().map(|one| &*one.name.leak()).collect()
}

#[cfg(not(feature = "live"))]
fn interfaces() -> Vec<&'static str> {
    Vec::new()
}
