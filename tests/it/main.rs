//! The single integration test binary. One module per concern.

mod packet;
#[cfg(feature = "compress")]
mod packet_public;
