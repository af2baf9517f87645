//! What a reading says becomes exchanges, and what was told before and does not hold is taken back.

use super::beam::Beam;
use super::frame::KeptFrame;
use super::history::Told;
use super::reading::Act;
use super::{Pairing, Sync, step};
use crate::redis::exchange::Anchor;
use crate::redis::observer::{Fate, Observer, Stray};
use crate::redis::pending::Detail;
use crate::redis::shared::Shared;

impl Pairing {
    /// Tells what a reading says, but for what was told before in the same way: of that the first commands stand, and so
    /// many it gives. `drawn`: of logins it is not known which one the server answered.
    pub(super) fn tell<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        acts: &[Act],
        drawn: bool,
    ) -> usize {
        let mut told = beam.told.len();
        for act in acts {
            if beam.is_told(act, told) {
                continue;
            }
            if let Some(from) = act.command().filter(|c| *c < told) {
                self.dispute(shared, observer, beam, from..told);
                told = from;
            }
            match drawn && beam.is_refused_login(act) {
                true => self.leave_open(shared, observer, beam, *act),
                false => self.tell_act(shared, observer, beam, *act),
            }
        }
        told
    }

    /// Behind what a reading says, commands that were told to be silent may stand as such: it gives the first one that
    /// waits for a reply again.
    pub(super) fn pass_told<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        range: std::ops::Range<usize>,
    ) -> usize {
        let mut next = range.start;
        while next < range.end
            && let (Some(Told::Silent), Some(command)) =
                (beam.told.get(next), beam.commands.get(next))
            && let Some(mode) = step::silent(&self.state, command)
        {
            self.state.pass(command);
            self.state.mode = mode;
            next += 1;
        }
        if next < range.end {
            self.dispute(shared, observer, beam, next..range.end);
        }
        next
    }

    /// What was told from this command of the beam on does not stand.
    fn dispute<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        range: std::ops::Range<usize>,
    ) {
        let told = beam.told.iter().zip(&beam.commands);
        for (told, command) in told.take(range.end).skip(range.start) {
            match told {
                Told::Pair(frame) => {
                    self.counts.exchanges -= 1;
                    if let Some(kept) = beam.frames.get(usize::from(*frame)) {
                        let frame = kept.frame();
                        let exchange = frame.exchange(command, self.anchor);
                        observer.taken_back(shared, command, Some(&exchange));
                    }
                }
                Told::Silent if command.detail == Detail::Blank => {}
                Told::Silent => {
                    self.counts.others().silent -= 1;
                    observer.taken_back(shared, command, None);
                }
            }
        }
        if let Some(command) = beam.commands.get(range.start) {
            observer.disputed(shared, command.index);
        }
    }

    fn tell_act<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        act: Act,
    ) {
        let command = act.command().and_then(|c| beam.commands.get(c));
        let kept = act.frame().and_then(|f| beam.frames.get(f));
        let frame = kept.map(KeptFrame::frame);
        match (act, command, frame) {
            (Act::Pair(..), Some(command), Some(frame)) => {
                self.confirm_anchor(command, &frame);
                self.emit(shared, observer, &frame.exchange(command, self.anchor));
            }
            (Act::Pass(_) | Act::Dropped(_), Some(command), _) => {
                if command.detail != Detail::Blank {
                    self.end_command(shared, observer, Fate::Silent, command);
                }
            }
            (Act::Push(_), _, Some(frame)) => self.stray(shared, observer, Stray::Push, &frame),
            _ => self.leave_open(shared, observer, beam, act),
        }
    }

    /// Whose reply a frame is, and which reply is a command's, is not known.
    fn leave_open<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        act: Act,
    ) {
        if let Some(command) = act.command().and_then(|c| beam.commands.get(c)) {
            self.end_command(shared, observer, Fate::Undecided, command);
        }
        if let Some(frame) = act.frame().and_then(|f| beam.frames.get(f)) {
            self.stray(shared, observer, Stray::Undecided, &frame.frame());
        }
    }

    /// No reading can be told: what was not told yet stays undecided.
    pub(super) fn give_up_beam<O: Observer>(&mut self, shared: &mut Shared, observer: &mut O) {
        let Some(beam) = self.beam.take() else { return };
        // As many replies as commands: an odd answer, but whose it is there is no doubt about.
        let commands = beam.commands.len().saturating_sub(beam.told.len());
        let frames = beam.frames.len().saturating_sub(beam.frames_told);
        if let (true, 1, 1, Some(command), Some(kept)) = (
            beam.faults,
            commands,
            frames,
            beam.commands.back(),
            beam.frames.last(),
        ) && !command.is_auth()
        {
            let frame = kept.frame();
            self.emit(shared, observer, &frame.exchange(command, Anchor::Weak));
            return;
        }
        self.drop_rest(shared, observer, &beam, &[], beam.told.len());
    }

    /// Tells these acts, and leaves the rest undecided.
    pub(super) fn tell_only<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        acts: &[Act],
    ) {
        let stands = self.tell(shared, observer, beam, acts, false);
        self.drop_rest(shared, observer, beam, acts, stands);
    }

    /// Leaves undecided what is not among `done`. Of what was told before the first `stands` commands still stand.
    pub(super) fn drop_rest<O: Observer>(
        &mut self,
        shared: &mut Shared,
        observer: &mut O,
        beam: &Beam,
        done: &[Act],
        stands: usize,
    ) {
        let commands = done.iter().filter_map(|act| act.command());
        let from = commands.map(|c| c + 1).max().unwrap_or(0).max(stands);
        for command in beam.commands.iter().skip(from) {
            if command.detail != Detail::Blank {
                self.end_command(shared, observer, Fate::Undecided, command);
            }
        }
        let frames = done.iter().filter_map(|act| act.frame());
        let from = frames.map(|f| f + 1).max().unwrap_or(0);
        let taken_back = beam.told.iter().skip(stands);
        let taken_back = taken_back.filter_map(|told| match told {
            Told::Pair(frame) => Some(usize::from(*frame)).filter(|frame| *frame >= from),
            _ => None,
        });
        let new = from.max(beam.frames_told)..beam.frames.len();
        for frame in taken_back.chain(new).filter_map(|f| beam.frames.get(f)) {
            self.stray(shared, observer, Stray::Undecided, &frame.frame());
        }
        debug_assert!(
            self.sync != Sync::Opaque,
            "readings of a stream without replies"
        );
    }
}
