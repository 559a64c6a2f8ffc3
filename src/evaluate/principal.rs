//! Principal and NotPrincipal: whom a statement names, and how strongly an Allow grants by that name.

use crate::compile::principal::{NamedArn, PrincipalMatcher};
use crate::compile::{Clause, CompiledStatement, Form};
use crate::policy::Effect;
use crate::request::{Principal, PrincipalKind};

use super::clause::Asked;

/// How strongly an Allow in a resource-based policy grants, by the form of principal that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// It does not name the caller.
    None,
    /// By account: it delegates to the account's own policies.
    Account,
    /// By the role behind a session, or the user behind a federated one: boundary and session policy still limit.
    Role,
    /// The caller itself, or everyone: implicit denies of the caller's own policies do not count.
    Direct,
}

/// Whether the principal clause holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrincipalMatch {
    pub(super) matches: bool,
    pub(super) grade: Grade,
}

#[inline]
pub(super) fn clause(form: &Form, statement: &CompiledStatement, asked: &Asked<'_, '_>) -> PrincipalMatch {
    match statement.principals() {
        // Whoever the policy is attached to.
        None => PrincipalMatch { matches: true, grade: Grade::Direct },
        Some(clause) => named(form, statement, clause, asked),
    }
}

#[inline(never)]
fn named(
    form: &Form,
    statement: &CompiledStatement,
    clause: Clause,
    asked: &Asked<'_, '_>,
) -> PrincipalMatch {
    let principal = asked.request.principal();
    match clause {
        clause if clause.negated => PrincipalMatch {
            matches: asked.bounded || !is_exempt(form, clause, principal),
            grade: Grade::Direct,
        },
        clause => {
            let entries = clause.entries.of(&form.principals).iter();
            let grades = entries.map(|entry| grade(form, entry, principal, statement.effect));
            let grade = grades.max().unwrap_or(Grade::None);
            PrincipalMatch { matches: grade != Grade::None, grade }
        }
    }
}

/// The strength by which an entry names a principal.
fn grade(form: &Form, entry: &PrincipalMatcher, principal: &Principal, effect: Effect) -> Grade {
    let text = |literal| form.pool.text(literal);
    let kind = principal.kind();
    let is = |kinds: &[PrincipalKind], literal| kinds.contains(&kind) && text(literal) == principal.text();
    let (named, grade) = match entry {
        PrincipalMatcher::Everyone => (true, Grade::Direct),
        PrincipalMatcher::Account { partition, id } => {
            let partition = partition.is_none_or(|partition| text(partition) == principal.partition());
            (partition && principal.account() == Some(text(*id)), Grade::Account)
        }
        PrincipalMatcher::User(arn) if kind == PrincipalKind::FederatedUser => {
            (is_federating_user(form, arn, principal, effect), Grade::Role)
        }
        PrincipalMatcher::User(arn) => (is(&[PrincipalKind::User], arn.text), Grade::Direct),
        PrincipalMatcher::Role(arn) => (is_role(form, arn, principal), Grade::Role),
        PrincipalMatcher::Session(arn) => (is(&[PrincipalKind::RoleSession], *arn), Grade::Direct),
        PrincipalMatcher::FederatedUser(arn) => (is(&[PrincipalKind::FederatedUser], *arn), Grade::Direct),
        PrincipalMatcher::UniqueId(id) => {
            let grade = if kind == PrincipalKind::User { Grade::Direct } else { Grade::Role };
            (principal.unique_id() == Some(text(*id)), grade)
        }
        PrincipalMatcher::Provider(provider) => (is(&[PrincipalKind::WebIdentity], *provider), Grade::Direct),
        PrincipalMatcher::Service(service) => (is(&[PrincipalKind::Service], *service), Grade::Direct),
        PrincipalMatcher::Nobody => (false, Grade::None),
    };
    if named { grade } else { Grade::None }
}

/// A role's ARN names a bare role by the whole ARN; a session, whose ARN has no path, by the path if it is stated and
/// by the role's name otherwise.
fn is_role(form: &Form, arn: &NamedArn, principal: &Principal) -> bool {
    let text = |literal| form.pool.text(literal);
    match principal.kind() {
        PrincipalKind::Role => text(arn.text) == principal.text(),
        PrincipalKind::RoleSession => {
            let same_account = text(arn.account) == principal.account().unwrap_or_default();
            let name = match principal.role_path() {
                Some(path) => text(arn.name)
                    .strip_suffix(principal.name())
                    .is_some_and(|before| Some(before) == path.strip_prefix('/')),
                None => text(arn.name).rsplit('/').next() == Some(principal.name()),
            };
            same_account && text(arn.partition) == principal.partition() && name
        }
        PrincipalKind::User
        | PrincipalKind::FederatedUser
        | PrincipalKind::Root
        | PrincipalKind::Service
        | PrincipalKind::WebIdentity
        | PrincipalKind::Anonymous => false,
    }
}

/// The user behind a federated session: the one stated. For a Deny an equal name is enough, since the caller chose it.
fn is_federating_user(form: &Form, arn: &NamedArn, principal: &Principal, effect: Effect) -> bool {
    let text = |literal| form.pool.text(literal);
    let stated = principal.federating_user() == Some(text(arn.text));
    let same_name = text(arn.account) == principal.account().unwrap_or_default()
        && text(arn.partition) == principal.partition()
        && text(arn.name).rsplit('/').next() == Some(principal.name());
    stated || (effect == Effect::Deny && same_name)
}

/// Whether NotPrincipal spares a principal: its own most specific name and every parent must be listed.
fn is_exempt(form: &Form, clause: Clause, principal: &Principal) -> bool {
    let entries = clause.entries.of(&form.principals);
    let listed = |accept: fn(&PrincipalMatcher) -> bool| {
        let mut entries = entries.iter().filter(|entry| accept(entry));
        entries.any(|entry| grade(form, entry, principal, Effect::Allow) != Grade::None)
    };
    let account = listed(|entry| matches!(entry, PrincipalMatcher::Account { .. }));
    match principal.kind() {
        PrincipalKind::Root => account,
        PrincipalKind::User => {
            account && listed(|e| matches!(e, PrincipalMatcher::User(_) | PrincipalMatcher::UniqueId(_)))
        }
        PrincipalKind::Role => {
            account && listed(|e| matches!(e, PrincipalMatcher::Role(_) | PrincipalMatcher::UniqueId(_)))
        }
        PrincipalKind::RoleSession => {
            account
                && listed(|entry| matches!(entry, PrincipalMatcher::Session(_)))
                && listed(|e| matches!(e, PrincipalMatcher::Role(_) | PrincipalMatcher::UniqueId(_)))
        }
        PrincipalKind::FederatedUser => {
            account
                && listed(|entry| matches!(entry, PrincipalMatcher::FederatedUser(_)))
                && (principal.federating_user().is_none()
                    || listed(|entry| matches!(entry, PrincipalMatcher::User(_))))
        }
        PrincipalKind::Service => listed(|entry| matches!(entry, PrincipalMatcher::Service(_))),
        PrincipalKind::WebIdentity | PrincipalKind::Anonymous => false,
    }
}
