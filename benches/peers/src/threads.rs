//! Two threads at once on one loaded set, against one thread, and a loop in registers under the same conditions: what
//! the processors of this machine can give at all.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::engines::OURS;
use crate::engines::verdikt::Verdikt;
use crate::measure::{Effort, Timing};
use crate::reference::control_loop;
use crate::rows::Row;
use crate::workload::Workload;

/// The workload of the control loop's rows.
pub(crate) const CONTROL: &str = "control loop";
/// How long each thread works before the count is taken.
const WINDOW: Duration = Duration::from_millis(40);
/// Passes between two looks at the clock.
const PASSES: usize = 32;

/// Something that threads do together: it returns how many calls it made.
type Work<'a> = Box<dyn Fn() -> usize + Sync + 'a>;

/// Rows for each workload and the control loop, for one thread and for two. Nanoseconds are those between two decisions
/// of either thread.
pub(crate) fn rows(workloads: &[Workload], effort: Effort) -> Result<Vec<Row>, String> {
    let mut tasks: Vec<(&str, Work<'_>)> = vec![(CONTROL, Box::new(control))];
    for workload in workloads {
        let (loaded, asked) = (Verdikt::new(workload)?, workload.asked.len());
        tasks.push((&workload.name, Box::new(move || passes(&loaded, asked))));
    }
    let mut samples = vec![[Vec::new(), Vec::new()]; tasks.len()];
    for _ in 0..effort.rounds().div_ceil(2) {
        for ((_, work), [one, two]) in tasks.iter().zip(&mut samples) {
            one.push(window(1, work));
            two.push(window(2, work));
        }
    }
    let rows = tasks
        .iter()
        .zip(samples)
        .flat_map(|((name, _), [one, two])| [row(name, "one thread", one), row(name, "two threads", two)]);
    Ok(rows.collect())
}

fn row(name: &str, threads: &str, samples: Vec<f64>) -> Row {
    let timing = Timing::of(samples);
    if name == CONTROL {
        Row::timed(name, &format!("ref control loop {threads}"), timing)
    } else {
        Row::timed(&format!("{name} {threads}"), OURS, timing)
    }
}

fn control() -> usize {
    for _ in 0..PASSES {
        control_loop();
    }
    PASSES
}

fn passes(loaded: &Verdikt<'_>, asked: usize) -> usize {
    for _ in 0..PASSES {
        loaded.pass_shared(asked);
    }
    PASSES * asked
}

/// Nanoseconds for one call, over so many threads that start together.
fn window(threads: usize, work: &Work<'_>) -> f64 {
    let together = Barrier::new(threads);
    let task = || {
        together.wait();
        rate(work)
    };
    let per_second: f64 = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(task)).collect();
        running.into_iter().map(|thread| thread.join().expect("deciding does not panic")).sum()
    });
    1e9 / per_second
}

/// Calls in a second, by this thread alone.
fn rate(work: &Work<'_>) -> f64 {
    let start = Instant::now();
    let mut calls = 0;
    while start.elapsed() < WINDOW {
        calls += work();
    }
    calls as f64 / start.elapsed().as_secs_f64()
}
