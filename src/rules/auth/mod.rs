//! The auth boundary: from AUTH to the next AUTH.

pub(super) mod auth_error;
pub(super) mod auth_expired;
pub(super) mod auth_missing;
pub(super) mod auth_not_honoured;
pub(super) mod auth_race;
pub(super) mod auth_refused;
pub(super) mod auth_reply_lost;
pub(super) mod auth_service_failed;
pub(super) mod auth_stranded;
pub(super) mod command_before_auth;
mod evidence;
pub(super) mod noauth_before_auth_reply;
pub(super) mod noauth_unexplained;
pub(super) mod pipelined_past_auth;
pub(super) mod reauth_refused;
pub(super) mod served_before_auth;
pub(super) mod served_during_reauth;
pub(super) mod slow_auth;
pub(super) mod upstream_noauth;
