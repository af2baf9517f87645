//! What has been told of a case.

use super::basis::Basis;
use crate::finding::{Confidence, Culprit, Finding, Moment, RuleInfo, Verdict};

/// What has been told of a case.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub info: &'static RuleInfo,
    /// What it is called, and its first moment; `None` where only the last word is told.
    pub said: Option<(String, Moment)>,
    confidence: Confidence,
    culprit: Culprit,
    affected: u64,
    /// Why the claim held when it was said.
    basis: Option<Basis>,
    pub stands: bool,
}

impl Told {
    pub(super) fn of(info: &'static RuleInfo, finding: &Finding, basis: Basis) -> Told {
        Told {
            info,
            said: Some((finding.id.clone(), finding.first)),
            confidence: finding.confidence,
            culprit: finding.culprit,
            affected: finding.affected,
            basis: Some(basis),
            stands: true,
        }
    }

    /// It stands, and nobody wants to hear of it before it is final.
    pub(super) fn silently(info: &'static RuleInfo, verdict: &Verdict) -> Told {
        Told {
            info,
            said: None,
            confidence: verdict.confidence,
            culprit: verdict.culprit,
            affected: verdict.affected,
            basis: None,
            stands: true,
        }
    }

    /// It was said of so many, for this reason: the same words would be found for it.
    pub(super) fn was_said_of(&self, affected: u64, basis: Basis) -> bool {
        self.affected == affected && self.basis == Some(basis)
    }

    /// Telling it again would say something new.
    pub(super) fn is_news(&self, said: &Verdict) -> bool {
        const LISTED: u64 = crate::finding::EXCHANGES_MAX as u64;
        let grown = said.affected > self.affected
            && (said.affected.is_power_of_two() || said.affected < LISTED);
        !self.stands || self.confidence != said.confidence || self.culprit != said.culprit || grown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::auth::auth_race::INFO;

    fn told(stands: bool) -> Told {
        Told {
            info: &INFO,
            said: None,
            confidence: Confidence::Likely,
            culprit: Culprit::Server,
            affected: 1,
            basis: None,
            stands,
        }
    }

    fn verdict(confidence: Confidence, culprit: Culprit, affected: u64) -> Verdict {
        Verdict {
            confidence,
            affected,
            culprit,
            culprit_endpoint: None,
        }
    }

    #[test]
    fn only_what_is_new_is_told_again() {
        use Confidence::{Certain, Likely};
        use Culprit::{Proxy, Server};
        let table = [
            ("the same", true, verdict(Likely, Server, 1), false),
            ("taken back before", false, verdict(Likely, Server, 1), true),
            ("surer", true, verdict(Certain, Server, 1), true),
            ("somebody else", true, verdict(Likely, Proxy, 1), true),
            ("more of it", true, verdict(Likely, Server, 2), true),
            ("fewer", true, verdict(Likely, Server, 0), false),
        ];
        for (what, stands, verdict, news) in table {
            assert_eq!(told(stands).is_news(&verdict), news, "{what}");
        }
    }

    #[test]
    fn of_many_affected_each_doubling_is_told() {
        let table = [
            (31, false),
            (32, true),
            (33, false),
            (64, true),
            (100, false),
        ];
        let old = Told {
            affected: 30,
            ..told(true)
        };
        for (affected, news) in table {
            let verdict = verdict(Confidence::Likely, Culprit::Server, affected);
            assert_eq!(old.is_news(&verdict), news, "{affected}");
        }
    }
}
