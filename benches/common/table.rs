//! The table of a run: the median and the fastest sample of each bench that ran, and the ratio of the fastest to that of
//! the reference lookup of the same run.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;

/// The bench that all others are measured in.
pub(crate) const REFERENCE: &str = "reference/lookup hot";

#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
    throughput: Option<Throughput>,
}

#[derive(Deserialize)]
struct Throughput {
    #[serde(rename = "Elements")]
    elements: Option<f64>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

#[derive(Deserialize)]
struct Samples {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// Nanoseconds of a bench, for one element where it handles several.
struct Row {
    id: String,
    median: f64,
    fastest: f64,
}

/// Where criterion keeps its results: beside the bench's own directory.
pub(crate) fn results() -> PathBuf {
    let executable = std::env::current_exe().unwrap();
    executable.ancestors().nth(3).unwrap().join("criterion")
}

/// Writes the table of the benches that ran since `start`; nothing if none was measured.
pub(crate) fn print(results: &Path, start: SystemTime) -> io::Result<()> {
    let mut rows = Vec::new();
    collect(results, start, &mut rows);
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let Some(reference) = rows.iter().find(|row| row.id == REFERENCE).map(|row| row.fastest) else {
        return Ok(());
    };
    let mut out = io::stdout().lock();
    writeln!(out, "| bench | median ns | fastest ns | lookups |\n|---|--:|--:|--:|")?;
    for Row { id, median, fastest } in &rows {
        writeln!(out, "| {id} | {median:.1} | {fastest:.1} | {:.2} |", fastest / reference)?;
    }
    Ok(())
}

fn collect(directory: &Path, start: SystemTime, rows: &mut Vec<Row>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        match path.file_name() {
            Some(name) if name == "new" => rows.extend(row(&path, start)),
            _ => collect(&path, start, rows),
        }
    }
}

fn row(directory: &Path, start: SystemTime) -> Option<Row> {
    let estimates = directory.join("estimates.json");
    let fresh = fs::metadata(&estimates).ok()?.modified().ok()? >= start;
    let benchmark: Benchmark = read(&directory.join("benchmark.json"))?;
    let elements = benchmark.throughput.and_then(|throughput| throughput.elements).unwrap_or(1.0);
    let median = read::<Estimates>(&estimates)?.median.point_estimate / elements;
    let Samples { iters, times } = read(&directory.join("sample.json"))?;
    let fastest = times.iter().zip(&iters).map(|(time, iters)| time / iters / elements).reduce(f64::min)?;
    fresh.then_some(Row { id: benchmark.full_id, median, fastest })
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}
