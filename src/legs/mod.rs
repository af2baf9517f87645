//! The same command on several connections. Nothing yet: reserved for the correlation of legs.
