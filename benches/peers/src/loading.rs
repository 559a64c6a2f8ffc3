//! What loading costs, and what stays in memory: policies as text until the engine is ready to be asked.

use std::hint::black_box;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::allocations::counted;
use crate::clock::Moment;
use crate::engines::verdikt::OnePolicy;
use crate::engines::{ENGINES, Engine, OURS, verdikt};
use crate::measure::{Effort, Timing};
use crate::options::Options;
use crate::rows::Row;
use crate::workload::Workload;

/// Rows of nanoseconds and bytes for one statement. The engines load in turn; taking down what was loaded is not timed.
pub(crate) fn rows(workload: &Workload, statements: usize, options: &Options) -> Vec<Row> {
    let name = format!("{} load", workload.name);
    let policies = workload.without_requests();
    let (mut rows, mut ready) = (Vec::new(), Vec::new());
    for engine in ENGINES.iter().filter(|engine| options.wants_engine(engine.name)) {
        let (loaded, counted) = counted(|| engine.load(&policies));
        match loaded {
            Ok(_) => {
                ready.push(engine);
                rows.push(Row {
                    right: true,
                    bytes: Some(counted.live as f64 / statements as f64),
                    compiled_bytes: compiled(engine, workload),
                    ..Row::new(&name, engine.name)
                });
            }
            Err(why) => rows.push(Row::void(&name, engine.name, why)),
        }
    }
    for (engine, timing) in ready.iter().zip(time(&ready, &policies, statements, options.effort())) {
        if let Some(row) = rows.iter_mut().find(|row| row.engine == engine.name) {
            row.set(timing);
        }
    }
    rows
}

fn compiled(engine: &Engine, workload: &Workload) -> Option<f64> {
    (engine.name == OURS).then(|| verdikt::compiled_bytes(workload).ok()).flatten()
}

fn time(engines: &[&Engine], policies: &Workload, statements: usize, effort: Effort) -> Vec<Timing> {
    let mut samples = vec![Vec::new(); engines.len()];
    for _ in 0..effort.rounds() {
        for (engine, samples) in engines.iter().zip(&mut samples) {
            let start = Moment::now();
            let loaded = black_box(engine.load(black_box(policies)));
            samples.push(start.elapsed().as_secs_f64() * 1e9 / statements as f64);
            drop(loaded);
        }
    }
    samples.into_iter().map(Timing::of).collect()
}

/// The policies that AWS manages, where `VERDIKT_CORPUS` names the folder that has them: of each the fastest round for
/// one of its statements. The row's median and fastest are those of the policies.
pub(crate) fn managed(effort: Effort) -> Result<Row, String> {
    let folder = std::env::var_os("VERDIKT_CORPUS").ok_or("VERDIKT_CORPUS names no folder")?;
    let path = Path::new(&folder).join("managed_policies.json");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file: Managed<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let (mut samples, mut bytes, mut statements) = (Vec::new(), 0, 0);
    for policy in &file.policies {
        let loaded = OnePolicy::load(policy.document.get())?;
        let rounds = (0..effort.rounds()).map(|_| {
            let start = Moment::now();
            let loaded = black_box(OnePolicy::load(black_box(policy.document.get())));
            let took = start.elapsed().as_secs_f64() * 1e9;
            drop(loaded);
            took
        });
        samples.push(rounds.fold(f64::INFINITY, f64::min) / loaded.statements as f64);
        bytes += loaded.bytes;
        statements += loaded.statements;
    }
    let row = Row::timed(MANAGED, OURS, Timing::of(samples));
    Ok(Row { compiled_bytes: Some(bytes as f64 / statements as f64), ..row })
}

/// The row of them.
pub(crate) const MANAGED: &str = "managed load";

#[derive(Deserialize)]
struct Managed<'a> {
    #[serde(borrow)]
    policies: Vec<ManagedPolicy<'a>>,
}

#[derive(Deserialize)]
struct ManagedPolicy<'a> {
    #[serde(borrow)]
    document: &'a RawValue,
}
