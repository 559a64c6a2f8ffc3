//! Floor 2: policies as written. [`Document::parse`] reads a JSON policy of one [`Kind`], finds every problem in one
//! pass, each with its place and remedy, and keeps what was written; [`print`](Document::print) writes it back in
//! one canonical form.
//!
//! Follows the IAM User Guide, "Grammar of the IAM JSON policy language" and the pages of each element.

pub mod kind;
pub mod limits;
mod parse;
pub mod principal;
mod print;
pub mod quota;
mod text;

use std::fmt;
use std::sync::Arc;

use crate::operator::table::Operation;
use crate::text::diagnostic::{Diagnostic, bounded};
use crate::text::source::{Source, position};
use crate::text::span::Span;

pub use kind::Kind;
pub use limits::Limits;
pub use principal::PrincipalMapKey;
pub use text::Text;

/// A value and where it was written. Two of them are equal if their values are.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands in the source.
    pub span: Span,
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// The versions of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// `2012-10-17`: variables are active.
    V2012,
    /// `2008-10-17`: `${…}` is plain text.
    V2008,
}

/// What a statement does where it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// An accepted policy document; cheap to clone.
#[derive(Clone, Debug)]
pub struct Document(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    source: Source,
    version: Option<Version>,
    id: Option<String>,
    statements: Vec<Statement>,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Where it stands.
    pub span: Span,
    /// Its name.
    pub sid: Option<Spanned<String>>,
    /// Allow or Deny.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`.
    pub action: TextElement,
    /// `Resource` or `NotResource`; absent in trust policies, and where the attached resource is meant.
    pub resource: Option<TextElement>,
    /// The conditions, all of which must hold.
    pub conditions: Vec<Condition>,
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.sid == other.sid
            && self.effect == other.effect
            && self.principal == other.principal
            && self.action == other.action
            && self.resource == other.resource
            && self.conditions == other.conditions
    }
}

/// `Action`, `Resource` or their Not- forms: a list of patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextElement {
    /// Whether it is the Not- form.
    pub negated: bool,
    /// The patterns as written.
    pub values: Vec<Spanned<Text>>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalElement {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// `"*"` or a map.
    pub value: PrincipalValue,
}

/// What stands under `Principal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalValue {
    /// `"*"`
    Everyone,
    /// A map; all its values are alternatives.
    Map(Vec<(PrincipalMapKey, Vec<Spanned<String>>)>),
}

/// One operator with one key and its values.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator with its qualifier and `IfExists`.
    pub operation: Operation,
    /// The context key.
    pub key: Spanned<Text>,
    /// The values, alternatives of each other; numbers and booleans as their text.
    pub values: Vec<Spanned<String>>,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.operation == other.operation && self.key == other.key && self.values == other.values
    }
}

/// An accepted document and what AWS or good practice says against it.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The document.
    pub document: Document,
    /// Problems of severity warning.
    pub warnings: Vec<Diagnostic>,
}

/// A refused document: every problem, errors and warnings, in the order of the text.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// What was read.
    pub source: Source,
    /// All problems, at least one of them an error.
    pub problems: Vec<Diagnostic>,
}

impl Document {
    /// Reads a policy.
    ///
    /// # Errors
    /// All problems of the document, if one of them is an error.
    ///
    /// ```
    /// use verdikt::policy::{Document, Kind, Limits};
    /// let json = r#"{"Version": "2012-10-17",
    ///     "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*"}}"#;
    /// let parsed = Document::parse(Kind::Identity, "home", json, &Limits::default())?;
    /// assert!(parsed.warnings.is_empty());
    /// assert_eq!(parsed.document.statements().len(), 1);
    ///
    /// let rejected = Document::parse(Kind::Identity, "bad", r#"{"Statement": {"Efect": 1}}"#, &Limits::default());
    /// assert!(rejected.unwrap_err().problems.len() >= 3);
    /// # Ok::<(), verdikt::policy::Rejected>(())
    /// ```
    pub fn parse(kind: Kind, name: &str, json: &str, limits: &Limits) -> Result<Parsed, Rejected> {
        parse::parse(kind, Source::new(name, json), limits)
    }

    /// Reads a policy from bytes, which must be UTF-8.
    pub fn parse_bytes(kind: Kind, name: &str, json: Vec<u8>, limits: &Limits) -> Result<Parsed, Rejected> {
        match Source::from_bytes(name, json) {
            Ok(source) => parse::parse(kind, source, limits),
            Err(refused) => {
                let (source, problem) = *refused;
                Err(Rejected { source, problems: vec![problem] })
            }
        }
    }

    /// What kind of policy it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.source.name()
    }

    /// The text that it was read from.
    pub fn source(&self) -> &Source {
        &self.0.source
    }

    /// `Version` as written.
    pub fn version(&self) -> Option<Version> {
        self.0.version
    }

    /// Whether variables are active: under `2012-10-17` only.
    pub fn has_variables(&self) -> bool {
        self.0.version == Some(Version::V2012)
    }

    /// `Id` as written.
    pub fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    /// The statements, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.0.statements
    }
}

/// Two documents are equal if they say the same; names and places do not count.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.0.kind == other.0.kind
            && self.0.version == other.0.version
            && self.0.id == other.0.id
            && self.0.statements == other.0.statements
    }
}

impl Version {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2012 => "2012-10-17",
            Self::V2008 => "2008-10-17",
        }
    }
}

impl Effect {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self
            .problems
            .iter()
            .filter(|problem| problem.severity == crate::text::diagnostic::Severity::Error);
        let count = errors.clone().count();
        write!(
            formatter,
            "{} has {count} {}",
            bounded(self.source.name()),
            if count == 1 { "error" } else { "errors" }
        )?;
        for problem in errors.take(1) {
            let at = position(self.source.text(), problem.span.start);
            write!(
                formatter,
                ": line {}, column {}: {} [{}]",
                at.line, at.column, problem.message, problem.code
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejected {}
