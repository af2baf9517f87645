//! `redorder rules`.

use super::args::RulesArgs;
use super::failure::Failure;
use super::verdict::Outcome;
use super::{output, settings};
use crate::report::{write_catalogue, write_rule};
use crate::rules::CATALOGUE;
use std::io::Write;

pub(super) fn run(args: &RulesArgs) -> Result<Outcome, Failure> {
    let mut out = output::open(None, &[])?;
    match &args.name {
        Some(name) => write_rule(&mut out, settings::rule(name)?, args.format)?,
        None => write_catalogue(&mut out, &CATALOGUE, args.format)?,
    }
    out.flush()?;
    Ok(Outcome::default())
}
