//! The `redorder` program: run, exit.

fn main() -> std::process::ExitCode {
    redorder::cli::run(std::env::args_os())
}
