//! When things of an exchange happened.

use crate::finding::Moment;
use crate::redis::Exchange;

/// When the command's last byte was sent.
pub(crate) fn sent(exchange: &Exchange<'_>) -> Moment {
    Moment {
        time: exchange.command.sent,
        at: exchange.command.at,
    }
}

/// When the reply's last byte was received.
pub(crate) fn received(exchange: &Exchange<'_>) -> Moment {
    Moment {
        time: exchange.received,
        at: exchange.at,
    }
}
