//! The sums that every run must satisfy, whatever it read.

use redorder::analyzer::Totals;

/// packets = segments + skipped, commands = what became of them, and bytes = what became of them.
pub(crate) fn balance(totals: &Totals) -> Result<(), String> {
    let skipped: u64 = totals.skipped.values().sum();
    if totals.packets != totals.tcp_segments + skipped {
        return Err(format!(
            "{} packets, but {} segments and {skipped} skipped",
            totals.packets, totals.tcp_segments
        ));
    }
    let counts = &totals.counts;
    let fates = counts.exchanges + counts.unanswered + counts.silent + counts.undecided_commands;
    if counts.commands != fates {
        return Err(format!("{fates} of the commands accounted for: {counts:?}"));
    }
    let bytes = &totals.stream_bytes;
    if bytes.captured != bytes.client.captured() + bytes.server.captured() {
        return Err(format!("bytes that are not accounted for: {bytes:?}"));
    }
    Ok(())
}

#[test]
fn sums_that_do_not_add_up_are_noticed() {
    let mut totals = Totals::default();
    assert_eq!(balance(&totals), Ok(()));
    totals.packets = 1;
    assert!(balance(&totals).is_err());
    totals.tcp_segments = 1;
    totals.counts.commands = 1;
    assert!(balance(&totals).is_err());
    totals.counts.silent = 1;
    totals.stream_bytes.captured = 2;
    totals.stream_bytes.client.framed = 1;
    assert!(balance(&totals).is_err());
    totals.stream_bytes.server.unread = 1;
    assert_eq!(balance(&totals), Ok(()));
}
