//! What verdikt wants to hold, read out of the rows of one run. Whether it does is told by the medians. A target that
//! misses fails nothing: timing on a machine that others use is no gate.

use std::io::{self, Write};

use crate::engines::OURS;
use crate::loading::MANAGED;
use crate::rows::Rows;
use crate::slow;
use crate::table::{number, time};
use crate::threads::CONTROL;

/// A target and what was measured; nothing if the run does not have the rows.
struct Target {
    what: String,
    bound: Bound,
    measured: Option<f64>,
    unit: Unit,
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

#[derive(Clone, Copy)]
enum Unit {
    Lookups,
    Times,
    Time,
    Bytes,
    Count,
}

use Bound::{AtLeast, AtMost};

/// Writes a line for each target: what it is by the medians, and by the fastest rounds beside them.
pub(crate) fn write(out: &mut impl Write, rows: &Rows) -> io::Result<()> {
    let line = |cells: [&str; 5]| {
        let [what, target, median, fastest, holds] = cells;
        format!("  {what:<66}{target:>22}{median:>16}{fastest:>16}  {holds}")
    };
    let titles = ["what", "target", "median", "fastest", ""];
    writeln!(out, "\nTargets\n{}", line(titles).trim_end())?;
    for (target, best) in all(rows).into_iter().zip(all(&rows.at_best())) {
        let holds = target.holds();
        let (bound, median, fastest) = (target.bound(), target.measured(), best.measured());
        writeln!(out, "{}", line([&target.what, &bound, &median, &fastest, holds]))?;
    }
    Ok(())
}

fn all(rows: &Rows) -> Vec<Target> {
    let mut targets = Vec::new();
    for (workload, lookups, factor) in
        [("W1", 3.0, 40.0), ("W2", 1.2, 50.0), ("W3", 8.0, 100.0), ("W5", 6.0, 80.0)]
    {
        targets.push(cost(rows, workload, lookups));
        targets.push(advantage(rows, workload, factor));
    }
    for (large, small, limit) in [
        ("W4_10000", "W4_10", 1.25),
        ("W4_100000", "W4_10", 1.25),
        ("W4_10000 cold", "W4_10 cold", 3.5),
        ("W4_100000 cold", "W4_10 cold", 6.0),
    ] {
        targets.push(growth(rows, large, small, limit));
    }
    targets.push(advantage(rows, "W4_10000", 30_000.0));
    for workload in ["W8", "awkward"] {
        let what = format!("{workload}: index against the walk over all");
        targets.push(quotient(rows, &what, [OURS, "verdikt unindexed"], workload, 0.3));
    }
    targets.push(Target {
        what: "W1: bind".to_owned(),
        bound: AtMost(2_000.0),
        measured: rows.ns("W1 bind", OURS),
        unit: Unit::Time,
    });
    targets.push(Target {
        what: "W1: bound against unbound".to_owned(),
        bound: AtMost(1.0),
        measured: rows.ns("W1 bound", OURS).zip(rows.ns("W1", OURS)).map(|(bound, open)| bound / open),
        unit: Unit::Times,
    });
    targets.push(cost(rows, "W1 prepare + decide", 15.0));
    targets.push(cost(rows, "W1 session prepare + decide", 6.0));
    targets.extend(slow_patterns(rows));
    targets.push(allocations(rows));
    targets.extend(loading(rows));
    targets.extend(["W1", "W2", "W3"].map(|workload| threads(rows, workload)));
    targets
}

/// A decision in lookups of its heat.
fn cost(rows: &Rows, workload: &str, limit: f64) -> Target {
    let row = rows.find(workload, OURS).filter(|row| row.right);
    Target {
        what: format!("{workload}: a decision"),
        bound: AtMost(limit),
        measured: row.and_then(|row| row.lookups),
        unit: Unit::Lookups,
    }
}

/// How many times faster than the fastest other engine that is right throughout.
fn advantage(rows: &Rows, workload: &str, limit: f64) -> Target {
    let other = rows.fastest_other(workload);
    let name = other.map_or("the fastest right engine", |row| row.engine.as_str());
    let measured = other.and_then(|row| row.ns).zip(rows.ns(workload, OURS));
    Target {
        what: format!("{workload}: times faster than {name}"),
        bound: AtLeast(limit),
        measured: measured.map(|(other, ours)| other / ours),
        unit: Unit::Times,
    }
}

fn growth(rows: &Rows, large: &str, small: &str, limit: f64) -> Target {
    let measured = rows.ns(large, OURS).zip(rows.ns(small, OURS));
    Target {
        what: format!("{large} against {small}"),
        bound: AtMost(limit),
        measured: measured.map(|(large, small)| large / small),
        unit: Unit::Times,
    }
}

fn quotient(rows: &Rows, what: &str, engines: [&str; 2], workload: &str, limit: f64) -> Target {
    let [ours, other] = engines.map(|engine| rows.ns(workload, engine));
    Target {
        what: what.to_owned(),
        bound: AtMost(limit),
        measured: ours.zip(other).map(|(ours, other)| ours / other),
        unit: Unit::Times,
    }
}

/// W6 neither grows with its text nor takes long; W6b takes what its search takes, and not much more where its segment
/// is no literal.
fn slow_patterns(rows: &Rows) -> Vec<Target> {
    let all = |workloads: &[&str]| {
        workloads.iter().map(|workload| rows.ns(workload, OURS)).collect::<Option<Vec<f64>>>()
    };
    let most = |times: Option<Vec<f64>>| times?.into_iter().reduce(f64::max);
    let least = |times: Option<Vec<f64>>| times?.into_iter().reduce(f64::min);
    let growing = ["W6_1024", "W6_2048", "W6_4096"];
    let growth = most(all(&growing)).zip(least(all(&growing))).map(|(most, least)| most / least);
    let target = |what: &str, limit, measured, unit| Target {
        what: what.to_owned(),
        bound: AtMost(limit),
        measured,
        unit,
    };
    vec![
        target("W6: flat over 1,024 to 4,096 characters", 1.25, growth, Unit::Times),
        target("W6: the slowest", 1e6, most(all(&growing)), Unit::Time),
        target("W6b with a `?`, with a variable: the slower", 1e6, most(all(&slow::NAMES)), Unit::Time),
        quotient(rows, "W6b: a decision against memmem alone", [OURS, "ref memmem"], "W6b", 2.0),
    ]
}

/// Of all rows, those too that build the request.
fn allocations(rows: &Rows) -> Target {
    // Binding makes something to keep.
    let ours = rows.0.iter().filter(|row| row.is_ours() && row.workload != "W1 bind");
    Target {
        what: "allocations of a decision, the most of all workloads".to_owned(),
        bound: AtMost(0.0),
        measured: ours.filter_map(|row| row.allocations).reduce(f64::max),
        unit: Unit::Count,
    }
}

fn loading(rows: &Rows) -> Vec<Target> {
    let row = |(workload, what): (&'static str, &str)| {
        let bytes = rows.find(workload, OURS).and_then(|row| row.compiled_bytes);
        let target = |what, limit, measured, unit| Target { what, bound: AtMost(limit), measured, unit };
        [
            target(format!("{what}: parsing and compiling"), 2_000.0, rows.ns(workload, OURS), Unit::Time),
            target(format!("{what}: compiled form without the document"), 300.0, bytes, Unit::Bytes),
        ]
    };
    let rows = [("W4_1000 load", "W4_1000, a statement"), (MANAGED, "real policies, a statement")];
    rows.into_iter().flat_map(row).collect()
}

/// What a second thread gains, against what it gains a loop in registers.
fn threads(rows: &Rows, workload: &str) -> Target {
    let gain = |one: Option<f64>, two: Option<f64>| one.zip(two).map(|(one, two)| one / two);
    let ours = gain(
        rows.ns(&format!("{workload} one thread"), OURS),
        rows.ns(&format!("{workload} two threads"), OURS),
    );
    let control = gain(
        rows.ns(CONTROL, "ref control loop one thread"),
        rows.ns(CONTROL, "ref control loop two threads"),
    );
    Target {
        what: format!("{workload}: gain of a second thread, against a loop in registers"),
        bound: AtLeast(0.95),
        measured: ours.zip(control).map(|(ours, control)| ours / control),
        unit: Unit::Times,
    }
}

impl Target {
    fn bound(&self) -> String {
        match self.bound {
            AtMost(limit) => format!("at most {}", self.unit.text(limit)),
            AtLeast(limit) => format!("at least {}", self.unit.text(limit)),
        }
    }

    fn measured(&self) -> String {
        self.measured.map_or("-".to_owned(), |value| self.unit.text(value))
    }

    fn holds(&self) -> &'static str {
        match (self.measured, self.bound) {
            (None, _) => "not measured",
            (Some(value), AtMost(limit)) if value <= limit => "holds",
            (Some(value), AtLeast(limit)) if value >= limit => "holds",
            _ => "misses",
        }
    }
}

impl Unit {
    fn text(self, value: f64) -> String {
        match self {
            Self::Lookups => format!("{} lookups", number(value)),
            Self::Times => format!("{}x", number(value)),
            Self::Time => time(value),
            Self::Bytes => format!("{value:.0} B"),
            Self::Count => number(value),
        }
    }
}
