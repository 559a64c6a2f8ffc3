//! The call of a case: the checks of one API call, asked by one principal, and how they combine.
//!
//! ```json
//! {"id": "copy", "call": {"principal": "…", "combination": "allOf", "context": {},
//!  "checks": [{"action": "s3:GetObject", "resource": "…", "context": {}, "part": 0, "expect": "allowed"}]},
//!  "policies": {…}, "expect": "implicitDeny"}
//! ```
//! Each check is read as the request that it is, with the principal and the keys that all share.

use std::fmt::Write;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny};
use serde_json::value::RawValue;

use crate::evaluate::Combination;
use crate::evaluate::api_call::root;
use crate::text::diagnostic::bounded;

use super::case::{CaseError, Expectation, Object};

/// A call as written.
#[derive(Debug)]
pub(super) struct CallCase<'a> {
    shared: Shared<'a>,
    pub(super) checks: Vec<CheckCase<'a>>,
}

/// What all checks share.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared<'a> {
    #[serde(borrow)]
    principal: &'a RawValue,
    combination: Combined,
    #[serde(borrow)]
    checks: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    resource_account: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Context<'a>,
    /// Names for people, as `verdikt request` writes them.
    #[serde(default, rename = "service")]
    _service: Option<IgnoredAny>,
    #[serde(default, rename = "operation")]
    _operation: Option<IgnoredAny>,
}

/// One check as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckCase<'a> {
    #[serde(borrow)]
    action: &'a RawValue,
    #[serde(borrow)]
    resource: &'a RawValue,
    #[serde(borrow, default)]
    resource_account: Option<&'a RawValue>,
    #[serde(borrow, default)]
    resource_policy_mode: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Context<'a>,
    /// The part of the call that it stands for.
    #[serde(default)]
    pub(super) part: Option<u32>,
    /// What it is expected to be decided by itself.
    #[serde(default)]
    pub(super) expect: Option<Expectation>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Combined {
    AllOf,
    Each,
    NoneNeeded,
}

/// The members of an object of context keys, without its braces.
#[derive(Debug, Default)]
struct Context<'a>(&'a str);

impl<'de: 'a, 'a> Deserialize<'de> for Context<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        let members = raw.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        members.map(|members| Self(members.trim())).ok_or_else(|| D::Error::custom("`context` is an object"))
    }
}

impl<'a> CallCase<'a> {
    /// Reads a call; its checks together, each with what they share, may have so many bytes.
    pub(super) fn parse(text: &'a str, most: usize) -> Result<Self, CaseError> {
        let told = |error: &serde_json::Error| CaseError::Call(bounded(&error.to_string()));
        let Object(shared): Object<Shared<'a>> = serde_json::from_str(text).map_err(|error| told(&error))?;
        let read = |check: &&'a RawValue| {
            let Object(check): Object<CheckCase<'a>> =
                serde_json::from_str(check.get()).map_err(|error| told(&error))?;
            Ok(check)
        };
        let checks: Vec<CheckCase<'a>> = shared.checks.iter().map(read).collect::<Result<_, CaseError>>()?;
        let each = shared.principal.get().len().saturating_add(shared.context.0.len());
        if each.saturating_mul(checks.len()).saturating_add(text.len()) > most {
            return Err(CaseError::Call(format!("its checks together have more than {most} bytes")));
        }
        Ok(Self { shared, checks })
    }

    /// How the checks combine.
    pub(super) fn combination(&self) -> Combination {
        match self.shared.combination {
            Combined::AllOf => Combination::AllOf,
            Combined::Each => Combination::Each,
            Combined::NoneNeeded => Combination::NoneNeeded,
        }
    }

    /// The JSON form of a check's request. A key that the call and the check both state stands twice in it, and is refused
    /// with it.
    pub(super) fn request(&self, check: &CheckCase<'_>) -> String {
        let (principal, action, resource) = (self.shared.principal, check.action, check.resource);
        let mut text = format!(r#"{{"principal":{principal},"action":{action},"resource":{resource}"#);
        // Writing to memory does not fail.
        if let Some(account) = check.resource_account.or(self.shared.resource_account) {
            let _ = write!(text, r#","resource_account":{account}"#);
        }
        if let Some(mode) = check.resource_policy_mode {
            let _ = write!(text, r#","resource_policy_mode":{mode}"#);
        }
        let (shared, own) = (self.shared.context.0, check.context.0);
        let comma = if shared.is_empty() || own.is_empty() { "" } else { "," };
        let _ = write!(text, r#","context":{{{shared}{comma}{own}}}}}"#);
        text
    }
}

/// Several buckets or tables have several policies: the one of a case cannot stand for them all.
pub(super) fn one_root<'a>(resources: impl Iterator<Item = &'a str>) -> Result<(), CaseError> {
    let mut first = None;
    for resource in resources.map(root) {
        match first {
            None => first = Some(resource),
            Some(other) if other == resource => {}
            Some(other) => {
                return Err(CaseError::Call(format!(
                    "it checks several resources, which have policies of their own: {} and {}; write a case for each check",
                    bounded(other),
                    bounded(resource)
                )));
            }
        }
    }
    Ok(())
}
