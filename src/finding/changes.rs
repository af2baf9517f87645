//! What a revision changed, in words.

use super::model::Finding;
use crate::model::plural;

/// What `now` says otherwise than `before`, an earlier revision of it: `was likely`, `8 commands hit, 2 before`.
pub fn changes(before: &Finding, now: &Finding) -> Vec<String> {
    let mut changes = Vec::new();
    if before.confidence != now.confidence {
        changes.push(format!("was {}", before.confidence.name()));
    }
    if before.affected != now.affected {
        let (now, then) = (now.affected, before.affected);
        changes.push(format!("{} hit, {then} before", plural(now, "command")));
    }
    changes
}
