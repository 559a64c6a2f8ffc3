//! The checks of one API call, decided together: each has its own request and its own policies, for a copy asks of two
//! buckets. Every check is decided and explained as a request by itself is; here is only how they combine.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::request::Request;

use super::decision::{Decision, Outcome};
use super::explain::Explanation;
use super::set::PolicySet;

/// How the checks of a call combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Combination {
    /// The call goes through only if every check is allowed: the source and the destination of a copy.
    AllOf,
    /// Each part of the call is done or refused by itself: the keys of `DeleteObjects`.
    Each,
    /// The service asks for no permission, and so there is nothing to check: `DescribeEndpoints` of DynamoDB. Only this,
    /// never a call that merely lacks its checks, goes through without one.
    NoneNeeded,
}

/// One check of a call.
#[derive(Clone, Debug)]
pub struct CallCheck<'a> {
    /// The policies that govern it: of a resource in another bucket or account they are others.
    pub set: &'a PolicySet,
    /// What is asked.
    pub request: Request<'a>,
    /// The part of the call that it stands for, where there are several; a part is done if all its checks are allowed.
    /// Under [`Combination::Each`] a check without a part is a part by itself.
    pub part: Option<u32>,
}

/// What is decided of a call, check by check.
///
/// ```
/// use verdikt::evaluate::{CallCheck, CallDecision, Combination};
/// use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request};
/// let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*",
///     "Resource": "arn:aws:s3:::app/alice/*"}}"#;
/// let role = Document::parse(Kind::Identity, "role", json, &Limits::default())?.document;
/// let set = PolicySet::builder().identity(CompiledPolicy::compile(&[role])?).build()?;
///
/// let user = Principal::parse("arn:aws:iam::111122223333:user/alice")?;
/// let check = |action, resource| -> Result<_, verdikt::RequestError> {
///     let request = Request::builder(&user, action, resource, Owner::Account("111122223333")).build()?;
///     Ok(CallCheck { set: &set, request, part: None })
/// };
/// let copy = [
///     check("s3:GetObject", "arn:aws:s3:::app/bob/secret")?,
///     check("s3:PutObject", "arn:aws:s3:::app/alice/copy")?,
/// ];
/// let decision = CallDecision::decide(Combination::AllOf, &copy);
/// assert!(!decision.is_allowed());
/// assert_eq!(decision.denied().map(|(place, _)| place).collect::<Vec<_>>(), [0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDecision {
    /// How the checks combine.
    pub combination: Combination,
    /// The decision of each check, in their order, with the part that it stands for.
    pub checks: Vec<(Option<u32>, Decision)>,
}

/// A call explained, check by check. `Display` writes it as text, `serde::Serialize` as JSON.
#[derive(Clone, Debug)]
pub struct CallExplanation {
    /// How the checks combine.
    pub combination: Combination,
    /// The explanation of each check, in their order, with the part that it stands for.
    pub checks: Vec<(Option<u32>, Explanation)>,
}

impl CallDecision {
    /// Decides every check by its own policies.
    pub fn decide(combination: Combination, checks: &[CallCheck<'_>]) -> Self {
        let checks = checks.iter().map(|check| (check.part, check.set.decide(&check.request)));
        Self { combination, checks: checks.collect() }
    }

    /// Whether every check is allowed; false for no checks at all, unless the call needs none
    /// ([`Combination::NoneNeeded`]). Of a call whose parts are done by themselves: whether all of them are.
    pub fn is_allowed(&self) -> bool {
        let is_checked = !self.checks.is_empty() || self.combination == Combination::NoneNeeded;
        is_checked && self.denied().next().is_none()
    }

    /// The whole call in a word: allowed, or denied explicitly if a check is, else implicitly.
    pub fn outcome(&self) -> Outcome {
        match self.deciding() {
            _ if self.is_allowed() => Outcome::Allowed,
            Some((_, decision)) => decision.outcome,
            None => Outcome::ImplicitDeny,
        }
    }

    /// The check that decides of a call that needs all of them, by its place: the first that is denied explicitly, else the
    /// first that is denied, else the first.
    pub fn deciding(&self) -> Option<(usize, &Decision)> {
        let is_explicit = |decision: &Decision| decision.outcome == Outcome::ExplicitDeny;
        let explicit = self.denied().find(|(_, decision)| is_explicit(decision));
        let first = || self.checks.first().map(|(_, decision)| (0, decision));
        explicit.or_else(|| self.denied().next()).or_else(first)
    }

    /// The checks that are not allowed, by their places.
    pub fn denied(&self) -> impl Iterator<Item = (usize, &Decision)> {
        let decisions = self.checks.iter().map(|(_, decision)| decision).enumerate();
        decisions.filter(|(_, decision)| !decision.is_allowed())
    }

    /// The parts of the call in their order, and whether each is done: of any but [`Combination::Each`] the one part that
    /// the whole call is, with the number 0.
    pub fn parts(&self) -> Vec<(u32, bool)> {
        if self.combination != Combination::Each {
            return vec![(0, self.is_allowed())];
        }
        let mut parts: Vec<(Option<u32>, bool)> = Vec::new();
        for (part, decision) in &self.checks {
            let allowed = decision.is_allowed();
            match parts.iter_mut().rev().find(|(own, _)| part.is_some() && own == part) {
                Some((_, is_done)) => *is_done &= allowed,
                None => parts.push((*part, allowed)),
            }
        }
        (0..).zip(parts).map(|(place, (part, allowed))| (part.unwrap_or(place), allowed)).collect()
    }
}

impl CallExplanation {
    /// Explains every check by its own policies: the decisions of [`CallDecision::decide`], and why.
    pub fn explain(combination: Combination, checks: &[CallCheck<'_>]) -> Self {
        let checks = checks.iter().map(|check| (check.part, check.set.explain(&check.request)));
        Self { combination, checks: checks.collect() }
    }

    /// What was decided.
    pub fn decision(&self) -> CallDecision {
        let checks = self.checks.iter().map(|(part, explanation)| (*part, explanation.decision));
        CallDecision { combination: self.combination, checks: checks.collect() }
    }

    /// One sentence: what becomes of the call, and of how many checks.
    pub fn summary(&self) -> String {
        let decision = self.decision();
        let count = self.checks.len();
        match (decision.denied().count(), self.combination) {
            (0, Combination::NoneNeeded) if count == 0 => {
                "the call needs no permission: the service checks no policy for it".to_owned()
            }
            (0, _) if count > 0 => format!("the call is allowed: all {count} of its checks are"),
            (0, _) => "the call is denied: it makes no check".to_owned(),
            (denied, Combination::AllOf | Combination::NoneNeeded) => {
                format!(
                    "the call is denied: {denied} of its {count} checks are not allowed, and it needs them all"
                )
            }
            (_, Combination::Each) => {
                let parts = decision.parts();
                let done = parts.iter().filter(|(_, is_done)| *is_done).count();
                format!("{done} of the {} parts of the call are allowed, each by itself", parts.len())
            }
        }
    }
}

impl fmt::Display for CallExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.summary())?;
        for (number, (part, explanation)) in (1_usize..).zip(&self.checks) {
            write!(f, "\ncheck {number} of {}", self.checks.len())?;
            if let Some(part) = part {
                write!(f, ", part {part}")?;
            }
            write!(f, ":\n{explanation}")?;
        }
        Ok(())
    }
}

impl Serialize for CallDecision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(serializer, self.combination, self.is_allowed(), None, &self.checks)
    }
}

impl Serialize for CallExplanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_allowed = self.decision().is_allowed();
        write(serializer, self.combination, is_allowed, Some(&self.summary()), &self.checks)
    }
}

fn write<S: Serializer, T: Serialize>(
    serializer: S,
    combination: Combination,
    is_allowed: bool,
    summary: Option<&str>,
    checks: &[(Option<u32>, T)],
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct One<'a, T> {
        #[serde(skip_serializing_if = "Option::is_none")]
        part: Option<u32>,
        #[serde(flatten)]
        said: &'a T,
    }
    let checks: Vec<_> = checks.iter().map(|(part, said)| One { part: *part, said }).collect();
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("allowed", &is_allowed)?;
    map.serialize_entry("combination", &combination)?;
    if let Some(summary) = summary {
        map.serialize_entry("summary", summary)?;
    }
    map.serialize_entry("checks", &checks)?;
    map.end()
}
