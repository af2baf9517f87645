//! Words that every layer shares: times, packet references, endpoints, directions.
//!
//! No logic beyond ordering and display. Nothing here knows packets, TCP or Redis.

mod decimal;
mod endpoint;
mod id;
mod mask;
mod optional;
mod plural;
mod role;
mod span;
mod texts;
mod time;
mod unprintable;

pub use decimal::{push_decimal, push_digits, put_digits};
pub use endpoint::{Direction, Endpoint, FlowKey, Host, Side};
pub use id::{ConnectionId, PacketRef};
pub use mask::mask_addresses;
pub(crate) use optional::Optional;
pub use plural::plural;
pub use role::{AddressFilter, Role, Roles};
pub use span::span;
pub use texts::Texts;
pub use time::Timestamp;
pub use unprintable::is_unprintable;
