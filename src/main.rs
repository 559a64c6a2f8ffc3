//! The program: everything is in [`verdikt::cli`].

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    verdikt::cli::run(std::env::args_os())
}
