//! The classes of disagreement. Each is a rule: what the other engine does, what the law says, the page that decides, and
//! the rewriting that says the clause plainly.

mod condition;
mod layer;
mod principal;
mod resource;
mod text;

use serde_json::Value;

/// One class of disagreement.
pub struct Rule {
    pub name: &'static str,
    /// What iam-simulate does.
    pub peer: &'static str,
    /// What verdikt does, and why.
    pub law: &'static str,
    /// The AWS page.
    pub source: &'static str,
    /// Whether that page says so, or leaves it open, so that the choice is verdikt's.
    pub documented: bool,
    /// Says the clauses plainly that the rule is about.
    pub rewrite: fn(&mut Value),
}

/// Every class, in the order in which they are tried.
pub const RULES: &[Rule] = &[
    text::OLD_VERSION,
    text::LINE_ENDS,
    text::CHARACTERS,
    text::KEY_NAMES,
    text::NUMBERS,
    text::EMPTY_LISTS,
    text::DEFAULTS,
    condition::IF_ANY_VALUE_EXISTS,
    condition::PLAIN_ON_MANY,
    condition::EMPTY_TEXTS,
    condition::NULL_OF_EMPTY_TEXT,
    condition::NEGATED_WITHOUT_VALUE,
    condition::SPECIALS,
    condition::UNREADABLE_VALUE,
    condition::UNREADABLE_OPERAND,
    condition::LONG_NUMBERS,
    condition::DATES,
    condition::ADDRESSES,
    condition::FOLDED_TEXTS,
    condition::NO_ARN,
    condition::VARIABLE_IN_ARN_FIELD,
    resource::WILDCARD_IN_PREFIX,
    resource::CASE_OF_FIELDS,
    resource::CROSSING,
    resource::STAR_IN_REQUEST,
    resource::WILDCARD_IN_TYPE,
    resource::VARIABLE_IN_FIELD,
    resource::NOT_RESOURCE_WITHOUT_VALUE,
    resource::SHORT_NOT_RESOURCE,
    principal::ROLE_NAMES,
    principal::FEDERATED_NAMES,
    principal::NOT_PRINCIPAL,
    principal::PARTITION,
    principal::PROVIDER_ACCOUNT,
    principal::ENDPOINT,
    layer::SESSION_CAPS,
    layer::FEDERATED_WITHOUT_SESSION,
    layer::TRUST_MISSING,
    layer::IDENTITY_OF_NOBODY,
    layer::NO_ROLE,
    layer::TOKEN_CALLS,
];
