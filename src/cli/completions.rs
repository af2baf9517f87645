//! `redorder completions`.

use super::args::{Cli, CompletionsArgs};
use super::failure::Failure;
use super::output;
use super::verdict::Outcome;
use clap::CommandFactory;
use std::io::Write;

pub(super) fn run(args: &CompletionsArgs) -> Result<Outcome, Failure> {
    // Written to memory first: the generator panics when its writer fails, and a closed pipe is no reason to.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "redorder", &mut script);
    let mut out = output::open(None, &[])?;
    out.write_all(&script)?;
    out.flush()?;
    Ok(Outcome::default())
}
