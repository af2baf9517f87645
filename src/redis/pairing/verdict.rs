//! From a reading with a fault in it to the fact that is told.

use super::beam::Beam;
use super::evidence::{Fit, fit};
use super::frame::KeptFrame;
use super::reading::{Act, Reading};
use crate::redis::commands::Kind;
use crate::redis::exchange::Anchor;
use crate::redis::exchange::KeptExchange;
use crate::redis::fault::{Fault, FaultKind};
use crate::redis::frame_kinds;
use crate::redis::pending::Pending;
use crate::redis::shared::Shared;

/// Commands with wrong answers that are shown.
const SHOWN: usize = 6;

/// What a client that counts sees: the commands that wait for an answer, and the answers, each in their order.
struct Counted {
    commands: Vec<usize>,
    /// Each with the command it really belongs to.
    frames: Vec<(usize, Option<usize>)>,
}

impl Counted {
    fn of(acts: &[Act]) -> Counted {
        let mut commands = Vec::new();
        let mut frames = Vec::new();
        for act in acts {
            match *act {
                Act::Pair(c, f) | Act::Crossed(c, f) => {
                    commands.push(c);
                    frames.push((f, Some(c)));
                }
                Act::Odd(c, f) => {
                    commands.push(c);
                    frames.push((f, None));
                }
                Act::Missing(c) | Act::Dropped(c) => commands.push(c),
                Act::Surplus(f) => frames.push((f, None)),
                Act::Pass(_) | Act::Inside(_) | Act::Push(_) | Act::Beside(_) => {}
            }
        }
        commands.sort_unstable();
        Counted { commands, frames }
    }

    /// From the command `onset` on: each command with the frame that a client gives it, and whether it is its own.
    fn from(&self, onset: usize) -> impl Iterator<Item = (usize, Option<usize>, bool)> {
        let pairs = self.commands.iter().enumerate();
        pairs
            .filter(move |(_, command)| **command >= onset)
            .map(|(place, command)| match self.frames.get(place) {
                Some((frame, owner)) => (*command, Some(*frame), *owner == Some(*command)),
                None => (*command, None, false),
            })
    }
}

/// What is known of the connection as a whole.
pub(super) struct Known {
    pub anchor: Anchor,
    /// A command was sent that may change how many replies come, or of which kind.
    pub bent: bool,
    /// MULTI was sent.
    pub multi: bool,
    /// A command inside of a transaction was answered with an error.
    pub refused_inside: bool,
    /// HELLO was sent.
    pub hello: bool,
}

/// The fact that a reading tells, if it holds a fault.
pub(super) fn fault_of(
    shared: &Shared,
    beam: &Beam,
    reading: &Reading,
    acts: &[Act],
    margin: u16,
    known: &Known,
) -> Option<Fault> {
    let dropped = acts.iter().find_map(|act| match act {
        Act::Dropped(command) => Some(*command),
        _ => None,
    });
    let (kind, first, last) = match (reading.mark, dropped) {
        (Some(mark), _) => (mark.kind, mark.first, mark.last),
        (None, Some(command)) => (FaultKind::AuthErrorDropped, command, command),
        (None, None) => return None,
    };
    // In front of the end of replies that are all alike, each command got what it would have got anyway.
    let alike = are_alike(beam, acts, first, last);
    let (onset, uncertain_by) = match alike {
        // Of a reply that is missing it is not known whether it was like them.
        true if kind == FaultKind::Missing => (last, (last - first) as u64),
        true => (last, 0),
        false => (
            first + (last - first) / 2,
            ((last - first) as u64).div_ceil(2),
        ),
    };
    // Of three places each may be the right one.
    let (from, to) = reading
        .mark
        .map_or((first, last), |mark| beam.places(shared, mark));
    let placed = to - from <= 1 || are_alike(beam, acts, from, to);
    let counted = Counted::of(acts);
    let hit = counted.from(onset).filter(|(_, _, own)| !own);
    let hit: Vec<(usize, Option<usize>)> = hit.map(|(c, f, _)| (c, f)).collect();
    // AUTH itself does not count.
    let wrong = hit
        .iter()
        .filter_map(|(command, _)| beam.commands.get(*command));
    let wrong = wrong.filter(|command| !command.is_auth()).count() as u64;
    let missing = matches!(kind, FaultKind::Missing | FaultKind::AuthErrorDropped);
    let mut shown = shown(beam, &hit);
    let onset_command = beam.commands.get(onset);
    if shown.is_empty() {
        shown.extend(match onset_command {
            Some(command) => Some(KeptExchange::unanswered(command)),
            None => last_answered(beam, reading, acts),
        });
    }
    let seen = beam.frames.get(reading.marked_at).or(beam.frames.last());
    let seen = seen.map(KeptFrame::frame)?;
    Some(Fault {
        kind,
        onset: onset_command.cloned(),
        uncertain_by,
        shown,
        wrong,
        shift: match kind {
            _ if missing => 1,
            FaultKind::Surplus => -1,
            _ => 0,
        },
        discriminating: discriminating(shared, beam, reading, acts, first, missing),
        margin,
        impossible: are_impossible(shared, beam, reading, &hit),
        plain: placed && is_plain(beam, reading, onset_command, known),
        anchor: known.anchor,
        time: seen.time,
        at: seen.at,
        is_final: false,
    })
}

/// Nothing else on the connection could have led to what is seen.
fn is_plain(beam: &Beam, reading: &Reading, onset: Option<&Pending>, known: &Known) -> bool {
    let is_odd = reading.mark.map(|mark| mark.kind) == Some(FaultKind::Mismatch);
    let crossed = reading.mark.map(|mark| mark.kind) == Some(FaultKind::Swapped);
    let missing = reading.mark.map(|mark| mark.kind) == Some(FaultKind::Missing);
    let seen = beam.frames.get(reading.marked_at);
    // How many were queued is known, if each was; whether MULTI was in force is not, where its own reply may be wrong.
    let exec = is_odd && onset.is_some_and(|c| c.kind == Kind::Exec) && !known.refused_inside;
    // That RESP3 was not agreed on is as good as the reply to HELLO.
    let resp3 = seen.is_some_and(|frame| frame_kinds::is_resp3(&frame.frame().shape));
    let agreed = !(is_odd && known.hello && resp3);
    // What a server says of a failing AUTH may be dropped: then this is an earlier reply, sent twice.
    let heard = !(is_odd && onset.is_some_and(Pending::is_auth));
    // A reply that is sent twice may look like two in exchange, or like one that is missing. Where there is not a reply to
    // everything, one further in front may as well have moved all that is behind it.
    let twins = |from| (from..=reading.marked_at).any(|at| beam.is_twin(at));
    let moved = (is_odd || crossed) && !beam.is_idle(reading) && twins(0);
    let single = !(moved || (crossed || missing) && twins(reading.marked_at));
    !known.bent && (!known.multi || exec) && agreed && heard && single
}

/// Each reply that was hit can not be the answer to the command in whose place it stands.
fn are_impossible(
    shared: &Shared,
    beam: &Beam,
    reading: &Reading,
    hit: &[(usize, Option<usize>)],
) -> bool {
    hit.iter().all(|(command, frame)| {
        let command = beam.commands.get(*command);
        let frame = frame.and_then(|frame| beam.frames.get(frame));
        command.zip(frame).is_some_and(|(command, frame)| {
            fit(shared, &reading.state, command, &frame.frame()) == Fit::No
        })
    })
}

/// The first commands that were hit, with the replies that a client gives them.
fn shown(beam: &Beam, hit: &[(usize, Option<usize>)]) -> Vec<KeptExchange> {
    let kept = |(command, frame): &(usize, Option<usize>)| {
        let command = beam.commands.get(*command)?;
        let Some(frame) = frame.and_then(|frame| beam.frames.get(frame)) else {
            return Some(KeptExchange::unanswered(command));
        };
        let frame = frame.frame();
        let exchange = frame.exchange(command, Anchor::Weak);
        Some(KeptExchange::of(&exchange, false))
    };
    hit.iter().take(SHOWN).filter_map(kept).collect()
}

/// The last command that got its answer, with the one answer more that came behind it.
fn last_answered(beam: &Beam, reading: &Reading, acts: &[Act]) -> Option<KeptExchange> {
    let command = beam.last_paired(acts)?;
    let frame = beam.frames.get(reading.marked_at)?.frame();
    let exchange = frame.exchange(command, Anchor::Weak);
    Some(KeptExchange::of(&exchange, false))
}

/// The replies around the commands from `first` to `last` are known to be the same.
fn are_alike(beam: &Beam, acts: &[Act], first: usize, last: usize) -> bool {
    let near = acts.iter().filter(|act| {
        let command = act.command();
        command.is_none_or(|c| (first..last.max(first + 1)).contains(&c))
    });
    let mut frames = near.filter_map(|act| match act {
        Act::Push(_) | Act::Beside(_) => None,
        act => beam.frames.get(act.frame()?),
    });
    let Some(one) = frames.next() else {
        return false;
    };
    one.is_kept_whole() && frames.all(|frame| frame.says_as(one))
}

/// Pairs behind the fault whose reply can not belong to the command that a client gives it to.
fn discriminating(
    shared: &Shared,
    beam: &Beam,
    reading: &Reading,
    acts: &[Act],
    onset: usize,
    missing: bool,
) -> u64 {
    // Each frame with the command that a client gives it to.
    let mut next = 0;
    let given = acts.iter().filter_map(|act| {
        next = act.command().map_or(next, |c| c + 1);
        match *act {
            Act::Pair(c, f) if c >= onset && missing => Some((c.checked_sub(1)?, f, false)),
            Act::Pair(c, f) if c >= onset => Some((c + 1, f, false)),
            Act::Surplus(f) if !missing => Some((next, f, true)),
            _ => None,
        }
    });
    let tells = |(command, frame, surplus): (usize, usize, bool)| {
        let other = beam.commands.get(command);
        let frame = beam.frames.get(frame).map(KeptFrame::frame);
        let (Some(other), Some(frame)) = (other, frame) else {
            return false;
        };
        // The server had not even received it when it sent the reply too many.
        let early = surplus && !frame.acknowledges(other);
        early || fit(shared, &reading.state, other, &frame) == Fit::No
    };
    given.filter(|pair| tells(*pair)).count() as u64
}
