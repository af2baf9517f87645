//! Redis 7.2 and later (redis#15640) and Valkey 7.2 to 8.0 may drop the error of a failing AUTH when other output is
//! still pending: every later reply then moves up by one. While that explanation fits as well as the plain one,
//! exchanges are held back here; they are released once a reply can not belong to the next command.

use super::commands::{CommandInfo, Forms, Kind};
use super::errors::is_auth_only;
use super::pending::Pending;
use super::shape::Shape;

/// Exchanges held back at most; then pairing counts as lost.
pub(super) const HELD_MAX: usize = 1024;

/// `reply`, whose first byte acknowledged up to `ack`, could as well be the answer to `next`.
pub(super) fn could_answer(
    next: &Pending,
    info: &CommandInfo,
    reply: &Shape<'_>,
    ack: Option<i64>,
) -> bool {
    if ack.is_some_and(|ack| ack < next.end) {
        return false;
    }
    if reply.kind.is_error() {
        return next.is_auth() || !is_auth_only(reply.head.bytes);
    }
    let form = Forms::of(reply.kind, &reply.head);
    form == Forms::QUEUED
        || info.forms.meets(form)
        || matches!(next.kind, Kind::Subscribe | Kind::Unsubscribe)
}
