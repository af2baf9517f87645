//! From a segment to its connection: by addresses and ports, then by its numbers.

use super::Receiver;
use super::alarms::Kind;
use super::flow::Flow;
use super::identity::Fit;
use super::liveness::{Liveness, Seen};
use super::meta::{End, FlowMeta};
use super::obeyed::Obeyed;
use super::place::Place;
use super::settling::{self, Settling};
use super::table::{Entry, Table};
use super::twins::{Alias, Link, Trace};
use crate::model::{ConnectionId, FlowKey, Side};
use crate::packet::{Segment, TcpFlags};
use smallvec::smallvec;

/// So many connections of one name live side by side.
const SAME_NAME: usize = 4;

impl<T> Table<T> {
    #[inline]
    pub(super) fn flow(&self, slot: u32) -> Option<&Flow> {
        let entry = self.slots.get(slot as usize)?;
        entry.as_ref().map(|e| &e.flow)
    }

    pub(super) fn flow_mut(&mut self, slot: u32) -> Option<&mut Flow> {
        let entry = self.slots.get_mut(slot as usize)?;
        entry.as_mut().map(|e| &mut e.flow)
    }

    /// The connection of the segment before, where this one plainly belongs to it too.
    #[inline]
    pub(super) fn place_again(&self, segment: &Segment<'_>) -> Option<(u32, Side)> {
        if self.closed.lags() {
            return None;
        }
        let (link, side) = self.index.again(segment)?;
        let side = link.side(side);
        self.is_plain(link.slot, side, segment)
            .then_some((link.slot, side))
    }

    /// The only connection of its name goes on with this segment.
    #[inline]
    fn is_plain(&self, slot: u32, side: Side, segment: &Segment<'_>) -> bool {
        segment.flags.0 & (TcpFlags::SYN | TcpFlags::RST) == 0
            && self.flow(slot).is_some_and(|flow| {
                flow.kin.next.is_none()
                    && flow.settling.is_none()
                    && flow.fit(side, segment) == Fit::Yes
            })
    }

    /// Finds or opens the connection of a segment.
    #[inline]
    pub(super) fn place<R: Receiver<T>>(
        &mut self,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> Place {
        let link = self.index.find(&key);
        if let Some(link) = link
            && self.is_plain(link.slot, link.side(side), segment)
        {
            return Place::At(link.slot, link.side(side));
        }
        self.seek(link, key, side, segment, seen, receiver)
    }

    /// The same where it is not plain. `link`: what the index says.
    fn seek<R: Receiver<T>>(
        &mut self,
        link: Option<Link>,
        key: FlowKey,
        side: Side,
        segment: &Segment<'_>,
        seen: Seen,
        receiver: &mut R,
    ) -> Place {
        if let Some(link) = link {
            let own = link.side(side);
            let found = if segment.flags.syn() {
                self.of_syn(link.slot, own, segment)
            } else if segment.flags.rst() {
                self.of_reset(link.slot, own, segment)
            } else {
                self.best(link.slot, own, segment)
            };
            if let Some(slot) = found {
                let twin = self.join_twin(slot, own, segment, seen, receiver);
                let (slot, own) = twin.unwrap_or((slot, own));
                return Place::At(slot, own);
            }
            if segment.flags.rst() {
                return Place::Ignored;
            }
            if self.flow(link.slot).is_some_and(|f| f.meta.key != key) {
                self.forget_alias(link.slot, key);
            }
        }
        if let Some(late) = self.closed.late(key, side, segment) {
            return Place::Late(late);
        }
        if let Some(trace) = self.twin_of(key, segment) {
            self.add_alias(key, side, &trace, seen, receiver);
            return Place::At(trace.slot, trace.side);
        }
        Place::At(
            self.open(link.is_none(), key, side, segment, seen, receiver),
            side,
        )
    }

    /// The connections of one name, the newest first.
    fn of_name(&self, head: u32) -> impl Iterator<Item = (u32, &Flow)> {
        let first = self.flow(head).map(|flow| (head, flow));
        std::iter::successors(first, |(_, flow)| {
            let next = flow.kin.next?;
            Some((next, self.flow(next)?))
        })
    }

    fn best(&self, head: u32, side: Side, segment: &Segment<'_>) -> Option<u32> {
        let fits = self
            .of_name(head)
            .map(|(slot, flow)| (flow.fit(side, segment), slot));
        let best = fits.reduce(|best, other| if other.0 > best.0 { other } else { best });
        best.filter(|(fit, _)| *fit > Fit::No).map(|(_, slot)| slot)
    }

    fn of_reset(&self, head: u32, side: Side, segment: &Segment<'_>) -> Option<u32> {
        let all = self
            .of_name(head)
            .map(|(slot, flow)| (flow.obeys(side, segment), slot));
        let best = all.reduce(|best, other| if other.0 > best.0 { other } else { best });
        best.filter(|(obeyed, _)| *obeyed > Obeyed::No)
            .map(|(_, slot)| slot)
    }

    /// The connection that a SYN opens or opened. A live connection answers a foreign one with a challenge (RFC 5961
    /// section 4) and goes on; what becomes of the SYN is seen later.
    fn of_syn(&mut self, head: u32, side: Side, segment: &Segment<'_>) -> Option<u32> {
        let opener = opener_of_syn(segment, side);
        let mut next = Some(head);
        while let Some(slot) = next {
            let flow = self.flow_mut(slot)?;
            if belongs(flow, side, opener, segment) {
                return Some(slot);
            }
            next = flow.kin.next;
        }
        None
    }

    /// The connection that took the same packet under another name.
    fn twin_of(&self, key: FlowKey, segment: &Segment<'_>) -> Option<Trace> {
        let carries = segment.flags.syn() || !segment.payload.is_empty();
        let trace = self.twins.find(segment).filter(|_| carries)?;
        let flow = self.flow(trace.slot)?;
        let alive = flow.meta.id == trace.id && flow.meta.key != key;
        alive.then_some(trace)
    }

    fn add_alias<R: Receiver<T>>(
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
        entry.flow.kin.aliases.push(Alias { key, swapped });
        self.streams
            .note_alias(&mut entry.flow.meta, seen.at.file());
        receiver.renamed(&mut entry.state, &entry.flow.meta, &key);
        self.index.insert(key, Link { slot, swapped });
    }

    fn forget_alias(&mut self, slot: u32, key: FlowKey) {
        self.index.remove(&key);
        if let Some(flow) = self.flow_mut(slot) {
            flow.kin.aliases.retain(|alias| alias.key != key);
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
            flow.settling.is_some() && flow.kin.next.is_none() && flow.kin.aliases.is_empty();
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

    /// Opens a connection. `is_new`: none of that name lives.
    fn open<R: Receiver<T>>(
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
        flow.kin.half_open = segment.flags.syn() && !segment.flags.ack();
        let half_open = flow.kin.half_open;
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
    fn goes_on(&self, key: FlowKey, segment: &Segment<'_>, file: u16) -> Option<Option<u32>> {
        if segment.flags.syn() {
            return None;
        }
        let number = |vantages: &[(u16, Option<u32>)]| {
            let vantage = vantages.iter().find(|(f, _)| *f == file);
            vantage.map(|(_, number)| *number)
        };
        let live = self.index.get(&key).and_then(|link| self.flow(link.slot));
        live.and_then(|flow| number(&flow.meta.vantages))
            .or_else(|| self.closed.vantages(key).and_then(number))
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
            .filter(|(_, flow)| flow.closing.is_some())
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
        let unanswered = older().filter(|(_, flow)| flow.kin.half_open).last();
        let victim = unanswered.or_else(|| older().last()).map(|(slot, _)| slot);
        if let Some(slot) = victim {
            self.close(slot, Some(End::Replaced), receiver);
        }
    }

    /// The older connections of this one's name are over, unless they go on.
    pub(super) fn supersede(&mut self, slot: u32) {
        let older: Vec<u32> = self.of_name(slot).skip(1).map(|(slot, _)| slot).collect();
        let due = self.now().plus(self.limits.half_open_ns);
        for slot in older {
            let Some(flow) = self.flow_mut(slot) else {
                continue;
            };
            flow.kin.superseded = true;
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
        for alias in &flow.kin.aliases {
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

/// A SYN belongs to this connection. What it tells is taken over.
fn belongs(flow: &mut Flow, side: Side, opener: Side, segment: &Segment<'_>) -> bool {
    let other = flow.half(side.peer()).base();
    // The number that a SYN-ACK acknowledges tells which SYN it answers, and whether the other end's start was captured.
    let answers = !segment.flags.ack() || other.is_none_or(|base| base == segment.ack);
    match flow.half(side).base() {
        Some(base) if base == segment.first_byte() => {
            if answers {
                flow.meta.opener.get_or_insert(opener);
            }
            true
        }
        Some(_) => false,
        None if flow.settling.is_none() => {
            if answers {
                flow.meta.opener.get_or_insert(opener);
            }
            answers
        }
        None => {
            // Data overtook its SYN in the capture: both belong to one connection when the numbers say so.
            let start = flow.settling.as_ref().and_then(|s| s.start_of(side, false));
            let near = start.is_none_or(|s| {
                (s.wrapping_sub(segment.seq) as i32).unsigned_abs() < settling::BYTES as u32
            });
            if near {
                flow.half_mut(side).set_base(segment.first_byte());
                flow.meta.opener.get_or_insert(opener);
            }
            near
        }
    }
}

/// Who opened the connection, when `side` sent this SYN: its sender, or who a SYN-ACK answers.
fn opener_of_syn(segment: &Segment<'_>, side: Side) -> Side {
    if segment.flags.ack() {
        side.peer()
    } else {
        side
    }
}

/// The same of any segment.
fn opener_of(segment: &Segment<'_>, side: Side) -> Option<Side> {
    segment.flags.syn().then(|| opener_of_syn(segment, side))
}
