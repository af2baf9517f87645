//! From a name to its newest connection. Most packets belong to one of few connections that are busy, so the latest answers
//! are kept, each at a place that the two ports name: comparing a name costs a fraction of looking it up.

use super::twins::Link;
use crate::model::{FlowKey, Side};
use crate::packet::Segment;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

/// So many answers are kept: twelve KiB, so that they stay in the cache of the first level.
const RECENT: usize = 256;

/// All names of live connections.
#[derive(Debug)]
pub(super) struct Index {
    links: HashMap<FlowKey, Link>,
    /// What it says of some names. Ports that were chosen to share a place only cost the way through the table.
    recent: Box<[Option<(FlowKey, Link)>; RECENT]>,
}

impl Default for Index {
    fn default() -> Index {
        Index {
            links: HashMap::new(),
            recent: Box::new([None; RECENT]),
        }
    }
}

/// Where the answer for these two ports is kept, whichever sends. Ports of clients are mostly numbered one after the other.
#[inline(always)]
fn place(one: u16, other: u16) -> usize {
    let both = one ^ other;
    usize::from(both ^ (both >> 8)) % RECENT
}

fn place_of(key: &FlowKey) -> usize {
    place(key.end(Side::Low).port, key.end(Side::High).port)
}

impl Index {
    /// Where the name of a packet leads.
    #[inline]
    pub(super) fn find(&mut self, key: &FlowKey) -> Option<Link> {
        let place = &mut self.recent[place_of(key)];
        if let Some((recent, link)) = place
            && recent == key
        {
            return Some(*link);
        }
        let link = *self.links.get(key)?;
        *place = Some((*key, link));
        Some(link)
    }

    /// Where the name of a packet leads, if that is known without looking it up: and which side sent it, by that name.
    #[inline(always)]
    pub(super) fn again(&self, segment: &Segment<'_>) -> Option<(Link, Side)> {
        let (src, dst) = (&segment.src, &segment.dst);
        let (key, link) = self.recent[place(src.port, dst.port)].as_ref()?;
        let side = key.side_of(src, dst)?;
        Some((*link, side))
    }

    /// The same, apart from the packets.
    pub(super) fn get(&self, key: &FlowKey) -> Option<Link> {
        self.links.get(key).copied()
    }

    pub(super) fn insert(&mut self, key: FlowKey, link: Link) {
        self.links.insert(key, link);
        self.recent[place_of(&key)] = Some((key, link));
    }

    pub(super) fn remove(&mut self, key: &FlowKey) {
        self.links.remove(key);
        self.forget(key);
    }

    fn forget(&mut self, key: &FlowKey) {
        let place = &mut self.recent[place_of(key)];
        if place.as_ref().is_some_and(|(recent, _)| recent == key) {
            *place = None;
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
        self.forget(key);
        true
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Endpoint;
    use std::collections::BTreeSet;
    use std::hash::BuildHasher;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    /// Bits of a hash by which a table of some thousand names places them.
    const PLACE: u64 = 0xfff;

    fn name(client: IpAddr) -> FlowKey {
        let end = |addr, port| Endpoint { addr, port };
        let server = end(IpAddr::V4(Ipv4Addr::LOCALHOST), 6379);
        FlowKey::of(end(client, 40_000), server).0
    }

    fn places(index: &Index, names: &[FlowKey]) -> usize {
        let place = |name| index.links.hasher().hash_one(name) & PLACE;
        names.iter().map(place).collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn names_chosen_against_the_hash_of_an_earlier_run_do_no_harm() {
        let (earlier, now) = (Index::default(), Index::default());
        let place = |name: &FlowKey| earlier.links.hasher().hash_one(name) & PLACE;
        let all = (0..).map(|n| name(IpAddr::V4(Ipv4Addr::from_bits(n))));
        let chosen: Vec<FlowKey> = all.filter(|name| place(name) == 0).take(200).collect();
        assert_eq!(places(&earlier, &chosen), 1);
        assert!(places(&now, &chosen) > 100);
    }

    #[test]
    fn no_two_addresses_of_ipv6_are_the_same_to_every_hash() {
        // What folds the halves of an address by itself takes all of these for one.
        let folded = |half: u64| u128::from(half) << 64 | u128::from(half.rotate_left(23));
        let addresses = (1..=200).map(|half| IpAddr::V6(Ipv6Addr::from_bits(folded(half))));
        let names: Vec<FlowKey> = addresses.map(name).collect();
        assert!(places(&Index::default(), &names) > 100);
    }
}
