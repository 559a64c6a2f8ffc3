//! The author's tests, tried: do they notice when the policy is broken?
//!
//! Each policy that is a file is broken one part at a time ([`mutants`]); each broken copy is put in its place and the
//! cases that it governs are decided again. A copy that no case notices has survived: the request that would tell the two
//! apart is looked for ([`Witness`]) and shown, so that it can become a case.

mod mutants;
mod near;
mod witness;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::evaluate::{Layer, PolicySet};
use crate::policy::Document;

use super::file::Check;
use super::policies::{Attached, Governing, assemble};
use super::request::RequestParts;
use super::run::{FileResult, ask, deciding, mismatches};

pub use mutants::{Mutant, mutants};
pub use witness::Witness;

/// What became of all broken copies.
#[derive(Debug, Default)]
pub struct Mutation {
    /// In the order of policies and lines.
    pub copies: Vec<Copy>,
    /// Accepted mutants that are not among the survivors: `FILE: line N: NAME`.
    pub unused: Vec<String>,
}

/// A broken copy and what became of it.
#[derive(Debug)]
pub struct Copy {
    /// The policy's name.
    pub policy: String,
    /// What was broken.
    pub mutant: Mutant,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a broken copy.
#[derive(Debug)]
pub enum Fate {
    /// This case fails on it.
    Noticed(String),
    /// No case does, and this request would.
    Survived(Box<Witness>),
    /// No case does, and its author says why.
    Accepted(String),
    /// No case does, and no request was found that tells the two apart.
    NotToldApart,
}

/// Where a policy is in use.
struct Use<'r> {
    result: &'r FileResult,
    governing: Arc<Governing>,
    checks: Vec<&'r Check>,
}

/// A policy and where it is in use.
struct Target<'r> {
    document: Document,
    uses: Vec<Use<'r>>,
}

/// Tries the cases that pass on broken copies of their policies.
pub fn mutate(results: &[FileResult]) -> Mutation {
    let targets = targets(results);
    let all: Vec<(&Target<'_>, Mutant)> = targets
        .values()
        .flat_map(|target| mutants(&target.document).into_iter().map(move |mutant| (target, mutant)))
        .collect();
    let copies: Vec<Copy> = all
        .into_par_iter()
        .filter_map(|(target, mutant)| {
            let fate = target.fate(&mutant)?;
            Some(Copy { policy: target.document.name().to_owned(), mutant, fate })
        })
        .collect();
    let unused = unused(results, &copies);
    Mutation { copies, unused }
}

fn targets(results: &[FileResult]) -> BTreeMap<String, Target<'_>> {
    let mut targets: BTreeMap<String, Target<'_>> = BTreeMap::new();
    for result in results {
        for (check, one) in result.checks().filter(|(_, one)| one.passed()) {
            let Some(governing) = &one.governing else { continue };
            let files = governing
                .attached
                .iter()
                .flat_map(|attached| &attached.documents)
                .filter(|(_, is_tested)| *is_tested);
            for (document, _) in files {
                let target = targets
                    .entry(document.name().to_owned())
                    .or_insert_with(|| Target { document: document.clone(), uses: Vec::new() });
                match target.uses.iter_mut().find(|known| Arc::ptr_eq(&known.governing, governing)) {
                    Some(known) if known.checks.last().is_some_and(|last| std::ptr::eq(*last, check)) => {}
                    Some(known) => known.checks.push(check),
                    None => target.uses.push(Use {
                        result,
                        governing: Arc::clone(governing),
                        checks: vec![check],
                    }),
                }
            }
        }
    }
    targets
}

/// Accepted mutants that nothing needs any more: they would hide the next one of that name.
fn unused(results: &[FileResult], copies: &[Copy]) -> Vec<String> {
    let survives = |copy: &&Copy| !matches!(copy.fate, Fate::Noticed(_));
    let accepted =
        results.iter().flat_map(|result| result.file.accepted.iter().map(move |one| (result, one)));
    let left = accepted.filter(|(result, one)| {
        let uses = |copy: &&Copy| {
            result
                .file
                .policies
                .iter()
                .flat_map(super::Policies::files)
                .any(|path| path.display().to_string() == copy.policy)
        };
        !copies.iter().filter(survives).filter(uses).any(|copy| copy.mutant.name.starts_with(&one.mutant))
    });
    left.map(|(result, one)| format!("{}: line {}: {}", result.file.path.display(), one.line, one.mutant))
        .collect()
}

impl Target<'_> {
    /// What becomes of a broken copy; `None` if it can be no policy of its kind.
    fn fate(&self, mutant: &Mutant) -> Option<Fate> {
        let broken: Vec<(&Use<'_>, PolicySet)> =
            self.uses.iter().map(|one| Some((one, self.with(mutant, one)?))).collect::<Option<_>>()?;
        for (one, set) in &broken {
            if let Some(check) = one.checks.iter().find(|check| notices(check, set)) {
                return Some(Fate::Noticed(check.name.clone()));
            }
        }
        let mut accepted = self.uses.iter().flat_map(|one| &one.result.file.accepted);
        if let Some(known) = accepted.find(|known| mutant.name.starts_with(&known.mutant)) {
            return Some(Fate::Accepted(known.because.clone()));
        }
        let found = broken.iter().find_map(|(one, set)| self.witness(mutant, one, set));
        Some(found.map_or(Fate::NotToldApart, |witness| Fate::Survived(Box::new(witness))))
    }

    /// The policies of a use with the broken copy in the place of the policy.
    fn with(&self, mutant: &Mutant, one: &Use<'_>) -> Option<PolicySet> {
        let attached: Option<Vec<Attached>> = one
            .governing
            .attached
            .iter()
            .map(|attached| {
                let mut documents = Vec::with_capacity(attached.documents.len());
                for (document, is_tested) in &attached.documents {
                    if !is_tested || document.name() != self.document.name() {
                        documents.push((document.clone(), *is_tested));
                    } else if !mutant.leaves_nothing(document) {
                        documents.push((mutant.document(document)?, true));
                    }
                }
                Some(Attached { documents, ..attached.clone() })
            })
            .collect();
        assemble(&attached?).ok()
    }

    fn witness(&self, mutant: &Mutant, one: &Use<'_>, set: &PolicySet) -> Option<Witness> {
        let statement = self.document.statements().get(mutant.statement)?;
        let is_here = |attached: &&Attached| {
            attached.documents.iter().any(|(document, _)| document.name() == self.document.name())
        };
        let layer = one.governing.attached.iter().find(is_here)?.layer;
        let resource = one.governing.attached.iter().find(|attached| attached.layer == Layer::Resource);
        let search = witness::Search {
            policy: &one.governing.set,
            broken: set,
            forms: std::iter::once(statement).chain(&mutant.broken).collect(),
            place: (layer, self.document.name(), mutant.statement),
            resource_kind: resource
                .and_then(|attached| attached.documents.first())
                .map(|(document, _)| document.kind()),
            tries: 0,
            weak: None,
        };
        let requests = one.checks.iter().flat_map(|check| check.requests().unwrap_or_default());
        let seeds: Vec<&RequestParts> = requests.collect();
        search.run(&seeds)
    }
}

/// Whether a case that passes fails on other policies.
fn notices(check: &Check, set: &PolicySet) -> bool {
    let requests = check.requests().unwrap_or_default();
    let place = match requests {
        [] => return false,
        [_] => 0,
        _ => deciding(requests, |request| Ok(set.decide(request))).unwrap_or(0),
    };
    let Some(parts) = requests.get(place) else { return false };
    let asked = ask(parts, |request| Ok(!mismatches(check, &set.decide(request), set, request).is_empty()));
    // A request that is refused is refused by either.
    asked.unwrap_or(false)
}

impl Mutation {
    /// The copies that survived without a reason.
    pub fn survivors(&self) -> impl Iterator<Item = (&Copy, &Witness)> {
        self.copies.iter().filter_map(|copy| match &copy.fate {
            Fate::Survived(witness) => Some((copy, &**witness)),
            Fate::Noticed(_) | Fate::Accepted(_) | Fate::NotToldApart => None,
        })
    }

    /// The copies that no case notices, without a request that tells them apart and without a reason: equal to the
    /// policy, or beyond the search.
    pub fn untold(&self) -> impl Iterator<Item = &Copy> {
        self.copies.iter().filter(|copy| matches!(copy.fate, Fate::NotToldApart))
    }

    /// Whether every copy is noticed or accepted, and nothing is accepted in vain. Where nothing was broken, nothing was
    /// tried either.
    pub fn is_whole(&self) -> bool {
        !self.copies.is_empty()
            && self.survivors().next().is_none()
            && self.untold().next().is_none()
            && self.unused.is_empty()
    }

    /// How many copies were accepted.
    pub fn accepted(&self) -> usize {
        self.copies.iter().filter(|copy| matches!(copy.fate, Fate::Accepted(_))).count()
    }

    /// How many copies were noticed, and how many there are.
    pub fn noticed(&self) -> (usize, usize) {
        let noticed = self.copies.iter().filter(|copy| matches!(copy.fate, Fate::Noticed(_))).count();
        (noticed, self.copies.len())
    }
}

/// As text: the survivors with their requests, and what was accepted or could not be told apart.
impl std::fmt::Display for Mutation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (copy, witness) in self.survivors() {
            writeln!(formatter, "SURVIVED {}, line {}: {}", copy.policy, copy.mutant.line, copy.mutant.name)?;
            let (policy, broken) = (witness.policy.outcome.as_str(), witness.broken.outcome.as_str());
            writeln!(
                formatter,
                "  the policy says {policy}, the broken copy {broken}, to {}",
                witness.request.json()
            )?;
        }
        for copy in self.untold() {
            writeln!(
                formatter,
                "NOT TOLD APART {}, line {}: {}",
                copy.policy, copy.mutant.line, copy.mutant.name
            )?;
            writeln!(
                formatter,
                "  no case notices it, and no request was found that does: add a case, or accept it under `accepted_mutants` \
                 and say why"
            )?;
        }
        for copy in &self.copies {
            if let Fate::Accepted(because) = &copy.fate {
                let Copy { policy, mutant, .. } = copy;
                writeln!(
                    formatter,
                    "{policy}, line {}: {}: accepted, because {because}",
                    mutant.line, mutant.name
                )?;
            }
        }
        for unused in &self.unused {
            writeln!(formatter, "{unused}: accepted, but no survivor: remove it from `accepted_mutants`")?;
        }
        if self.copies.is_empty() {
            return writeln!(
                formatter,
                "mutation: nothing was broken, for no case that passes tests a policy that is a file"
            );
        }
        let (noticed, all) = self.noticed();
        write!(formatter, "mutation: {noticed} of {all} broken copies noticed")?;
        if self.accepted() > 0 {
            write!(formatter, ", {} accepted", self.accepted())?;
        }
        write!(formatter, ", {} survived", self.survivors().count())?;
        match self.untold().count() {
            0 => writeln!(formatter),
            untold => writeln!(formatter, ", {untold} not told apart"),
        }
    }
}

impl Serialize for Mutation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (noticed, all) = self.noticed();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("noticed", &noticed)?;
        map.serialize_entry("all", &all)?;
        map.serialize_entry("accepted", &self.accepted())?;
        map.serialize_entry("survived", &self.survivors().count())?;
        map.serialize_entry("not_told_apart", &self.untold().count())?;
        map.serialize_entry("copies", &self.copies)?;
        map.serialize_entry("unused_accepted", &self.unused)?;
        map.end()
    }
}

impl Serialize for Copy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("policy", &self.policy)?;
        map.serialize_entry("line", &self.mutant.line)?;
        map.serialize_entry("mutant", &self.mutant.name)?;
        match &self.fate {
            Fate::Noticed(case) => {
                map.serialize_entry("fate", "noticed")?;
                map.serialize_entry("case", case)?;
            }
            Fate::Accepted(because) => {
                map.serialize_entry("fate", "accepted")?;
                map.serialize_entry("because", because)?;
            }
            Fate::NotToldApart => map.serialize_entry("fate", "notToldApart")?,
            Fate::Survived(witness) => {
                let request: serde_json::Value =
                    serde_json::from_str(&witness.request.json()).unwrap_or_default();
                map.serialize_entry("fate", "survived")?;
                map.serialize_entry("request", &request)?;
                map.serialize_entry("policy_says", witness.policy.outcome.as_str())?;
                map.serialize_entry("broken_says", witness.broken.outcome.as_str())?;
            }
        }
        map.end()
    }
}
