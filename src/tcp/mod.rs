//! Segments in, ordered bytes per direction out, with exact gaps.
