//! `redorder tui`: the analysis in a thread, the screen in front of it.

use super::analyze::filter;
#[cfg(feature = "live")]
use super::args::ScopeArgs;
use super::args::TuiArgs;
use super::drive::{self, Outcome};
use super::failure::{Failure, say};
use super::signals::Interrupt;
use super::{inputs, moment, settings, terminal};
use crate::analyzer::{Analyzer, Config, ConnectionsWanted, Event};
use crate::report::TimeStyle;
use crate::source::{Filter, Source};
use crate::tui::{self, Feed, Options};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// News that may wait for the screen before the analysis does.
const WAITING: usize = 256;
/// Packets between two pieces of news.
const STEP: u64 = 4_096;

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
        .spawn(move || {
            // A screen that was left is no failure: there is nobody to tell.
            let _ = job.work(&sender);
        })
        .map_err(|e| Failure::new(format!("can not start the analysis: {e}")))?;
    let exit = tui::run(feed, options).map_err(|e| Failure::new(e.to_string()))?;
    if let Some(why) = &exit.failure {
        say(&format!("redorder: {why}"));
    }
    Ok(Outcome {
        found: false,
        incomplete: unreadable || exit.failure.is_some(),
    })
}

/// The screen was left.
struct Left;

impl Job {
    fn work(mut self, screen: &SyncSender<Feed>) -> Result<(), Left> {
        let mut analyzer = Analyzer::new(self.config.clone());
        let mut packets: u64 = 0;
        loop {
            let live = self.source.is_live();
            let idle = match drive::take(&mut analyzer, self.filter.as_mut(), self.source.as_mut())
            {
                Ok(Some(_)) => false,
                Ok(None) if live => true,
                Ok(None) => break,
                Err(error) => return send(screen, Feed::Failed(error.to_string())),
            };
            if idle {
                analyzer.tick(moment::now());
            } else {
                packets += 1;
            }
            if idle || packets.is_multiple_of(STEP) {
                self.tell(screen, &mut analyzer, packets)?;
            }
        }
        analyzer.set_dropped(drive::dropped(&self.source.inputs()));
        let summary = analyzer.finish();
        self.tell(screen, &mut analyzer, packets)?;
        let inputs = self.source.inputs();
        send(screen, Feed::Done(Box::new(summary), inputs))
    }

    fn tell(
        &self,
        screen: &SyncSender<Feed>,
        analyzer: &mut Analyzer,
        packets: u64,
    ) -> Result<(), Left> {
        let events: Vec<Event> = std::iter::from_fn(|| analyzer.poll()).collect();
        if !events.is_empty() {
            send(screen, Feed::Events(events))?;
        }
        let (bytes_read, bytes_total) = (self.bytes)();
        send(
            screen,
            Feed::Progress {
                packets,
                commands: analyzer.totals().counts.commands,
                bytes_read,
                bytes_total,
            },
        )
    }
}

fn send(screen: &SyncSender<Feed>, news: Feed) -> Result<(), Left> {
    screen.send(news).map_err(|_| Left)
}
