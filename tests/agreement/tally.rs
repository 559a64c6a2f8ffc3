//! What a run was made of: the histogram that it prints, and the shares that it must have.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde_json::Value;
use verdikt::Outcome;
use verdikt::evaluate::Layer;
use verdikt::operator::table::OPERATORS;
use verdikt::text::truth::Truth;

use crate::cell::{Cell, PER_OPERATOR, PLACES};
use crate::judge::{self, Answers};

/// Allowed, explicit denies, implicit denies, refused.
type Outcomes = [u64; 4];

const OUTCOMES: [&str; 4] = ["allowed", "explicitDeny", "implicitDeny", "refused"];

/// Counts of a run.
#[derive(Clone, Debug)]
pub struct Tally {
    outcomes: Outcomes,
    indeterminate: u64,
    cells: Vec<u64>,
    /// False, Indeterminate, True of each operator's reached conditions.
    truths: Vec<[u64; 3]>,
    callers: BTreeMap<&'static str, Outcomes>,
    layers: BTreeMap<Layer, Outcomes>,
    reasons: BTreeMap<String, u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            outcomes: Outcomes::default(),
            indeterminate: 0,
            cells: vec![0; PLACES],
            truths: vec![[0; 3]; OPERATORS.len()],
            callers: BTreeMap::new(),
            layers: BTreeMap::new(),
            reasons: BTreeMap::new(),
        }
    }
}

impl Tally {
    /// Counts a case.
    pub fn add(&mut self, case: &Value, answers: &Answers) {
        let column = match judge::outcome(&answers.oracle.outcome) {
            Some(Outcome::Allowed) => 0,
            Some(Outcome::ExplicitDeny) => 1,
            Some(Outcome::ImplicitDeny) => 2,
            None => 3,
        };
        self.outcomes[column] += 1;
        self.callers.entry(caller(case)).or_default()[column] += 1;
        self.indeterminate += u64::from(answers.oracle.indeterminate);
        let Ok(engine) = &answers.engine else { return };
        if let Some(layer) = answers.layer() {
            self.layers.entry(layer).or_default()[column] += 1;
        }
        for (cell, truth) in &engine.reached {
            self.reach(*cell, *truth);
        }
        for reason in &engine.reasons {
            *self.reasons.entry(format!("{reason:?}")).or_default() += 1;
        }
    }

    fn reach(&mut self, cell: Cell, truth: Truth) {
        let place = cell.place();
        self.cells[place] += 1;
        let column = match truth {
            Truth::False => 0,
            Truth::Indeterminate(_) => 1,
            Truth::True => 2,
        };
        self.truths[place / PER_OPERATOR][column] += 1;
    }

    /// Adds another run's counts.
    pub fn merge(&mut self, other: Self) {
        add(&mut self.outcomes, &other.outcomes);
        self.indeterminate += other.indeterminate;
        add(&mut self.cells, &other.cells);
        self.truths.iter_mut().zip(&other.truths).for_each(|(sum, more)| add(sum, more));
        for (name, more) in other.callers {
            add(self.callers.entry(name).or_default(), &more);
        }
        for (layer, more) in other.layers {
            add(self.layers.entry(layer).or_default(), &more);
        }
        for (reason, more) in other.reasons {
            *self.reasons.entry(reason).or_default() += more;
        }
    }

    fn cases(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// What the run is short of. Shares are of a hundred cases; a cell is filled by one case in a thousand.
    pub fn shortfalls(&self) -> Vec<String> {
        let mut short = Vec::new();
        let mut shares: Vec<_> = OUTCOMES.into_iter().zip(self.outcomes).zip([20, 20, 20, 2]).collect();
        shares.push((("touched by Indeterminate", self.indeterminate), 10));
        for ((name, count), percent) in shares {
            if count * 100 < self.cases() * percent {
                short.push(format!("{name}: {count} of {} cases, less than {percent} %", self.cases()));
            }
        }
        let least = (self.cases() / 1_000).max(1);
        let few: Vec<Cell> =
            Cell::all().into_iter().filter(|cell| self.cells[cell.place()] < least).collect();
        if let Some(first) = few.first() {
            let name = format!("{} ({:?})", first.operation, first.arity);
            short.push(format!("{name} and {} other cells: less than {least} times", few.len() - 1));
        }
        short
    }

    fn write_share(&self, out: &mut fmt::Formatter<'_>, name: &str, count: u64) -> fmt::Result {
        let tenths = count * 1_000 / self.cases().max(1);
        writeln!(out, "{name:<26}{count:>9}  {:>3}.{} %", tenths / 10, tenths % 10)
    }

    fn write_cells(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headings = ["plain", "IfExists", "ForAll", "ForAll IfExists", "ForAny", "ForAny IfExists"];
        writeln!(out, "\nConditions of statements that match otherwise; key absent/one/many")?;
        writeln!(
            out,
            "{:<26}{}False/Indeterminate/True",
            "",
            headings.map(|one| format!("{one:<18}")).concat()
        )?;
        for (row, operator) in OPERATORS.iter().enumerate() {
            let mut line = format!("{:<26}", operator.name);
            for three in self.cells[row * PER_OPERATOR..][..PER_OPERATOR].chunks(3) {
                write!(line, "{:<18}", format!("{}/{}/{}", three[0], three[1], three[2]))?;
            }
            let [no, unclear, yes] = self.truths[row];
            writeln!(out, "{line}{no}/{unclear}/{yes}")?;
        }
        let least = Cell::all()
            .into_iter()
            .map(|cell| (self.cells[cell.place()], cell))
            .min_by_key(|(count, _)| *count);
        match least {
            Some((count, cell)) => {
                writeln!(
                    out,
                    "{} cells; the least: {count}, of {} ({:?})",
                    Cell::all().len(),
                    cell.operation,
                    cell.arity
                )
            }
            None => Ok(()),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_share(out, "cases", self.cases())?;
        for (name, count) in OUTCOMES.into_iter().zip(self.outcomes) {
            self.write_share(out, name, count)?;
        }
        self.write_share(out, "touched by Indeterminate", self.indeterminate)?;
        writeln!(out, "\n{:<26}{}", "", OUTCOMES.map(|name| format!("{name:>14}")).concat())?;
        let layers =
            self.layers.iter().map(|(layer, counts)| (format!("decided by {}", layer.as_str()), counts));
        let callers = self.callers.iter().map(|(caller, counts)| (format!("asked by {caller}"), counts));
        for (name, counts) in layers.chain(callers) {
            writeln!(
                out,
                "{name:<32}{:>8}{}",
                counts[0],
                counts[1..].iter().map(|count| format!("{count:>14}")).collect::<String>()
            )?;
        }
        writeln!(out, "\nIndeterminate clauses")?;
        for (reason, count) in &self.reasons {
            writeln!(out, "{reason:<26}{count:>9}")?;
        }
        self.write_cells(out)
    }
}

fn add(sums: &mut [u64], more: &[u64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// The kind of caller, by the text of the request.
fn caller(case: &Value) -> &'static str {
    let principal = &case["request"]["principal"];
    let text = principal.as_str().or(principal["arn"].as_str()).unwrap_or_default();
    let kinds = [
        (":user/", "a user"),
        (":role/", "a role"),
        (":assumed-role/", "a role session"),
        (":federated-user/", "a federated user"),
        (":root", "a root user"),
        (".amazonaws.com", "a service"),
        ("anonymous", "nobody"),
    ];
    let known = kinds.into_iter().find(|(part, _)| text.contains(part)).map(|(_, kind)| kind);
    known.unwrap_or(if principal["provider"].is_string() { "a web identity" } else { "(unreadable)" })
}
