//! Whether a RST ends a connection.

/// Whether the receiver of a RST obeys it (RFC 9293 section 3.10.7.4, RFC 5961 section 3.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Obeyed {
    /// It is outside the window, and dropped.
    No,
    /// It is inside the window. An older stack obeys, a newer one asks back.
    Maybe,
    /// It is where the next byte is expected.
    Yes,
}
