//! Which of the readings is the likeliest, and by how much.

use super::beam::Beam;
use super::faults::MISSING;
use super::reading::{Act, Mark, Reading};
use super::step::{self, DROPPED_ERROR, SPREAD};
use crate::redis::commands::Kind;
use crate::redis::shared::Shared;
use crate::redis::state::After;
use std::borrow::Cow;

/// Readings that are followed at the same time.
const WIDTH: usize = 40;
/// A command left without an answer though it is older than the last reply.
const LEFT: u16 = 5;
const LEFT_MAX: u16 = 10;
const LEFT_LEGAL: u16 = 1;

impl Beam {
    /// What a reading costs when nothing more comes.
    fn final_cost(&self, reading: &Reading) -> u16 {
        self.cost_of(reading, self.commands.len())
    }

    /// What it costs at least: a command that blocks may still be waiting, and with it all that is behind it.
    fn least_cost(&self, shared: &Shared, reading: &Reading) -> u16 {
        let waits = self.commands.iter().skip(reading.next);
        let waits = waits.take_while(|c| !shared.may_block(c) || c.kind == Kind::Sync);
        self.cost_of(reading, reading.next + waits.count())
    }

    /// What a reading costs when of the commands in front of `to` no reply comes any more.
    fn cost_of(&self, reading: &Reading, to: usize) -> u16 {
        let Some(last) = self.frames.last() else {
            return reading.cost;
        };
        let frame = last.frame();
        if !self.faults && reading.after != After::Normal && reading.reply_end < frame.end {
            // What came since may have answered them.
            return reading.cost;
        }
        let to = to.min(self.commands.len());
        let waits = self.commands.range(reading.next.min(to)..to);
        let (mut left, mut dropped) = (0u16, 0);
        let mut state = Cow::Borrowed(&reading.state);
        for command in waits.filter(|c| frame.acknowledges(c)) {
            if step::silent(&state, command).is_some() || state.is_uncertain(command) {
                continue;
            }
            // Without a fault it is natural that something is left at the end: whatever it is.
            let switched = step::switched(&state, command).filter(|_| self.faults);
            if let Some(mode) = switched {
                state.to_mut().mode = mode;
            } else if self.faults && step::may_be_dropped(&state, command, reading.reply_end) {
                dropped = DROPPED_ERROR;
            } else {
                left = left.saturating_add(1);
            }
        }
        // An exchange of which one half never came is no exchange.
        let half = if reading.owed.is_some() { MISSING } else { 0 };
        let each = if self.faults { LEFT } else { LEFT_LEGAL };
        let most = if self.faults { LEFT_MAX } else { LEFT_LEGAL };
        reading.cost + half + dropped + left.min(LEFT_MAX).saturating_mul(each).min(most)
    }

    /// The cheapest reading when nothing more comes, and by how much it is cheaper than any that says something else.
    pub(super) fn best(&self, shared: &Shared) -> Option<(&Reading, u16)> {
        let likelier = |reading: &&Reading| {
            let twin = reading.mark.is_some_and(|mark| mark.twin);
            (self.final_cost(reading), !twin)
        };
        let best = self.readings.iter().min_by_key(likelier)?;
        let differs = |other: &&Reading| match (best.mark, other.mark) {
            (Some(mine), Some(other)) => mine.kind != other.kind || !mine.is_near(&other),
            _ => !std::ptr::eq(best, *other),
        };
        let rivals = self.readings.iter().filter(differs);
        let rival = rivals.map(|r| self.least_cost(shared, r)).min();
        let cost = self.final_cost(best);
        let margin = rival.map_or(SPREAD, |rival| rival.saturating_sub(cost));
        Some((best, margin))
    }

    /// The cheapest reading is one behind which nothing can be counted. Dearer ones of that kind are followed on where
    /// the protocol allows them, and given up where they need a fault.
    pub(super) fn ends(&mut self) -> bool {
        if self.readings.iter().all(|r| r.after == After::Normal) {
            return false;
        }
        // Where faults are tried, what is left unanswered so far may still be answered.
        let cost = |reading: &Reading| match self.faults {
            true => reading.cost,
            false => self.final_cost(reading),
        };
        let least = |normal: bool| {
            let alike = |r: &&Reading| (r.after == After::Normal) == normal;
            let costs = self.readings.iter().filter(alike);
            costs.map(cost).min().unwrap_or(u16::MAX)
        };
        if least(false) <= least(true) {
            return true;
        }
        if self.faults {
            self.readings.retain(|r| r.after == After::Normal);
        }
        false
    }

    /// The readings that may be as cheap as the cheapest.
    pub(super) fn cheapest<'b>(&'b self, shared: &'b Shared) -> impl Iterator<Item = &'b Reading> {
        let best = self.best(shared);
        let least = best.map_or(0, |(best, _)| self.final_cost(best));
        let readings = self.readings.iter();
        readings.filter(move |reading| self.least_cost(shared, reading) <= least)
    }

    /// The first and the last command at which the fault may have happened by any of the cheapest readings.
    pub(super) fn places(&self, shared: &Shared, mark: Mark) -> (usize, usize) {
        let marks = self.cheapest(shared).filter_map(|reading| reading.mark);
        let alike = marks.filter(|other| other.kind == mark.kind && other.is_near(&mark));
        alike.fold((mark.first, mark.last), |(first, last), other| {
            (first.min(other.first), last.max(other.last))
        })
    }

    /// Every one of the cheapest readings holds a fault.
    pub(super) fn all_best_are_faults(&self, shared: &Shared) -> bool {
        self.cheapest(shared).all(|reading| reading.mark.is_some())
    }

    /// The first acts that are the same in these readings.
    pub(super) fn common<'r>(&self, mut readings: impl Iterator<Item = &'r Reading>) -> Vec<Act> {
        let mut acts = readings.next().map_or_else(Vec::new, |r| self.acts(r));
        for reading in readings {
            let other = self.acts(reading);
            let same = acts.iter().zip(&other).take_while(|(a, b)| a == b).count();
            acts.truncate(same);
        }
        acts
    }

    /// The cheapest readings; of those that stand at the same place in the same state one.
    /// Where the beam is weakened, that one is cheaper decides nothing: then none is given up.
    pub(super) fn prune(&mut self, mut readings: Vec<Reading>) {
        readings.sort_by_key(|reading| reading.cost);
        let best = readings.first().map_or(0, |best| best.cost);
        let most = if self.weakened {
            u16::MAX
        } else {
            best + SPREAD
        };
        let mut kept: Vec<Reading> = Vec::new();
        for reading in readings.into_iter().take_while(|r| r.cost <= most) {
            let same = kept.iter().position(|k| {
                k.next == reading.next
                    && k.owed == reading.owed
                    && k.state == reading.state
                    && k.mark.map(|m| m.kind) == reading.mark.map(|m| m.kind)
            });
            let room = kept.len() < WIDTH;
            match same.and_then(|at| kept.get_mut(at)) {
                Some(same) if same.cost == reading.cost => {
                    same.drawn = true;
                    let twins = [same.mark, reading.mark].map(|m| m.is_some_and(|m| m.twin));
                    if twins == [false, true] {
                        *same = Reading {
                            drawn: true,
                            ..reading
                        };
                    } else if twins != [true, false]
                        && let (Some(mine), Some(other)) = (&mut same.mark, reading.mark)
                    {
                        mine.first = mine.first.min(other.first);
                        mine.last = mine.last.max(other.last);
                    }
                }
                Some(same) => same.drawn |= self.weakened,
                None if room => kept.push(reading),
                None => self.crowded |= self.weakened,
            }
        }
        self.readings = kept;
    }
}
