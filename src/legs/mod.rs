//! What joins connections: the servers they go to, and what is known of each.
//!
//! The same command on several connections, client to proxy and proxy to Redis, will be linked here.

mod activity;
mod dismissals;
mod endpoints;
mod latency;
mod waits;

pub use activity::Activity;
pub use dismissals::Dismissals;
pub use endpoints::{Endpoints, ServerFacts};
pub use latency::Latency;
pub use waits::Waits;
