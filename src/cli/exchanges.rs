//! `redorder exchanges`.

use super::analyze::{filter, paths};
use super::args::ExchangesArgs;
use super::drive::{Outcome, Run, Verdict};
use super::failure::Failure;
use super::signals::Interrupt;
use super::{inputs, output, settings};
use crate::analyzer::Analyzer;
use crate::report::{ExchangeChoice, ExchangeReport, Selection};

pub(super) fn run(args: ExchangesArgs) -> Result<Outcome, Failure> {
    let mut config = settings::config(&args.scope)?;
    config.exchanges = true;
    settings::within(&mut config, &args.time, args.output.time)?;
    settings::numbered(&config, args.scope.is_filtered())?;
    let filter = filter(&args.scope)?;
    let choice = ExchangeChoice {
        errors: args.errors,
        commands: args
            .command
            .iter()
            .map(|c| c.to_ascii_uppercase())
            .collect(),
        min_latency_ns: args.min_latency,
        count: args.count,
    };
    let paths = paths(args.captures);
    let opened = inputs::open(&paths, Interrupt::listen()?)?;
    let to = args.output.output.as_deref();
    let out = output::open(to, &paths)?;
    let report = ExchangeReport::new(out, args.format, choice, args.output.time);
    let run = Run {
        analyzer: Analyzer::new(config),
        verdict: Verdict::new(Selection::default(), None),
        report: Box::new(report.prompt(inputs::is_stream(&paths) || output::is_watched(to))),
        filter,
        quiet: args.output.quiet,
        tell_no_redis: true,
    };
    run.over(opened)
}
