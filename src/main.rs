//! The `redorder` program: run, exit.

#![expect(clippy::disallowed_methods, reason = "the arguments come in here")]

fn main() -> std::process::ExitCode {
    redorder::cli::run(std::env::args_os())
}
