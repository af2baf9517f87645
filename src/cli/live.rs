//! `redorder live`.

#![expect(clippy::disallowed_types, reason = "the packets kept go into a file")]

use super::args::LiveArgs;
use super::failure::{Failure, say};
use super::reporter::Reporter;
use super::run::{Pace, Run, Tap, Until, now};
use super::signals::Interrupt;
use super::verdict::{Outcome, Verdict};
use super::{output, settings};
use crate::analyzer::Analyzer;
use crate::model::Timestamp;
use crate::packet::Packet;
use crate::source::{InputReport, LiveOptions, LiveSource, PcapNgWriter};
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

/// Between two progress lines, and two looks at the drop counters.
const STEP: Duration = Duration::from_secs(1);

pub(super) fn run(args: LiveArgs) -> Result<Outcome, Failure> {
    let mut config = settings::config(&args.scope)?;
    config.connections = args.judge.connections;
    let mut options = settings::options(&args.judge, &args.output)?;
    options.text.live = true;
    check_files(&args)?;
    let mut source = LiveSource::open(&LiveOptions {
        interface: args.interface.clone(),
        promiscuous: !args.no_promiscuous,
        filter: args.scope.filter.clone(),
        file: 0,
    })?;
    let out = output::open(args.output.output.as_deref(), &[])?;
    let mut keeper = keeper(&args)?;
    let verdict = Verdict::new(options.selection.clone(), args.judge.fail_on);
    let format = args.format;
    let report = settings::report(&args.output, out, |out| format.report(out, options));
    let mut reporter = Reporter::new(report, verdict, args.output.quiet).with_status();
    let after = |ns: i64| now() + Duration::from_nanos(ns.unsigned_abs());
    let run = Run {
        analyzer: Analyzer::new(config),
        // The kernel filters.
        filter: None,
        tap: keeper.as_mut().map(|k| k as &mut dyn Tap),
        until: Until {
            interrupt: Interrupt::listen()?,
            packets: args.count,
            time: args.duration.map(after),
        },
        pace: Pace::of_time(STEP),
        last: None,
    };
    let ended = run.over(&mut source, &mut reporter)?;
    let outcome = Outcome::of(&ended, reporter.found);
    Ok(Outcome {
        incomplete: outcome.incomplete || reporter.undecided,
        // A signal is how a live run is meant to end.
        signal: None,
        ..outcome
    })
}

/// Before anything is opened: packets and report go to different places.
fn check_files(args: &LiveArgs) -> Result<(), Failure> {
    let output = args.output.output.as_deref();
    if let Some(write) = args.write.as_deref() {
        if write == Path::new("-") {
            let why = "-w - : the packets can not go to standard output, where the report goes";
            return Err(Failure::new(why).hint("name a file, or pipe `tcpdump -U -w -` instead"));
        }
        if output.is_some_and(|output| output == write || output::is_same(output, write)) {
            return Err(Failure::new("-o and -w name the same file")
                .hint("choose another name for one of them"));
        }
    }
    Ok(())
}

/// `-w`: the packets as they were on the wire.
struct Keeper {
    /// `None` once it is finished.
    writer: Option<PcapNgWriter<File>>,
    last: Option<Timestamp>,
}

fn keeper(args: &LiveArgs) -> Result<Option<Keeper>, Failure> {
    let Some(path) = args.write.as_deref() else {
        return Ok(None);
    };
    let create = match args.overwrite {
        true => PcapNgWriter::replace,
        false => PcapNgWriter::create,
    };
    let writer = create(path).map_err(|error| {
        Failure::new(format!(
            "-w {}: can not be written: {error}",
            path.display()
        ))
        .hint("check that the folder exists and can be written")
    })?;
    if !args.output.quiet {
        say(&format!(
            "note: {} keeps the packets as they were on the wire, passwords included",
            path.display()
        ));
    }
    Ok(Some(Keeper {
        writer: Some(writer.with_interface(&args.interface)),
        last: None,
    }))
}

impl Keeper {
    fn end(&mut self, inputs: &[InputReport]) -> io::Result<()> {
        let Some(mut writer) = self.writer.take() else {
            return Ok(());
        };
        let dropped = inputs.iter().find_map(|input| input.dropped);
        if let (Some(time), Some(dropped)) = (self.last, dropped) {
            writer.note_dropped(time, dropped)?;
        }
        writer.finish().map(drop)
    }
}

impl Tap for Keeper {
    fn packet(&mut self, packet: &Packet<'_>) -> Result<(), Failure> {
        self.last = Some(packet.time);
        match &mut self.writer {
            Some(writer) => writer.write(packet).map_err(unkept),
            None => Ok(()),
        }
    }

    fn finish(&mut self, inputs: &[InputReport]) -> Result<(), Failure> {
        self.end(inputs).map_err(unkept)
    }
}

fn unkept(error: io::Error) -> Failure {
    Failure::new(format!("can not keep the packets (-w): {error}"))
}
