//! Answering decision cases, line by line.
//!
//! PERF: lines often carry the policies of the line before. Where the text after `"policies":` begins with the text
//! last compiled, which is one whole JSON object, the value there can only be that text: the line is read with `null`
//! in its place, and the compiled set is used again. Answerers of one batch share it: what one has compiled, the others
//! find when they meet it.

use std::borrow::Cow;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use crate::evaluate::{CallDecision, CallExplanation, Decision, Explanation, Layer, Outcome, PolicySet};
use crate::policy::{Kind, Limits};
use crate::request::Request;
use crate::request::document::RequestDocument;
use crate::request::limits::RequestLimits;

use super::call_case::{CallCase, one_root};
use super::case::{
    Asked, Case, CaseError, Expectation, Members, Read, policy_set, policy_set_for, resource_kind,
};

/// Answers cases; keeps the policies last compiled.
///
/// ```
/// use verdikt::suite::Cases;
/// let line = br#"{"id": "nobody", "policies": {"identity": []}, "expect": "implicitDeny", "request":
///     {"principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:ListAllMyBuckets", "resource": "*"}}"#;
/// let mut out = Vec::new();
/// assert!(Cases::default().answer(line, 1, &mut out).is_met());
/// assert!(out.starts_with(br#"{"id":"nobody","decision":"implicitDeny""#));
/// ```
#[derive(Debug)]
pub struct Cases {
    limits: Limits,
    request_limits: RequestLimits,
    last: Option<Arc<Compiled>>,
    /// What any answerer of the batch compiled last. Locked only where the last line's policies are not this line's.
    shared: Arc<Mutex<Option<Arc<Compiled>>>>,
    key: Finder<'static>,
    scratch: String,
    explains: bool,
}

#[derive(Debug)]
struct Compiled {
    text: String,
    resource_kind: Kind,
    set: Result<PolicySet, CaseError>,
}

/// What a line is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The outcome; none for an error.
    pub outcome: Option<Outcome>,
    /// What the case expected.
    pub expect: Option<Expectation>,
    /// Whether a check of a call is another than the case expects of it.
    pub is_unmet: bool,
}

impl Answer {
    /// Whether the case is as expected; without an expectation, whether it could be decided.
    pub fn is_met(&self) -> bool {
        match self.expect {
            _ if self.is_unmet => false,
            Some(expect) => expect.is_met(self.outcome),
            None => self.outcome.is_some(),
        }
    }
}

impl Default for Cases {
    fn default() -> Self {
        Self::with_limits(Limits::default(), RequestLimits::default())
    }
}

impl Cases {
    /// With other limits than the default ones.
    pub fn with_limits(limits: Limits, request_limits: RequestLimits) -> Self {
        let key = Finder::new(b"\"policies\":");
        let (shared, scratch) = (Arc::default(), String::new());
        Self { limits, request_limits, last: None, shared, key, scratch, explains: false }
    }

    /// Adds to each answer why, as `explanation`.
    #[must_use]
    pub fn explaining(self) -> Self {
        Self { explains: true, ..self }
    }

    /// Another answerer for the same batch, for another thread: both answer every line alike, and what one has
    /// compiled the other need not.
    #[must_use]
    pub fn another(&self) -> Self {
        let (shared, last, explains) = (Arc::clone(&self.shared), self.last.clone(), self.explains);
        Self { last, shared, explains, ..Self::with_limits(self.limits, self.request_limits) }
    }

    /// Answers one line, given without its line end; `number` counts lines from 1. The answer is one line of JSON with
    /// its line end, appended to `out`.
    pub fn answer(&mut self, line: &[u8], number: usize, out: &mut Vec<u8>) -> Answer {
        let Ok(line) = std::str::from_utf8(line) else {
            return refuse(out, None, number, None, &CaseError::Line("the line is not UTF-8".to_owned()));
        };
        if line.len() > self.line_limit() {
            let message = format!("the line has more than {} bytes", self.line_limit());
            return refuse(out, None, number, None, &CaseError::Line(message));
        }
        if let Some(answer) = self.answer_repeated(line, number, out) {
            return answer;
        }
        match Case::parse(line) {
            Ok(case) if case.is_call => self
                .answer_call(&case, out)
                .unwrap_or_else(|error| refuse(out, Some(&case.id), number, case.expect, &error)),
            Ok(case) => self.answer_case(&case, case.policies, number, out),
            Err(error) => {
                let Remains { id, expect } = remains(line);
                refuse(out, id.as_deref(), number, expect, &error)
            }
        }
    }

    /// Decides and explains one case.
    pub fn explain(&mut self, line: &str) -> Result<Explanation, CaseError> {
        let case = Case::parse(line)?;
        let document = case.request_document(&self.request_limits)?;
        let request = document.request(self.request_limits)?;
        let limits = self.limits;
        match &self.compiled(case.policies, resource_kind(&request)).set {
            Ok(set) => Ok(set.explain(&request)),
            // What is kept is shared; the caller gets an error of its own.
            Err(_) => Ok(policy_set(case.policies, &request, &limits)?.explain(&request)),
        }
    }

    /// The most bytes that a line may have, by what it may hold; a longer one is answered as an error.
    pub fn line_limit(&self) -> usize {
        self.limits.bytes.saturating_mul(4).saturating_add(self.request_limits.bytes)
    }

    /// Answers a line whose policies are those last compiled. `None` if it is not surely such a line, or if it or its
    /// request is not as it should be: what is wrong is found by reading it part by part.
    fn answer_repeated(&mut self, line: &str, number: usize, out: &mut Vec<u8>) -> Option<Answer> {
        let last = self.last.as_ref()?;
        let end = self.key.find(line.as_bytes())?.saturating_add(self.key.needle().len());
        let after_key = line.get(end..)?;
        let after = after_key.trim_start_matches([' ', '\t']).strip_prefix(last.text.as_str())?;
        let before = line.get(..line.len().checked_sub(after.len())?.checked_sub(last.text.len())?)?;
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        scratch.push_str(before);
        let at = scratch.len();
        scratch.push_str("null");
        scratch.push_str(after);
        let answer = self.answer_by_last(&scratch, at, number, out);
        self.scratch = scratch;
        answer
    }

    /// Answers a case by the policies last compiled, in the place of which `null` stands.
    fn answer_by_last(&self, case: &str, at: usize, number: usize, out: &mut Vec<u8>) -> Option<Answer> {
        let last = self.last.as_ref()?;
        if case.len() > self.request_limits.bytes {
            return None;
        }
        let Members { id, asked: Asked::Request(Read(document)), policies, expect } =
            serde_json::from_str(case).ok()?
        else {
            return None;
        };
        // The replaced value must be the case's own `policies`, and no other member of that name.
        if offset(case, policies) != at {
            return None;
        }
        let request = document.request(self.request_limits).ok()?;
        (resource_kind(&request) == last.resource_kind).then(|| match &last.set {
            Ok(set) => accept(out, &id, expect, set, &request, self.explains),
            Err(error) => refuse(out, Some(&id), number, expect, error),
        })
    }

    fn answer_case(&mut self, case: &Case<'_>, policies: &str, number: usize, out: &mut Vec<u8>) -> Answer {
        let document = match case.request_document(&self.request_limits) {
            Ok(document) => document,
            Err(error) => return refuse(out, Some(&case.id), number, case.expect, &error.into()),
        };
        let request = match document.request(self.request_limits) {
            Ok(request) => request,
            Err(error) => return refuse(out, Some(&case.id), number, case.expect, &error.into()),
        };
        let explains = self.explains;
        match &self.compiled(policies, resource_kind(&request)).set {
            Ok(set) => accept(out, &case.id, case.expect, set, &request, explains),
            Err(error) => refuse(out, Some(&case.id), number, case.expect, error),
        }
    }

    /// Answers a case about a call: every check by itself, then how they combine.
    fn answer_call(&mut self, case: &Case<'_>, out: &mut Vec<u8>) -> Result<Answer, CaseError> {
        let call = CallCase::parse(case.request, self.line_limit())?;
        let (combination, limits) = (call.combination(), self.request_limits);
        let mut decision = CallDecision { combination, checks: Vec::with_capacity(call.checks.len()) };
        let mut explanation = self.explains.then(|| CallExplanation { combination, checks: Vec::new() });
        let (mut unmet, mut resources, mut has_resource_policy) = (Vec::new(), Vec::new(), false);
        if call.checks.is_empty() {
            // What cannot be accepted is refused, also where nothing asks it.
            self.governing(case.policies, Kind::Resource)?;
        }
        for (place, check) in call.checks.iter().enumerate() {
            let text = call.request(check);
            let document = RequestDocument::parse(&text, &limits)?;
            let request = document.request(limits)?;
            let set = self.governing(case.policies, resource_kind(&request))?;
            has_resource_policy |= set.layer(Layer::Resource).is_some();
            let decided = set.decide(&request);
            if check.expect.is_some_and(|expect| !expect.is_met(Some(decided.outcome))) {
                unmet.push(place);
            }
            resources.push(request.resource().text().to_owned());
            decision.checks.push((check.part, decided));
            if let Some(explanation) = &mut explanation {
                explanation.checks.push((check.part, set.explain(&request)));
            }
        }
        if has_resource_policy {
            one_root(resources.iter().map(String::as_str))?;
        }
        let answer =
            Answer { outcome: Some(decision.outcome()), expect: case.expect, is_unmet: !unmet.is_empty() };
        write_call(out, &case.id, &decision, &answer, &unmet, explanation.as_ref());
        Ok(answer)
    }

    /// The policies of a case, or why there are none.
    fn governing(&mut self, policies: &str, kind: Kind) -> Result<PolicySet, CaseError> {
        let limits = self.limits;
        match &self.compiled(policies, kind).set {
            Ok(set) => Ok(set.clone()),
            // What is kept is shared; the caller gets an error of its own.
            Err(_) => policy_set_for(policies, kind, &limits),
        }
    }

    /// The policies, compiled now unless an answerer of the batch has done so last.
    fn compiled(&mut self, policies: &str, kind: Kind) -> &Compiled {
        let is_it = |last: &Arc<Compiled>| last.resource_kind == kind && last.text == policies;
        let found = self.last.take().filter(is_it).or_else(|| lock(&self.shared).clone().filter(is_it));
        let compiled = found.unwrap_or_else(|| {
            let set = policy_set_for(policies, kind, &self.limits);
            let compiled = Arc::new(Compiled { text: policies.to_owned(), resource_kind: kind, set });
            *lock(&self.shared) = Some(Arc::clone(&compiled));
            compiled
        });
        self.last.insert(compiled)
    }
}

/// What is shared is replaced whole, so it is sound even if a thread ended while holding it.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a part of a text begins in it.
fn offset(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize)
}

/// What a line that is no case still says: its `id`, so that the answer can name it, and what it expects.
#[derive(Default, Deserialize)]
struct Remains<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(default)]
    expect: Option<Expectation>,
}

/// Reads the two where the line is a JSON object in which they stand once; other keys may stand twice.
fn remains(line: &str) -> Remains<'_> {
    if line.trim_start().starts_with('{') {
        serde_json::from_str(line).unwrap_or_default()
    } else {
        Remains::default()
    }
}

fn accept(
    out: &mut Vec<u8>,
    id: &str,
    expect: Option<Expectation>,
    set: &PolicySet,
    request: &Request<'_>,
    explains: bool,
) -> Answer {
    let explanation = explains.then(|| set.explain(request));
    let decision = explanation.as_ref().map_or_else(|| set.decide(request), |one| one.decision);
    let answer = Answer { outcome: Some(decision.outcome), expect, is_unmet: false };
    // Writing to memory does not fail.
    let _ = write_decision(out, id, &decision, answer.is_met(), explanation.as_ref());
    answer
}

fn write_decision(
    out: &mut Vec<u8>,
    id: &str,
    decision: &Decision,
    met: bool,
    explanation: Option<&Explanation>,
) -> std::io::Result<()> {
    out.write_all(b"{\"id\":")?;
    serde_json::to_writer(&mut *out, id)?;
    out.push(b',');
    let start = out.len();
    serde_json::to_writer(&mut *out, decision)?;
    // The decision's own opening brace, and for what follows its closing one.
    out.remove(start);
    if !met {
        out.pop();
        out.write_all(b",\"unexpected\":true}")?;
    }
    if let Some(explanation) = explanation {
        out.pop();
        out.write_all(b",\"explanation\":")?;
        serde_json::to_writer(&mut *out, explanation)?;
        out.push(b'}');
    }
    out.push(b'\n');
    Ok(())
}

fn write_call(
    out: &mut Vec<u8>,
    id: &str,
    decision: &CallDecision,
    answer: &Answer,
    unmet: &[usize],
    explanation: Option<&CallExplanation>,
) {
    #[derive(Serialize)]
    struct Line<'a> {
        id: &'a str,
        decision: &'static str,
        #[serde(flatten)]
        call: &'a CallDecision,
        #[serde(skip_serializing_if = "<[usize]>::is_empty")]
        unexpected_checks: &'a [usize],
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        unexpected: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        explanation: Option<&'a CallExplanation>,
    }
    let (word, unexpected) = (decision.outcome().as_str(), !answer.is_met());
    let line = Line { id, decision: word, call: decision, unexpected_checks: unmet, unexpected, explanation };
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(&mut *out, &line);
    out.push(b'\n');
}

fn refuse(
    out: &mut Vec<u8>,
    id: Option<&str>,
    number: usize,
    expect: Option<Expectation>,
    error: &CaseError,
) -> Answer {
    let answer = Answer { outcome: None, expect, is_unmet: false };
    let mut body = serde_json::json!({"error": {"code": error.code(), "message": error.to_string()}});
    if let Some(object) = body.as_object_mut() {
        match id {
            Some(id) => object.insert("id".to_owned(), id.into()),
            None => object.insert("line".to_owned(), number.into()),
        };
        if expect.is_some() && !answer.is_met() {
            object.insert("unexpected".to_owned(), true.into());
        }
    }
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(&mut *out, &body);
    out.push(b'\n');
    answer
}
