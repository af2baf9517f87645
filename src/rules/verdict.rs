//! The auth boundary in numbers: what happened to the commands behind one accepted AUTH, and what that means.
//!
//! Pure: counts in, verdicts out. The order of events is in the counts: "before" and "between" are relative to the
//! first refusals of the window.

use super::finding::Confidence;
use smallvec::SmallVec;

/// How many commands, by who must have answered them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Split {
    /// Commands that a proxy may answer itself.
    pub local: u64,
    /// Commands that a proxy forwards.
    pub forwarded: u64,
}

impl Split {
    pub(super) fn add(&mut self, local: bool) {
        if local {
            self.local += 1;
        } else {
            self.forwarded += 1;
        }
    }

    pub(super) const fn all(self) -> u64 {
        self.local + self.forwarded
    }
}

/// What happened behind one accepted AUTH. "Blind" = sent before AUTH's reply could have been received.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Facts {
    /// Blind successes in front of the first refusal.
    pub blind_ok_before: Split,
    /// Other successes in front of the first refusal.
    pub late_ok_before: Split,
    /// Blind commands refused with NOAUTH.
    pub blind_refused: Split,
    /// Successes behind a blind refusal, in front of the first refusal of a command that was not blind.
    pub ok_between: Split,
    /// Commands that were not blind and were refused with NOAUTH.
    pub late_refused: Split,
    /// Successes behind the first refusal of a command that was not blind.
    pub ok_after: Split,
}

impl Facts {
    /// Takes the next command of the window.
    pub(super) fn note(&mut self, blind: bool, refused: bool, local: bool) {
        let slot = match (refused, blind) {
            (true, true) => &mut self.blind_refused,
            (true, false) => &mut self.late_refused,
            (false, _) if self.late_refused.all() > 0 => &mut self.ok_after,
            (false, _) if self.blind_refused.all() > 0 => &mut self.ok_between,
            (false, true) => &mut self.blind_ok_before,
            (false, false) => &mut self.late_ok_before,
        };
        slot.add(local);
    }

    pub(super) const fn refused(&self) -> u64 {
        self.blind_refused.all() + self.late_refused.all()
    }

    const fn ok_forwarded(&self) -> u64 {
        self.blind_ok_before.forwarded
            + self.late_ok_before.forwarded
            + self.ok_between.forwarded
            + self.ok_after.forwarded
    }

    const fn ok(&self) -> u64 {
        self.blind_ok_before.all()
            + self.late_ok_before.all()
            + self.ok_between.all()
            + self.ok_after.all()
    }

    /// Every success may be the proxy's own, every refusal came for a command it forwards: Redis itself refuses.
    const fn looks_upstream(&self) -> bool {
        let refused_local = self.blind_refused.local + self.late_refused.local;
        self.ok() > 0 && self.ok_forwarded() == 0 && refused_local == 0
    }
}

/// The rules about an accepted AUTH.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Cause {
    Race,
    NotHonoured,
    Expired,
    Upstream,
}

/// One verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Verdict {
    pub cause: Cause,
    pub confidence: Confidence,
    pub affected: u64,
}

/// What the facts of one window mean. Mostly nothing, now and then one verdict, rarely two.
pub(crate) fn judge(facts: &Facts) -> SmallVec<[Verdict; 2]> {
    use Confidence::{Certain, Likely, Possible};
    let mut verdicts = SmallVec::new();
    let mut say = |cause, confidence, affected| {
        verdicts.push(Verdict {
            cause,
            confidence,
            affected,
        });
    };
    let (blind, late) = (facts.blind_refused.all(), facts.late_refused.all());
    let refused = facts.refused();
    if refused == 0 {
        return verdicts;
    }
    if blind > 0 && facts.blind_ok_before.all() == 0 && (late == 0 || facts.ok_between.all() > 0) {
        let decided = facts.ok_between.all() > 0 && !facts.looks_upstream();
        say(Cause::Race, if decided { Certain } else { Likely }, blind);
        if late > 0 && facts.ok_after.all() == 0 {
            let forwarded = facts.ok_between.forwarded + facts.late_ok_before.forwarded > 0;
            say(
                Cause::Expired,
                if forwarded { Likely } else { Possible },
                late,
            );
        }
    } else if facts.looks_upstream() {
        say(Cause::Upstream, Likely, refused);
    } else if facts.ok() == 0 {
        say(Cause::NotHonoured, Likely, refused);
    } else if facts.ok_after.all() == 0 && facts.ok_between.all() == 0 {
        // Accepted, served, and then refused for good.
        let served = facts.late_ok_before.forwarded > 0 && blind == 0;
        say(
            Cause::Expired,
            if served { Likely } else { Possible },
            refused,
        );
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;
    use Confidence::{Certain, Likely, Possible};

    /// One letter per command: p/P = PING refused / served, g/G = GET; upper case is served.
    /// In front of the bar they are blind, behind it not.
    fn verdicts(story: &str) -> Vec<(Cause, Confidence, u64)> {
        let (blind, late) = story.split_once('|').unwrap();
        let mut facts = Facts::default();
        for (commands, is_blind) in [(blind, true), (late, false)] {
            for c in commands.chars() {
                facts.note(is_blind, c.is_lowercase(), c.eq_ignore_ascii_case(&'p'));
            }
        }
        judge(&facts)
            .iter()
            .map(|v| (v.cause, v.confidence, v.affected))
            .collect()
    }

    #[test]
    fn every_story_has_its_verdict() {
        use Cause::{Expired, NotHonoured, Race, Upstream};
        type Story = (&'static str, &'static [(Cause, Confidence, u64)]);
        let table: &[Story] = &[
            ("PGG|PG", &[]),
            ("|", &[]),
            ("p|", &[(Race, Likely, 1)]),
            ("ppg|", &[(Race, Likely, 3)]),
            ("p|P", &[(Race, Certain, 1)]),
            ("pP|", &[(Race, Certain, 1)]),
            ("g|G", &[(Race, Certain, 1)]),
            // PING proves nothing about Redis behind a proxy.
            ("g|P", &[(Race, Likely, 1)]),
            ("p|p", &[(NotHonoured, Likely, 2)]),
            ("|pg", &[(NotHonoured, Likely, 2)]),
            ("Pg|", &[(Upstream, Likely, 1)]),
            ("P|g", &[(Upstream, Likely, 1)]),
            ("|PgPg", &[(Upstream, Likely, 2)]),
            ("g|gP", &[(Upstream, Likely, 2)]),
            ("|Ggp", &[(Expired, Likely, 2)]),
            ("GG|Gg", &[(Expired, Likely, 1)]),
            ("|Pp", &[(Expired, Possible, 1)]),
            ("p|Pp", &[(Race, Certain, 1), (Expired, Possible, 1)]),
            ("p|Gpg", &[(Race, Certain, 1), (Expired, Likely, 2)]),
            // It came back without another AUTH: not expired.
            ("|GgG", &[]),
            ("p|pP", &[]),
        ];
        for (story, expected) in table {
            assert_eq!(&verdicts(story)[..], *expected, "{story}");
        }
    }
}
