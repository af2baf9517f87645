//! `redorder analyze`.

use super::args::AnalyzeArgs;
use super::failure::Failure;
use super::inputs::{self, Opened};
use super::options::{CaptureArgs, ScopeArgs};
use super::reporter::Reporter;
use super::run::{Pace, Run, Until};
use super::signals::Interrupt;
use super::verdict::{Outcome, Verdict};
use super::{output, settings};
use crate::analyzer::{Analyzer, Config};
use crate::report::Format;
use crate::source::Filter;
use std::path::PathBuf;

/// Packets between two looks at the progress.
pub(super) const STEP: u64 = 100_000;

pub(super) fn run(args: AnalyzeArgs) -> Result<Outcome, Failure> {
    let mut config = settings::config(&args.scope)?;
    config.connections = args.judge.connections;
    config.revisions = args.format == Format::Ndjson;
    config.fast_lane = !args.no_fast_lane;
    settings::within(&mut config, &args.time, args.output.time)?;
    settings::numbered(&config, args.scope.is_filtered())?;
    let mut options = settings::options(&args.judge, &args.output)?;
    options.text.brief = args.brief;
    if args.format == Format::Markdown {
        options.command_line = settings::command_line();
    }
    let filter = filter(&args.scope)?;
    let paths = paths(args.captures);
    config.several_inputs = paths.len() > 1;
    let opened = inputs::open(&paths, Interrupt::listen()?)?;
    let out = output::open(args.output.output.as_deref(), &paths)?;
    let verdict = Verdict::new(options.selection.clone(), args.judge.fail_on);
    if args.format == Format::Markdown {
        options.hashes = inputs::hashes(&paths);
    }
    let format = args.format;
    let report = settings::report(&args.output, out, |out| format.report(out, options));
    let reporter = Reporter::new(report, verdict, args.output.quiet);
    over_files(opened, config, filter, reporter)
}

/// Reads files to their end, to a signal or until the report wants no more.
pub(super) fn over_files(
    opened: Opened,
    config: Config,
    filter: Option<Filter>,
    reporter: Reporter<'_>,
) -> Result<Outcome, Failure> {
    let mut source = opened.source;
    let mut reporter = reporter.with_bar(opened.meter);
    let run = Run {
        analyzer: Analyzer::new(config),
        filter,
        tap: None,
        until: Until {
            interrupt: opened.interrupt,
            ..Until::default()
        },
        pace: Pace::of_packets(STEP, false),
        last: None,
    };
    let ended = run.over(&mut source, &mut reporter)?;
    let outcome = Outcome::of(&ended, reporter.found);
    Ok(Outcome {
        incomplete: outcome.incomplete || reporter.undecided || !opened.unreadable.is_empty(),
        ..outcome
    })
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
