//! From a name to its newest connection. Packets of one connection often follow one another, so the last answer is kept:
//! comparing a name costs a fraction of looking it up.

use super::twins::Link;
use crate::model::{FlowKey, Side};
use crate::packet::Segment;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

/// All names of live connections.
#[derive(Debug, Default)]
pub(super) struct Index {
    links: HashMap<FlowKey, Link>,
    last: Option<(FlowKey, Link)>,
}

impl Index {
    /// Where the name of a packet leads.
    #[inline]
    pub(super) fn find(&mut self, key: &FlowKey) -> Option<Link> {
        if let Some((last, link)) = &self.last
            && last == key
        {
            return Some(*link);
        }
        let link = *self.links.get(key)?;
        self.last = Some((*key, link));
        Some(link)
    }

    /// Where the name of the packet before leads, if this one is of the same name: and which side sent it, by that name.
    #[inline]
    pub(super) fn again(&self, segment: &Segment<'_>) -> Option<(Link, Side)> {
        let (key, link) = self.last.as_ref()?;
        let side = key.side_of(&segment.src, &segment.dst)?;
        Some((*link, side))
    }

    /// The same, apart from the packets.
    pub(super) fn get(&self, key: &FlowKey) -> Option<Link> {
        self.links.get(key).copied()
    }

    pub(super) fn insert(&mut self, key: FlowKey, link: Link) {
        self.links.insert(key, link);
        self.last = Some((key, link));
    }

    pub(super) fn remove(&mut self, key: &FlowKey) {
        self.links.remove(key);
        if self.last.as_ref().is_some_and(|(last, _)| last == key) {
            self.last = None;
        }
    }

    /// Forgets a name, if it leads to the connection at `slot`.
    pub(super) fn remove_at(&mut self, key: &FlowKey, slot: u32) -> bool {
        let Entry::Occupied(place) = self.links.entry(*key) else {
            return false;
        };
        if place.get().slot != slot {
            return false;
        }
        place.remove();
        if self.last.as_ref().is_some_and(|(last, _)| last == key) {
            self.last = None;
        }
        true
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }
}
