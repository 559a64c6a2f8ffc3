//! The variables of a text, and what they stand for in a request.

use crate::policy::Document;
use crate::request::context::{Context, ContextValue};
use crate::text::fold::eq_folded;
use crate::text::template::{Syntax, Token, Variable, mentions_variable, tokenize};

use super::{VariableExplanation, VariableSource};

/// The variables of a value of a document, in order.
pub(super) fn explain(text: &str, document: &Document, context: &Context<'_>) -> Vec<VariableExplanation> {
    if !document.has_variables() || !mentions_variable(text) {
        return Vec::new();
    }
    // Wildcards do not matter here. What was accepted can be read.
    let tokens = tokenize(text, Syntax { wildcards: false, variables: true }).unwrap_or_default();
    let variables = tokens.into_iter().filter_map(|token| match token {
        Token::Variable(variable) => Some(resolve(variable, context)),
        Token::Literal(_) | Token::Special(_) | Token::Star | Token::Question => None,
    });
    variables.collect()
}

/// Whether a text names variables that are none: before Version `2012-10-17` they are plain text.
pub(super) fn are_plain(text: &str, document: &Document) -> bool {
    !document.has_variables() && mentions_variable(text)
}

/// What a variable stands for: an empty value is none, and only where the key is absent or empty a default holds.
pub(super) fn resolve(variable: Variable<'_>, context: &Context<'_>) -> VariableExplanation {
    let (value, source) = match context.get(variable.key) {
        Some(ContextValue::One(text)) if !text.is_empty() => {
            let mut entries = context.entries().map(|(name, _)| name);
            let name = entries.find(|name| eq_folded(name, variable.key)).unwrap_or(variable.key);
            (Some(text), VariableSource::Key(name.to_owned()))
        }
        Some(ContextValue::Many(texts)) if !texts.is_empty() => (None, VariableSource::Multivalued),
        _ if variable.default.is_some() => (variable.default, VariableSource::Default),
        Some(ContextValue::One(_)) => (None, VariableSource::Empty),
        Some(ContextValue::Many(_)) | None => (None, VariableSource::Absent),
    };
    VariableExplanation { name: variable.key.to_owned(), value: value.map(str::to_owned), source }
}
