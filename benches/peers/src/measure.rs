//! The measuring core: a heat is run by several contestants whose rounds alternate, so that what disturbs the machine
//! for a while disturbs all of them alike. Time is the thread's own.

use std::time::Duration;

use crate::clock::Moment;

/// A pass that takes longer is timed once: the first one.
const ONCE: Duration = Duration::from_millis(1_500);
/// A pass that takes longer is timed in few rounds.
const SLOW: Duration = Duration::from_millis(150);
/// How long a round takes at least.
const ROUND: Duration = Duration::from_millis(6);

/// How many rounds there are.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    rounds: usize,
    slow_rounds: usize,
}

/// Something to be timed: one pass makes `calls` calls.
pub(crate) struct Contestant<'a> {
    calls: usize,
    pass: Box<dyn FnMut() + 'a>,
}

/// What one call took, in nanoseconds.
#[derive(Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) median: f64,
    pub(crate) fastest: f64,
}

/// What is known of a contestant before its rounds.
struct Plan {
    /// How often the pass is repeated in a round.
    passes: usize,
    rounds: usize,
    samples: Vec<f64>,
}

impl Effort {
    /// Rounds enough for a table that is kept.
    pub(crate) const FULL: Self = Self { rounds: 21, slow_rounds: 5 };
    /// Rounds enough to see that all works.
    pub(crate) const QUICK: Self = Self { rounds: 5, slow_rounds: 1 };

    /// The rounds of what takes no longer than it should.
    pub(crate) fn rounds(self) -> usize {
        self.rounds
    }
}

impl<'a> Contestant<'a> {
    pub(crate) fn new(calls: usize, pass: impl FnMut() + 'a) -> Self {
        Self { calls, pass: Box::new(pass) }
    }

    /// Finds how many passes make a round, starting from one pass timed cold.
    fn plan(&mut self, effort: Effort) -> Plan {
        let mut passes = 1;
        loop {
            let took = self.time(passes);
            if passes == 1 && took > ONCE {
                return Plan { passes, rounds: 0, samples: vec![self.per_call(took, passes)] };
            }
            if passes == 1 && took > SLOW {
                return Plan { passes, rounds: effort.slow_rounds, samples: Vec::new() };
            }
            if took >= ROUND {
                return Plan { passes, rounds: effort.rounds, samples: Vec::new() };
            }
            // What is missing, with a little more; never many times as much, since the first passes are slow.
            let missing = ROUND.as_nanos() * 11 / 10 / took.as_nanos().max(1);
            passes *= usize::try_from(missing.clamp(2, 8)).unwrap_or(2);
        }
    }

    /// One round. A short pass is made once untimed, so that the caches are its own again.
    fn round(&mut self, plan: &mut Plan) {
        if plan.passes > 1 {
            (self.pass)();
        }
        let took = self.time(plan.passes);
        plan.samples.push(self.per_call(took, plan.passes));
    }

    fn time(&mut self, passes: usize) -> Duration {
        let start = Moment::now();
        for _ in 0..passes {
            (self.pass)();
        }
        start.elapsed()
    }

    fn per_call(&self, took: Duration, passes: usize) -> f64 {
        took.as_secs_f64() * 1e9 / (passes * self.calls) as f64
    }
}

/// Times the contestants, their rounds in turn.
pub(crate) fn heat(contestants: &mut [Contestant<'_>], effort: Effort) -> Vec<Timing> {
    let mut plans: Vec<Plan> = contestants.iter_mut().map(|contestant| contestant.plan(effort)).collect();
    for round in 0..effort.rounds {
        for (contestant, plan) in contestants.iter_mut().zip(&mut plans) {
            if round < plan.rounds {
                contestant.round(plan);
            }
        }
    }
    plans.into_iter().map(|plan| Timing::of(plan.samples)).collect()
}

impl Timing {
    /// Of the samples of one contestant, of which there is one at least.
    pub(crate) fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |place: usize| samples.get(place).copied().unwrap_or(f64::NAN);
        Self { median: at(samples.len() / 2), fastest: at(0) }
    }
}
