//! The engines compared, each behind the same small trait. An engine loads a workload: it reads the policies and
//! converts every request before anything is timed; what is timed is its own decision.

mod aspen;
mod aws_iam;
mod casbin;
mod cedar;
mod iam_rs;
mod layers;
mod panics;
pub(crate) mod preparing;
mod regorus;
mod rustfs;
mod statement;
pub(crate) mod verdikt;

use std::hint::black_box;

use ::verdikt::Outcome;

use crate::workload::Workload;

pub(crate) use panics::keep_quiet;

/// Policies and requests in an engine's own form.
pub(crate) trait Decide {
    /// Decides the request at that place of the workload.
    fn decide(&mut self, request: usize) -> Answer;

    /// Decides the first requests in turn. It stands here so that the loop and the decision are compiled together.
    fn pass(&mut self, requests: usize) {
        for request in 0..requests {
            black_box(self.decide(black_box(request)));
        }
    }
}

/// What an engine says. Some do not tell one denial from the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Allowed,
    ImplicitDeny,
    ExplicitDeny,
    /// Denied, one way or the other.
    Denied,
    /// An error or a panic instead of a decision.
    Failed,
}

/// An engine ready to decide, or why it cannot.
pub(crate) type Loaded<'w> = Result<Box<dyn Decide + 'w>, String>;

/// An engine: its name and how it loads a workload.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) load: for<'w> fn(&'w Workload) -> Loaded<'w>,
}

/// verdikt's own name in the rows.
pub(crate) const OURS: &str = "verdikt";

/// All engines, ours first.
pub(crate) const ENGINES: [Engine; 9] = [
    Engine { name: OURS, load: verdikt::load },
    Engine { name: "iam-rs", load: iam_rs::load },
    Engine { name: "rustfs-policy", load: rustfs::load },
    Engine { name: "cedar-policy", load: cedar::load },
    Engine { name: "regorus-rvm", load: regorus::load_machine },
    Engine { name: "regorus", load: regorus::load_interpreter },
    Engine { name: "casbin", load: casbin::load },
    Engine { name: "scratchstack-aspen", load: aspen::load },
    Engine { name: "aws-iam", load: aws_iam::load },
];

impl Engine {
    /// Loads a workload; a panic while loading is a failure like any other.
    pub(crate) fn load<'w>(&self, workload: &'w Workload) -> Loaded<'w> {
        panics::caught(|| (self.load)(workload)).unwrap_or_else(|| Err("it panics while loading".to_owned()))
    }
}

impl Answer {
    /// Whether it is the expected decision, as far as the engine tells.
    pub(crate) fn is(self, expected: Outcome) -> bool {
        match self {
            Self::Allowed => expected == Outcome::Allowed,
            Self::ImplicitDeny => expected == Outcome::ImplicitDeny,
            Self::ExplicitDeny => expected == Outcome::ExplicitDeny,
            Self::Denied => expected != Outcome::Allowed,
            Self::Failed => false,
        }
    }
}
