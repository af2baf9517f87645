//! What a finding about an AUTH window shows and proves: the exchanges its verdict rests on, and the sentence that joins
//! them.

use super::draft::{self, EXCHANGES_MAX};
use super::finding::{FindingExchange, Moment, Proof};
use super::window::{KeptExchange, Window};
use crate::model::PacketRef;

/// The exchanges that one rule shows of a window.
pub(super) struct Exhibits<'w> {
    /// Those refused with NOAUTH that the verdict is about, the one that decides first.
    pub(super) refused: Vec<&'w FindingExchange>,
    /// Everything that is listed, in the order of the commands.
    shown: Vec<&'w FindingExchange>,
    /// Served although the new AUTH was refused.
    bypass: Option<&'w FindingExchange>,
    /// The success in front of the refusals that the verdict rests on.
    before: Option<&'w FindingExchange>,
    /// The first success behind a refusal.
    later: Option<&'w FindingExchange>,
}

impl<'w> Exhibits<'w> {
    pub(super) fn of(window: &'w Window, rule: &str) -> Exhibits<'w> {
        // A race and an expiry of the same window are told apart: each shows its own refusals.
        let about = |k: &&KeptExchange| match rule {
            "auth-race" => !k.is_refused_and(false),
            "auth-expired" => !k.is_refused_and(true),
            _ => true,
        };
        let kept: Vec<&KeptExchange> = window.kept.iter().filter(about).collect();
        let mut refused: Vec<&FindingExchange> = kept
            .iter()
            .filter(|k| k.refused)
            .map(|k| &k.shown)
            .collect();
        if rule == "auth-not-honoured" {
            // That AUTH has no effect is shown by what was sent when its reply had arrived.
            refused.sort_by_key(|e| e.blind != Some(false));
        }
        let served = || kept.iter().filter(|k| !k.refused).map(|k| &k.shown);
        let first = refused.iter().map(|e| e.index).min();
        let in_front = || served().rfind(|e| first.is_some_and(|first| e.index < first));
        let before = matches!(rule, "auth-expired" | "upstream-noauth")
            .then(|| window.served_before.as_ref().or_else(in_front))
            .flatten();
        let mut shown: Vec<&FindingExchange> = kept.iter().map(|k| &k.shown).collect();
        shown.extend(before.filter(|e| !shown.iter().any(|s| s.index == e.index)));
        shown.sort_by_key(|e| e.index);
        Exhibits {
            bypass: served().find(|e| rule == "served-during-reauth" && e.blind == Some(true)),
            before,
            later: served().find(|e| first.is_some_and(|first| e.index > first)),
            refused,
            shown,
        }
    }

    /// When the last of it was seen.
    pub(super) fn last(&self, window: &Window) -> Moment {
        let received = self.shown.iter().filter_map(|e| e.received);
        received.fold(window.received.max(window.last), Moment::max)
    }

    /// AUTH first, then what is shown.
    pub(super) fn listed(&self, window: &Window) -> Vec<FindingExchange> {
        let shown = self.shown.iter().copied();
        std::iter::once(&window.auth)
            .chain(shown)
            .take(EXCHANGES_MAX)
            .cloned()
            .collect()
    }

    pub(super) fn prove(&self, window: &Window) -> Proof {
        let mut words = Words::default();
        words.say(&format!(
            "{} ({}) was answered {} ({}).",
            window.auth.command,
            draft::packet(window.sent.at),
            window.auth.reply.as_deref().unwrap_or_default(),
            draft::packet(window.received.at)
        ));
        words.packets.extend([window.sent.at, window.received.at]);
        words.values.push(("auth_reply_end", window.reply_end));
        if let Some(served) = self.bypass {
            words.exchange(
                served,
                "was sent before that reply could have arrived and got data,",
            );
        }
        if let Some(served) = self.before {
            words.exchange(served, "succeeded before the refusals:");
        }
        if let Some(first) = self.refused.first() {
            let blind = first.blind == Some(true);
            words.exchange(
                first,
                match blind {
                    true => "was sent before that reply could have arrived and got",
                    false => "was sent after that reply had arrived and got",
                },
            );
            if let (true, Some(ack)) = (blind, window.first_blind_ack) {
                words.say(&format!(
                    "Its segment acknowledged {ack} bytes of the server; AUTH's reply ends at byte {}.",
                    window.reply_end
                ));
                words.values.push(("command_ack", ack));
            }
        }
        if let Some(later) = self.later {
            words.say(&format!(
                "A later {} ({}) succeeded without another AUTH.",
                later.command,
                draft::packet(later.sent.at)
            ));
            words.packets.push(later.sent.at);
        }
        words.packets.dedup();
        Proof {
            text: words.text,
            packets: words.packets,
            values: words.values,
        }
    }
}

/// A proof under construction.
#[derive(Default)]
struct Words {
    text: String,
    packets: Vec<PacketRef>,
    values: Vec<(&'static str, i64)>,
}

impl Words {
    fn say(&mut self, sentence: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(sentence);
    }

    /// `GET (packet 4) <what> -NOAUTH … (packet 5).`
    fn exchange(&mut self, exchange: &FindingExchange, what: &str) {
        let mut sentence = format!(
            "{} ({}) {what} {}",
            exchange.command,
            draft::packet(exchange.sent.at),
            exchange.reply.as_deref().unwrap_or_default()
        );
        self.packets.push(exchange.sent.at);
        if let Some(received) = exchange.received {
            sentence.push_str(&format!(" ({})", draft::packet(received.at)));
            self.packets.push(received.at);
        }
        sentence.push('.');
        self.say(&sentence);
    }
}
