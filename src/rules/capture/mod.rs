//! The capture itself: what is missing in it, and what is encrypted.

pub(super) mod capture_incomplete;
pub(super) mod encrypted;
mod facts;

pub(crate) use facts::{EncryptedFacts, IncompleteFacts, Missing};
