//! `redorder man`.

use super::args::{Cli, ManArgs};
use super::failure::Failure;
use super::output;
use super::verdict::Outcome;
use clap::CommandFactory;

pub(super) fn run(args: &ManArgs) -> Result<Outcome, Failure> {
    let mut all = Cli::command();
    // Subcommands get their full names, and the options that all share.
    all.build();
    let page = match &args.command {
        None => all,
        Some(name) => all
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| unknown(name))?,
    };
    let mut out = output::open(None, &[])?;
    clap_mangen::Man::new(page).render(&mut out)?;
    out.flush()?;
    Ok(Outcome::default())
}

fn unknown(name: &str) -> Failure {
    Failure::new(format!("there is no command '{name}'")).hint("`redorder --help` lists them all")
}
