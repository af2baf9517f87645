//! Which findings are shown, and which count.

use crate::rules::{Finding, Severity};

/// One `--rule`: a name, or `!NAME` to leave that rule out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleChoice {
    /// Rule name.
    pub name: String,
    /// Leave it out instead.
    pub excluded: bool,
}

/// `--rule` and `--min-severity`. The first chooses what counts, the second only hides.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// No inclusion among them = every rule that is not left out.
    pub rules: Vec<RuleChoice>,
    /// Less severe findings are counted but not shown.
    pub min_severity: Option<Severity>,
}

impl Selection {
    /// The rule takes part: it is shown, counted and judged by `--fail-on`.
    pub fn chooses(&self, rule: &str) -> bool {
        let named = |excluded| {
            self.rules
                .iter()
                .any(|r| r.excluded == excluded && r.name == rule)
        };
        let every_rule = self.rules.iter().all(|r| r.excluded);
        (every_rule || named(false)) && !named(true)
    }

    /// Severe enough to be shown.
    pub fn severe_enough(&self, severity: Severity) -> bool {
        self.min_severity.is_none_or(|least| severity >= least)
    }

    /// The finding is shown.
    pub fn shows(&self, finding: &Finding) -> bool {
        self.chooses(finding.rule) && self.severe_enough(finding.severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(rules: &[&str]) -> Selection {
        let rules = rules.iter().map(|r| RuleChoice {
            name: r.trim_start_matches('!').to_owned(),
            excluded: r.starts_with('!'),
        });
        Selection {
            rules: rules.collect(),
            min_severity: Some(Severity::Warning),
        }
    }

    #[test]
    fn rules_are_chosen_or_left_out() {
        let table: [(&[&str], &str, bool); 7] = [
            (&[], "auth-race", true),
            (&["auth-race"], "auth-race", true),
            (&["auth-race"], "slow-auth", false),
            (&["!slow-auth"], "auth-race", true),
            (&["!slow-auth"], "slow-auth", false),
            (&["auth-race", "!auth-race"], "auth-race", false),
            (&["auth-race", "slow-auth"], "slow-auth", true),
        ];
        for (rules, rule, want) in table {
            assert_eq!(selection(rules).chooses(rule), want, "{rules:?} {rule}");
        }
    }

    #[test]
    fn severity_is_a_floor() {
        let s = selection(&[]);
        assert!(!s.severe_enough(Severity::Note));
        assert!(s.severe_enough(Severity::Warning));
        assert!(s.severe_enough(Severity::Error));
        assert!(Selection::default().severe_enough(Severity::Note));
    }
}
