//! Data that was given out before any login, on a server that then accepted a password. Names no rule.

use crate::redis::{Exchange, KeptExchange};

/// A password may be set while a connection is open; on one so young it was there from the start, ns.
const YOUNG_NS: i64 = 10_000_000_000;

/// A command that was served, and the AUTH behind it that was accepted.
#[derive(Debug)]
pub(crate) struct ServedBefore {
    pub served: KeptExchange,
    pub auth: KeptExchange,
    /// Commands that need a login and were served without.
    pub total: u64,
}

/// The first command that was served before any AUTH.
#[derive(Debug, Default)]
pub(super) struct ServedFirst {
    first: Option<Box<First>>,
}

#[derive(Debug)]
struct First {
    served: KeptExchange,
    /// With those behind it.
    total: u64,
}

impl ServedFirst {
    /// Another command that needs a login was served.
    pub(super) fn note(&mut self, exchange: &Exchange<'_>) {
        let first = self.first.get_or_insert_with(|| {
            Box::new(First {
                served: KeptExchange::of(exchange, false),
                total: 0,
            })
        });
        first.total += 1;
    }

    /// An AUTH was accepted. With a password alone that is so only where one is set.
    pub(super) fn auth(&mut self, exchange: &Exchange<'_>) -> Option<ServedBefore> {
        let First { served, total } = *self.first.take()?;
        let alone = exchange.command.argc == 2;
        let young = exchange.command.sent.since(served.command.sent) <= YOUNG_NS;
        (alone && young).then(|| ServedBefore {
            auth: KeptExchange::of(exchange, false),
            total,
            served,
        })
    }
}
