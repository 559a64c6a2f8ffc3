//! The context keys that policies read.

use std::collections::HashSet;

use crate::policy::{Document, Kind};
use crate::text::fold::fold_text;

use super::super::call::Call;
use super::super::refusal::Refusal;
use super::documents;
use super::query::{Parameters, invalid};
use super::source::Source;

/// `GetContextKeysForCustomPolicy`
pub(super) fn custom(mut parameters: Parameters) -> Result<Vec<String>, Refusal> {
    let policies = documents::list(&mut parameters, "PolicyInputList", Kind::Identity)?.unwrap_or_default();
    parameters.finish()?;
    if policies.is_empty() {
        return Err(invalid("`PolicyInputList` is missing"));
    }
    read(&policies)
}

/// `GetContextKeysForPrincipalPolicy`: of the identity-based policies of the principal and those that are given, neither
/// of its boundary nor of SCPs.
pub(super) fn principal(call: &Call, mut parameters: Parameters) -> Result<Vec<String>, Refusal> {
    let source = Source::take(call, &mut parameters)?;
    let given = documents::list(&mut parameters, "PolicyInputList", Kind::Identity)?.unwrap_or_default();
    parameters.finish()?;
    read(&[source.documents, given].concat())
}

fn read(policies: &[Document]) -> Result<Vec<String>, Refusal> {
    let compiled = documents::compile(policies)?;
    // A key is one key however its name is written.
    let mut told = HashSet::new();
    Ok(compiled.reads().into_iter().filter(|name| told.insert(fold_text(name))).map(str::to_owned).collect())
}
