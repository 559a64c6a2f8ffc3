//! Answers of the native contract.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::evaluate::{CallDecision, Combination, Decision};
use crate::service::ApiCall;

/// What was decided.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Answer {
    /// Of a question about one action and one resource.
    Decision(DecisionAnswer),
    /// Of an API call.
    Call(CallAnswer),
}

/// A decision.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DecisionAnswer {
    /// Whether the caller may go on.
    pub(super) allowed: bool,
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub(super) decision: &'static str,
    /// The layer of the statement that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<&'static str>,
    /// Its level, of an SCP or RCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<u32>,
    /// Its policy, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<u32>,
    /// The statement, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<u32>,
    /// The first layer without a needed Allow.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_layer: Option<&'static str>,
    /// Its level, of an SCP or RCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_level: Option<u32>,
    /// Whether clauses that could not be told decided.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    indeterminate: bool,
}

/// What was decided of an API call.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CallAnswer {
    /// Whether every check is allowed.
    allowed: bool,
    /// How the checks combine: `allOf`, `each` or `noneNeeded`.
    #[schemars(with = "String")]
    combination: Combination,
    /// The operation.
    operation: &'static str,
    /// The checks in their order.
    checks: Vec<CheckAnswer>,
}

/// A check of an API call.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CheckAnswer {
    /// The action.
    action: Cow<'static, str>,
    /// The resource.
    resource: String,
    /// The part of the call that it stands for, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<u32>,
    /// What was decided of it.
    decision: DecisionAnswer,
}

impl DecisionAnswer {
    pub(super) fn of(decision: Decision) -> Self {
        let (statement, missing) = (decision.statement, decision.missing);
        Self {
            allowed: decision.is_allowed(),
            decision: decision.outcome.as_str(),
            layer: statement.map(|id| id.layer.as_str()),
            level: statement.map(|id| id.level),
            policy: statement.map(|id| id.policy),
            statement: statement.map(|id| id.statement),
            missing_layer: missing.map(|missing| missing.layer.as_str()),
            missing_level: missing.map(|missing| missing.level),
            indeterminate: decision.indeterminate,
        }
    }
}

impl CallAnswer {
    pub(super) fn of(call: &ApiCall, decision: &CallDecision) -> Self {
        let checks = call.checks.iter().zip(&decision.checks).map(|(check, (part, decision))| CheckAnswer {
            action: check.action.clone(),
            resource: check.resource.clone(),
            part: *part,
            decision: DecisionAnswer::of(*decision),
        });
        Self {
            allowed: decision.is_allowed(),
            combination: decision.combination,
            operation: call.operation,
            checks: checks.collect(),
        }
    }
}
