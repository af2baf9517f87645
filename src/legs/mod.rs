//! What joins connections: the servers they go to, and what is known of each.
//!
//! A command that passes on several connections, client to proxy and proxy to Redis, is found again by a [`Passage`].

mod activity;
mod dismissals;
mod endpoints;
mod latency;
mod passage;
mod waits;

pub use activity::Activity;
pub use dismissals::Dismissals;
pub use endpoints::{Endpoints, ServerFacts};
pub use latency::Latency;
pub use passage::{Link, Passage};
pub use waits::Waits;
