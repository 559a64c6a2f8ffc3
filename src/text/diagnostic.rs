//! A problem as data: what, how bad, where, and what to do. Rendering is the surface's business.

use std::borrow::Cow;

use super::span::Span;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Accepted, but AWS or good practice says otherwise.
    Warning,
    /// The document is refused.
    Error,
}

impl Severity {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A problem found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable code; IAM Access Analyzer's where it has one (see [`codes`]).
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong: lower case, one line, no final period; user text in backticks.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Other places that belong to the problem.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A second place that belongs to a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: String,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            labels: Vec::new(),
            help: None,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }
}

/// A message of another library, shortened to 300 characters: it may quote its input at length.
pub fn bounded(message: &str) -> String {
    const LIMIT: usize = 300;
    match message.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}

/// A text for people, its control characters escaped, so that no input can forge a line of output.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// The text in backticks, shortened to 60 characters, control characters escaped: input is never echoed at length.
pub fn excerpt(text: &str) -> String {
    shortened(text, 60)
}

/// The text in backticks, shortened to so many characters, control characters escaped.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    let mut out = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == limit {
            out.push('…');
            break;
        }
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out.push('`');
    out
}

/// The codes of policy problems. Where IAM Access Analyzer has a check for the same thing, the code is its.
pub mod codes {
    /// Not JSON, not UTF-8, or over a limit of depth.
    pub const JSON_SYNTAX_ERROR: &str = "JSON_SYNTAX_ERROR";
    /// The same key twice in one object.
    pub const DUPLICATE_KEY: &str = "DUPLICATE_KEY";
    /// The same condition key twice but for case.
    pub const DUPLICATE_KEYS_WITH_DIFFERENT_CASE: &str = "DUPLICATE_KEYS_WITH_DIFFERENT_CASE";
    /// Over one of the limits on untrusted input.
    pub const LIMIT_EXCEEDED: &str = "LIMIT_EXCEEDED";
    /// A JSON value of the wrong type.
    pub const DATA_TYPE_MISMATCH: &str = "DATA_TYPE_MISMATCH";
    /// An element that the language does not have.
    pub const INVALID_POLICY_ELEMENT: &str = "INVALID_POLICY_ELEMENT";
    /// `Statement` is missing.
    pub const MISSING_STATEMENT: &str = "MISSING_STATEMENT";
    /// `Effect` is missing.
    pub const MISSING_EFFECT: &str = "MISSING_EFFECT";
    /// `Effect` is neither `Allow` nor `Deny`.
    pub const INVALID_EFFECT: &str = "INVALID_EFFECT";
    /// An effect that this kind of policy does not have.
    pub const UNSUPPORTED_EFFECT: &str = "UNSUPPORTED_EFFECT";
    /// Neither `Action` nor `NotAction`.
    pub const MISSING_ACTION: &str = "MISSING_ACTION";
    /// Neither `Resource` nor `NotResource`.
    pub const MISSING_RESOURCE: &str = "MISSING_RESOURCE";
    /// A resource-based policy without a principal.
    pub const MISSING_PRINCIPAL: &str = "MISSING_PRINCIPAL";
    /// An element that this kind of policy does not have.
    pub const UNSUPPORTED_ELEMENT: &str = "UNSUPPORTED_ELEMENT";
    /// A principal where none may stand.
    pub const UNSUPPORTED_PRINCIPAL: &str = "UNSUPPORTED_PRINCIPAL";
    /// An element beside its Not- form.
    pub const UNSUPPORTED_ELEMENT_COMBINATION: &str = "UNSUPPORTED_ELEMENT_COMBINATION";
    /// A `Version` that AWS does not have.
    pub const INVALID_VERSION: &str = "INVALID_VERSION";
    /// No `Version`: variables are plain text.
    pub const MISSING_VERSION: &str = "MISSING_VERSION";
    /// A `${` under a version in which it is plain text.
    pub const VARIABLE_UNSUPPORTED_IN_VERSION: &str = "VARIABLE_UNSUPPORTED_IN_VERSION";
    /// `Id` in a kind of policy that is not documented to have it.
    pub const ID_NOT_EXPECTED: &str = "ID_NOT_EXPECTED";
    /// The same `Sid` twice.
    pub const UNIQUE_SIDS_REQUIRED: &str = "UNIQUE_SIDS_REQUIRED";
    /// The same `Sid` twice where AWS tolerates it.
    pub const UNIQUE_SIDS_RECOMMENDED: &str = "UNIQUE_SIDS_RECOMMENDED";
    /// A `Sid` with characters that IAM refuses.
    pub const UNSUPPORTED_SID: &str = "UNSUPPORTED_SID";
    /// A principal that is neither `"*"` nor a map.
    pub const INVALID_PRINCIPAL_FORMAT: &str = "INVALID_PRINCIPAL_FORMAT";
    /// An unknown key of the principal map.
    pub const INVALID_PRINCIPAL_KEY: &str = "INVALID_PRINCIPAL_KEY";
    /// A principal value of no known form.
    pub const INVALID_PRINCIPAL_VALUE: &str = "INVALID_PRINCIPAL_VALUE";
    /// A wildcard in a principal.
    pub const UNSUPPORTED_WILDCARD_IN_PRINCIPAL: &str = "UNSUPPORTED_WILDCARD_IN_PRINCIPAL";
    /// `Federated` outside a trust policy.
    pub const FEDERATED_PRINCIPAL_NOT_SUPPORTED: &str = "FEDERATED_PRINCIPAL_NOT_SUPPORTED";
    /// An empty principal map or list.
    pub const EMPTY_PRINCIPAL: &str = "EMPTY_PRINCIPAL";
    /// `NotPrincipal` with `Allow`.
    pub const ALLOW_WITH_NOTPRINCIPAL: &str = "ALLOW_WITH_NOTPRINCIPAL";
    /// A trust policy that everyone satisfies.
    pub const ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL: &str =
        "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL";
    /// A trust policy that the identities of every identity pool satisfy.
    pub const ROLE_TRUST_POLICY_ANY_IDENTITY_POOL: &str = "ROLE_TRUST_POLICY_ANY_IDENTITY_POOL";
    /// `NotPrincipal` in a trust policy.
    pub const ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL: &str =
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL";
    /// `Resource` in a trust policy.
    pub const ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE: &str = "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE";
    /// An RCP whose principal is not `"*"`.
    pub const RCP_SYNTAX_ERROR_PRINCIPAL: &str = "RCP_SYNTAX_ERROR_PRINCIPAL";
    /// An RCP that allows.
    pub const RCP_SYNTAX_ERROR_ALLOW: &str = "RCP_SYNTAX_ERROR_ALLOW";
    /// An RCP with `NotAction`.
    pub const RCP_SYNTAX_ERROR_NOTACTION: &str = "RCP_SYNTAX_ERROR_NOTACTION";
    /// An RCP with the bare action `*`.
    pub const RCP_SYNTAX_ERROR_ACTION: &str = "RCP_SYNTAX_ERROR_ACTION";
    /// A malformed action.
    pub const INVALID_ACTION: &str = "INVALID_ACTION";
    /// A wildcard before the colon of an action.
    pub const WILDCARD_IN_SERVICE_NAME: &str = "WILDCARD_IN_SERVICE_NAME";
    /// An empty list of actions.
    pub const EMPTY_ARRAY_ACTION: &str = "EMPTY_ARRAY_ACTION";
    /// An empty list of resources.
    pub const EMPTY_ARRAY_RESOURCE: &str = "EMPTY_ARRAY_RESOURCE";
    /// An empty list of values.
    pub const EMPTY_ARRAY_CONDITION: &str = "EMPTY_ARRAY_CONDITION";
    /// An empty condition object.
    pub const EMPTY_OBJECT_CONDITION: &str = "EMPTY_OBJECT_CONDITION";
    /// An empty list of statements.
    pub const EMPTY_ARRAY_STATEMENT: &str = "EMPTY_ARRAY_STATEMENT";
    /// A resource that does not begin with `arn:`.
    pub const INVALID_ARN_PREFIX: &str = "INVALID_ARN_PREFIX";
    /// An ARN with fewer than six fields.
    pub const MISSING_ARN_FIELD: &str = "MISSING_ARN_FIELD";
    /// An operator that the language does not have.
    pub const INVALID_CONDITION_OPERATOR: &str = "INVALID_CONDITION_OPERATOR";
    /// `NullIfExists`.
    pub const NULL_WITH_IF_EXISTS: &str = "NULL_WITH_IF_EXISTS";
    /// `Null` with a set qualifier.
    pub const NULL_WITH_QUALIFIER: &str = "NULL_WITH_QUALIFIER";
    /// A condition key that is not `service:name`.
    pub const INVALID_CONDITION_KEY_FORMAT: &str = "INVALID_CONDITION_KEY_FORMAT";
    /// A tag key without its tag.
    pub const MISSING_TAG_KEY_IN_CONDITION: &str = "MISSING_TAG_KEY_IN_CONDITION";
    /// Several values under `Bool`.
    pub const INVALID_CONDITION_MULTIPLE_BOOLEAN: &str = "INVALID_CONDITION_MULTIPLE_BOOLEAN";
    /// A number that is not a decimal.
    pub const TYPE_MISMATCH_NUMBER: &str = "TYPE_MISMATCH_NUMBER";
    /// A date of no accepted form.
    pub const TYPE_MISMATCH_DATE: &str = "TYPE_MISMATCH_DATE";
    /// A date that can be read in two ways.
    pub const INVALID_DATE_VALUE: &str = "INVALID_DATE_VALUE";
    /// Neither true nor false.
    pub const TYPE_MISMATCH_BOOLEAN: &str = "TYPE_MISMATCH_BOOLEAN";
    /// Not base64.
    pub const TYPE_MISMATCH_BINARY: &str = "TYPE_MISMATCH_BINARY";
    /// Not an address or a range.
    pub const TYPE_MISMATCH_IP_RANGE: &str = "TYPE_MISMATCH_IP_RANGE";
    /// Host bits beyond the prefix.
    pub const IMPROVE_IP_RANGE: &str = "IMPROVE_IP_RANGE";
    /// A variable under an operator that takes none.
    pub const INVALID_VARIABLE_FOR_OPERATOR: &str = "INVALID_VARIABLE_FOR_OPERATOR";
    /// A variable under `Bool`, where AWS's pages disagree.
    pub const VARIABLE_IN_BOOLEAN: &str = "VARIABLE_IN_BOOLEAN";
    /// A variable without its closing brace.
    pub const MISSING_BRACE_IN_VARIABLE: &str = "MISSING_BRACE_IN_VARIABLE";
    /// A default that is not `, '…'`.
    pub const MISSING_QUOTE_IN_VARIABLE: &str = "MISSING_QUOTE_IN_VARIABLE";
    /// A space in a variable's name.
    pub const UNSUPPORTED_SPACE_IN_VARIABLE: &str = "UNSUPPORTED_SPACE_IN_VARIABLE";
    /// `${}`.
    pub const EMPTY_VARIABLE: &str = "EMPTY_VARIABLE";
    /// A variable where none may stand.
    pub const VARIABLE_UNSUPPORTED_IN_ELEMENT: &str = "VARIABLE_UNSUPPORTED_IN_ELEMENT";
    /// A variable in the region or account field.
    pub const VARIABLE_IN_REGION_OR_ACCOUNT: &str = "VARIABLE_IN_REGION_OR_ACCOUNT";
    /// Over AWS's quota for this kind of policy.
    pub const POLICY_SIZE_EXCEEDS_QUOTA: &str = "POLICY_SIZE_EXCEEDS_QUOTA";
    /// A case file that is not as it should be.
    pub const INVALID_TEST_FILE: &str = "INVALID_TEST_FILE";
    /// Not TOML.
    pub const TOML_SYNTAX_ERROR: &str = "TOML_SYNTAX_ERROR";
    /// A member of a store's manifest that is not as it should be.
    pub const INVALID_MANIFEST: &str = "INVALID_MANIFEST";
    /// The same thing stated twice in a store.
    pub const DUPLICATE_ENTRY: &str = "DUPLICATE_ENTRY";
    /// A name in a store's manifest that nothing has.
    pub const UNKNOWN_REFERENCE: &str = "UNKNOWN_REFERENCE";
    /// A file of a store that cannot be read.
    pub const UNREADABLE_FILE: &str = "UNREADABLE_FILE";
    /// A policy of a store that is refused for what it is used for.
    pub const REFUSED_POLICY: &str = "REFUSED_POLICY";
    /// A character that IAM does not store.
    pub const UNSUPPORTED_CHARACTER: &str = "UNSUPPORTED_CHARACTER";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_bounded_and_printable() {
        assert_eq!(excerpt("a\nb"), "`a\\nb`");
        let long = excerpt(&"x".repeat(10_000));
        assert_eq!(long.chars().count(), 63);
        assert_eq!(bounded(&"é".repeat(1_000)).chars().count(), 301);
        assert_eq!(bounded("short"), "short");
    }
}
