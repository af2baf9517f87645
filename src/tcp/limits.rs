//! The bounds of the table, and how often each was hit.

/// Bounds of the table. Each is counted when hit.
#[derive(Clone, Copy, Debug)]
pub struct TcpLimits {
    /// Live connections.
    pub connections: usize,
    /// Closed connections remembered.
    pub closed_connections: usize,
    /// Held payload bytes per connection.
    pub held_bytes_per_connection: usize,
    /// Held payload bytes in all.
    pub held_bytes: usize,
    /// See [`super`]: how long a hole may last once it was acknowledged, ns.
    pub reorder_grace_ns: i64,
    /// Connections of which nothing but the SYN was seen.
    pub half_open: usize,
    /// How long such a connection is kept, and one that was replaced on its ports, ns.
    pub half_open_ns: i64,
    /// Silence after which a connection is dropped, ns.
    pub idle_ns: i64,
}

/// How often each bound was hit.
#[derive(Clone, Copy, Default, Debug)]
pub struct TcpLimitHits {
    /// Connections dropped because there were too many.
    pub connections: u64,
    /// Closed connections forgotten early.
    pub closed_connections: u64,
    /// Times a connection's held bytes had to be given up.
    pub held_bytes_per_connection: u64,
    /// Times all held bytes together were too many.
    pub held_bytes: u64,
    /// Connections dropped before their time of which nothing but the SYN was seen.
    pub half_open: u64,
    /// Connections dropped after long silence.
    pub idle: u64,
}
