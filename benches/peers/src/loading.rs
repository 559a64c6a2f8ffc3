//! What loading costs, and what stays in memory: policies as text until the engine is ready to be asked.

use std::hint::black_box;

use crate::allocations::counted;
use crate::clock::Moment;
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
