//! What a run measured: one row for a workload and an engine.

use serde::Serialize;

use crate::engines::OURS;
use crate::measure::Timing;

/// One figure. Rows of the machine's own limits begin with `ref`.
#[derive(Clone, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) workload: String,
    pub(crate) engine: String,
    /// The median; nothing if the engine cannot load the workload.
    pub(crate) ns: Option<f64>,
    /// Whether every decision was the expected one.
    pub(crate) right: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fastest: Option<f64>,
    /// The median in lookups of the same heat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lookups: Option<f64>,
    /// The fastest round in the lookup's fastest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fastest_lookups: Option<f64>,
    /// Allocations for one decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) allocations: Option<f64>,
    /// How many decisions were wrong, and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wrong: Option<(usize, usize)>,
    /// Live bytes for one statement, all that the engine holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<f64>,
    /// Of these, the compiled form's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compiled_bytes: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// All rows of a run, in the order in which they were measured.
#[derive(Default)]
pub(crate) struct Rows(pub(crate) Vec<Row>);

impl Row {
    pub(crate) fn new(workload: &str, engine: &str) -> Self {
        Self { workload: workload.to_owned(), engine: engine.to_owned(), ..Self::default() }
    }

    /// A row that decides nothing, so nothing can be wrong with it.
    pub(crate) fn timed(workload: &str, engine: &str, timing: Timing) -> Self {
        let mut row = Self { right: true, ..Self::new(workload, engine) };
        row.set(timing);
        row
    }

    /// A row without a figure, and why.
    pub(crate) fn void(workload: &str, engine: &str, note: String) -> Self {
        Self { note: Some(note), ..Self::new(workload, engine) }
    }

    pub(crate) fn set(&mut self, timing: Timing) {
        self.ns = Some(timing.median);
        self.fastest = Some(timing.fastest);
    }

    pub(crate) fn is_reference(&self) -> bool {
        self.engine.starts_with("ref ")
    }

    /// Whether it is of verdikt, in one of its forms.
    pub(crate) fn is_ours(&self) -> bool {
        self.engine.starts_with(OURS)
    }
}

impl Rows {
    pub(crate) fn find(&self, workload: &str, engine: &str) -> Option<&Row> {
        self.0.iter().find(|row| row.workload == workload && row.engine == engine)
    }

    /// The same rows with the fastest round in the place of the median.
    pub(crate) fn at_best(&self) -> Self {
        let best = |row: &Row| Row { ns: row.fastest, lookups: row.fastest_lookups, ..row.clone() };
        Self(self.0.iter().map(best).collect())
    }

    /// The figure of a row, if all its decisions are right.
    pub(crate) fn ns(&self, workload: &str, engine: &str) -> Option<f64> {
        self.find(workload, engine).filter(|row| row.right)?.ns
    }

    /// The fastest of the other engines that decide all of a workload rightly.
    pub(crate) fn fastest_other(&self, workload: &str) -> Option<&Row> {
        let others = self.0.iter().filter(|row| row.workload == workload && row.right);
        let others = others.filter(|row| !row.is_ours() && !row.is_reference() && row.ns.is_some());
        others.min_by(|a, b| a.ns.unwrap_or(f64::NAN).total_cmp(&b.ns.unwrap_or(f64::NAN)))
    }

    /// The workloads, in order.
    pub(crate) fn workloads(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for row in &self.0 {
            if !names.contains(&row.workload.as_str()) {
                names.push(&row.workload);
            }
        }
        names
    }
}
