//! `redorder live`.

use super::args::LiveArgs;
use super::drive::{self, Outcome, Verdict};
use super::failure::{Failure, say};
use super::signals::Interrupt;
use super::{moment, output, settings};
use crate::analyzer::Analyzer;
use crate::model::Timestamp;
use crate::report::{Progress, Report};
use crate::source::{InputReport, LiveOptions, LiveSource, PcapNgWriter, Source, SourceError};
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

/// Between two progress lines, and two looks at the drop counters.
const STEP: Duration = Duration::from_secs(1);

pub(super) fn run(args: LiveArgs) -> Result<Outcome, Failure> {
    let mut config = settings::config(&args.scope)?;
    config.connections = args.judge.connections;
    let mut options = settings::options(&args.judge, &args.output)?;
    options.text.live = true;
    check_files(&args)?;
    let source = LiveSource::open(&LiveOptions {
        interface: args.interface.clone(),
        promiscuous: !args.no_promiscuous,
        filter: args.scope.filter.clone(),
        file: 0,
    })?;
    let out = output::open(args.output.output.as_deref(), &[])?;
    let keeper = args
        .write
        .as_deref()
        .map(|p| keeper(p, &args.interface))
        .transpose()?;
    if let (Some(path), false) = (&args.write, args.output.quiet) {
        say(&format!(
            "note: {} keeps the packets as they were on the wire, passwords included",
            path.display()
        ));
    }
    let interrupt = Interrupt::listen()?;
    let watch = Watch {
        analyzer: Analyzer::new(config),
        verdict: Verdict::new(options.selection.clone(), args.judge.fail_on),
        report: args.format.report(out, options),
        keeper,
        end: End {
            interrupt,
            packets: args.count,
            after: args
                .duration
                .map(|ns| Duration::from_nanos(ns.unsigned_abs())),
            started: now(),
        },
        packets: 0,
        last: None,
        dropped: 0,
        quiet: args.output.quiet,
    };
    watch.over(source)
}

type Keeper = PcapNgWriter<File>;

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

fn keeper(path: &Path, interface: &str) -> Result<Keeper, Failure> {
    let keeper = PcapNgWriter::create(path).map_err(|error| {
        Failure::new(format!(
            "-w {}: can not be written: {error}",
            path.display()
        ))
        .hint("check that the folder exists and can be written")
    })?;
    Ok(keeper.with_interface(interface))
}

/// When a live run ends.
struct End {
    interrupt: Interrupt,
    packets: Option<u64>,
    after: Option<Duration>,
    started: Instant,
}

impl End {
    fn is_here(&self, packets: u64) -> bool {
        self.interrupt.is_set()
            || self.packets.is_some_and(|most| packets >= most)
            || self
                .after
                .is_some_and(|d| now().duration_since(self.started) >= d)
    }
}

struct Watch<'r> {
    analyzer: Analyzer,
    verdict: Verdict,
    report: Box<dyn Report + 'r>,
    keeper: Option<Keeper>,
    end: End,
    packets: u64,
    last: Option<Timestamp>,
    dropped: u64,
    quiet: bool,
}

impl Watch<'_> {
    fn over(mut self, mut source: impl Source) -> Result<Outcome, Failure> {
        let broken = self.watch(&mut source);
        // The summary of what was seen comes first; then the reason why there is no more.
        let kept = self.end_kept(&source.inputs());
        self.analyzer.set_dropped(drive::dropped(&source.inputs()));
        let summary = self.analyzer.finish();
        self.drain()?;
        self.report.finish(&summary, &source.inputs())?;
        kept.map_err(unkept)?;
        let incomplete = match broken? {
            Some(error) => {
                say(&format!("redorder: {error}"));
                true
            }
            None => false,
        };
        Ok(Outcome {
            found: self.verdict.found(),
            incomplete,
        })
    }

    fn end_kept(&mut self, inputs: &[InputReport]) -> std::io::Result<()> {
        let Some(mut keeper) = self.keeper.take() else {
            return Ok(());
        };
        let dropped = inputs.iter().find_map(|input| input.dropped);
        if let (Some(time), Some(dropped)) = (self.last, dropped) {
            keeper.note_dropped(time, dropped)?;
        }
        keeper.finish().map(drop)
    }

    fn watch(&mut self, source: &mut dyn Source) -> Result<Option<SourceError>, Failure> {
        let mut next = now() + STEP;
        while !self.end.is_here(self.packets) {
            match self.step(source)? {
                Step::Went => {}
                Step::Ended => return Ok(None),
                Step::Broke(error) => return Ok(Some(error)),
            }
            self.drain()?;
            if now() >= next {
                next = now() + STEP;
                self.tell(source)?;
            }
        }
        Ok(None)
    }

    fn step(&mut self, source: &mut dyn Source) -> Result<Step, Failure> {
        let live = source.is_live();
        match source.next_packet() {
            Ok(Some(packet)) => {
                self.packets += 1;
                self.last = Some(packet.time);
                if let Some(keeper) = &mut self.keeper {
                    keeper.write(&packet).map_err(unkept)?;
                }
                self.analyzer.push(&packet);
            }
            Ok(None) if live => self.analyzer.tick(moment::now()),
            Ok(None) => return Ok(Step::Ended),
            Err(error) => return Ok(Step::Broke(error)),
        }
        Ok(Step::Went)
    }

    fn drain(&mut self) -> Result<(), Failure> {
        while let Some(event) = self.analyzer.poll() {
            self.verdict.hear(&event);
            self.report.event(&event)?;
        }
        Ok(())
    }

    fn tell(&mut self, source: &dyn Source) -> Result<(), Failure> {
        let dropped = drive::dropped(&source.inputs());
        if dropped > self.dropped && !self.quiet {
            let new = dropped - self.dropped;
            say(&format!(
                "warning: {new} packets dropped by the kernel or the interface"
            ));
        }
        self.dropped = self.dropped.max(dropped);
        Ok(self.report.progress(&Progress {
            time: self.last,
            packets: self.packets,
            commands: self.analyzer.totals().counts.commands,
            findings: self.verdict.findings(),
            dropped,
        })?)
    }
}

enum Step {
    Went,
    Ended,
    Broke(SourceError),
}

fn unkept(error: std::io::Error) -> Failure {
    Failure::new(format!("can not keep the packets (-w): {error}"))
}

#[expect(clippy::disallowed_methods, reason = "a live run ends by the clock")]
fn now() -> Instant {
    Instant::now()
}
