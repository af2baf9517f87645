//! The same fault on the leg behind: whoever passed it on is not to blame.

use crate::finding::{Finding, packet};
use crate::legs::{Link, Passage};
use crate::model::Endpoint;

/// A reply that was wrong on the leg behind already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PassedOn {
    /// Where it passed there. Of several legs the last one.
    pub behind: Passage,
    /// How sure it is that it is the leg behind.
    pub link: Link,
}

impl PassedOn {
    /// What is left open where it is sure.
    pub(super) fn not_seen(&self) -> String {
        format!(
            "What {} did with the reply: no leg behind it is in these packets.",
            self.behind.server
        )
    }

    /// Says so in the finding about the connection to `front`.
    pub(super) fn say(&self, finding: &mut Finding, front: Endpoint) {
        let Passage {
            connection,
            client,
            server,
            ..
        } = self.behind;
        let (sent, received) = (self.behind.sent.1, self.behind.received.1);
        let there = format!(
            "connection {} from {client} to {server} ({} and {})",
            connection.0,
            packet(sent),
            packet(received)
        );
        if self.link == Link::Perhaps {
            finding.not_seen.push(format!(
                "Whether {front} did it: the same command got the same reply meanwhile on {there}. If that is the leg behind, it was wrong there already."
            ));
            return;
        }
        // A transparent proxy has no address of its own.
        let by = match server == front {
            true => "what stands in between".to_owned(),
            false => front.to_string(),
        };
        let text = &mut finding.proof.text;
        text.push_str(&format!(
            " The same command had got the same reply on the leg behind, {there}: it was wrong there already, and {by} passed it on."
        ));
        if self.link == Link::ByContent {
            finding.not_seen.push(format!(
                "That {client} is the other end of {front}: no address says so, but what passed there does."
            ));
        }
        for at in [sent, received] {
            if !finding.proof.packets.contains(&at) {
                finding.proof.packets.push(at);
            }
        }
    }
}
