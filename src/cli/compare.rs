//! `redorder compare BEFORE AFTER`.

use super::analyze::{STEP, filter};
use super::args::CompareArgs;
use super::failure::{Failure, say};
use super::inputs;
use super::run::{Audience, Ended, Pace, Run, SoFar, Until, Whole};
use super::signals::Interrupt;
use super::verdict::Outcome;
use super::{output, settings};
use crate::analyzer::{Analyzer, Config, Event, ExchangeLine};
use crate::report::{Comparison, Options, Side};
use crate::source::Filter;
use std::path::{Path, PathBuf};

pub(super) fn run(args: &CompareArgs) -> Result<Outcome, Failure> {
    let config = settings::config(&args.scope)?;
    let options = Options {
        selection: settings::selection(&args.rule, None)?,
        ..Options::default()
    };
    let interrupt = Interrupt::listen()?;
    let paths = [args.before.clone(), args.after.clone()];
    let mut out = output::open(args.output.as_deref(), &paths)?;
    let read = |path: &Path| {
        side(
            path,
            config.clone(),
            filter(&args.scope)?,
            interrupt.clone(),
        )
    };
    let ((before, first), (after, second)) = (read(&args.before)?, read(&args.after)?);
    let comparison = Comparison::new(&before, &after, &options);
    match args.anonymize {
        true => comparison.write_anonymous(&mut out, args.format)?,
        false => comparison.write(&mut out, args.format)?,
    }
    let worse = args.fail_on.is_some() && comparison.is_worse();
    let (first, second) = (Outcome::of(&first, worse), Outcome::of(&second, worse));
    Ok(Outcome {
        found: worse,
        incomplete: first.incomplete || second.incomplete,
        signal: first.signal.or(second.signal),
    })
}

/// Reads one capture to its end.
fn side(
    path: &Path,
    config: Config,
    filter: Option<Filter>,
    interrupt: Interrupt,
) -> Result<(Side, Ended), Failure> {
    let paths: [PathBuf; 1] = [path.to_owned()];
    let mut opened = inputs::open(&paths, interrupt.clone())?;
    let run = Run {
        analyzer: Analyzer::new(Config {
            revisions: false,
            ..config
        }),
        filter,
        tap: None,
        until: Until {
            interrupt,
            ..Until::default()
        },
        pace: Pace::of_packets(STEP, false),
        last: None,
    };
    let mut side = Side::default();
    let ended = run.over(&mut opened.source, &mut side)?;
    if let Ended::Broke(error) = &ended {
        say(&format!("redorder: {error}"));
    }
    Ok((side, ended))
}

impl Audience for Side {
    fn event(&mut self, event: Event) -> Result<Option<Box<ExchangeLine>>, Failure> {
        self.hear(&event);
        Ok(None)
    }

    fn progress(&mut self, _: &SoFar<'_>) -> Result<(), Failure> {
        Ok(())
    }

    fn finish(&mut self, whole: &mut Whole) -> Result<(), Failure> {
        let summary = std::mem::take(&mut whole.summary);
        Side::finish(self, summary, std::mem::take(&mut whole.inputs));
        Ok(())
    }
}
