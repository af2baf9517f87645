//! Where packets come from: capture files, standard input, a live interface.
