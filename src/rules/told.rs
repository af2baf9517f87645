//! What has been told of a case.

use crate::finding::{Confidence, Culprit, Finding, Moment, RuleInfo, Verdict};

/// What has been told of a case.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub info: &'static RuleInfo,
    pub id: String,
    pub first: Moment,
    confidence: Confidence,
    culprit: Culprit,
    affected: u64,
    pub stands: bool,
}

impl Told {
    pub(super) fn of(info: &'static RuleInfo, finding: &Finding) -> Told {
        Told {
            info,
            id: finding.id.clone(),
            first: finding.first,
            confidence: finding.confidence,
            culprit: finding.culprit,
            affected: finding.affected,
            stands: true,
        }
    }

    /// Telling it again would say something new.
    pub(super) fn is_news(&self, said: &Verdict) -> bool {
        const LISTED: u64 = crate::finding::EXCHANGES_MAX as u64;
        let grown = said.affected > self.affected
            && (said.affected.is_power_of_two() || said.affected < LISTED);
        !self.stands || self.confidence != said.confidence || self.culprit != said.culprit || grown
    }
}
