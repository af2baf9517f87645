//! Closed connections against a list that is searched from one end to the other.

use crate::model::{Endpoint, FlowKey};
use crate::tcp::closed::Closed;
use crate::tcp::closed_flows::{ClosedFlows, SAME_PORTS};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::net::Ipv4Addr;

fn name(port: u16) -> FlowKey {
    let end = |host, port| Endpoint {
        addr: Ipv4Addr::new(10, 0, 0, host).into(),
        port,
    };
    FlowKey::of(end(1, port), end(2, 6379)).0
}

/// One that closed: its name's port, and its stream.
#[derive(Debug)]
struct Row {
    port: u16,
    stream: u32,
    gone: bool,
}

/// The same with a list that is searched from one end to the other.
#[derive(Debug, Default)]
struct Naive {
    rows: VecDeque<Row>,
    forgotten: u64,
}

impl Naive {
    fn remember(&mut self, port: u16, stream: u32, limit: usize) {
        self.rows.push_back(Row {
            port,
            stream,
            gone: false,
        });
        let same = |row: &&mut Row| row.port == port && !row.gone;
        for row in self.rows.iter_mut().rev().filter(same).skip(SAME_PORTS) {
            row.gone = true;
        }
        while self.rows.len() > limit {
            let oldest = self.rows.pop_front();
            self.forgotten += u64::from(oldest.is_some_and(|row| !row.gone));
        }
    }

    fn forget(&mut self, port: u16) {
        for row in self.rows.iter_mut().filter(|row| row.port == port) {
            row.gone = true;
        }
    }

    /// Streams of that name, latest first.
    fn of_name(&self, port: u16) -> Vec<u32> {
        let same = self.rows.iter().rev().filter(|row| row.port == port);
        same.filter(|row| !row.gone).map(|row| row.stream).collect()
    }
}

/// What happens to the connections of a name.
#[derive(Clone, Copy, Debug)]
enum Step {
    Closes,
    GoesOn,
    IsAskedFor,
}

/// Ports, and what happens.
fn steps() -> impl Strategy<Value = Vec<(u16, Step)>> {
    let what = prop_oneof![
        8 => Just(Step::Closes),
        1 => Just(Step::GoesOn),
        1 => Just(Step::IsAskedFor),
    ];
    prop::collection::vec((0u16..9, what), 1..160)
}

fn streams(flows: &mut ClosedFlows, port: u16) -> Vec<u32> {
    let key = name(port);
    let all = flows.of_name(&key);
    all.filter_map(|closed| closed.stream(0).flatten())
        .collect()
}

proptest! {
    /// The same as a list, also where ordinals wrap around.
    #[test]
    fn is_a_list_that_knows_its_names(
        steps in steps(),
        limit in 0usize..24,
        to_wrap in prop_oneof![Just(u32::MAX), 0u32..60],
    ) {
        let mut flows = ClosedFlows::new(limit);
        flows.oldest = u32::MAX - to_wrap;
        let mut naive = Naive::default();
        for (stream, (port, what)) in (0..).zip(steps) {
            match what {
                Step::Closes => {
                    flows.remember(name(port), Closed::of_stream(stream));
                    naive.remember(port, stream, limit);
                }
                Step::GoesOn => {
                    flows.forget(&name(port));
                    naive.forget(port);
                }
                Step::IsAskedFor => {
                    prop_assert_eq!(streams(&mut flows, port), naive.of_name(port));
                }
            }
            prop_assert_eq!(flows.forgotten(), naive.forgotten);
            prop_assert_eq!(flows.sizes().0, naive.rows.len());
        }
        for port in 0..9 {
            prop_assert_eq!(streams(&mut flows, port), naive.of_name(port));
        }
        let names = (0..9).filter(|port| !naive.of_name(*port).is_empty()).count();
        prop_assert_eq!(flows.sizes().1, names);
    }
}
