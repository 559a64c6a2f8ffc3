//! The oracle: a second evaluator, written from the policy language alone, that shares no code with the engine.
//!
//! It answers the question of the engine — may this principal do this action on this resource? — the slow way: it walks
//! the JSON of a case as it stands, compiles nothing, indexes nothing, stops nowhere early, and has its own glob, numbers,
//! dates and addresses. Where it and the engine differ, one of them has misread the language.
//!
//! It reads `serde_json` values, which cannot show a key that is written twice in one object: `text::read` refuses those
//! before.

#![allow(dead_code, reason = "every test target that includes the oracle uses a part of it")]
#![allow(unreachable_pub, reason = "the oracle is a module of many test targets, a crate of its own in none")]
#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a panic here fails a test, which is what it should do"
)]
#![allow(clippy::struct_excessive_bools, reason = "the layers of a decision are as many independent answers")]

pub mod action;
pub mod arn;
pub mod caller;
pub mod case;
pub mod condition;
pub mod context;
pub mod dates;
pub mod document;
pub mod evaluate;
pub mod glob;
pub mod ip;
pub mod operator;
pub mod principal;
pub mod resource;
pub mod template;
pub mod text;
pub mod truth;
pub mod values;

use serde_json::{Map, Value};

pub use truth::Truth;

/// What a case comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Allowed,
    ExplicitDeny,
    ImplicitDeny,
    /// A document or the request is refused.
    Error(String),
}

/// The answer to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub outcome: Outcome,
    /// Whether, in any statement of a layer that concerns the caller, the resource or one operator and key of the
    /// condition was Indeterminate; it need not have decided anything.
    pub indeterminate: bool,
}

/// Decides a whole case: an object with `request` and `policies`.
pub fn decide(case: &Value) -> Answer {
    read_and_decide(case)
        .unwrap_or_else(|reason| Answer { outcome: Outcome::Error(reason), indeterminate: false })
}

fn read_and_decide(case: &Value) -> Result<Answer, String> {
    let request = case::Request::read(case.get("request"))?;
    let policies = case::Policies::read(case.get("policies"), &request)?;
    Ok(evaluate::decide(&request, &policies))
}

/// Whether a policy document is accepted as this kind: `identity`, `boundary`, `session`, `resource`, `trust`, `scp`,
/// `rcp`, `vpc_endpoint`, or `any` of them.
pub fn accepts(policy: &Value, kind: &str) -> Result<(), String> {
    let mut refusal = format!("`{kind}` is no kind of policy");
    for (name, candidate) in document::Kind::NAMED {
        if kind == name || kind == "any" {
            match document::check(policy, candidate) {
                Ok(()) => return Ok(()),
                Err(reason) => refusal = reason,
            }
        }
    }
    Err(refusal)
}

/// Whether the JSON form of a request is accepted.
pub fn accepts_request(request: &Value) -> Result<(), String> {
    case::Request::read(Some(request)).map(drop)
}

/// What an operator says of one value of the policy and one of the request, before any negation; an error if there is no
/// such operator, or if it cannot read the policy's value. `Null` compares no values.
pub fn compare(
    operator: &str,
    operand: &str,
    value: &str,
    variables: bool,
    context: &Map<String, Value>,
) -> Result<Truth, String> {
    let operator = operator::Operator::parse(operator)?;
    operator.check_operand(operand, variables)?;
    let context = context::Context::read(context)?;
    Ok(operator::compare(operator.family, operand, value, variables, &context))
}

/// What each operator and key of a `Condition` element says in a context; an error if one of the two is refused.
pub fn condition(
    condition: &Value,
    variables: bool,
    context: &Map<String, Value>,
) -> Result<Vec<Truth>, String> {
    condition::check(condition, variables)?;
    let context = context::Context::read(context)?;
    Ok(condition::tests(Some(condition), variables, &context))
}
