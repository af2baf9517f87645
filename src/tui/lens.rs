//! How causes and findings are looked at: the filter, only errors, one cause, addresses hidden.

use super::causes::{CauseKey, cause_key};
use super::filter::{FILTER_MAX, Filter};
use super::privacy::Hosts;
use crate::model::{Endpoint, is_unprintable};
use crate::rules::{Finding, Severity, command_text};

/// Decides what is shown and how texts read.
#[derive(Clone, Debug, Default)]
pub struct Lens {
    text: String,
    filter: Filter,
    /// Only findings of severity error.
    pub errors_only: bool,
    /// Only the findings of this cause.
    pub cause: Option<CauseKey>,
    /// Addresses are hidden.
    pub privacy: bool,
    hosts: Hosts,
}

impl Lens {
    /// The filter as typed.
    pub fn filter_text(&self) -> &str {
        &self.text
    }

    /// Filters by `text` from now on. Characters past [`FILTER_MAX`] are not taken.
    pub fn set_filter(&mut self, text: &str) {
        self.text = text.chars().take(FILTER_MAX).collect();
        self.filter = Filter::parse(&self.text);
    }

    /// The filter line takes no more characters.
    pub fn is_full(&self) -> bool {
        self.text.chars().count() >= FILTER_MAX
    }

    /// Something may be hidden by the filter or by "only errors".
    pub fn narrows(&self) -> bool {
        self.errors_only || !self.filter.is_empty()
    }

    /// `finding` is to be listed.
    pub fn passes(&self, finding: &Finding) -> bool {
        let of_cause = self.cause.is_none_or(|cause| cause == cause_key(finding));
        of_cause && self.passes_cause(finding)
    }

    /// The cause of which `finding` says most is to be listed.
    pub fn passes_cause(&self, finding: &Finding) -> bool {
        if self.errors_only && finding.severity != Severity::Error {
            return false;
        }
        self.filter.is_empty() || self.filter.matches(finding, &self.haystack(finding))
    }

    /// Numbers the addresses that `finding` names.
    pub fn learn(&mut self, finding: &Finding) {
        let ends = [finding.client, finding.server, finding.culprit_endpoint];
        for end in ends.into_iter().flatten() {
            self.hosts.learn(end.addr);
        }
    }

    /// Numbers the address of `end`.
    pub fn learn_end(&mut self, end: Endpoint) {
        self.hosts.learn(end.addr);
    }

    /// `text` as it may be drawn: addresses hidden if asked for, nothing in it that steers a terminal.
    pub fn say(&self, text: &str) -> String {
        if self.privacy {
            clean(&self.hosts.mask(text))
        } else {
            clean(text)
        }
    }

    /// Everything a word of the filter may occur in, in lower case, as it is drawn.
    fn haystack(&self, finding: &Finding) -> String {
        let mut text = format!("{} {}", finding.rule, finding.title);
        let ends = [finding.client, finding.server, finding.culprit_endpoint];
        for end in ends.into_iter().flatten() {
            text.push(' ');
            text.push_str(&end.to_string());
        }
        for exchange in &finding.exchanges {
            text.push(' ');
            text.push_str(&command_text(exchange));
            text.push(' ');
            text.push_str(exchange.reply.as_deref().unwrap_or_default());
        }
        self.say(&text).to_lowercase()
    }
}

/// Captured text may hold anything: white space becomes a space, other characters that a terminal obeys or nobody sees a `�`.
fn clean(text: &str) -> String {
    let drawn = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_unprintable(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(drawn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn filters_match_what_is_drawn() {
        let race = fixture::race();
        let table = [
            ("", true),
            ("rule:auth", true),
            ("rule:slow", false),
            ("error certain", true),
            ("warning", false),
            ("!warning", true),
            ("NOAUTH", true),
            ("10.0.0.1:50000", true),
            ("get <key#1", true),
            ("!get", false),
            ("rule:", true),
            ("host-1", false),
        ];
        for (text, want) in table {
            let mut lens = Lens::default();
            lens.set_filter(text);
            assert_eq!(lens.passes(&race), want, "{text}");
        }
    }

    #[test]
    fn with_addresses_hidden_the_filter_sees_the_names_shown() {
        let race = fixture::race();
        let mut lens = Lens::default();
        lens.learn(&race);
        lens.privacy = true;
        lens.set_filter("host-1");
        assert!(lens.passes(&race));
        lens.set_filter("10.0.0.1");
        assert!(!lens.passes(&race));
    }

    #[test]
    fn captured_text_can_not_steer_the_terminal() {
        let lens = Lens::default();
        assert_eq!(
            lens.say("a\x1b[2Jb\u{202e}c\nd"),
            "a\u{fffd}[2Jb\u{fffd}c d"
        );
    }

    #[test]
    fn the_filter_is_bounded() {
        let mut lens = Lens::default();
        lens.set_filter(&"x".repeat(FILTER_MAX + 5));
        assert!(lens.is_full());
        assert_eq!(lens.filter_text().chars().count(), FILTER_MAX);
    }
}
