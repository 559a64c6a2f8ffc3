//! The checks of statements: one each.

use std::borrow::Cow;

use super::bind::Binding;
use super::{Expression, Path, Rest, Returning, Select, Statement};
use crate::service::Check;
use crate::service::dynamodb::batch::counted;
use crate::service::dynamodb::call::{
    self, BatchExecuteStatement, ExecuteStatement, ExecuteTransaction, OnConditionCheckFailure, ReturnValues,
};
use crate::service::dynamodb::draft::{Draft, Returns};
use crate::service::dynamodb::error::CallError;
use crate::service::dynamodb::schema::KeySchema;
use crate::service::dynamodb::search::Target;
use crate::service::dynamodb::translate::Translation;
use crate::service::dynamodb::wire::AttributeValue;
use crate::text::diagnostic::excerpt;

const MEMBER: &str = "Statement";
/// The most statements of a batch and of a transaction.
const MOST_OF_BATCH: usize = 25;
const MOST_OF_TRANSACTION: usize = 100;

/// A statement with what stands beside it.
struct Given<'c> {
    text: &'c str,
    parameters: &'c [AttributeValue<'c>],
    on_failure: Option<OnConditionCheckFailure>,
    enclosing: Option<&'static str>,
    part: Option<u32>,
}

pub(in super::super) fn execute(
    translation: &Translation<'_>,
    call: &ExecuteStatement<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    let given = Given {
        text: &call.statement,
        parameters: call.parameters.as_deref().unwrap_or_default(),
        on_failure: call.return_values_on_condition_check_failure,
        enclosing: None,
        part: None,
    };
    given.checks(translation, checks)
}

pub(in super::super) fn batch(
    translation: &Translation<'_>,
    call: &BatchExecuteStatement<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    counted("Statements", call.statements.len(), MOST_OF_BATCH)?;
    for (part, one) in (0..).zip(&call.statements) {
        let given = Given {
            text: &one.statement,
            parameters: one.parameters.as_deref().unwrap_or_default(),
            on_failure: one.return_values_on_condition_check_failure,
            enclosing: None,
            part: Some(part),
        };
        given.checks(translation, checks)?;
    }
    Ok(())
}

pub(in super::super) fn transaction(
    translation: &Translation<'_>,
    call: &ExecuteTransaction<'_>,
    checks: &mut Vec<Check>,
) -> Result<(), CallError> {
    counted("TransactStatements", call.transact_statements.len(), MOST_OF_TRANSACTION)?;
    for (part, one) in (0..).zip(&call.transact_statements) {
        let given = Given {
            text: &one.statement,
            parameters: one.parameters.as_deref().unwrap_or_default(),
            on_failure: one.return_values_on_condition_check_failure,
            enclosing: Some("ExecuteTransaction"),
            part: Some(part),
        };
        given.checks(translation, checks)?;
    }
    Ok(())
}

impl Given<'_> {
    fn checks(&self, translation: &Translation<'_>, checks: &mut Vec<Check>) -> Result<(), CallError> {
        let (statement, parameters) = Statement::parse(self.text).map_err(|error| CallError::Syntax {
            member: MEMBER,
            at: error.at,
            message: error.message,
        })?;
        if parameters != self.parameters.len() {
            let message =
                format!("the statement has {parameters} parameters, {} are given", self.parameters.len());
            return Err(CallError::member("Parameters", message));
        }
        let on = statement.target();
        let table = translation.home.table(MEMBER, &on.table)?;
        let target = Target::new(translation, table, on.index.as_deref())?;
        if let Some(path) = undecided(&statement, &on.table, target.key()) {
            let message = format!(
                "`{}` is the partition key, or a member of an attribute with the table's name: leave the name out",
                excerpt(&path)
            );
            return Err(CallError::member(MEMBER, message));
        }
        let binding = Binding { key: target.key(), parameters: self.parameters };
        let mut draft = Draft { enclosing: self.enclosing, ..Draft::default() };
        let action = self.draft(&mut draft, &binding, &statement)?;
        statement.paths(&mut |path| named(&mut draft, path, &on.table));
        draft.finish(action, &target.resource, self.part, checks);
        Ok(())
    }

    fn draft(
        &self,
        draft: &mut Draft<'_>,
        binding: &Binding<'_>,
        statement: &Statement<'_>,
    ) -> Result<&'static str, CallError> {
        let leaks = self.on_failure == Some(OnConditionCheckFailure::AllOld);
        match statement {
            Statement::Exists(_) if self.enclosing.is_none() => {
                Err(CallError::member(MEMBER, "`EXISTS` stands in a transaction alone"))
            }
            Statement::Select(select) | Statement::Exists(select) => {
                selected(draft, binding, select);
                if leaks {
                    draft.returns = Some(Returns::new(None, self.on_failure));
                }
                Ok("dynamodb:PartiQLSelect")
            }
            Statement::Insert(_, members) => {
                inserted(draft, binding, members)?;
                if leaks {
                    draft.returns = Some(Returns::new(None, self.on_failure));
                }
                Ok("dynamodb:PartiQLInsert")
            }
            Statement::Update(_, _, filter, returning) => {
                written(draft, binding, filter)?;
                draft.returns = Some(Returns::new(Some(returning.values()), self.on_failure));
                Ok("dynamodb:PartiQLUpdate")
            }
            Statement::Delete(_, filter, returning) => {
                if !matches!(returning, Returning::None | Returning::AllOld) {
                    return Err(CallError::member(MEMBER, "`DELETE` returns `ALL OLD *` or nothing"));
                }
                written(draft, binding, filter)?;
                draft.returns = Some(Returns::new(Some(returning.values()), self.on_failure));
                Ok("dynamodb:PartiQLDelete")
            }
        }
    }
}

impl Returning {
    fn values(self) -> ReturnValues {
        match self {
            Self::None => ReturnValues::None,
            Self::AllOld => ReturnValues::AllOld,
            Self::AllNew => ReturnValues::AllNew,
            Self::ModifiedOld => ReturnValues::UpdatedOld,
            Self::ModifiedNew => ReturnValues::UpdatedNew,
        }
    }
}

/// Without its partition key fixed a `SELECT` reads the whole table, and its check says so.
fn selected(draft: &mut Draft<'_>, binding: &Binding<'_>, select: &Select<'_>) {
    let fixed = binding.partition(select.filter.as_ref());
    draft.full_scan = Some(fixed.is_none());
    for (index, text) in fixed
        .into_iter()
        .flatten()
        .flat_map(|(index, texts)| texts.into_iter().map(move |text| (index, text)))
    {
        draft.partition_value(index, Cow::Owned(text));
    }
    draft.select = Some(match (&select.list, &select.from.index) {
        (Some(_), _) => call::Select::SpecificAttributes,
        (None, Some(_)) => call::Select::AllProjectedAttributes,
        (None, None) => call::Select::AllAttributes,
    });
}

/// A write always names the item's key; without it there would be no leading keys, and `ForAllValues` on them would
/// hold.
fn written(draft: &mut Draft<'_>, binding: &Binding<'_>, filter: &Expression<'_>) -> Result<(), CallError> {
    let Some(fixed) = binding.partition(Some(filter)) else {
        return Err(CallError::member(MEMBER, "the condition does not fix the partition key by `=` or `IN`"));
    };
    for (index, texts) in fixed {
        for text in texts {
            draft.partition_value(index, Cow::Owned(text));
        }
    }
    Ok(())
}

fn inserted(
    draft: &mut Draft<'_>,
    binding: &Binding<'_>,
    members: &[(Cow<'_, str>, Expression<'_>)],
) -> Result<(), CallError> {
    for (index, attribute) in binding.key.partition().iter().enumerate() {
        let value = members.iter().find(|(name, _)| **name == *attribute.name).map(|(_, value)| value);
        let text = value.and_then(|value| binding.text(attribute, value));
        let text = text.ok_or_else(|| {
            let name = excerpt(&attribute.name);
            CallError::member(
                MEMBER,
                format!("the item has no value of its type for the key attribute {name}"),
            )
        })?;
        draft.partition_value(index, Cow::Owned(text));
    }
    draft.attributes.extend(members.iter().map(|(name, _)| Cow::Owned(name.clone().into_owned())));
    Ok(())
}

/// A path that is the partition key if its first name is the table's, and something else if it is an attribute's. Taken
/// for the key, it could bound a statement that reads the whole table.
fn undecided(statement: &Statement<'_>, table: &str, key: &KeySchema) -> Option<String> {
    let is_key = |name: &str| key.partition().iter().any(|one| one.name == *name);
    let mut found = None;
    statement.paths(&mut |path| {
        if let (Rest::Member(member), true) = (&path.rest, path.head == table)
            && is_key(member)
        {
            found = Some(format!("{}.{member}", path.head));
        }
    });
    found
}

/// A path may begin with the table's name, and an attribute may have that name: then both are named.
fn named(draft: &mut Draft<'_>, path: &Path<'_>, table: &str) {
    draft.attributes.insert(Cow::Owned(path.head.clone().into_owned()));
    if let (Rest::Member(member) | Rest::Members(member), true) = (&path.rest, path.head == table) {
        draft.attributes.insert(Cow::Owned(member.clone().into_owned()));
    }
}
