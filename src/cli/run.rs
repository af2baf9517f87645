//! The one loop of `analyze`, `exchanges`, `live` and `tui`: packets in, events out, the summary at the end.
//!
//! A [`Run`] knows where packets come from and when to stop; an [`Audience`] hears what they say.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a live run ends by the clock"
)]

use super::failure::Failure;
use super::signals::Interrupt;
use crate::analyzer::{Analyzer, Event, ExchangeLine, Summary};
use crate::model::{PacketRef, Timestamp};
use crate::packet::{Packet, SkipReason};
use crate::source::{Filter, InputReport, Source, SourceError};
use std::time::{Duration, Instant};

/// Hears what a run says.
pub(super) trait Audience {
    /// The first packet that is analysed is of this time.
    fn begin(&mut self, first: Timestamp) {
        let _ = first;
    }

    /// Takes one event, in the order the analyzer gives them. Gives back a line that it has no use for any more.
    fn event(&mut self, event: Event) -> Result<Option<Box<ExchangeLine>>, Failure>;

    /// `false` once nothing more would be shown: the run may stop reading. Asked at first, and behind events and progress.
    fn wants_more(&self) -> bool {
        true
    }

    /// So far the run has come. Called as often as its [`Pace`] says.
    fn progress(&mut self, so_far: &SoFar<'_>) -> Result<(), Failure>;

    /// Nothing more will come.
    fn finish(&mut self, whole: &mut Whole) -> Result<(), Failure>;
}

/// How far a run has come.
pub(super) struct SoFar<'a> {
    /// Capture time of the last packet.
    pub(super) time: Option<Timestamp>,
    /// Packets read.
    pub(super) packets: u64,
    pub(super) analyzer: &'a Analyzer,
    pub(super) source: &'a dyn Source,
}

/// A run that is over.
pub(super) struct Whole {
    pub(super) ended: Ended,
    /// The last packet that was read.
    pub(super) last: Option<PacketRef>,
    pub(super) summary: Summary,
    pub(super) inputs: Vec<InputReport>,
}

/// Why a run is over.
#[derive(Debug)]
pub(super) enum Ended {
    /// There is nothing more to read.
    Input,
    /// Enough was read: as many packets, as long, or as many lines as were asked for.
    Enough,
    /// This signal came.
    Signal(i32),
    /// The source broke.
    Broke(SourceError),
}

/// Sees every packet before it is analysed: `live -w` keeps them.
pub(super) trait Tap {
    fn packet(&mut self, packet: &Packet<'_>) -> Result<(), Failure>;

    /// Called once at the end, whatever happened before.
    fn finish(&mut self, inputs: &[InputReport]) -> Result<(), Failure>;
}

/// When a run stops before its input does.
#[derive(Debug, Default)]
pub(super) struct Until {
    pub(super) interrupt: Interrupt,
    pub(super) packets: Option<u64>,
    pub(super) time: Option<Instant>,
}

impl Until {
    fn is_here(&self, packets: u64) -> Option<Ended> {
        if let Some(signal) = self.interrupt.signal() {
            return Some(Ended::Signal(signal));
        }
        let enough = self.packets.is_some_and(|most| packets >= most)
            || self.time.is_some_and(|end| now() >= end);
        enough.then_some(Ended::Enough)
    }
}

/// How often the audience hears how far the run is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    /// Every so many packets, not by time: the same input gives the same output. `idle`: whenever nothing comes as well.
    Packets { every: u64, next: u64, idle: bool },
    /// By the clock, for a run that lasts as long as it is watched.
    #[cfg_attr(
        not(any(feature = "live", feature = "tui")),
        expect(dead_code, reason = "only live runs have a pace of time")
    )]
    Time { every: Duration, next: Instant },
}

impl Pace {
    pub(super) fn of_packets(every: u64, idle: bool) -> Pace {
        Pace::Packets {
            every,
            next: every,
            idle,
        }
    }

    #[cfg(any(feature = "live", feature = "tui"))]
    pub(super) fn of_time(every: Duration) -> Pace {
        Pace::Time {
            every,
            next: now() + every,
        }
    }

    fn is_due(&mut self, packets: u64, went: bool) -> bool {
        match self {
            Pace::Packets { idle, .. } if !went => *idle,
            Pace::Packets { every, next, .. } => {
                let due = packets >= *next;
                if due {
                    *next = packets + *every;
                }
                due
            }
            Pace::Time { every, next } => {
                let now = now();
                let due = now >= *next;
                if due {
                    *next = now + *every;
                }
                due
            }
        }
    }
}

/// One run: what it needs beside its source and its audience.
pub(super) struct Run<'r> {
    pub(super) analyzer: Analyzer,
    pub(super) filter: Option<Filter>,
    pub(super) tap: Option<&'r mut dyn Tap>,
    pub(super) until: Until,
    pub(super) pace: Pace,
    /// The last packet that was read. `None` at first.
    pub(super) last: Option<PacketRef>,
}

impl Run<'_> {
    /// Reads `source` until something ends the run, and lets the audience finish. Whatever fails, packets are kept and
    /// the audience hears the summary of what was read.
    pub(super) fn over(
        mut self,
        source: &mut dyn Source,
        audience: &mut dyn Audience,
    ) -> Result<Ended, Failure> {
        for (file, ahead) in source.clock_offsets() {
            self.analyzer.set_clock(file, ahead);
        }
        let read = self.read(source, audience);
        let inputs = source.inputs();
        let kept = match self.tap.take() {
            Some(tap) => tap.finish(&inputs),
            None => Ok(()),
        };
        self.analyzer.set_dropped(dropped(&inputs));
        self.analyzer.end();
        drain(&mut self.analyzer, audience)?;
        let summary = self.analyzer.finish();
        let (ended, failure) = match read {
            Ok(ended) => (ended, None),
            Err(failure) => (Ended::Enough, Some(failure)),
        };
        let mut whole = Whole {
            ended,
            last: self.last,
            summary,
            inputs,
        };
        audience.finish(&mut whole)?;
        kept?;
        match failure {
            Some(failure) => Err(failure),
            None => Ok(whole.ended),
        }
    }

    fn read(
        &mut self,
        source: &mut dyn Source,
        audience: &mut dyn Audience,
    ) -> Result<Ended, Failure> {
        let live = source.is_live();
        let (mut packets, mut last, mut begun) = (0, None, false);
        let mut wanted = audience.wants_more();
        while wanted {
            if let Some(ended) = self.until.is_here(packets) {
                return Ok(ended);
            }
            let went = match self.step(source)? {
                Step::Went(time) => {
                    packets += 1;
                    last = Some(time);
                    true
                }
                Step::Nothing if live => {
                    self.analyzer.tick(super::moment::now());
                    false
                }
                // A signal ends a silent pipe as well.
                Step::Nothing => return Ok(self.until.is_here(packets).unwrap_or(Ended::Input)),
                Step::Broke(error) => return Ok(Ended::Broke(error)),
            };
            if !begun && let Some(first) = self.analyzer.first_packet() {
                begun = true;
                audience.begin(first);
            }
            let told = drain(&mut self.analyzer, audience)?;
            let due = self.pace.is_due(packets, went);
            if due {
                audience.progress(&SoFar {
                    time: last,
                    packets,
                    analyzer: &self.analyzer,
                    source,
                })?;
            }
            if told || due {
                wanted = audience.wants_more();
            }
        }
        Ok(Ended::Enough)
    }

    /// Hands the next packet to the tap and to the analyzer.
    fn step(&mut self, source: &mut dyn Source) -> Result<Step, Failure> {
        // Looked at where it lies: this runs for every packet.
        let next = source.next_packet();
        let packet = match &next {
            Ok(Some(packet)) => packet,
            _ => return Ok(next.map_or_else(Step::Broke, |_| Step::Nothing)),
        };
        self.last = Some(packet.at);
        if let Some(tap) = &mut self.tap {
            tap.packet(packet)?;
        }
        match self.filter.as_mut().map_or(Ok(true), |f| f.matches(packet)) {
            Ok(true) => self.analyzer.push(packet),
            Ok(false) => self.analyzer.skip(packet, SkipReason::Filtered),
            Err(message) => {
                return Ok(Step::Broke(SourceError {
                    path: "-f".to_owned(),
                    message,
                }));
            }
        }
        Ok(Step::Went(packet.time))
    }
}

enum Step {
    Went(Timestamp),
    Nothing,
    Broke(SourceError),
}

/// Hands over all events. Says whether there was one: behind most packets there is none.
#[inline(always)]
fn drain(analyzer: &mut Analyzer, audience: &mut dyn Audience) -> Result<bool, Failure> {
    match analyzer.poll() {
        None => Ok(false),
        Some(first) => hand_over(first, analyzer, audience).map(|()| true),
    }
}

#[inline(never)]
fn hand_over(
    first: Event,
    analyzer: &mut Analyzer,
    audience: &mut dyn Audience,
) -> Result<(), Failure> {
    let mut next = Some(first);
    while let Some(event) = next {
        if let Some(line) = audience.event(event)? {
            analyzer.use_again(line);
        }
        next = analyzer.poll();
    }
    Ok(())
}

/// Packets lost by kernel and interface, over all inputs.
pub(super) fn dropped(inputs: &[InputReport]) -> u64 {
    let all = inputs.iter().map(InputReport::dropped_packets);
    all.fold(0, u64::saturating_add)
}

pub(super) fn now() -> Instant {
    Instant::now()
}
