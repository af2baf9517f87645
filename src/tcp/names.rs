//! The names of a connection: several connections may have one name, and one connection several.

use super::Receiver;
use super::alarms::Kind;
use super::flow::Flow;
use super::seen::Seen;
use super::table::Table;
use super::twins::{Alias, Link, Trace};
use crate::model::{FlowKey, Side};
use crate::packet::Segment;

impl<T> Table<T> {
    /// The connection that took the same packet under another name.
    pub(super) fn twin_of(&self, key: FlowKey, segment: &Segment<'_>) -> Option<Trace> {
        let carries = segment.flags.syn() || !segment.payload.is_empty();
        let trace = self.twins.find(segment).filter(|_| carries)?;
        let flow = self.flow(trace.slot)?;
        let alive = flow.meta.id == trace.id && flow.meta.key != key;
        alive.then_some(trace)
    }

    pub(super) fn add_alias<R: Receiver<T>>(
        &mut self,
        key: FlowKey,
        side: Side,
        trace: &Trace,
        seen: Seen,
        receiver: &mut R,
    ) {
        let swapped = side != trace.side;
        let slot = trace.slot;
        let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else {
            return;
        };
        entry.flow.kin.add_alias(Alias { key, swapped });
        self.streams
            .note_alias(&mut entry.flow.meta, seen.at.file());
        receiver.renamed(&mut entry.state, &entry.flow.meta, &key);
        self.index.insert(key, Link { slot, swapped });
    }

    pub(super) fn forget_alias(&mut self, slot: u32, key: FlowKey) {
        self.index.remove(&key);
        if let Some(flow) = self.flow_mut(slot) {
            flow.kin.forget_alias(key);
        }
    }

    /// A connection joined in the middle turns out to be another one under a second name: its segments go there.
    pub(super) fn join_twin<R: Receiver<T>>(
        &mut self,
        slot: u32,
        side: Side,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> Option<(u32, Side)> {
        let flow = self.flow(slot)?;
        let lonely =
            flow.settling.is_some() && flow.kin.next.is_none() && flow.kin.aliases().is_empty();
        if !lonely {
            return None;
        }
        let key = flow.meta.key;
        let trace = self.twin_of(key, segment).filter(|t| t.slot != slot)?;
        let entry = self.slots.get_mut(slot as usize)?.take()?;
        self.held -= entry.flow.held_bytes();
        self.index.remove(&key);
        self.free.push(slot);
        self.joined += 1;
        self.add_alias(key, side, &trace, seen, receiver);
        let kept = entry
            .flow
            .settling
            .map(|s| s.into_segments())
            .unwrap_or_default();
        for kept in kept {
            let own = if kept.side == side {
                trace.side
            } else {
                trace.side.peer()
            };
            self.hand_to(trace.slot, own, &kept.segment(), kept.seen, receiver);
        }
        Some((trace.slot, trace.side))
    }

    /// The older connections of this one's name are over, unless they go on.
    pub(super) fn supersede(&mut self, slot: u32) {
        if self.flow(slot).is_some_and(|flow| flow.kin.next.is_none()) {
            return;
        }
        let older: Vec<u32> = self.of_name(slot).skip(1).map(|(slot, _)| slot).collect();
        let due = self.now().plus(self.limits.half_open_ns);
        for slot in older {
            let Some(flow) = self.flow_mut(slot) else {
                continue;
            };
            flow.superseded = true;
            let id = flow.meta.id;
            self.alarms.set(Kind::Patience, (due, slot, id));
        }
    }

    /// Takes a connection out of the chain of its name, and its other names out of the index.
    pub(super) fn unlink(&mut self, slot: u32, flow: &Flow) {
        let key = flow.meta.key;
        // Nearly always it is the only one of its name.
        if flow.kin.next.is_some() || !self.index.remove_at(&key, slot) {
            self.unchain(slot, key, flow.kin.next);
        }
        for alias in flow.kin.aliases() {
            self.index.remove(&alias.key);
        }
    }

    /// Others of its name go on: the one in front of it leads to the one behind it.
    fn unchain(&mut self, slot: u32, key: FlowKey, next: Option<u32>) {
        let head = self.index.get(&key).map(|link| link.slot);
        match next {
            Some(next) if head == Some(slot) => {
                self.index.insert(
                    key,
                    Link {
                        slot: next,
                        swapped: false,
                    },
                );
            }
            next => {
                let before = head.and_then(|head| {
                    let mut all = self.of_name(head);
                    all.find(|(_, f)| f.kin.next == Some(slot))
                        .map(|(slot, _)| slot)
                });
                if let Some(before) = before.and_then(|slot| self.flow_mut(slot)) {
                    before.kin.next = next;
                }
            }
        }
    }
}
