//! `redorder exchanges`.

use super::analyze::{filter, over_files, paths};
use super::args::ExchangesArgs;
use super::failure::Failure;
use super::reporter::Reporter;
use super::signals::Interrupt;
use super::verdict::{Outcome, Verdict};
use super::{inputs, output, settings};
use crate::report::{ExchangeChoice, ExchangeReport, Report, Selection, StatsReport};

pub(super) fn run(args: ExchangesArgs) -> Result<Outcome, Failure> {
    let mut config = settings::config(&args.scope)?;
    config.exchanges = true;
    config.fast_lane = !args.no_fast_lane;
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
        keys: args.key,
        min_latency_ns: args.min_latency,
        count: args.count,
    };
    let paths = paths(args.captures);
    config.several_inputs = paths.len() > 1;
    let opened = inputs::open(&paths, Interrupt::listen()?)?;
    let to = args.output.output.as_deref();
    let out = output::open(to, &paths)?;
    let stream = inputs::is_stream(&paths);
    let prompt = stream || output::is_watched(to);
    let (format, time) = (args.format, args.output.time);
    let anonymize = args.output.anonymize;
    let report = settings::report(&args.output, out, |out| -> Box<dyn Report> {
        match args.stats {
            true => Box::new(StatsReport::new(out, choice)),
            false => {
                let report = ExchangeReport::new(out, format, choice, time).prompt(prompt);
                let report = if anonymize { report.ragged() } else { report };
                Box::new(if stream { report.unordered() } else { report })
            }
        }
    });
    let verdict = Verdict::new(Selection::default(), None);
    let mut reporter = Reporter::new(report, verdict, args.output.quiet);
    reporter.tell_no_redis = true;
    over_files(opened, config, filter, reporter)
}
