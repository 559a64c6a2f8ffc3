//! A heat: engines loaded with their workloads, checked, and timed in turn, beside the lookup that they are measured in.

use std::time::Duration;

use crate::allocations::counted;
use crate::clock::Moment;
use crate::engines::{Decide, Loaded};
use crate::measure::{self, Contestant, Effort};
use crate::reference::{LOOKUP, Lookup};
use crate::rows::Row;
use crate::workload::{Asked, Workload};

/// A pass that takes longer is not made a second time only to count its allocations.
const ONCE: Duration = Duration::from_millis(1_500);

/// The contestants of one heat and the rows that they will have.
pub(crate) struct Heat<'a> {
    name: String,
    rows: Vec<Row>,
    /// With the place of their row.
    contestants: Vec<(usize, Contestant<'a>)>,
}

impl<'a> Heat<'a> {
    /// A heat; its lookup has a row under that name.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), rows: Vec::new(), contestants: Vec::new() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Lets an engine take part, once every decision is checked; or gives it a void row.
    pub(crate) fn enter(&mut self, name: &str, engine: &str, workload: &Workload, loaded: Loaded<'a>) {
        let mut decider = match loaded {
            Ok(decider) => decider,
            Err(why) => return self.rows.push(Row::void(name, engine, why)),
        };
        let asked = workload.asked.len();
        let mut row = Row::new(name, engine);
        check(&mut row, decider.as_mut(), workload);
        self.contestants.push((self.rows.len(), Contestant::new(asked, move || decider.pass(asked))));
        self.rows.push(row);
    }

    /// Lets something take part that decides nothing.
    pub(crate) fn enter_reference(&mut self, name: &str, engine: &str, contestant: Contestant<'a>) {
        self.contestants.push((self.rows.len(), contestant));
        self.rows.push(Row { right: true, ..Row::new(name, engine) });
    }

    /// Times all, and gives their rows.
    pub(crate) fn run(mut self, lookup: &'a Lookup, effort: Effort) -> Vec<Row> {
        if self.rows.is_empty() {
            return self.rows;
        }
        let name = self.name.clone();
        self.enter_reference(&name, LOOKUP, lookup.contestant());
        let (places, mut contestants): (Vec<_>, Vec<_>) = self.contestants.into_iter().unzip();
        let timings = measure::heat(&mut contestants, effort);
        for (place, timing) in places.into_iter().zip(timings) {
            if let Some(row) = self.rows.get_mut(place) {
                row.set(timing);
            }
        }
        let unit = self.rows.last().map_or((None, None), |row| (row.ns, row.fastest));
        let quotient = |ns: Option<f64>, unit: Option<f64>| ns.zip(unit).map(|(ns, unit)| ns / unit);
        for row in &mut self.rows {
            row.lookups = quotient(row.ns, unit.0);
            row.fastest_lookups = quotient(row.fastest, unit.1);
        }
        self.rows
    }
}

/// Asks everything once and compares; then once more to count what the engine allocates when it is warm.
fn check(row: &mut Row, decider: &mut dyn Decide, workload: &Workload) {
    let asked = workload.asked.len();
    let start = Moment::now();
    let (wrong, mut counting) = counted(|| {
        let wrong = |(place, asked): &(usize, &Asked)| !decider.decide(*place).is(asked.expect);
        workload.asked.iter().enumerate().filter(wrong).count()
    });
    if start.elapsed() < ONCE {
        counting = counted(|| decider.pass(asked)).1;
    }
    row.wrong = Some((wrong, asked));
    row.right = wrong == 0;
    row.allocations = Some(counting.calls as f64 / asked as f64);
}
