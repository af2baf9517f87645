//! How a closed connection is recognised.

use super::flow::Flow;
use super::twins::Alias;
use crate::model::Side;
use crate::packet::Segment;

/// A late segment this close to where a closed connection ended belongs to it.
const LATE_WINDOW: i32 = 1 << 24;

/// How a closed connection is recognised.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    /// What each side sent, where its start is known.
    sent: [Option<Sent>; 2],
    /// The input that captured it, and its Wireshark stream there.
    vantage: Option<Vantage>,
    /// Nearly always one input shows it.
    others: Option<Box<Others>>,
}

type Vantage = (u16, Option<u32>);

/// Sequence numbers of the first byte, and of the one behind the last.
#[derive(Clone, Copy, Debug)]
struct Sent {
    base: u32,
    next: u32,
}

#[derive(Clone, Debug, Default)]
struct Others {
    /// Further inputs that captured it.
    vantages: Vec<Vantage>,
    /// Inputs of another clock that begin to show it only now.
    copies: Vec<u16>,
}

/// A segment of a closed connection, captured at another point with another clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Copied {
    /// The first one of that point.
    First,
    /// One of the others.
    More,
}

/// A segment behind the end of its connection, with nothing new in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Late {
    /// Its bytes were sent before.
    Repeats,
    /// It has none.
    Empty,
}

impl Closed {
    pub(super) fn new(flow: &Flow) -> Closed {
        let sent = |side| {
            let (base, next) = (flow.half(side).base()?, flow.next_seq(side)?);
            Some(Sent { base, next })
        };
        let vantages = flow.meta.vantages.split_first();
        let further = vantages.map(|(_, further)| further).unwrap_or_default();
        let others = || Others {
            vantages: further.to_vec(),
            copies: Vec::new(),
        };
        Closed {
            sent: [Side::Low, Side::High].map(sent),
            vantage: vantages.map(|(first, _)| *first),
            others: (!further.is_empty()).then(|| Box::new(others())),
        }
    }

    /// One of which nothing but its stream in the first input is known.
    #[cfg(test)]
    pub(super) fn of_stream(stream: u32) -> Closed {
        Closed {
            sent: [None; 2],
            vantage: Some((0, Some(stream))),
            others: None,
        }
    }

    /// The same connection under another name.
    pub(super) fn under(&self, alias: &Alias) -> Closed {
        let mut closed = self.clone();
        if alias.swapped {
            closed.sent.reverse();
        }
        closed
    }

    /// Only the first input shows it.
    pub(super) fn is_of_first_input(&self) -> bool {
        let further = self.others.as_ref().is_some_and(|o| !o.vantages.is_empty());
        matches!(self.vantage, Some((0, _))) && !further
    }

    fn vantages(&self) -> impl Iterator<Item = &Vantage> {
        let further = self.others.iter().flat_map(|others| &others.vantages);
        self.vantage.iter().chain(further)
    }

    /// Its Wireshark stream in input `file`, if that captured it.
    pub(super) fn stream(&self, file: u16) -> Option<Option<u32>> {
        self.vantages()
            .find(|(f, _)| *f == file)
            .map(|(_, stream)| *stream)
    }

    /// `file` has begun to show it again.
    pub(super) fn is_copied_by(&self, file: u16) -> bool {
        let others = self.others.as_ref();
        others.is_some_and(|others| others.copies.contains(&file))
    }

    /// This SYN is that of the connection, and `file` has not captured it.
    pub(super) fn begins_with(&self, side: Side, segment: &Segment<'_>, file: u16) -> bool {
        let base = self.sent[side as usize].map(|sent| sent.base);
        base == Some(segment.first_byte()) && self.stream(file).is_none()
    }

    /// `file` shows it again.
    pub(super) fn note_copy(&mut self, file: u16) -> Copied {
        if self.is_copied_by(file) {
            return Copied::More;
        }
        self.others.get_or_insert_default().copies.push(file);
        Copied::First
    }

    /// `seq` lies within what `side` sent, or a little behind it.
    pub(super) fn holds(&self, side: Side, seq: u32) -> bool {
        self.sent[side as usize].is_some_and(|Sent { base, next }| {
            // A keep-alive probe stands one byte too early.
            let start = base.wrapping_sub(1);
            let room = u64::from(next.wrapping_sub(start)) + u64::from(LATE_WINDOW.unsigned_abs());
            u64::from(seq.wrapping_sub(start)) <= room
        })
    }

    /// The segment belongs to it, and nothing in it is new.
    pub(super) fn late(&self, side: Side, segment: &Segment<'_>) -> Option<Late> {
        let next = self.sent[side as usize]?.next;
        let len = segment.payload.len() as u32;
        let len = len.wrapping_add(segment.cut);
        let begins = segment.seq.wrapping_sub(next) as i32;
        if begins.unsigned_abs() >= LATE_WINDOW.unsigned_abs() {
            return None;
        }
        match i64::from(begins) + i64::from(len) {
            _ if len == 0 => Some(Late::Empty),
            ..=0 => Some(Late::Repeats),
            _ => None,
        }
    }
}
