//! What was served and what was refused behind one AUTH, in order, as far as any verdict needs it.
//!
//! Names no rule. A window may hold millions of commands, so of the served ones only counts and a few prints are kept,
//! of the refused ones the first [`REFUSALS`] each, and the rest as a number that belongs to the last of them.

use crate::redis::{Answerer, CommandId};
use smallvec::SmallVec;

/// So many refused commands are told apart.
pub(crate) const REFUSALS: usize = 63;
/// So many distinct served commands are remembered.
const SERVED: usize = 16;

/// Which command it was: its name and its first argument, by keyed hash over all bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Print {
    /// Its name.
    pub id: CommandId,
    /// Its key or payload; 0 without one.
    pub tag: u64,
}

impl Print {
    /// Both in one number.
    pub(crate) fn number(self) -> u64 {
        self.tag.rotate_left(17)
            ^ (u64::from(self.id.number()) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// A command behind AUTH that was served or refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    /// Sent before AUTH's reply could have been received.
    pub blind: bool,
    /// It got NOAUTH.
    pub refused: bool,
    /// Who answers it behind a proxy.
    pub answerer: Answerer,
    /// Which it was.
    pub print: Print,
}

/// A refused command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    /// Its place among all that were served or refused.
    nth: u64,
    pub blind: bool,
    pub answerer: Answerer,
    pub print: Print,
    /// Something was served in front of it.
    pub behind_success: bool,
    /// Something that is forwarded was served in front of it.
    behind_forwarded: bool,
    /// The same command was served behind it.
    pub served_later: bool,
    /// The same command was refused behind it though it was not blind, and never served in between.
    pub refused_again: bool,
}

/// A set of refused commands, by their place in [`Mixture::refusals`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Refusals(u64);

impl Refusals {
    /// Nothing.
    pub(crate) const NONE: Refusals = Refusals(0);

    /// In the set.
    pub(crate) fn has(self, at: usize) -> bool {
        self.0 >> at & 1 == 1
    }

    /// With one more.
    pub(crate) fn with(self, at: usize) -> Refusals {
        Refusals(self.0 | 1 << at)
    }

    /// Those of both.
    pub(crate) fn and(self, other: Refusals) -> Refusals {
        Refusals(self.0 & other.0)
    }

    /// Those of either.
    pub(crate) fn or(self, other: Refusals) -> Refusals {
        Refusals(self.0 | other.0)
    }

    /// Without those of `other`.
    pub(crate) fn without(self, other: Refusals) -> Refusals {
        Refusals(self.0 & !other.0)
    }

    /// Nothing is in it.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// The mixture behind one AUTH.
#[derive(Debug, Default)]
pub(crate) struct Mixture {
    served: [u64; 3],
    pub blind_served: u64,
    blind_forwarded: u64,
    first_served: Place,
    last_served: Place,
    /// Served commands that a proxy answers itself, each once.
    served_own: SmallVec<[Print; 1]>,
    /// Keys that were served, and whether there were more than are remembered.
    served_keys: SmallVec<[u64; 1]>,
    keys_over: bool,
    late_forwarded: u64,
    /// Most windows have none.
    refused: Option<Box<Refused>>,
}

#[derive(Debug, Default)]
struct Refused {
    /// Most windows that have any have one.
    first: SmallVec<[Refusal; 1]>,
    /// Those behind [`REFUSALS`] of them.
    more: u64,
    more_blind: u64,
    served_after_more: bool,
}

/// A place among all that were served or refused, which may be missing.
#[derive(Clone, Copy, Debug, Default)]
struct Place(u64);

impl Place {
    fn at(nth: u64) -> Place {
        Place(nth + 1)
    }

    fn get(self) -> Option<u64> {
        self.0.checked_sub(1)
    }
}

impl Mixture {
    /// So many were served or refused, without those that prove nothing.
    fn count(&self) -> u64 {
        self.served() + self.refused()
    }

    /// Takes the next one.
    pub(crate) fn note(&mut self, judged: &Judged) {
        if judged.refused {
            self.refuse(judged);
        } else {
            self.serve(judged);
        }
    }

    fn serve(&mut self, judged: &Judged) {
        if let Some(count) = self.served.get_mut(judged.answerer as usize) {
            *count += 1;
        }
        // What differs by product proves nothing.
        if judged.answerer == Answerer::Either {
            return;
        }
        self.blind_served += u64::from(judged.blind);
        let forwarded = judged.answerer == Answerer::Redis;
        self.late_forwarded += u64::from(!judged.blind && forwarded);
        let in_front = self.refused.is_none() && judged.answerer == Answerer::Redis;
        self.blind_forwarded += u64::from(judged.blind && in_front);
        let nth = self.count() - 1;
        if self.first_served.get().is_none() {
            self.first_served = Place::at(nth);
        }
        self.last_served = Place::at(nth);
        if judged.answerer == Answerer::Proxy {
            if self.served_own.len() < SERVED && !self.served_own.contains(&judged.print) {
                self.served_own.push(judged.print);
            }
        } else if !self.keys_over && !self.served_keys.contains(&judged.print.tag) {
            self.keys_over = self.served_keys.len() >= SERVED;
            if !self.keys_over {
                self.served_keys.push(judged.print.tag);
            }
        }
        if let Some(refused) = &mut self.refused {
            refused.served_after_more |= refused.more > 0;
            for refusal in &mut refused.first {
                refusal.served_later |= refusal.print == judged.print;
            }
        }
    }

    fn refuse(&mut self, judged: &Judged) {
        let nth = self.count();
        let behind_success = self.first_served.get().is_some();
        let behind_forwarded = self.forwarded_served() > 0;
        let refused = self.refused.get_or_insert_default();
        if !judged.blind {
            for refusal in &mut refused.first {
                refusal.refused_again |= refusal.print == judged.print && !refusal.served_later;
            }
        }
        if refused.first.len() >= REFUSALS {
            refused.more += 1;
            refused.more_blind += u64::from(judged.blind);
            return;
        }
        refused.first.push(Refusal {
            nth,
            blind: judged.blind,
            answerer: judged.answerer,
            print: judged.print,
            behind_success,
            behind_forwarded,
            served_later: false,
            refused_again: false,
        });
    }

    /// How many were refused.
    pub(crate) fn refused(&self) -> u64 {
        let count = |refused: &Refused| refused.first.len() as u64 + refused.more;
        self.refused.as_deref().map_or(0, count)
    }

    /// The refused commands that are told apart.
    fn refusals(&self) -> &[Refusal] {
        self.refused
            .as_deref()
            .map_or(&[], |refused| &refused.first)
    }

    /// How many there are beside them.
    fn more(&self) -> u64 {
        self.refused.as_deref().map_or(0, |refused| refused.more)
    }

    /// Of them, those that were blind.
    pub(crate) fn blind_refused(&self) -> u64 {
        let Some(refused) = &self.refused else {
            return 0;
        };
        refused.first.iter().filter(|r| r.blind).count() as u64 + refused.more_blind
    }

    /// Commands that a proxy answers itself, served.
    pub(crate) fn own_served(&self) -> u64 {
        self.served[Answerer::Proxy as usize]
    }

    /// Commands that are forwarded, served.
    pub(crate) fn forwarded_served(&self) -> u64 {
        self.served[Answerer::Redis as usize]
    }

    /// Served commands that show something.
    pub(crate) fn served(&self) -> u64 {
        self.own_served() + self.forwarded_served()
    }

    /// Of them, those that were not blind.
    pub(crate) fn late_served(&self) -> u64 {
        self.served() - self.blind_served
    }

    /// Forwarded commands that were blind and served in front of every refusal.
    pub(crate) fn blind_forwarded(&self) -> u64 {
        self.blind_forwarded
    }

    /// This command was served, in front of its refusal or behind it.
    pub(crate) fn own_was_served(&self, print: Print) -> bool {
        self.served_own.contains(&print)
    }

    /// The refused commands of which `keep` holds.
    pub(crate) fn set(&self, keep: impl Fn(&Refusal) -> bool) -> Refusals {
        let all = self.refusals().iter().enumerate();
        all.filter(|(_, r)| keep(r))
            .fold(Refusals::NONE, |set, (at, _)| set.with(at))
    }

    /// Those in front of the first success.
    pub(crate) fn in_front(&self) -> Refusals {
        self.set(|r| self.first_served.get().is_none_or(|first| r.nth < first))
    }

    /// Those behind the last success.
    pub(crate) fn behind_all(&self) -> Refusals {
        self.set(|r| self.last_served.get().is_none_or(|last| r.nth > last))
    }

    /// Forwarded ones behind successes of the proxy's own only, blind, and served later.
    pub(crate) fn overtaken(&self) -> Refusals {
        self.set(|r| {
            r.blind
                && r.answerer != Answerer::Proxy
                && r.behind_success
                && !r.behind_forwarded
                && r.served_later
        })
    }

    /// Some keys always refused, others always served, at least two of each, none of the refused ones blind.
    pub(crate) fn parted_by_key(&self, left: Refusals) -> bool {
        let refused: Vec<&Refusal> = self.of(left).collect();
        let part = |r: &&Refusal| {
            r.answerer == Answerer::Redis
                && !r.blind
                && !r.served_later
                && !self.served_keys.contains(&r.print.tag)
        };
        refused.len() >= 2
            && refused.iter().all(part)
            && !self.keys_over
            && self.late_forwarded >= 2
    }

    /// Something was served behind a refusal that is not told apart any more.
    pub(crate) fn is_vague(&self) -> bool {
        self.refused
            .as_deref()
            .is_some_and(|refused| refused.served_after_more)
    }

    /// The refused commands of a set.
    pub(crate) fn of(&self, set: Refusals) -> impl Iterator<Item = &Refusal> {
        let all = self.refusals().iter().enumerate();
        all.filter(move |(at, _)| set.has(*at)).map(|(_, r)| r)
    }

    /// How many commands a set stands for: those beyond the bound go with the last one that is told apart.
    pub(crate) fn size(&self, set: Refusals) -> u64 {
        let more = if set.has(REFUSALS - 1) {
            self.more()
        } else {
            0
        };
        self.of(set).count() as u64 + more
    }

    /// A success behind the first of a set.
    pub(crate) fn served_behind(&self, set: Refusals) -> bool {
        let first = self.of(set).map(|r| r.nth).min();
        first
            .zip(self.last_served.get())
            .is_some_and(|(first, last)| last > first)
    }
}
