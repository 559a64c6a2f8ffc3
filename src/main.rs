//! The program: everything is in [`verdikt::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    verdikt::cli::run(std::env::args_os())
}
