//! Which rules explain which disagreement.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::engines::{Answer, Answers, ask};
use crate::rules::{RULES, Rule};

/// So many disagreements that no rule explains are told in full.
const TOLD: usize = 12;

/// What became of the cases.
#[derive(Default)]
pub struct Report {
    /// By source: cases, agreements, disagreements.
    sources: Vec<(&'static str, usize, usize, usize)>,
    /// By what both say where they agree.
    agreed: BTreeMap<String, usize>,
    /// What the package has no place for, by reason; what verdikt refuses.
    unasked: BTreeMap<String, usize>,
    /// By class: one rule, or several that only together explain a case.
    classes: BTreeMap<String, (usize, BTreeMap<String, usize>)>,
    used: BTreeMap<&'static str, usize>,
    unexplained: Vec<String>,
}

/// A case on which the two disagree.
struct Disagreement {
    case: Value,
    verdikt: String,
    peer: Answer,
}

/// A disagreement said plainly by some rules.
#[derive(Clone)]
struct Variant {
    of: usize,
    rules: Vec<&'static Rule>,
    case: Value,
}

impl Report {
    /// Asks the cases of a source.
    pub fn add(&mut self, source: &'static str, cases: Vec<Value>) {
        let answers = ask(&cases);
        let count = cases.len();
        let mut disagreements = Vec::new();
        let mut agreements = 0;
        for (case, Answers { verdikt, peer }) in cases.into_iter().zip(answers) {
            match (verdikt, peer) {
                (Answer::Decided(verdikt), Answer::Unasked(why)) => {
                    self.leave_out(format!("{why} ({verdikt})"));
                }
                (Answer::Decided(verdikt), peer) if peer == Answer::Decided(verdikt.clone()) => {
                    agreements += 1;
                    *self.agreed.entry(verdikt).or_default() += 1;
                }
                (Answer::Decided(verdikt), peer) => disagreements.push(Disagreement { case, verdikt, peer }),
                (Answer::Refused(_) | Answer::Unasked(_), _) => {
                    self.leave_out("refused by verdikt: no decision to compare".to_owned());
                }
            }
        }
        self.sources.push((source, count, agreements, disagreements.len()));
        self.explain(&disagreements);
    }

    fn leave_out(&mut self, why: String) {
        *self.unasked.entry(why).or_default() += 1;
    }

    fn explain(&mut self, disagreements: &[Disagreement]) {
        let mut open: Vec<usize> = Vec::new();
        let (mut variants, mut all) = (Vec::new(), Vec::new());
        for (of, disagreement) in disagreements.iter().enumerate() {
            variants.extend(RULES.iter().filter_map(|rule| Variant::new(disagreements, of, vec![rule])));
            all.extend(Variant::new(disagreements, of, in_turn(&disagreement.case)));
            open.push(of);
        }
        // One rule, the first of the table that does.
        for (variant, agrees) in asked(&variants, disagreements) {
            if agrees && open.contains(&variant.of) {
                open.retain(|of| *of != variant.of);
                self.count(&disagreements[variant.of], &variant.rules);
            }
        }
        // Several together: as few as leaving out one after the other leads to.
        all.retain(|variant| open.contains(&variant.of));
        let together: Vec<Variant> = asked(&all, disagreements)
            .filter(|(_, agrees)| *agrees)
            .map(|(variant, _)| variant.clone())
            .collect();
        for of in open {
            if !together.iter().any(|variant| variant.of == of) {
                // Those that are told cost a run of both engines each.
                let variant =
                    all.iter().find(|variant| variant.of == of).filter(|_| self.unexplained.len() < TOLD);
                self.unexplained.push(told(&disagreements[of], variant));
            }
        }
        for variant in fewest(together, disagreements) {
            self.count(&disagreements[variant.of], &variant.rules);
        }
    }

    fn count(&mut self, disagreement: &Disagreement, rules: &[&'static Rule]) {
        let name = rules.iter().map(|rule| rule.name).collect::<Vec<_>>().join(" + ");
        let (count, directions) = self.classes.entry(name).or_default();
        *count += 1;
        let peer = match &disagreement.peer {
            Answer::Decided(word) => word.clone(),
            Answer::Refused(message) | Answer::Unasked(message) => format!("fails: {message}"),
        };
        *directions.entry(format!("{} / {peer}", disagreement.verdikt)).or_default() += 1;
        for rule in rules {
            *self.used.entry(rule.name).or_default() += 1;
        }
    }

    /// What fails the test: disagreements without a rule, and rules without a disagreement.
    pub fn failures(&self) -> Vec<String> {
        let mut failures: Vec<String> = self.unexplained.iter().take(TOLD).cloned().collect();
        if !self.unexplained.is_empty() {
            failures.push(format!(
                "{} disagreements are not explained by docs/differential.md",
                self.unexplained.len()
            ));
        }
        let idle = RULES.iter().filter(|rule| !self.used.contains_key(rule.name));
        failures.extend(
            idle.map(|rule| format!("the rule `{}` explains nothing any more: remove it", rule.name)),
        );
        failures
    }
}

/// The case said plainly by the rules, one after the other; none if they change nothing.
fn said(case: &Value, rules: &[&Rule]) -> Option<Value> {
    let mut plain = case.clone();
    for rule in rules {
        (rule.rewrite)(&mut plain);
    }
    (plain != *case).then_some(plain)
}

/// The rules that change the case when each is asked after those before it: what one says plainly may need another.
fn in_turn(case: &Value) -> Vec<&'static Rule> {
    let mut plain = case.clone();
    let changes = |rule: &&Rule| {
        let before = plain.clone();
        (rule.rewrite)(&mut plain);
        plain != before
    };
    RULES.iter().filter(changes).collect()
}

impl Variant {
    fn new(disagreements: &[Disagreement], of: usize, rules: Vec<&'static Rule>) -> Option<Self> {
        let case = said(&disagreements[of].case, &rules)?;
        Some(Self { of, rules, case })
    }
}

/// Whether verdikt decides each variant as the case itself, and the other engine agrees on it.
fn asked<'a>(
    variants: &'a [Variant],
    disagreements: &'a [Disagreement],
) -> impl Iterator<Item = (&'a Variant, bool)> {
    let cases: Vec<Value> = variants.iter().map(|variant| variant.case.clone()).collect();
    let answers = if cases.is_empty() { Vec::new() } else { ask(&cases) };
    variants.iter().zip(answers).map(move |(variant, answers)| {
        let decided = Answer::Decided(disagreements[variant.of].verdikt.clone());
        (variant, answers.verdikt == decided && answers.peer == decided)
    })
}

/// Each set of rules without those that it can do without.
fn fewest(mut sets: Vec<Variant>, disagreements: &[Disagreement]) -> Vec<Variant> {
    let longest = sets.iter().map(|set| set.rules.len()).max().unwrap_or_default();
    for at in (0..longest).rev() {
        let without = |set: &Variant| {
            let mut rules = set.rules.clone();
            (at < rules.len()).then(|| rules.remove(at))?;
            Variant::new(disagreements, set.of, rules)
        };
        let shorter: Vec<Variant> = sets.iter().filter_map(without).collect();
        for (variant, agrees) in asked(&shorter, disagreements) {
            if agrees && let Some(set) = sets.iter_mut().find(|set| set.of == variant.of) {
                *set = variant.clone();
            }
        }
    }
    sets
}

fn told(disagreement: &Disagreement, variant: Option<&Variant>) -> String {
    let Disagreement { case, verdikt, peer } = disagreement;
    let mut text = format!("not explained: verdikt says {verdikt}, iam-simulate {peer:?}\n  {case}");
    if let Some(variant) = variant {
        let names: Vec<&str> = variant.rules.iter().map(|rule| rule.name).collect();
        let answers = ask(std::slice::from_ref(&variant.case));
        text += &format!("\n  by {}: {:?}\n  {}", names.join(" + "), answers[0], variant.case);
    }
    text
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (source, count, agreements, disagreements) in &self.sources {
            writeln!(out, "{source}: {count} cases, {agreements} agreements, {disagreements} disagreements")?;
        }
        writeln!(out, "\nagreed on")?;
        for (word, count) in &self.agreed {
            writeln!(out, "{count:>8}  {word}")?;
        }
        writeln!(out, "\nnot compared")?;
        for (why, count) in &self.unasked {
            writeln!(out, "{count:>8}  {why}")?;
        }
        writeln!(out, "\ndisagreements by class: verdikt / iam-simulate")?;
        for (name, (count, directions)) in &self.classes {
            let directions: Vec<String> =
                directions.iter().map(|(words, count)| format!("{words} {count}")).collect();
            writeln!(out, "{count:>8}  {name}  ({})", directions.join(", "))?;
        }
        writeln!(out, "{:>8}  not explained", self.unexplained.len())
    }
}
