//! A connection begins.

use super::Receiver;
use super::flow::Flow;
use super::liveness::Liveness;
use super::meta::{End, FlowMeta};
use super::routing::opener_of_syn;
use super::seen::Seen;
use super::settling::Settling;
use super::table::{Entry, Table};
use super::twins::Link;
use crate::model::{ConnectionId, FlowKey, Side};
use crate::packet::Segment;
use smallvec::smallvec;

/// So many connections of one name live side by side.
const SAME_NAME: usize = 4;

impl<T> Table<T> {
    /// Opens a connection. `is_new`: none of that name lives.
    pub(super) fn open<R: Receiver<T>>(
        &mut self,
        is_new: bool,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> u32 {
        if segment.flags.syn() && !is_new {
            self.close_ended(key, receiver);
        }
        if self.index.len() >= self.limits.connections {
            self.evict(receiver);
        }
        let opener = opener_of(segment, side);
        let id = ConnectionId(self.next_id);
        self.next_id += 1;
        let state = receiver.open(&key);
        // Large: made where it stays.
        let mut entry = Box::new(Entry {
            flow: Flow::new(new_meta(id, key, opener, seen), seen.steady),
            state,
        });
        let flow = &mut entry.flow;
        if let Some(number) = self.goes_on(key, segment, seen.at.file()) {
            flow.meta.vantages.push((seen.at.file(), number));
        }
        if opener.is_none() {
            let until = seen.steady.plus(self.limits.reorder_grace_ns);
            flow.settling = Some(Box::new(Settling::new(until)));
        }
        flow.half_open = segment.flags.syn() && !segment.flags.ack();
        let half_open = flow.half_open;
        let slot = self.free_slot();
        flow.meta.slot = slot;
        if !is_new {
            flow.kin.next = self.index.get(&key).map(|link| link.slot);
        }
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(entry);
        }
        self.index.insert(
            key,
            Link {
                slot,
                swapped: false,
            },
        );
        self.close_beyond(slot, receiver);
        if half_open {
            self.note_half_open(slot, id, receiver);
        } else {
            self.supersede(slot);
        }
        slot
    }

    /// Wireshark's number of the connection before this one: without a SYN, Wireshark takes both for one.
    fn goes_on(&mut self, key: FlowKey, segment: &Segment<'_>, file: u16) -> Option<Option<u32>> {
        if segment.flags.syn() {
            return None;
        }
        let live = self.index.get(&key).and_then(|link| self.flow(link.slot));
        let vantages = live.map_or(&[][..], |flow| &flow.meta.vantages);
        let vantage = vantages.iter().find(|(f, _)| *f == file);
        vantage
            .map(|(_, number)| *number)
            .or_else(|| self.closed.stream(key, file))
    }

    fn free_slot(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// A SYN behind the end of a connection opens the next one at once.
    fn close_ended<R: Receiver<T>>(&mut self, key: FlowKey, receiver: &mut R) {
        let Some(link) = self.index.get(&key) else {
            return;
        };
        let ended: Vec<u32> = self
            .of_name(link.slot)
            .filter(|(_, flow)| !flow.closing.is_none())
            .map(|(slot, _)| slot)
            .collect();
        for slot in ended {
            self.close(slot, None, receiver);
        }
    }

    /// No more than a few connections of one name are kept: first those go that nobody answered, then the oldest.
    fn close_beyond<R: Receiver<T>>(&mut self, head: u32, receiver: &mut R) {
        let older = || self.of_name(head).skip(1);
        if older().count() < SAME_NAME {
            return;
        }
        let unanswered = older().filter(|(_, flow)| flow.half_open).last();
        let victim = unanswered.or_else(|| older().last()).map(|(slot, _)| slot);
        if let Some(slot) = victim {
            self.close(slot, Some(End::Replaced), receiver);
        }
    }
}

#[inline(always)]
fn new_meta(id: ConnectionId, key: FlowKey, opener: Option<Side>, seen: Seen) -> FlowMeta {
    FlowMeta {
        id,
        slot: 0,
        key,
        opener,
        opened: seen.time,
        last: seen.time,
        first_at: seen.at,
        last_at: seen.at,
        vantages: smallvec![],
        end: End::Open,
        liveness: Liveness::default(),
        segments: [0; 2],
        cut_bytes: 0,
        gaps: 0,
    }
}

/// The same of any segment.
fn opener_of(segment: &Segment<'_>, side: Side) -> Option<Side> {
    segment.flags.syn().then(|| opener_of_syn(segment, side))
}
