//! The run: which engines are asked what, in which heats.

use crate::engines::{ENGINES, Engine, OURS, preparing, verdikt};
use crate::heat::Heat;
use crate::measure::{self, Effort};
use crate::options::Options;
use crate::reference::{LOOKUP, Lookup, empty_loop, memmem};
use crate::rows::{Row, Rows};
use crate::workload::Workload;
use crate::{awkward, growth, loading, slow, threads};

/// Workloads that are timed as a whole, each in a heat of its own.
const USERS: [&str; 5] = ["W1", "W1s", "W2", "W3", "W5"];
/// The same policy with ever more statements, in one heat.
const GROWTH: [&str; 4] = ["W4_10", "W4_100", "W4_1000", "W4_10000"];
/// Patterns made to be slow, in one heat.
const SLOW: [&str; 4] = ["W6_1024", "W6_2048", "W6_4096", "W6b"];
/// How many statements the largest growing workload has, and W8.
const LARGEST: usize = 100_000;
const AWKWARD: usize = 10_000;
/// The workload of rows that belong to none.
pub(crate) const REFERENCE: &str = "reference";

/// A run in progress.
pub(crate) struct Run<'o> {
    options: &'o Options,
    lookup: Lookup,
    rows: Rows,
}

impl<'o> Run<'o> {
    /// Measures all that is asked for.
    pub(crate) fn whole(options: &'o Options) -> Rows {
        let mut run = Self { options, lookup: Lookup::new(), rows: Rows::default() };
        run.lookup_alone("at the start");
        for name in USERS {
            run.users(name);
        }
        run.growth_hot();
        run.growth_cold();
        run.slow();
        run.awkward();
        run.load();
        run.threads();
        run.lookup_alone("at the end");
        run.rows
    }

    fn users(&mut self, name: &str) {
        if !self.wants(name) {
            return;
        }
        let workload = Workload::load(name);
        let mut heat = Heat::new(name);
        self.enter_all(&mut heat, &workload);
        if name == "W1" && self.options.wants_engine(OURS) {
            let (whole, session) = (preparing::load_whole(&workload), preparing::load_session(&workload));
            let (bind, bound) = (preparing::load_binding(&workload), preparing::load_bound(&workload));
            heat.enter("W1 bind", OURS, &workload, bind);
            heat.enter("W1 bound", OURS, &workload, bound);
            heat.enter("W1 prepare + decide", OURS, &workload, whole);
            heat.enter("W1 session prepare + decide", OURS, &workload, session);
        }
        self.finish(heat);
    }

    fn growth_hot(&mut self) {
        let workloads: Vec<_> =
            GROWTH.into_iter().filter(|name| self.wants(name)).map(Workload::load).collect();
        let largest = growth::hot(LARGEST, &Workload::load("W4_10"));
        let mut heat = Heat::new("W4 hot");
        for workload in &workloads {
            self.enter_all(&mut heat, workload);
        }
        self.enter_ours(&mut heat, &largest);
        self.finish(heat);
    }

    fn growth_cold(&mut self) {
        let sample = Workload::load("W4_10");
        let cold = [10, 10_000, LARGEST].map(|statements| growth::cold(statements, &sample));
        let mut heat = Heat::new("W4 cold");
        for workload in &cold {
            self.enter_ours(&mut heat, workload);
        }
        self.finish(heat);
    }

    fn slow(&mut self) {
        let workloads: Vec<_> =
            SLOW.into_iter().filter(|name| self.wants(name)).map(Workload::load).collect();
        let segments = slow::segments(&Workload::load("W6b"));
        let mut heat = Heat::new("W6");
        for workload in &workloads {
            self.enter_all(&mut heat, workload);
            if workload.name == "W6b" {
                heat.enter_reference("W6b", "ref memmem", memmem(workload));
            }
        }
        for workload in &segments {
            self.enter_ours(&mut heat, workload);
        }
        self.finish(heat);
    }

    fn awkward(&mut self) {
        for name in ["W8", "awkward"] {
            if !self.wants(name) || !self.options.wants_engine(OURS) {
                continue;
            }
            let workload = awkward::workload(name, AWKWARD);
            let mut heat = Heat::new(name);
            heat.enter(name, OURS, &workload, verdikt::load(&workload));
            heat.enter(name, "verdikt unindexed", &workload, verdikt::load_unindexed(&workload));
            self.finish(heat);
        }
    }

    fn load(&mut self) {
        if self.wants("W4_1000 load") {
            eprintln!("loading");
            self.rows.0.extend(loading::rows(&Workload::load("W4_1000"), 1_000, self.options));
        }
        if self.wants(loading::MANAGED) && self.options.wants_engine(OURS) {
            let managed = loading::managed(self.options.effort());
            self.rows.0.push(managed.unwrap_or_else(|why| Row::void(loading::MANAGED, OURS, why)));
        }
    }

    fn threads(&mut self) {
        let workloads: Vec<_> = ["W1", "W2", "W3"].into_iter().filter(|name| self.wants(name)).collect();
        if workloads.is_empty() || !self.options.wants_engine(OURS) {
            return;
        }
        eprintln!("two threads");
        let workloads: Vec<_> = workloads.into_iter().map(Workload::load).collect();
        match threads::rows(&workloads, self.effort()) {
            Ok(rows) => self.rows.0.extend(rows),
            Err(why) => self.rows.0.push(Row::void(threads::CONTROL, OURS, why)),
        }
    }

    /// The lookup without anything between its rounds, and the loop around it.
    fn lookup_alone(&mut self, when: &str) {
        let timings = measure::heat(&mut [self.lookup.contestant(), empty_loop()], self.effort());
        let names = [format!("{LOOKUP} {when}"), format!("ref empty loop {when}")];
        for (name, timing) in names.iter().zip(timings) {
            self.rows.0.push(Row::timed(REFERENCE, name, timing));
        }
    }

    fn enter_all<'w>(&self, heat: &mut Heat<'w>, workload: &'w Workload) {
        for engine in ENGINES.iter().filter(|engine| self.options.wants_engine(engine.name)) {
            let Engine { name, .. } = engine;
            heat.enter(&workload.name, name, workload, engine.load(workload));
        }
    }

    /// Where only verdikt is asked.
    fn enter_ours<'w>(&self, heat: &mut Heat<'w>, workload: &'w Workload) {
        if self.wants(&workload.name) && self.options.wants_engine(OURS) {
            heat.enter(&workload.name, OURS, workload, verdikt::load(workload));
        }
    }

    fn finish(&mut self, heat: Heat<'_>) {
        eprintln!("{}", heat.name());
        let rows = heat.run(&self.lookup, self.effort());
        self.rows.0.extend(rows);
    }

    fn wants(&self, workload: &str) -> bool {
        self.options.wants_workload(workload)
    }

    fn effort(&self) -> Effort {
        self.options.effort()
    }
}
