//! A ready Wireshark display filter for a finding.

use crate::model::{PacketRef, push_decimal};
use crate::rules::Finding;

/// Most filters are shorter.
const ROOM: usize = 64;

/// `frame.number in {4, 6}`: the packets of the finding in the file of its first packet.
pub fn frame_filter(finding: &Finding) -> String {
    let file = finding.first.at.file();
    let mut numbers: Vec<u64> = packets(finding)
        .filter(|at| at.file() == file)
        .map(PacketRef::number)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut filter = String::with_capacity(ROOM);
    filter.push_str("frame.number in {");
    for (index, number) in numbers.iter().enumerate() {
        if index > 0 {
            filter.push_str(", ");
        }
        push_decimal(&mut filter, *number);
    }
    filter.push('}');
    filter
}

fn packets(finding: &Finding) -> impl Iterator<Item = PacketRef> {
    let exchanges = finding
        .exchanges
        .iter()
        .flat_map(|e| std::iter::once(e.sent.at).chain(e.received.map(|r| r.at)));
    let ends = [finding.first.at, finding.last.at];
    exchanges
        .chain(finding.proof.packets.iter().copied())
        .chain(ends)
}
