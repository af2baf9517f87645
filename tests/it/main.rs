//! The single integration test binary. One module per concern.

mod cli;
mod fixture;
mod report;
mod schema;
