//! The table of a run: the median of each bench that ran, and its ratio to the reference lookup of the same run.

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

/// Where criterion keeps its results: beside the bench's own directory.
pub(crate) fn results() -> PathBuf {
    let executable = std::env::current_exe().unwrap();
    executable.ancestors().nth(3).unwrap().join("criterion")
}

/// Writes the table of the benches that ran since `start`; nothing if none was measured.
pub(crate) fn print(results: &Path, start: SystemTime) -> io::Result<()> {
    let mut rows = Vec::new();
    collect(results, start, &mut rows);
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let Some(reference) = rows.iter().find(|(id, _)| id == REFERENCE).map(|(_, median)| *median) else {
        return Ok(());
    };
    let mut out = io::stdout().lock();
    writeln!(out, "| bench | ns | lookups |\n|---|--:|--:|")?;
    for (id, median) in &rows {
        writeln!(out, "| {id} | {median:.1} | {:.2} |", median / reference)?;
    }
    Ok(())
}

fn collect(directory: &Path, start: SystemTime, rows: &mut Vec<(String, f64)>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        match path.file_name() {
            Some(name) if name == "new" => rows.extend(row(&path, start)),
            _ => collect(&path, start, rows),
        }
    }
}

/// The name of a bench and its median in nanoseconds, for one element where it handles several.
fn row(directory: &Path, start: SystemTime) -> Option<(String, f64)> {
    let estimates = directory.join("estimates.json");
    let fresh = fs::metadata(&estimates).ok()?.modified().ok()? >= start;
    let benchmark: Benchmark = read(&directory.join("benchmark.json"))?;
    let median = read::<Estimates>(&estimates)?.median.point_estimate;
    let elements = benchmark.throughput.and_then(|throughput| throughput.elements).unwrap_or(1.0);
    fresh.then_some((benchmark.full_id, median / elements))
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}
