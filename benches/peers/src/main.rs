//! verdikt and the engines that a user could pick instead, over the same workloads in one run. Every decision is
//! checked; timing is no gate, a wrong decision of verdikt is. `README.md` says how to read what is printed.

mod allocations;
mod awkward;
mod clock;
mod engines;
mod growth;
mod heat;
mod loading;
mod measure;
mod options;
mod reference;
mod rows;
mod run;
mod slow;
mod table;
mod targets;
mod threads;
mod workload;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use options::Options;
use rows::Rows;
use run::Run;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

fn main() -> io::Result<ExitCode> {
    engines::keep_quiet();
    let options = Options::parse();
    let rows = Run::whole(&options);
    let mut out = io::stdout().lock();
    if options.json {
        json(&mut out, &rows)?;
    } else {
        table::write(&mut out, &rows)?;
        targets::write(&mut out, &rows)?;
    }
    let wrong = rows.0.iter().any(|row| row.is_ours() && !row.right);
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn json(out: &mut impl Write, rows: &Rows) -> io::Result<()> {
    for row in &rows.0 {
        serde_json::to_writer(&mut *out, row)?;
        writeln!(out)?;
    }
    Ok(())
}
