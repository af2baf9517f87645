//! `redorder tui`: the analysis in a thread, the screen in front of it.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one thread is made here"
)]

use super::analyze::filter;
use super::args::TuiArgs;
use super::failure::{Failure, say};
#[cfg(feature = "live")]
use super::options::ScopeArgs;
use super::run::{Audience, Ended, Pace, Run, SoFar, Until, Whole, now};
use super::signals::Interrupt;
use super::verdict::Outcome;
use super::{inputs, settings, terminal};
use crate::analyzer::{Analyzer, Config, ConnectionsWanted, Event, ExchangeLine};
use crate::report::TimeStyle;
use crate::source::{Filter, Source};
use crate::tui::{self, Feed, Options};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// News that may wait for the screen before the analysis does.
const WAITING: usize = 256;
/// Packets between two pieces of news.
const STEP: u64 = 4_096;

/// Pieces of news between two sums of everything.
const SUM_EVERY: u32 = 64;
/// Between two sums of a run that waits for packets.
const SUM_PAUSE: Duration = Duration::from_secs(1);

/// Bytes read, and how many there are.
type Bytes = Box<dyn Fn() -> (u64, Option<u64>) + Send>;

/// What the thread works on.
struct Job {
    source: Box<dyn Source + Send>,
    bytes: Bytes,
    config: Config,
    filter: Option<Filter>,
}

pub(super) fn run(args: TuiArgs) -> Result<Outcome, Failure> {
    let mut config = settings::config(&args.scope)?;
    config.connections = ConnectionsWanted::All;
    settings::within(&mut config, &args.time, TimeStyle::Utc)?;
    #[cfg(feature = "live")]
    if let Some(interface) = &args.interface {
        return show(listen(interface, &args.scope, config)?, false);
    }
    let mut paths = args.captures;
    paths.extend(args.read);
    let filter = filter(&args.scope)?;
    let opened = inputs::open(&paths, Interrupt::default())?;
    let job = Job {
        source: Box::new(opened.source),
        bytes: Box::new(move || opened.meter.bytes()),
        config,
        filter,
    };
    show(job, !opened.unreadable.is_empty())
}

/// The kernel filters here.
#[cfg(feature = "live")]
fn listen(interface: &str, scope: &ScopeArgs, config: Config) -> Result<Job, Failure> {
    use crate::source::{LiveOptions, LiveSource};
    let source = LiveSource::open(&LiveOptions {
        interface: interface.to_owned(),
        promiscuous: true,
        filter: scope.filter.clone(),
        file: 0,
    })?;
    Ok(Job {
        source: Box::new(source),
        bytes: Box::new(|| (0, None)),
        config,
        filter: None,
    })
}

fn show(job: Job, unreadable: bool) -> Result<Outcome, Failure> {
    let (sender, feed) = sync_channel(WAITING);
    let options = Options {
        mono: terminal::is_mono(),
        privacy: false,
    };
    // Not joined: it ends when the screen has gone, but may wait on a pipe that says nothing more.
    thread::Builder::new()
        .name("analysis".to_owned())
        .spawn(move || job.work(&sender))
        .map_err(|e| Failure::new(format!("can not start the analysis: {e}")))?;
    let exit = tui::run(feed, options).map_err(|e| Failure::new(e.to_string()))?;
    if let Some(why) = &exit.failure {
        say(&format!("redorder: {why}"));
    }
    Ok(Outcome {
        incomplete: unreadable || exit.failure.is_some(),
        ..Outcome::default()
    })
}

impl Job {
    fn work(mut self, screen: &SyncSender<Feed>) {
        let mut audience = Screen {
            screen,
            bytes: self.bytes,
            events: Vec::new(),
            summed: 0,
            unsummed: 0,
            summed_at: now(),
        };
        let run = Run {
            analyzer: Analyzer::new(self.config),
            filter: self.filter,
            tap: None,
            until: Until::default(),
            pace: Pace::of_packets(STEP, true),
            last: None,
        };
        // A screen that was left is no failure: there is nobody to tell.
        let _ = run.over(self.source.as_mut(), &mut audience);
    }
}

/// Hands the news to the thread that draws.
struct Screen<'s> {
    screen: &'s SyncSender<Feed>,
    bytes: Bytes,
    events: Vec<Event>,
    /// Packets of which a sum was told.
    summed: u64,
    /// Pieces of news since then.
    unsummed: u32,
    /// When that was.
    summed_at: Instant,
}

impl Screen<'_> {
    fn send(&self, news: Feed) -> Result<(), Failure> {
        let left = |_| Failure::new("the screen was left");
        self.screen.send(news).map_err(left)
    }

    fn send_events(&mut self) -> Result<(), Failure> {
        match std::mem::take(&mut self.events) {
            events if events.is_empty() => Ok(()),
            events => self.send(Feed::Events(events)),
        }
    }

    /// A sum takes longer than a count: it is made now and then, and when there is a pause.
    fn send_sum(&mut self, so_far: &SoFar<'_>) -> Result<(), Failure> {
        self.unsummed += 1;
        // It looks at every connection that is open.
        let pause = !so_far.packets.is_multiple_of(STEP) && now() - self.summed_at >= SUM_PAUSE;
        if so_far.packets == self.summed || !(pause || self.unsummed >= SUM_EVERY) {
            return Ok(());
        }
        self.summed = so_far.packets;
        self.unsummed = 0;
        self.summed_at = now();
        let summary = Box::new(so_far.analyzer.so_far());
        self.send(Feed::SoFar(summary, so_far.source.inputs()))
    }
}

impl Audience for Screen<'_> {
    fn event(&mut self, event: Event) -> Result<Option<Box<ExchangeLine>>, Failure> {
        self.events.push(event);
        Ok(None)
    }

    fn progress(&mut self, so_far: &SoFar<'_>) -> Result<(), Failure> {
        self.send_events()?;
        let (bytes_read, bytes_total) = (self.bytes)();
        self.send_sum(so_far)?;
        self.send(Feed::Progress {
            packets: so_far.packets,
            commands: so_far.analyzer.commands_read(),
            bytes_read,
            bytes_total,
        })
    }

    fn finish(&mut self, whole: &mut Whole) -> Result<(), Failure> {
        self.send_events()?;
        let (summary, inputs) = (Box::new(whole.summary.clone()), whole.inputs.clone());
        if let Ended::Broke(error) = &whole.ended {
            self.send(Feed::SoFar(summary, inputs))?;
            return self.send(Feed::Failed(error.to_string()));
        }
        self.send(Feed::Done(summary, inputs))
    }
}
