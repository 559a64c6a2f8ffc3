//! Running a case file: each case is decided, and a wrong decision is explained.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::evaluate::{CallDecision, Combination, Decision, Explanation, Layer, Outcome, PolicySet};
use crate::policy::Kind;
use crate::request::derive::PrincipalKey;
use crate::request::document::RequestDocument;
use crate::request::limits::RequestLimits;
use crate::request::{Request, RequestError};
use crate::text::fold::eq_folded;
use crate::text::template::{Syntax, Token, Variable, tokenize};
use crate::text::truth::Truth;

use super::super::case::{CaseError, resource_kind};
use super::call;
use super::file::{Check, TestFile};
use super::policies::{Files, Governing};
use super::request::RequestParts;

/// What became of a case file.
#[derive(Debug)]
pub struct FileResult {
    /// The file.
    pub file: TestFile,
    /// What became of each case that was run, in the order of the file.
    pub results: Vec<CheckResult>,
}

/// What became of a case.
#[derive(Debug)]
pub struct CheckResult {
    /// The case, by its place in the file.
    pub check: usize,
    /// The decision, or why there is none.
    pub decision: Result<Decision, String>,
    /// In what the decision is not as expected; empty if the case passes.
    pub mismatches: Vec<String>,
    /// Why the decision is what it is; of cases that fail, and of all where that was asked for.
    pub explanation: Option<Explanation>,
    /// What governed, where it could be read.
    pub governing: Option<Arc<Governing>>,
    /// Whether a file of its policies cannot be read: such a case fails whatever it expects.
    pub is_unread: bool,
}

/// What is wanted of a run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Run only the cases whose path and name, `FILE: NAME`, hold this text.
    pub filter: Option<String>,
    /// Explain every case, not only those that fail.
    pub explain_all: bool,
}

impl CheckResult {
    /// Whether the case passes.
    pub fn passed(&self) -> bool {
        self.mismatches.is_empty()
    }

    /// The decision in a word.
    pub fn word(&self) -> &'static str {
        self.decision.as_ref().map_or("error", |decision| decision.outcome.as_str())
    }
}

impl FileResult {
    /// Each case that was run with what became of it.
    pub fn checks(&self) -> impl Iterator<Item = (&Check, &CheckResult)> {
        self.results.iter().filter_map(|result| Some((self.file.checks.get(result.check)?, result)))
    }

    /// How many cases fail.
    pub fn failed(&self) -> usize {
        self.results.iter().filter(|result| !result.passed()).count()
    }
}

/// Runs a case file.
///
/// ```
/// use verdikt::suite::test::{TestFile, run};
/// let text = r#"
/// policies:
///   identity: {Version: 2012-10-17, Statement: {Effect: Allow, Action: s3:GetObject, Resource: "*"}}
/// request: {principal: "arn:aws:iam::111122223333:user/a", resource_account: "111122223333"}
/// cases:
///   - {name: reads, action: s3:GetObject, resource: "arn:aws:s3:::b/k", expect: allowed}
///   - {name: writes, action: s3:PutObject, resource: "arn:aws:s3:::b/k", expect: allowed}
/// "#;
/// let file = TestFile::parse("a.test.yaml".as_ref(), text.to_owned())?;
/// let result = run::run(file, &run::Options::default());
/// assert_eq!(result.results[1].mismatches, ["expected allowed, got implicitDeny"]);
/// # Ok::<(), verdikt::suite::test::Unreadable>(())
/// ```
pub fn run(file: TestFile, options: &Options) -> FileResult {
    let mut sets = Sets { file: &file, files: Files::default(), known: Vec::new() };
    let is_wanted = |check: &Check| {
        options
            .filter
            .as_deref()
            .is_none_or(|text| format!("{}: {}", file.path.display(), check.name).contains(text))
    };
    let wanted = file.checks.iter().enumerate().filter(|(_, check)| is_wanted(check));
    let results = wanted.map(|(place, check)| one(place, check, &mut sets, options)).collect();
    FileResult { file, results }
}

/// Policies by their place in the file, and the kind of the resource-based one.
type SetKey = (usize, Kind);

/// The policies of a file's cases, each combination compiled once.
struct Sets<'f> {
    file: &'f TestFile,
    files: Files,
    known: Vec<(SetKey, Result<Arc<Governing>, String>)>,
}

impl Sets<'_> {
    /// Why the first file that the case's policies name and that cannot be read cannot.
    fn unread(&mut self, check: &Check) -> Option<String> {
        let policies = self.file.policies.get(check.policies)?;
        let error = policies.files().find_map(|path| self.files.read(path).err())?;
        Some(format!("{}: {error}", error.code()))
    }

    fn of(&mut self, check: &Check, request: &Request<'_>) -> Result<Arc<Governing>, String> {
        let key = (check.policies, resource_kind(request));
        if let Some((_, known)) = self.known.iter().find(|(other, _)| *other == key) {
            return known.clone();
        }
        let policies = self.file.policies.get(check.policies);
        let read = policies.map_or_else(
            || Err(CaseError::Policies("the case has none".to_owned())),
            |policies| policies.governing(self.file, key.1, &mut self.files),
        );
        let read = read.map(Arc::new).map_err(|error| format!("{}: {error}", error.code()));
        self.known.push((key, read.clone()));
        read
    }
}

fn one(place: usize, check: &Check, sets: &mut Sets<'_>, options: &Options) -> CheckResult {
    if let Some(error) = sets.unread(check) {
        // Also where an error is expected: of the request or of what a policy says, not of a path.
        let mismatches = vec![format!("expected {}, got an error: {error}", word(check))];
        let decision = Err(error);
        return CheckResult {
            check: place,
            decision,
            mismatches,
            explanation: None,
            governing: None,
            is_unread: true,
        };
    }
    let mut governing = None;
    let asked = asked(check, sets, options, &mut governing);
    let (decision, mismatches, explanation) = match asked {
        Ok((decision, mismatches, explanation)) => (Ok(decision), mismatches, explanation),
        Err(error) => {
            let is_expected = check.expect.is_met(None);
            let told = format!("expected {}, got an error: {error}", word(check));
            (Err(error), if is_expected { Vec::new() } else { vec![told] }, None)
        }
    };
    CheckResult { check: place, decision, mismatches, explanation, governing, is_unread: false }
}

/// What a case is told: the decision, in what it is not as expected, and why.
type Told = (Decision, Vec<String>, Option<Explanation>);

fn asked(
    check: &Check,
    sets: &mut Sets<'_>,
    options: &Options,
    governing: &mut Option<Arc<Governing>>,
) -> Result<Told, String> {
    let requests = check.requests()?;
    if requests.is_empty() {
        return Ok((UNNEEDED, unneeded(check), None));
    }
    let place = match requests {
        [_] => 0,
        _ => deciding(requests, |request| Ok(sets.of(check, request)?.set.decide(request)))?,
    };
    let parts = requests.get(place).ok_or("the call makes no check")?;
    ask(parts, |request| {
        let found = sets.of(check, request)?;
        if let Some(refused) = check.call.as_ref().and_then(|call| call::refuses(call, &found.set)) {
            return Err(refused);
        }
        *governing = Some(Arc::clone(&found));
        let decision = found.set.decide(request);
        let mut mismatches = mismatches(check, &decision, &found.set, request);
        mismatches.extend(derived_in_vain(parts, request, &found.set));
        if check.call.is_some() && !mismatches.is_empty() {
            let text = |part: &Option<String>| part.clone().unwrap_or_default();
            let (action, resource) = (text(&parts.action), text(&parts.resource));
            let (number, all) = (place.saturating_add(1), requests.len());
            mismatches.push(format!("check {number} of the call's {all} decides: {action} on {resource}"));
        }
        let is_told = options.explain_all || !mismatches.is_empty();
        let explanation = is_told.then(|| {
            let mut explanation = found.set.explain(request);
            let derived: Vec<_> = parts.derived().map(PrincipalKey::name).collect();
            explanation.forget_unread(&derived);
            explanation
        });
        Ok((decision, mismatches, explanation))
    })
}

/// What no policy decides.
const UNNEEDED: Decision =
    Decision { outcome: Outcome::Allowed, statement: None, missing: None, indeterminate: false };

/// In what a call that needs no permission is not as expected.
fn unneeded(check: &Check) -> Vec<String> {
    let mut found = Vec::new();
    if !check.expect.is_met(Some(Outcome::Allowed)) {
        found.push(format!("expected {}, but the call needs no permission", word(check)));
    }
    if check.statement.is_some() || check.layer.is_some() || check.missing_keys.is_some() {
        found.push("no policy decides a call that needs no permission".to_owned());
    }
    found
}

/// Which of requests that must all be allowed decides, by its place.
pub(super) fn deciding(
    requests: &[RequestParts],
    mut decide: impl FnMut(&Request<'_>) -> Result<Decision, String>,
) -> Result<usize, String> {
    let checks = requests.iter().map(|parts| Ok((None, ask(parts, &mut decide)?)));
    let call =
        CallDecision { combination: Combination::AllOf, checks: checks.collect::<Result<_, String>>()? };
    call.deciding().map(|(place, _)| place).ok_or_else(|| "the call makes no check".to_owned())
}

/// Builds the request and asks about it.
pub(super) fn ask<T>(
    parts: &RequestParts,
    about: impl FnOnce(&Request<'_>) -> Result<T, String>,
) -> Result<T, String> {
    let limits = RequestLimits::default();
    // Not the place in the JSON form: its text was never in the file.
    let told = |error: &RequestError| {
        let text = error.to_string();
        format!("{}: {}", error.code(), text.split(" at line ").next().unwrap_or_default())
    };
    let json = parts.json();
    let document = RequestDocument::parse(&json, &limits).map_err(|error| told(&error))?;
    let mut builder = document.builder(limits);
    for key in parts.derived() {
        if let Ok(Some(value)) = key.value(document.principal()) {
            builder = builder.one(key.name(), value);
        }
    }
    let request = builder.build().map_err(|error| told(&error))?;
    about(&request)
}

/// Keys that policies read and that were to be derived, but could not be.
fn derived_in_vain(parts: &RequestParts, request: &Request<'_>, set: &PolicySet) -> Vec<String> {
    let reads: BTreeSet<&str> = set.attachments().iter().flat_map(|one| one.policy.reads()).collect();
    let underivable = parts.derived().filter(|key| request.context().get(key.name()).is_none());
    let needed = underivable.filter(|key| reads.iter().any(|read| eq_folded(read, key.name())));
    needed
        .filter_map(|key| {
            key.value(request.principal())
                .err()
                .map(|error| format!("a policy reads `{}`: {error}", key.name()))
        })
        .collect()
}

fn word(check: &Check) -> &'static str {
    use super::super::case::Expectation;
    match check.expect {
        Expectation::Allowed => "allowed",
        Expectation::ExplicitDeny => "explicitDeny",
        Expectation::ImplicitDeny => "implicitDeny",
        Expectation::Denied => "denied",
        Expectation::Error => "error",
    }
}

/// In what a decision is not as expected.
pub(super) fn mismatches(
    check: &Check,
    decision: &Decision,
    set: &PolicySet,
    request: &Request<'_>,
) -> Vec<String> {
    let mut found = Vec::new();
    if !check.expect.is_met(Some(decision.outcome)) {
        found.push(format!("expected {}, got {}", word(check), decision.outcome.as_str()));
    }
    if let Some(sid) = &check.statement {
        let deciding = decided_by(decision, set);
        if deciding.as_deref() != Some(sid) {
            let got = deciding.map_or_else(|| "no statement".to_owned(), |sid| format!("`{sid}`"));
            found.push(format!("expected the statement `{sid}` to decide, got {got}"));
        }
    }
    let decider = layer(decision);
    if let Some(expected) = check.layer.filter(|expected| Some(*expected) != decider) {
        let got = decider.map_or("none", Layer::as_str);
        found.push(format!("expected the layer `{}` to decide, got `{got}`", expected.as_str()));
    }
    found.extend(
        check.missing_keys.as_ref().and_then(|expected| other_keys(expected, &missing_keys(set, request))),
    );
    found
}

/// In what the missing keys are others than expected.
fn other_keys(expected: &[String], missing: &BTreeSet<String>) -> Option<String> {
    let is_missing = |key: &String| missing.iter().any(|one| eq_folded(one, key));
    let is_same = expected.len() == missing.len() && expected.iter().all(is_missing);
    let (wanted, got) = (listed(expected.iter()), listed(missing.iter()));
    (!is_same).then(|| format!("expected the missing keys {wanted}, got {got}"))
}

fn listed<T: AsRef<str>>(texts: impl Iterator<Item = T>) -> String {
    let texts: Vec<_> = texts.map(|text| format!("`{}`", text.as_ref())).collect();
    if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
}

/// The layer that decided: of an implicit deny the one without a needed Allow.
pub fn layer(decision: &Decision) -> Option<Layer> {
    match decision.outcome {
        Outcome::ImplicitDeny => decision.missing.map(|missing| missing.layer),
        Outcome::Allowed | Outcome::ExplicitDeny => decision.statement.map(|id| id.layer),
    }
}

/// The Sid of the statement that decided; its number where it has none.
pub fn decided_by(decision: &Decision, set: &PolicySet) -> Option<String> {
    let id = decision.statement?;
    let place = set.attachments().iter().find(|one| one.layer == id.layer && one.level == id.level)?;
    let document = place.policy.documents().get(id.policy as usize)?;
    let statement = document.statements().get(id.statement as usize)?;
    Some(statement.sid.as_ref().map_or_else(|| id.statement.to_string(), |sid| sid.value.clone()))
}

/// The keys that the request lacks, where a clause asks for one and does not hold: a condition, or a variable without a
/// default in a resource or a value. Of each statement the first clauses that fail count.
pub fn missing_keys(set: &PolicySet, request: &Request<'_>) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    for trace in set.trace(request).iter().filter(|trace| trace.action && trace.principal) {
        let Some(statement) = trace.document.statements().get(trace.id.statement as usize) else { continue };
        let has_variables = trace.document.has_variables();
        let mut lacks = |text: &str| {
            let keys = if has_variables { variables(text) } else { Vec::new() };
            missing.extend(keys.into_iter().filter(|key| request.context().get(key).is_none()));
        };
        if trace.resource == Truth::False {
            statement.resource.iter().flat_map(|list| &list.values).for_each(|value| lacks(&value.value));
            continue;
        }
        for (one, written) in trace.conditions.iter().zip(&statement.conditions) {
            if one.truth != Truth::True {
                written.values.iter().for_each(|value| lacks(&value.value));
            }
        }
        let pairs = trace.conditions.iter().zip(&statement.conditions);
        let absent = pairs.filter(|(one, _)| !one.is_present && one.truth != Truth::True);
        missing.extend(absent.map(|(_, written)| written.key.value.to_string()));
    }
    missing
}

/// The keys of a text's variables that have no default.
fn variables(text: &str) -> Vec<String> {
    let tokens = tokenize(text, Syntax { wildcards: true, variables: true }).unwrap_or_default();
    let keys = tokens.into_iter().filter_map(|token| match token {
        Token::Variable(Variable { key, default: None }) => Some(key.to_owned()),
        _ => None,
    });
    keys.collect()
}
