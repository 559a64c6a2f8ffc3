//! The rows for people: one table of all workloads, then what the machine did meanwhile.

use std::io::{self, Write};

use crate::engines::OURS;
use crate::reference::LOOKUP;
use crate::rows::{Row, Rows};

const TITLES: [&str; 8] =
    ["workload", "engine", "median", "fastest", "lookups", "x verdikt", "allocations", "wrong"];

/// Writes the table and the drift.
pub(crate) fn write(out: &mut impl Write, rows: &Rows) -> io::Result<()> {
    write_cells(out, &TITLES.map(str::to_owned))?;
    for workload in rows.workloads() {
        writeln!(out)?;
        let ours = rows.ns(workload, OURS);
        let mut title = workload;
        for row in rows.0.iter().filter(|row| row.workload == workload) {
            write_row(out, title, row, ours)?;
            title = "";
        }
    }
    write_drift(out, rows)
}

fn write_row(out: &mut impl Write, title: &str, row: &Row, ours: Option<f64>) -> io::Result<()> {
    let shown = |value: Option<f64>, text: fn(f64) -> String| value.map_or(String::new(), text);
    write_cells(
        out,
        &[
            title.to_owned(),
            row.engine.clone(),
            row.ns.map_or("void".to_owned(), time),
            shown(row.fastest, time),
            shown(row.lookups, number),
            shown(row.ns.zip(ours).map(|(ns, ours)| ns / ours), number),
            shown(row.allocations, number),
            row.wrong.map_or(String::new(), |(wrong, asked)| format!("{wrong} of {asked}")),
        ],
    )?;
    let memory = row.bytes.map(|bytes| {
        let compiled = row.compiled_bytes.map_or(String::new(), |compiled| {
            format!(", of which the compiled form without its documents {compiled:.0} B")
        });
        format!("per statement; in memory {bytes:.0} B{compiled}")
    });
    let notes = row.note.as_deref().map(shortened);
    memory.into_iter().chain(notes).try_for_each(|note| writeln!(out, "{:28}  {note}", ""))
}

fn write_cells(out: &mut impl Write, cells: &[String; 8]) -> io::Result<()> {
    let [workload, engine, median, fastest, lookups, factor, allocations, wrong] = cells;
    let line = format!(
        "{workload:<28}{engine:<31}{median:>11}{fastest:>11}{lookups:>11}{factor:>11}{allocations:>13}{wrong:>11}"
    );
    writeln!(out, "{}", line.trim_end())
}

/// How far the unit moved during the run.
fn write_drift(out: &mut impl Write, rows: &Rows) -> io::Result<()> {
    let lookups = rows.0.iter().filter(|row| row.engine.starts_with(LOOKUP)).filter_map(|row| row.ns);
    let mut lookups: Vec<f64> = lookups.collect();
    lookups.sort_by(f64::total_cmp);
    if let [least, .., most] = lookups.as_slice() {
        let share = (most / least - 1.0) * 100.0;
        writeln!(
            out,
            "\nThe lookup took {least:.1} to {most:.1} ns in the course of the run: {share:.0}% drift."
        )?;
    }
    Ok(())
}

/// Nanoseconds in a unit that fits.
pub(crate) fn time(ns: f64) -> String {
    match ns {
        ns if ns < 10_000.0 => format!("{ns:.1} ns"),
        ns if ns < 10_000_000.0 => format!("{:.1} us", ns / 1e3),
        ns => format!("{:.1} ms", ns / 1e6),
    }
}

/// A number with as many digits as one compares.
pub(crate) fn number(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        value if value < 100.0 => format!("{value:.2}"),
        value => format!("{value:.0}"),
    }
}

fn shortened(note: &str) -> String {
    let mut short: String = note.lines().next().unwrap_or_default().chars().take(150).collect();
    if short.len() < note.len() {
        short.push_str(" ...");
    }
    short
}
