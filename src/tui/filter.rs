//! The filter line: words that must all match, `rule:`, severity and confidence words, `!` for not.

use crate::rules::Finding;

/// Characters a filter may have; more are not taken, and the filter line says so.
pub const FILTER_MAX: usize = 200;

/// A parsed filter. The empty one matches everything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Test {
    Rule(String),
    Severity(String),
    Confidence(String),
    Text(String),
}

impl Filter {
    /// Reads what was typed. Every text is a filter: what is no keyword is looked for as it stands.
    pub fn parse(text: &str) -> Filter {
        let terms = text.split_whitespace().filter_map(term).collect();
        Filter { terms }
    }

    /// All words match. `haystack` is the finding's text as shown, in lower case.
    pub fn matches(&self, finding: &Finding, haystack: &str) -> bool {
        self.terms
            .iter()
            .all(|t| t.test.holds(finding, haystack) != t.negated)
    }

    /// Matches everything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

impl Test {
    fn holds(&self, finding: &Finding, haystack: &str) -> bool {
        match self {
            Test::Rule(part) => finding.rule.contains(part.as_str()),
            Test::Severity(name) => finding.severity.name() == name,
            Test::Confidence(name) => finding.confidence.name() == name,
            Test::Text(part) => haystack.contains(part.as_str()),
        }
    }
}

/// `None` for a lone `!` or `rule:`, which a person is still typing.
fn term(word: &str) -> Option<Term> {
    let (negated, word) = match word.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let word = word.to_lowercase();
    let test = match (word.as_str(), word.strip_prefix("rule:")) {
        ("", _) | (_, Some("")) => return None,
        (_, Some(part)) => Test::Rule(part.to_owned()),
        ("error" | "errors", _) => Test::Severity("error".to_owned()),
        ("warning" | "warnings", _) => Test::Severity("warning".to_owned()),
        ("note" | "notes", _) => Test::Severity("note".to_owned()),
        ("certain" | "likely" | "possible", _) => Test::Confidence(word),
        _ => Test::Text(word),
    };
    Some(Term { negated, test })
}
