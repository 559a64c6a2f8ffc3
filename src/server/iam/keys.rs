//! The context keys that policies read.

use crate::policy::{Document, Kind};
use crate::text::fold::eq_folded;

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
    let mut names: Vec<String> = Vec::new();
    for name in compiled.reads() {
        // A key is one key however its name is written.
        if !names.iter().any(|other| eq_folded(other, name)) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}
