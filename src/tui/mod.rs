//! The terminal screen: the only folder that names `ratatui` and `crossterm`.
