//! Replies: missing ones, and bytes that are none.

pub(super) mod abandoned_read;
pub(super) mod absence;
pub(super) mod closed_unanswered;
pub(super) mod malformed_resp;
pub(super) mod order;
pub(super) mod proxy_error;
pub(super) mod reply_mismatch;
pub(super) mod reply_missing;
pub(super) mod reply_shift;
pub(super) mod reply_surplus;
pub(super) mod reply_swapped;
pub(super) mod unanswered;
