//! Broken orders of all connections: which of them is the same one, seen on the leg in front.

use super::super::{PassedOn, Told};
use crate::finding::Scene;
use crate::legs::{Link, Passage};
use crate::model::Roles;
use crate::redis::{Answerer, CommandTable, Fault, KeptExchange};
use crate::resp::ReplyKind;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// So many faults with the same command are compared with a new one: the last ones.
const COMPARED: usize = 16;

/// A broken order that was told. Another one may show where it came from.
#[derive(Debug)]
pub(super) struct KeptFault {
    pub(super) scene: Scene,
    pub(super) fault: Fault,
    pub(super) told: Vec<Told>,
    /// The number of the same one on the leg behind, and where it passed there.
    behind: Option<(u64, PassedOn)>,
}

impl KeptFault {
    /// Where and when one of the commands that it hit passed. What got no reply is seen to have none by the fault's own.
    fn passage(&self, kept: &KeptExchange) -> Passage {
        let reply = kept.reply.as_ref().map(|reply| (reply.received, reply.at));
        Passage {
            connection: self.scene.connection,
            client: self.scene.client,
            server: self.scene.server,
            sent: (kept.command.sent, kept.command.at),
            received: reply.unwrap_or((self.fault.time, self.fault.at)),
        }
    }

    /// The same wrong reply to the same command on the other connection, if that may be the leg behind.
    fn passed_on(
        &self,
        behind: &KeptFault,
        roles: &Roles,
        commands: &CommandTable,
    ) -> Option<PassedOn> {
        let pairs = self.fault.shown.iter().flat_map(|mine| {
            let all = behind.fault.shown.iter();
            all.map(move |other| (mine, other))
        });
        let same = pairs.filter(|(mine, other)| match (&mine.reply, &other.reply) {
            (Some(reply), Some(same)) => is_same_command(mine, other) && reply.says_as(same),
            (None, None) => is_same_command(mine, other) && self.fault.kind == behind.fault.kind,
            _ => false,
        });
        let linked = same.filter_map(|(mine, other)| {
            let passage = behind.passage(other);
            let link = match self.passage(mine).link(&passage, roles)? {
                Link::Perhaps if is_telling(mine, commands) => Link::ByContent,
                link => link,
            };
            Some(PassedOn {
                behind: passage,
                link,
            })
        });
        linked.reduce(|best, next| if next.link > best.link { next } else { best })
    }
}

fn is_same_command(one: &KeptExchange, other: &KeptExchange) -> bool {
    let of = |kept: &KeptExchange| (kept.command.id, kept.command.argc, kept.command.first);
    of(one) == of(other)
}

/// Data for a key: of two servers no two clients get that at once by chance.
fn is_telling(kept: &KeptExchange, commands: &CommandTable) -> bool {
    let data = kept.reply.as_ref().is_some_and(|reply| {
        let shape = reply.shape();
        !shape.kind.is_error() && shape.kind != ReplyKind::Simple && shape.head.len > 0
    });
    data && kept.command.first.is_some()
        && commands.info(kept.command.id).answerer == Answerer::Redis
}

/// All of them, in the order in which they were told.
#[derive(Debug, Default)]
pub(super) struct Faults {
    kept: BTreeMap<u64, KeptFault>,
    next: u64,
    /// Their numbers by a command that they hit.
    of_command: HashMap<u64, Vec<u64>>,
    /// The numbers of those that may be one, seen further in front.
    fronts: HashMap<u64, Vec<u64>>,
    /// Those that had to be final because there were too many.
    pub(super) let_go: u64,
}

impl Faults {
    /// Keeps one. Returns its number, and the numbers of those that it explains.
    pub(super) fn keep(
        &mut self,
        (scene, fault): (&Scene, &Fault),
        roles: &Roles,
        commands: &CommandTable,
    ) -> (u64, Vec<u64>) {
        let mut new = KeptFault {
            scene: *scene,
            fault: fault.clone(),
            told: Vec::new(),
            behind: None,
        };
        let number = self.next;
        self.next += 1;
        for other in self.alike(&new.fault) {
            let Some(kept) = self.kept.get_mut(&other) else {
                continue;
            };
            let nearer = |old: &Option<(u64, PassedOn)>, found: &PassedOn| {
                old.is_none_or(|(_, old)| found.link > old.link)
            };
            if let Some(found) = new.passed_on(kept, roles, commands)
                && nearer(&new.behind, &found)
            {
                new.behind = Some((other, found));
                self.fronts.entry(other).or_default().push(number);
            }
            if let Some(found) = kept.passed_on(&new, roles, commands)
                && nearer(&kept.behind, &found)
            {
                kept.behind = Some((number, found));
                self.fronts.entry(number).or_default().push(other);
            }
        }
        for print in prints(&new.fault) {
            self.of_command.entry(print).or_default().push(number);
        }
        self.kept.insert(number, new);
        (number, self.explained_by(number))
    }

    /// Faults that hit one of the same commands.
    fn alike(&self, fault: &Fault) -> Vec<u64> {
        let mut all: Vec<u64> = prints(fault)
            .filter_map(|print| self.of_command.get(&print))
            .flat_map(|numbers| numbers.iter().rev().take(COMPARED).copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Those that are this one, seen further in front.
    fn explained_by(&self, number: u64) -> Vec<u64> {
        let mut found = vec![number];
        let mut at = 0;
        while let Some(here) = found.get(at).copied() {
            let fronts = self.fronts.get(&here).into_iter().flatten();
            found.extend(fronts.filter(|n| self.is_behind(here, **n)));
            at += 1;
        }
        found.swap_remove(0);
        found
    }

    /// The fault `here` is the one behind `front`.
    fn is_behind(&self, here: u64, front: u64) -> bool {
        let behind = self.kept.get(&front).and_then(|kept| kept.behind);
        behind.is_some_and(|(number, _)| number == here)
    }

    /// Where this one came from: the last leg on which it is seen.
    pub(super) fn origin(&self, number: u64) -> Option<PassedOn> {
        let mut found: Option<PassedOn> = None;
        let mut at = number;
        while let Some((behind, passed)) = self.kept.get(&at).and_then(|kept| kept.behind) {
            let link = found.map_or(passed.link, |before| before.link.min(passed.link));
            found = Some(PassedOn { link, ..passed });
            at = behind;
        }
        found
    }

    /// Takes one out, to judge it. Give it back with [`Faults::put_back`], or say that it is [`Faults::done`].
    pub(super) fn take(&mut self, number: u64) -> Option<KeptFault> {
        self.kept.remove(&number)
    }

    /// See [`Faults::take`].
    pub(super) fn put_back(&mut self, number: u64, kept: KeptFault) {
        self.kept.insert(number, kept);
    }

    /// The oldest, where there are more than `limit`.
    pub(super) fn beyond(&mut self, limit: usize) -> Option<u64> {
        if self.kept.len() <= limit {
            return None;
        }
        self.let_go += 1;
        self.first()
    }

    /// The oldest.
    pub(super) fn first(&self) -> Option<u64> {
        self.kept.keys().next().copied()
    }

    /// It is final. Those in front of it remember what is behind it.
    pub(super) fn done(&mut self, number: u64, gone: &KeptFault) {
        for front in self.fronts.remove(&number).unwrap_or_default() {
            let Some(kept) = self.kept.get_mut(&front) else {
                continue;
            };
            if let (Some((behind, nearer)), Some((last, origin))) = (kept.behind, gone.behind)
                && behind == number
            {
                let link = nearer.link.min(origin.link);
                kept.behind = Some((last, PassedOn { link, ..origin }));
                self.fronts.entry(last).or_default().push(front);
            }
        }
        for print in prints(&gone.fault) {
            if let Some(numbers) = self.of_command.get_mut(&print) {
                numbers.retain(|n| *n != number);
                if numbers.is_empty() {
                    self.of_command.remove(&print);
                }
            }
        }
    }
}

/// The commands that it hit.
fn prints(fault: &Fault) -> impl Iterator<Item = u64> {
    let hash = |kept: &KeptExchange| kept.command.first.map_or(0, |first| first.hash);
    fault
        .shown
        .iter()
        .map(move |kept| hash(kept).rotate_left(17) ^ u64::from(kept.command.id.number()))
}
