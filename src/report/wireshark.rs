//! A ready Wireshark display filter for a finding.

use crate::model::PacketRef;
use crate::rules::Finding;
use std::collections::BTreeSet;

/// `frame.number in {4, 6}`: the packets of the finding in the file of its first packet.
pub fn frame_filter(finding: &Finding) -> String {
    let file = finding.first.at.file();
    let numbers: BTreeSet<u64> = packets(finding)
        .filter(|at| at.file() == file)
        .map(PacketRef::number)
        .collect();
    let list: Vec<String> = numbers.iter().map(u64::to_string).collect();
    format!("frame.number in {{{}}}", list.join(", "))
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
