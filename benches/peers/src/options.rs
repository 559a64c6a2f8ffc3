//! What the command line asks for.

use clap::Parser;

use crate::measure::Effort;

/// verdikt beside the engines that a user could pick instead, over the same workloads in one run. Every decision is
/// checked; the table says what each engine takes, and what holds of the targets.
#[derive(Parser)]
pub(crate) struct Options {
    /// Only this engine; may be given several times
    #[arg(long = "engine", value_name = "NAME")]
    engines: Vec<String>,
    /// Only this workload, with the rows whose name begins with it; may be given several times
    #[arg(long = "workload", value_name = "NAME")]
    workloads: Vec<String>,
    /// Few rounds: shows that all works, not what it costs
    #[arg(long)]
    quick: bool,
    /// One JSON object a line instead of the tables
    #[arg(long)]
    pub(crate) json: bool,
}

impl Options {
    pub(crate) fn effort(&self) -> Effort {
        if self.quick { Effort::QUICK } else { Effort::FULL }
    }

    pub(crate) fn wants_engine(&self, name: &str) -> bool {
        self.engines.is_empty() || self.engines.iter().any(|engine| engine == name)
    }

    /// Whether rows of that workload are wanted; `W1` asks for `W1 two threads` too.
    pub(crate) fn wants_workload(&self, name: &str) -> bool {
        let asks_for = |asked: &String| {
            name.strip_prefix(asked.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        self.workloads.is_empty() || self.workloads.iter().any(asks_for)
    }
}
