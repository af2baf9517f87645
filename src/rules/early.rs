//! Commands refused with NOAUTH while no AUTH had been sent.

use super::book::Book;
use super::draft::{self, EXCHANGES_MAX, Scene};
use super::finding::{Finding, FindingExchange, Moment};
use super::watch::Closing;
use super::{auth_missing, command_before_auth};
use crate::redis::{Anchor, Exchange, Shared};

/// Commands refused while no AUTH had been sent.
#[derive(Debug)]
pub(super) struct Early {
    first: Moment,
    last: Moment,
    index: u64,
    total: u64,
    kept: Vec<FindingExchange>,
    anchor: Anchor,
}

impl Early {
    /// One more of them.
    pub(super) fn note(
        place: &mut Option<Box<Early>>,
        shared: &mut Shared,
        scene: &Scene,
        exchange: &Exchange<'_>,
    ) {
        let shown = draft::shown(shared, scene, exchange, None);
        let received = Moment {
            time: exchange.received,
            at: exchange.at,
        };
        let early = place.get_or_insert_with(|| {
            Box::new(Early {
                first: shown.sent,
                last: received,
                index: exchange.command.index,
                total: 0,
                kept: Vec::new(),
                anchor: exchange.anchor,
            })
        });
        early.total += 1;
        early.last = received;
        early.anchor = early.anchor.min(exchange.anchor);
        if early.kept.len() < EXCHANGES_MAX - 1 {
            early.kept.push(shown);
        }
    }

    /// Nothing but PING, as a replica sends it.
    pub(super) fn only_pings(&self) -> bool {
        self.kept.iter().all(|e| e.command == "PING")
    }

    /// `auth` is the first AUTH, and it came behind them.
    pub(super) fn before_auth(
        self,
        auth: &FindingExchange,
        book: &mut Book,
        scene: &Scene,
    ) -> bool {
        let mut finding = self.finding(&command_before_auth::INFO, scene);
        let commands: Vec<&FindingExchange> = self.kept.iter().collect();
        finding.title = format!(
            "{} sent before AUTH and refused with NOAUTH",
            draft::some_commands(&commands, self.total)
        );
        let mut first = "first AUTH of the connection";
        if !scene.whole {
            finding.confidence = super::Confidence::Possible;
            first = "first AUTH that was captured";
        }
        finding.exchanges.insert(0, auth.clone());
        finding.exchanges.truncate(EXCHANGES_MAX);
        finding.proof.text = format!(
            "The first refused command is in {}; the {first} is in {}, behind it.",
            draft::packet(self.first.at),
            draft::packet(auth.sent.at)
        );
        finding.proof.packets = vec![self.first.at, auth.sent.at];
        book.say(finding)
    }

    /// No AUTH came, or none that was judged.
    pub(super) fn never_authenticated(
        self,
        unjudged: Option<&FindingExchange>,
        book: &mut Book,
        scene: &Scene,
        closing: &Closing,
    ) -> bool {
        let mut finding = self.finding(&auth_missing::INFO, scene);
        let (never, proof) = match unjudged {
            None => (
                "never sends AUTH",
                "no AUTH was sent until the end.".to_owned(),
            ),
            Some(auth) => (
                "never logs in",
                format!(
                    "{} ({}) got {}, which says nothing about the credentials, and no AUTH was accepted or refused.",
                    auth.command,
                    draft::packet(auth.sent.at),
                    auth.reply.as_deref().unwrap_or_default()
                ),
            ),
        };
        if closing.by_client.is_none() {
            finding.confidence = super::Confidence::Possible;
            let open =
                "The connection is still open: an AUTH may come behind the end of the capture.";
            finding.not_seen.push(open.to_owned());
        }
        finding.title = format!(
            "{} command{} refused with NOAUTH on a connection that {never}",
            self.total,
            if self.total == 1 { "" } else { "s" }
        );
        finding.proof.text = format!(
            "The connection was captured from its start. The first refusal answers {}; {proof}",
            draft::packet(self.first.at)
        );
        finding.proof.packets = vec![self.first.at];
        book.say(finding)
    }

    fn finding(&self, info: &'static super::RuleInfo, scene: &Scene) -> Finding {
        let mut finding = draft::on_connection(info, scene, self.first, self.index);
        finding.is_final = true;
        finding.confidence = scene.cap(self.anchor).min(super::Confidence::Likely);
        finding.affected = self.total;
        finding.last = self.last;
        finding.culprit = super::Culprit::Client;
        finding.culprit_endpoint = Some(scene.client);
        finding.exchanges.clone_from(&self.kept);
        finding.measures = vec![("refused", self.total as i64)];
        finding
    }
}
