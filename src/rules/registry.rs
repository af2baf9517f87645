//! The list of rules: what can be reported, and which names are kept for later.

use super::Rule;
use super::auth::{
    auth_error, auth_expired, auth_missing, auth_not_honoured, auth_race, auth_refused,
    auth_reply_lost, auth_service_failed, auth_stranded, command_before_auth,
    noauth_before_auth_reply, noauth_unexplained, pipelined_past_auth, reauth_refused,
    served_before_auth, served_during_reauth, slow_auth, upstream_noauth,
};
use super::capture::{capture_incomplete, encrypted};
use super::replies::{
    abandoned_read, closed_unanswered, malformed_resp, proxy_error, reply_mismatch, reply_missing,
    reply_shift, reply_surplus, reply_swapped, unanswered,
};
use crate::finding::RuleInfo;

/// Every rule that is built: the auth boundary first, then replies, proxies and the capture itself.
pub static CATALOGUE: [&RuleInfo; 30] = [
    &auth_race::INFO,
    &auth_stranded::INFO,
    &noauth_before_auth_reply::INFO,
    &auth_reply_lost::INFO,
    &auth_not_honoured::INFO,
    &auth_expired::INFO,
    &upstream_noauth::INFO,
    &noauth_unexplained::INFO,
    &served_before_auth::INFO,
    &served_during_reauth::INFO,
    &command_before_auth::INFO,
    &auth_missing::INFO,
    &auth_refused::INFO,
    &reauth_refused::INFO,
    &auth_error::INFO,
    &auth_service_failed::INFO,
    &slow_auth::INFO,
    &pipelined_past_auth::INFO,
    &reply_missing::INFO,
    &reply_surplus::INFO,
    &reply_swapped::INFO,
    &reply_mismatch::INFO,
    &reply_shift::INFO,
    &abandoned_read::INFO,
    &malformed_resp::INFO,
    &unanswered::INFO,
    &closed_unanswered::INFO,
    &proxy_error::INFO,
    &capture_incomplete::INFO,
    &encrypted::INFO,
];

/// The rules in order of precedence: one behind sees only what those in front of it have not explained. The rules of
/// refused commands follow the order of judgement behind an accepted AUTH, and those of missing answers their own.
pub(super) static ORDER: [&dyn Rule; 31] = [
    &auth_service_failed::AuthServiceFailed,
    &served_during_reauth::ServedDuringReauth,
    &reauth_refused::ReauthRefused,
    &auth_refused::AuthRefused,
    &auth_not_honoured::AuthNotHonoured,
    &upstream_noauth::UpstreamNoauth,
    &auth_race::AuthRace,
    &auth_expired::AuthExpired,
    &upstream_noauth::UpstreamNoauthRest,
    &command_before_auth::CommandBeforeAuth,
    &auth_missing::AuthMissing,
    &noauth_unexplained::NoauthUnexplained,
    &auth_error::AuthError,
    &auth_stranded::AuthStranded,
    &closed_unanswered::ClosedUnanswered,
    &unanswered::Unanswered,
    &noauth_before_auth_reply::NoauthBeforeAuthReply,
    &auth_reply_lost::AuthReplyLost,
    &reply_missing::ReplyMissing,
    &reply_surplus::ReplySurplus,
    &reply_swapped::ReplySwapped,
    &reply_mismatch::ReplyMismatch,
    &reply_shift::ReplyShift,
    &abandoned_read::AbandonedRead,
    &served_before_auth::ServedBeforeAuth,
    &malformed_resp::MalformedResp,
    &proxy_error::ProxyError,
    &pipelined_past_auth::PipelinedPastAuth,
    &slow_auth::SlowAuth,
    &capture_incomplete::CaptureIncomplete,
    &encrypted::Encrypted,
];

/// Names that are promised to later rules. No finding has them yet.
pub const RESERVED: &[&str] = &[
    "leg-order-swap",
    "reply-altered",
    "cross-talk",
    "forwarded-before-verdict",
    "answered-without-upstream",
    "tls-handshake-failed",
    "tls-plaintext-mix",
    "handshake-rejected",
    "handshake-loop",
    "hol-blocking",
    "network-stall",
    "half-open",
    "late-reader",
    "server-stall",
    "slow-command",
    "large-transfer",
    "idle-close",
    "mass-disconnect",
    "reset-midstream",
    "stale-primary",
    "redirect-loop",
    "redirect-storm",
    "server-loading",
    "connect-failed",
    "connection-churn",
    "clients-exhausted",
    "output-buffer-close",
    "shared-connection-state",
    "error-burst",
];

/// The rule called `name`, exactly as it is written in reports.
pub fn rule(name: &str) -> Option<&'static RuleInfo> {
    CATALOGUE.iter().copied().find(|info| info.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_kebab_case_and_used_once() {
        let built = CATALOGUE.iter().map(|info| info.name);
        let names: Vec<&str> = built.chain(RESERVED.iter().copied()).collect();
        let distinct: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(distinct.len(), names.len(), "a rule name is used twice");
        for name in names {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{name} is not kebab-case"
            );
        }
    }

    #[test]
    fn rules_are_found_by_their_full_name_only() {
        assert_eq!(rule("auth-race").map(|info| info.name), Some("auth-race"));
        assert!(rule("auth").is_none());
        assert!(rule("reply-altered").is_none(), "reserved, not built");
    }
}
