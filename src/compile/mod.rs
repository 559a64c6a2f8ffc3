//! Floor 3: from documents to the form that a decision walks.
//!
//! What is attached in one place (a role's policies, one SCP level, a bucket policy) becomes one [`CompiledPolicy`]:
//! flat arrays of statements, patterns and operands over one [`Pool`] of text, and an index that finds the statements
//! an action can concern. Everything that does not depend on the request is done here.

#![deny(clippy::wildcard_enum_match_arm)]

pub(crate) mod binding;
mod filing;
mod heads;
mod index;
pub mod load;
mod lower;
pub(crate) mod principal;
mod sorted;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use ipnet::IpNet;

use crate::operator::operand::{Operand, OperandError};
use crate::operator::table::Operation;
use crate::policy::{Document, Effect, Kind};
use crate::request::SessionFacts;
use crate::request::action::ActionText;
use crate::text::arn_pattern::ArnPattern;
use crate::text::diagnostic::bounded;
use crate::text::hash::{hash_bytes, mix};
use crate::text::pattern::Pattern;
use crate::text::pool::{Key, Literal, NoVariables, Pool, held};
use crate::text::span::to_u32;

use binding::Binding;
use heads::Heads;
#[cfg(test)]
pub(crate) use index::slot_of;
pub(crate) use index::{Bucket, Candidates, Index, Wildcards};
use principal::PrincipalMatcher;

/// What is attached in one place, compiled; shared by `Arc` between any number of policy sets.
#[derive(Debug)]
pub struct CompiledPolicy {
    pub(crate) form: Arc<Form>,
    /// PERF: here rather than with the documents, three cold lines away: whoever puts a set together asks.
    kind: Option<Kind>,
    pub(crate) binding: Option<Binding>,
}

/// The compiled form: what a decision walks.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) documents: Vec<Document>,
    pub(crate) pool: Pool,
    pub(crate) statements: Vec<CompiledStatement>,
    pub(crate) actions: Vec<ActionPattern>,
    pub(crate) globs: Vec<ActionGlob>,
    pub(crate) resources: Vec<ArnPattern>,
    pub(crate) principals: Vec<PrincipalMatcher>,
    pub(crate) conditions: Vec<CompiledCondition>,
    pub(crate) operands: Vec<Operand>,
    /// Long lists of operands, by the literals they begin with.
    pub(crate) heads: Heads,
    /// Long lists of address ranges: sorted, disjoint.
    pub(crate) networks: Vec<IpNet>,
    pub(crate) index: Index,
    pub(crate) has_denies: bool,
    revision: u64,
}

/// A statement: ranges into the arrays of its policy.
///
/// PERF: one line of the cache, so that a statement met for the first time costs one wait.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct CompiledStatement {
    pub(crate) effect: Effect,
    /// Number of the document, and of the statement in it.
    pub(crate) document: u32,
    pub(crate) position: u32,
    actions: Slice,
    not_actions: bool,
    /// Absent: the attached resource, whatever is asked.
    resources: Option<ResourceEntries>,
    not_resources: bool,
    principals: Slice,
    /// Absent: whoever the policy is attached to.
    not_principals: Option<bool>,
    pub(crate) conditions: Slice,
}

/// The entries of a resource clause.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ResourceEntries {
    /// PERF: what most clauses have stands in the statement itself.
    One(ArnPattern),
    /// A range of [`Form::resources`].
    Many(Slice),
}

/// Alternatives of resources, or exclusions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceClause {
    pub(crate) negated: bool,
    pub(crate) entries: ResourceEntries,
}

/// A list of alternatives, or of exclusions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clause {
    pub(crate) negated: bool,
    pub(crate) entries: Slice,
}

/// A range of one of the arrays.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slice {
    start: u32,
    end: u32,
}

/// An action pattern in lower case.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ActionPattern {
    /// `*`
    Any,
    /// One action.
    Exact(Literal),
    /// Wildcards in either half.
    Glob(u32),
}

/// The two halves of an action pattern with wildcards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActionGlob {
    pub(crate) service: Pattern,
    pub(crate) name: Pattern,
}

/// One operator, one key, its operands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CompiledCondition {
    pub(crate) operation: Operation,
    pub(crate) key: Key,
    pub(crate) operands: Slice,
    pub(crate) lookup: Lookup,
    /// Its place among the statement's conditions as written; they are evaluated cheapest first.
    pub(crate) written: u32,
}

/// How an operand is found that a value meets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lookup {
    /// By asking each.
    Each,
    /// By what the value begins with: items of [`Form::heads`] are numbers of operands.
    Heads(Slice),
    /// Among ranges of [`Form::networks`].
    Networks(Slice),
}

/// Why documents cannot be compiled together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// Documents of two kinds in one attachment.
    #[error("`{}` is a {found}, attached beside a {expected}: one attachment holds one kind", bounded(.name))]
    MixedKinds {
        /// The document.
        name: String,
        /// Its kind.
        found: &'static str,
        /// The kind of the first document.
        expected: &'static str,
    },
    /// A value that its document's reading accepted cannot be an operand.
    #[error("a value of `{}` cannot be compiled: {error}", bounded(.name))]
    Operand {
        /// The document.
        name: String,
        /// What is wrong.
        error: OperandError,
    },
    /// More statements, patterns or text than 32-bit offsets hold.
    #[error("the attachment is too large to compile")]
    TooLarge,
}

impl CompiledPolicy {
    /// Compiles what is attached in one place. No documents at all is an attachment that allows nothing.
    ///
    /// ```
    /// use verdikt::compile::CompiledPolicy;
    /// use verdikt::policy::{Document, Kind, Limits};
    /// let json = r#"{"Version": "2012-10-17",
    ///     "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/${aws:username}/*",
    ///                   "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}"#;
    /// let document = Document::parse(Kind::Identity, "home", json, &Limits::default())?.document;
    /// let compiled = CompiledPolicy::compile(&[document])?;
    /// assert_eq!(compiled.reads().into_iter().collect::<Vec<_>>(), ["aws:SecureTransport", "aws:username"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compile(documents: &[Document]) -> Result<Arc<Self>, CompileError> {
        if let Some((first, rest)) = documents.split_first()
            && let Some(other) = rest.iter().find(|other| other.kind() != first.kind())
        {
            let (found, expected) = (other.kind().title(), first.kind().title());
            return Err(CompileError::MixedKinds { name: other.name().to_owned(), found, expected });
        }
        let text: usize = documents.iter().map(|document| document.source().text().len()).sum();
        if is_too_large(text) {
            return Err(CompileError::TooLarge);
        }
        let kind = documents.first().map(Document::kind);
        Ok(Arc::new(Self { form: Arc::new(lower::compile(documents)?), kind, binding: None }))
    }

    /// The kind of the documents; `None` if there are none.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// The documents, in order: what the numbers in a decision point to.
    pub fn documents(&self) -> &[Document] {
        &self.form.documents
    }

    /// The context keys that any decision can read, as conditions or as variables.
    pub fn reads(&self) -> BTreeSet<&str> {
        let Form { pool, conditions, .. } = &*self.form;
        let conditions = conditions.iter().map(|condition| pool.text(condition.key.name));
        conditions.chain(pool.variable_keys()).collect()
    }

    /// A hash of the documents' kinds and texts: the same for the same content, in every process. It tells versions
    /// of an attachment apart; it is no proof against a forger.
    pub fn revision(&self) -> u64 {
        self.form.revision
    }

    /// The session that it is bound to, if it is.
    pub fn session(&self) -> Option<&SessionFacts> {
        self.binding.as_ref().map(|binding| &binding.session)
    }

    /// Bytes held by the compiled form, the documents left out; of a bound policy what binding added.
    pub fn memory(&self) -> usize {
        self.binding.as_ref().map_or_else(|| self.form.memory(), Binding::memory)
    }

    /// The same form, bound.
    pub(crate) fn bound(&self, binding: Binding) -> Self {
        Self { form: Arc::clone(&self.form), kind: self.kind, binding: Some(binding) }
    }
}

impl Form {
    /// Whether the action clause of a statement holds.
    pub(crate) fn action_holds(&self, statement: &CompiledStatement, asked: &ActionText<'_>) -> bool {
        let entries = statement.actions.of(&self.actions);
        let listed = entries.iter().any(|pattern| match pattern {
            ActionPattern::Any => true,
            ActionPattern::Exact(text) => self.pool.text(*text) == asked.folded(),
            ActionPattern::Glob(glob) => self.globs.get(*glob as usize).is_some_and(|glob| {
                self.pool.matches(glob.service, asked.service(), &NoVariables)
                    && self.pool.matches(glob.name, asked.name(), &NoVariables)
            }),
        });
        listed != statement.not_actions
    }

    fn memory(&self) -> usize {
        [
            self.pool.memory(),
            held(&self.statements),
            held(&self.actions),
            held(&self.globs),
            held(&self.resources),
            held(&self.principals),
            held(&self.conditions),
            held(&self.operands),
            held(&self.networks),
            self.heads.memory(),
            self.index.memory(),
        ]
        .into_iter()
        .sum()
    }
}

impl CompiledStatement {
    pub(crate) fn actions(&self) -> Clause {
        Clause { negated: self.not_actions, entries: self.actions }
    }

    #[inline]
    pub(crate) fn principals(&self) -> Option<Clause> {
        Some(Clause { negated: self.not_principals?, entries: self.principals })
    }

    pub(crate) fn resources(&self) -> Option<ResourceClause> {
        Some(ResourceClause { negated: self.not_resources, entries: self.resources? })
    }

    /// The entries of its resource clause in place, and whether they are exclusions.
    #[inline]
    pub(crate) fn resource_entries<'f>(&'f self, form: &'f Form) -> Option<(&'f [ArnPattern], bool)> {
        Some((self.resources.as_ref()?.of(form), self.not_resources))
    }

    /// The same statement with another action clause.
    pub(crate) fn with_actions(&self, actions: Clause) -> Self {
        Self { actions: actions.entries, not_actions: actions.negated, ..self.clone() }
    }

    /// The same statement with another resource clause.
    pub(crate) fn with_resources(&self, resources: ResourceClause) -> Self {
        Self { resources: Some(resources.entries), not_resources: resources.negated, ..self.clone() }
    }

    /// The same statement with another principal clause.
    pub(crate) fn with_principals(&self, principals: Clause) -> Self {
        Self { principals: principals.entries, not_principals: Some(principals.negated), ..self.clone() }
    }
}

impl ResourceEntries {
    #[inline]
    pub(crate) fn of<'f>(&'f self, form: &'f Form) -> &'f [ArnPattern] {
        match self {
            Self::One(entry) => std::slice::from_ref(entry),
            Self::Many(entries) => entries.of(&form.resources),
        }
    }

    /// Each entry by itself.
    pub(crate) fn each(self, form: &Form) -> impl Iterator<Item = Self> {
        self.of(form).to_vec().into_iter().map(Self::One)
    }
}

impl Slice {
    fn new(start: usize, end: usize) -> Self {
        Self { start: to_u32(start), end: to_u32(end) }
    }

    /// One item of it, by its place in it.
    pub(crate) fn one(self, place: u32) -> Self {
        let start = self.start.saturating_add(place).min(self.end);
        Self { start, end: start.saturating_add(1).min(self.end) }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Each place of the range, as a range of its own.
    pub(crate) fn each(self) -> impl Iterator<Item = Self> {
        (self.start..self.end).map(|start| Self { start, end: start.saturating_add(1) })
    }

    /// The items with their numbers in the array.
    #[inline]
    pub(crate) fn numbered<T>(self, array: &[T]) -> impl Iterator<Item = (u32, &T)> {
        (self.start..).zip(self.of(array))
    }

    #[inline]
    pub(crate) fn of<T>(self, array: &[T]) -> &[T] {
        array.get(self.range()).unwrap_or_default()
    }
}

/// Whether offsets of 32 bits may not reach: every offset is one in less text than six times what was read, once each for
/// the patterns, their flat forms and, a few times, the index.
fn is_too_large(text: usize) -> bool {
    text > (u32::MAX / 8) as usize
}

fn revision(documents: &[Document]) -> u64 {
    documents.iter().fold(0, |hash, document| {
        let kind = hash_bytes(document.kind().as_str().as_bytes());
        mix(mix(hash, kind), hash_bytes(document.source().text().as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_gigabyte_of_text_is_too_large() {
        assert!(!is_too_large(0) && !is_too_large(536_870_911));
        assert!(is_too_large(536_870_912) && is_too_large(600_000_000));
    }

    #[test]
    fn a_slice_is_empty_or_has_items() {
        assert!(Slice::default().is_empty() && Slice::new(2, 2).is_empty());
        assert!(!Slice::new(2, 3).is_empty());
        assert_eq!(Slice::new(1, 3).of(&[5, 6, 7]), [6, 7]);
        assert_eq!(Slice::new(1, 3).one(1).of(&[5, 6, 7]), [7]);
        assert!(Slice::new(1, 3).one(2).is_empty());
    }

    #[test]
    fn a_statement_is_one_line_of_the_cache() {
        assert_eq!((size_of::<CompiledStatement>(), align_of::<CompiledStatement>()), (64, 64));
    }
}
