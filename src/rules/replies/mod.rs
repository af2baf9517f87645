//! Replies: missing ones, and bytes that are none.

pub(super) mod absence;
pub(super) mod closed_unanswered;
pub(super) mod malformed_resp;
pub(super) mod proxy_error;
pub(super) mod unanswered;
