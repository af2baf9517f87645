//! The single integration test binary. One module per concern.

mod source;
