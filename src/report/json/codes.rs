//! Error replies by code, as an object.

use crate::analyzer::CodeCounts;
use serde::{Serialize, Serializer};

pub(super) struct Codes<'a>(pub(super) &'a CodeCounts);

impl Serialize for Codes<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.0.iter())
    }
}
