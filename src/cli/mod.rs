//! The command line: the only folder that names `clap`, prints or exits.
