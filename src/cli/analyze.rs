//! `redorder analyze`.

use super::args::{AnalyzeArgs, CaptureArgs, ScopeArgs};
use super::drive::{Outcome, Run, Verdict};
use super::failure::Failure;
use super::inputs;
use super::signals::Interrupt;
use super::{output, settings};
use crate::analyzer::Analyzer;
use crate::source::Filter;
use std::path::PathBuf;

pub(super) fn run(args: AnalyzeArgs) -> Result<Outcome, Failure> {
    let mut config = settings::config(&args.scope)?;
    config.connections = args.judge.connections;
    settings::within(&mut config, &args.time, args.output.time)?;
    settings::numbered(&config, args.scope.is_filtered())?;
    let options = settings::options(&args.judge, &args.output)?;
    let filter = filter(&args.scope)?;
    let paths = paths(args.captures);
    config.several_inputs = paths.len() > 1;
    let opened = inputs::open(&paths, Interrupt::listen()?)?;
    let out = output::open(args.output.output.as_deref(), &paths)?;
    let run = Run {
        analyzer: Analyzer::new(config),
        verdict: Verdict::new(options.selection.clone(), args.judge.fail_on),
        report: args.format.report(out, options),
        filter,
        quiet: args.output.quiet,
        tell_no_redis: false,
    };
    run.over(opened)
}

/// Positional captures first, then those of `-r`.
pub(super) fn paths(captures: CaptureArgs) -> Vec<PathBuf> {
    let mut paths = captures.captures;
    paths.extend(captures.read);
    paths
}

#[cfg(feature = "live")]
pub(super) fn filter(scope: &ScopeArgs) -> Result<Option<Filter>, Failure> {
    let filter = scope.filter.as_deref().map(Filter::new).transpose();
    filter.map_err(|e| Failure::new(format!("-f: {e}")))
}

/// `-f` needs libpcap.
#[cfg(not(feature = "live"))]
pub(super) fn filter(_: &ScopeArgs) -> Result<Option<Filter>, Failure> {
    Ok(None)
}
