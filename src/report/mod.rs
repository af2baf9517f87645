//! Events out as text and JSON. The only folder that names `serde`.
