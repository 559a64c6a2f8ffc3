//! Pages of results. A marker names where the next page begins and which request it goes on with; nothing is kept
//! between pages.

use std::time::{Duration, Instant};

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::answer::Results;
use super::query::{Length, Parameters, invalid};
use super::simulate::{Evaluation, Simulation};

/// The results of a page if the request does not say.
const DEFAULT_ITEMS: usize = 100;
const MOST_ITEMS: usize = 1000;
/// A page ends early, as it may, after an action that makes it heavier than this: results, statements and keys.
const PAGE_WEIGHT: usize = 20_000;
/// It ends early after so much time too.
const PAGE_TIME: Duration = Duration::from_secs(5);

/// Which results are asked for.
#[derive(Debug)]
pub(super) struct Page {
    first: usize,
    items: usize,
    digest: String,
}

impl Page {
    /// Takes `MaxItems` and `Marker`; all other parameters must still be there.
    pub(super) fn take(parameters: &mut Parameters, action: &str, revision: &str) -> Result<Self, Refusal> {
        // Pages of a principal's simulation are all of one revision of the store.
        let store = if action == "SimulatePrincipalPolicy" { revision } else { "" };
        let digest = parameters.digest(&format!("{action} {store}"));
        let items = match parameters.take("MaxItems") {
            None => DEFAULT_ITEMS,
            Some(text) => text
                .parse()
                .ok()
                .filter(|items| (1..=MOST_ITEMS).contains(items))
                .ok_or_else(|| invalid(format!("`MaxItems` is a number from 1 to {MOST_ITEMS}")))?,
        };
        let first = match parameters.text("Marker", Length(1, 320))? {
            None => 0,
            Some(marker) => place(&marker, &digest).ok_or_else(|| {
                invalid(
                    "`Marker` is not one of this request: send the other parameters as before; if the store was \
                     reloaded, begin again without a marker",
                )
            })?,
        };
        Ok(Self { first, items, digest })
    }

    /// Simulates the actions of the page.
    pub(super) fn evaluate(&self, simulation: &Simulation, call: &Call) -> Result<Results, Refusal> {
        let begun = Instant::now();
        let actions = simulation.actions.get(self.first..).filter(|actions| !actions.is_empty());
        let actions = actions.ok_or_else(|| invalid("`Marker` is past the last result"))?;
        let (mut evaluations, mut weight) = (Vec::new(), 0usize);
        for action in actions.iter().take(self.items) {
            let evaluation = simulation.evaluate(action, call)?;
            weight = weight.saturating_add(Evaluation::weight(&evaluation));
            evaluations.push(evaluation);
            if weight > PAGE_WEIGHT || begun.elapsed() > PAGE_TIME {
                break;
            }
        }
        let next = self.first.saturating_add(evaluations.len());
        let marker = (next < simulation.actions.len()).then(|| format!("{next}-{}", self.digest));
        Ok(Results { evaluations, marker })
    }
}

fn place(marker: &str, digest: &str) -> Option<usize> {
    let (place, of) = marker.split_once('-')?;
    place.parse().ok().filter(|_| of == digest)
}
