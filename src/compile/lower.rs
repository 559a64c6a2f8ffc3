//! Lowering: statements, patterns and conditions into the flat arrays.

use std::borrow::Cow;

use ipnet::IpNet;

use crate::operator::operand::Operand;
use crate::operator::table::{Comparison, Family, Operation, Operator};
use crate::policy::principal::PrincipalEntry;
use crate::policy::{
    Condition, Document, Effect, PrincipalElement, PrincipalValue, Spanned, Statement, TextElement,
};
use crate::request::path::filed;
use crate::text::arn_pattern::{ArnPattern, FieldTokens, head_after_plain_fields};
use crate::text::pattern::Pattern;
use crate::text::pool::Pool;
use crate::text::span::to_u32;
use crate::text::template::{Syntax, TemplateError, Token, tokenize_into};

use super::index::WALKED;
use super::principal::PrincipalMatcher;
use super::{
    ActionGlob, ActionPattern, Clause, CompileError, CompiledCondition, CompiledStatement, Form, Heads,
    Index, Lookup, ResourceEntries, Slice, filing, revision,
};

/// The literal that the sixth field of a resource entry begins with: what the index files the entry under.
#[derive(Debug)]
pub(super) struct Head<'d> {
    pub(super) text: Cow<'d, str>,
    is_whole: bool,
    /// Whether a star of an earlier field may run past a colon.
    may_cross: bool,
}

impl Head<'_> {
    /// Depth and hash of the place, and whether a star may cross a colon; `None` if no place leads to the entry.
    pub(super) fn filed(&self) -> Option<(usize, u64, bool)> {
        let (depth, hash) = filed(&self.text, self.is_whole)?;
        Some((depth, hash, self.may_cross))
    }
}

/// The heads of all resource entries, and which are a statement's.
#[derive(Debug, Default)]
pub(super) struct EntryHeads<'d> {
    pub(super) all: Vec<Option<Head<'d>>>,
    pub(super) statements: Vec<Slice>,
}

/// What lowering keeps beside the form.
struct Lowering<'d> {
    form: Form,
    heads: EntryHeads<'d>,
    /// Of the entry being read: kept, so that not each takes an allocation.
    tokens: Vec<Token<'d>>,
    fields: FieldTokens<'d>,
}

pub(super) fn compile(documents: &[Document]) -> Result<Form, CompileError> {
    let Lowering { mut form, heads, .. } = lowered(documents)?;
    form.index = filing::build(&mut form, &heads);
    form.shrink();
    Ok(form)
}

/// Everything but the index.
fn lowered(documents: &[Document]) -> Result<Lowering<'_>, CompileError> {
    let sizes = Sizes::of(documents);
    let form = Form {
        documents: documents.to_vec(),
        pool: Pool::with_capacity(sizes.text),
        statements: Vec::with_capacity(sizes.statements),
        actions: Vec::with_capacity(sizes.actions),
        globs: Vec::new(),
        resources: Vec::with_capacity(sizes.resources),
        principals: Vec::new(),
        conditions: Vec::with_capacity(sizes.conditions),
        operands: Vec::with_capacity(sizes.operands),
        heads: Heads::default(),
        networks: Vec::new(),
        index: Index::default(),
        has_denies: false,
        revision: revision(documents),
    };
    let heads = EntryHeads {
        all: Vec::with_capacity(sizes.entries),
        statements: Vec::with_capacity(sizes.statements),
    };
    let mut lowering = Lowering { form, heads, tokens: Vec::new(), fields: FieldTokens::default() };
    for (number, document) in documents.iter().enumerate() {
        for (position, statement) in document.statements().iter().enumerate() {
            let compiled = lowering.statement(document, statement, (to_u32(number), to_u32(position)))?;
            lowering.form.has_denies |= statement.effect == Effect::Deny;
            lowering.form.statements.push(compiled);
        }
    }
    Ok(lowering)
}

/// What is asked of a form without an index.
#[cfg(test)]
pub(super) fn with_heads<T>(documents: &[Document], ask: impl FnOnce(&mut Form, &EntryHeads<'_>) -> T) -> T {
    let Lowering { mut form, heads, .. } = lowered(documents).unwrap();
    ask(&mut form, &heads)
}

/// How much there is of everything that there is much of, so that each list takes one allocation.
#[derive(Default)]
struct Sizes {
    statements: usize,
    actions: usize,
    /// Entries of resource clauses, and of those with several.
    entries: usize,
    resources: usize,
    conditions: usize,
    operands: usize,
    /// Bytes, roughly.
    text: usize,
}

impl Sizes {
    fn of(documents: &[Document]) -> Self {
        let mut sizes = Self::default();
        for statement in documents.iter().flat_map(Document::statements) {
            sizes.statements += 1;
            sizes.actions += sizes.values(&statement.action.values);
            let entries = statement.resource.as_ref().map_or(0, |list| sizes.values(&list.values));
            sizes.entries += entries;
            sizes.resources += if entries == 1 { 0 } else { entries };
            sizes.conditions += statement.conditions.len();
            for condition in &statement.conditions {
                sizes.text += condition.key.value.len();
                sizes.operands += sizes.values(&condition.values);
            }
        }
        sizes
    }

    fn values<T: AsRef<str>>(&mut self, values: &[Spanned<T>]) -> usize {
        self.text += values.iter().map(|value| value.value.as_ref().len()).sum::<usize>();
        values.len()
    }
}

impl<'d> Lowering<'d> {
    fn statement(
        &mut self,
        document: &Document,
        statement: &'d Statement,
        (number, position): (u32, u32),
    ) -> Result<CompiledStatement, CompileError> {
        let failed = |error| CompileError::Operand { name: document.name().to_owned(), error };
        let variables = document.has_variables();
        let first_head = self.heads.all.len();
        let resources = match &statement.resource {
            Some(element) => Some(self.resources(element, variables).map_err(|error| failed(error.into()))?),
            None => None,
        };
        self.heads.statements.push(Slice::new(first_head, self.heads.all.len()));
        let start = self.form.conditions.len();
        for (written, condition) in (0u32..).zip(&statement.conditions) {
            let compiled = self.form.condition(condition, written, variables).map_err(failed)?;
            self.form.conditions.push(compiled);
        }
        // PERF: the first that is false ends the statement.
        self.form
            .conditions
            .get_mut(start..)
            .unwrap_or_default()
            .sort_by_key(|one| (mostly_holds(one.operation), cost(one.operation.operator)));
        let principals = statement.principal.as_ref().map(|element| self.form.principals(element));
        Ok(CompiledStatement {
            effect: statement.effect,
            document: number,
            position,
            actions: self.actions(&statement.action),
            not_actions: statement.action.negated,
            resources,
            not_resources: statement.resource.as_ref().is_some_and(|element| element.negated),
            principals: principals.map(|clause| clause.entries).unwrap_or_default(),
            not_principals: principals.map(|clause| clause.negated),
            conditions: Slice::new(start, self.form.conditions.len()),
        })
    }

    fn actions(&mut self, element: &'d TextElement) -> Slice {
        let start = self.form.actions.len();
        for value in &element.values {
            let pattern = self.action(&value.value);
            self.form.actions.push(pattern);
        }
        Slice::new(start, self.form.actions.len())
    }

    /// Actions compare case-insensitively: everything is lower case from here on.
    fn action(&mut self, text: &'d str) -> ActionPattern {
        if text == "*" {
            return ActionPattern::Any;
        }
        if memchr::memchr2(b'*', b'?', text.as_bytes()).is_none() {
            return ActionPattern::Exact(self.form.pool.add_lower(text));
        }
        let (service, name) = text.split_once(':').unwrap_or((text, ""));
        let glob = ActionGlob { service: self.lower_glob(service), name: self.lower_glob(name) };
        self.form.globs.push(glob);
        ActionPattern::Glob(to_u32(self.form.globs.len().saturating_sub(1)))
    }

    fn lower_glob(&mut self, text: &'d str) -> Pattern {
        // Without variables in the syntax no text is malformed.
        let read = tokenize_into(text, Syntax { wildcards: true, variables: false }, &mut self.tokens);
        self.form.pool.lower_pattern(if read.is_ok() { &self.tokens } else { &[] })
    }

    fn resources(
        &mut self,
        element: &'d TextElement,
        variables: bool,
    ) -> Result<ResourceEntries, TemplateError> {
        let start = self.form.resources.len();
        for value in &element.values {
            let (pattern, head) = match value.value.as_str() {
                "*" => (ArnPattern::Any, None),
                text => {
                    tokenize_into(text, Syntax { wildcards: true, variables }, &mut self.tokens)?;
                    self.resource()
                }
            };
            self.heads.all.push(head);
            if element.values.len() == 1 {
                return Ok(ResourceEntries::One(pattern));
            }
            self.form.resources.push(pattern);
        }
        Ok(ResourceEntries::Many(Slice::new(start, self.form.resources.len())))
    }

    /// The pattern and head of the entry whose tokens were read.
    fn resource(&mut self) -> (ArnPattern, Option<Head<'d>>) {
        // PERF: fields 1 to 5 are mostly plain text, and then need not be cut.
        if let Some((text, is_whole)) = head_after_plain_fields(&self.tokens) {
            let pattern = ArnPattern::Whole(self.form.pool.pattern(&self.tokens));
            return (pattern, Some(Head { text, is_whole, may_cross: false }));
        }
        self.fields.split_again(&self.tokens);
        let pattern = self.form.pool.resource_pattern_of(&self.tokens, &self.fields);
        let may_cross = self.fields.may_cross();
        let head = self.fields.sixth_head().map(|(text, is_whole)| Head { text, is_whole, may_cross });
        (pattern, head)
    }
}

impl Form {
    fn principals(&mut self, element: &PrincipalElement) -> Clause {
        let start = self.principals.len();
        match &element.value {
            PrincipalValue::Everyone => self.principals.push(PrincipalMatcher::Everyone),
            PrincipalValue::Map(entries) => {
                for (key, values) in entries {
                    // The document's reading has refused what cannot be read here.
                    let read =
                        values.iter().filter_map(|value| PrincipalEntry::parse(*key, &value.value).ok());
                    for entry in read {
                        let matcher = PrincipalMatcher::new(&entry, &mut self.pool);
                        self.principals.push(matcher);
                    }
                }
            }
        }
        Clause { negated: element.negated, entries: Slice::new(start, self.principals.len()) }
    }

    fn condition(
        &mut self,
        condition: &Condition,
        written: u32,
        variables: bool,
    ) -> Result<CompiledCondition, crate::operator::operand::OperandError> {
        let start = self.operands.len();
        for value in &condition.values {
            let operand =
                Operand::read(condition.operation.operator, &value.value, variables, &mut self.pool)?;
            self.operands.push(operand);
        }
        let key = self.pool.add_key(&condition.key.value);
        let operands = Slice::new(start, self.operands.len());
        let lookup = self.lookup(condition.operation.operator, operands);
        Ok(CompiledCondition { operation: condition.operation, key, operands, lookup, written })
    }

    /// PERF: a long list is searched, not walked (the condition workload: 50 ranges, 40 patterns).
    fn lookup(&mut self, operator: &Operator, operands: Slice) -> Lookup {
        let list = operands.of(&self.operands);
        if list.len() <= WALKED {
            return Lookup::Each;
        }
        match operator.family {
            Family::Ip => {
                let networks = list.iter().filter_map(Operand::network);
                let start = self.networks.len();
                self.networks.extend(IpNet::aggregate(&networks.collect()));
                Lookup::Networks(Slice::new(start, self.networks.len()))
            }
            Family::String if operator.comparison != Comparison::EqualsIgnoreCase => {
                let numbered = (operands.start..).zip(list);
                let entries =
                    numbered.filter_map(|(number, one)| Some((self.pool.head(one.text()?), number)));
                Lookup::Heads(self.heads.add(&self.pool, entries.collect()))
            }
            Family::String
            | Family::Numeric
            | Family::Date
            | Family::Bool
            | Family::Binary
            | Family::Arn
            | Family::Null => Lookup::Each,
        }
    }

    fn shrink(&mut self) {
        self.pool.shrink();
        self.statements.shrink_to_fit();
        self.actions.shrink_to_fit();
        self.globs.shrink_to_fit();
        self.resources.shrink_to_fit();
        self.principals.shrink_to_fit();
        self.conditions.shrink_to_fit();
        self.operands.shrink_to_fit();
        self.networks.shrink_to_fit();
        self.heads.shrink();
    }
}

/// Whether a condition nearly always holds: then a cheaper one that ends the statement should be asked before it. What
/// excludes a few values, what an absent key satisfies, and presence.
fn mostly_holds(operation: Operation) -> bool {
    operation.operator.negated || operation.if_exists || operation.operator.family == Family::Null
}

/// Conditions in the order of what they cost.
fn cost(operator: &Operator) -> u8 {
    match operator.family {
        Family::Bool | Family::Null => 0,
        Family::Numeric | Family::Date => 1,
        Family::Ip => 3,
        Family::Arn => 4,
        Family::String if operator.comparison == Comparison::Like => 5,
        Family::Binary | Family::String => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Kind, Limits};

    fn documents(statement: &str) -> [Document; 2] {
        ["one", "two"].map(|name| {
            let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}, {statement}]}}"#);
            Document::parse(Kind::Identity, name, &json, &Limits::default()).unwrap().document
        })
    }

    /// What is reserved is what is lowered, so that no list grows.
    #[test]
    fn room_is_reserved_for_what_is_lowered() {
        let documents = documents(
            r#"{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:List*"],
                "Resource": ["arn:aws:s3:::a/*", "*"],
                "Condition": {"StringEquals": {"a:key": ["u", "vw", "xyz", "0"]}, "Bool": {"a:secure": "true"}}}"#,
        );
        let sizes = Sizes::of(&documents);
        let reserved = [sizes.statements, sizes.actions, sizes.resources, sizes.conditions, sizes.operands];
        assert_eq!(reserved, [4, 12, 8, 8, 20]);
        assert_eq!(sizes.entries, 8);
        // Actions, resources, keys and operands, each as it is written.
        let statement = (12 + 12 + 8) + (16 + 1) + (5 + 8) + (1 + 2 + 3 + 1 + 4);
        assert_eq!(sizes.text, 4 * statement);
        // Only now: room for too much would take all memory.
        let form = compile(&documents).unwrap();
        let lowered = [
            form.statements.len(),
            form.actions.len(),
            form.resources.len(),
            form.conditions.len(),
            form.operands.len(),
        ];
        assert_eq!(lowered, reserved);
    }

    /// Cheap ones first; behind them all those that nearly always hold, since the first that is false ends the statement.
    #[test]
    fn conditions_are_asked_cheapest_first() {
        let [document, _] = documents(
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
                "StringNotEquals": {"a:k": "v"},
                "BoolIfExists": {"a:k": "true"},
                "Null": {"a:k": "false"},
                "StringLike": {"a:k": "v*"},
                "ArnLike": {"a:k": "arn:aws:s3:::b"},
                "IpAddress": {"a:k": "10.0.0.0/8"},
                "StringEquals": {"a:k": "v"},
                "BinaryEquals": {"a:k": "QmluYXJ5"},
                "DateLessThan": {"a:k": "2030-01-01"},
                "NumericLessThan": {"a:k": "5"},
                "Bool": {"a:k": "true"}}}"#,
        );
        let form = compile(&[document]).unwrap();
        let conditions = form.statements[0].conditions.of(&form.conditions);
        let names: Vec<_> = conditions.iter().map(|one| one.operation.operator.name).collect();
        let expected = [
            "Bool",
            "DateLessThan",
            "NumericLessThan",
            "StringEquals",
            "BinaryEquals",
            "IpAddress",
            "ArnLike",
            "StringLike",
            "Bool",
            "Null",
            "StringNotEquals",
        ];
        assert_eq!(names, expected);
    }

    /// Lists of eight operands are walked; longer ones are searched, where what an operand begins with tells.
    #[test]
    fn long_lists_are_searched_where_they_can_be() {
        let lookup = |operator: &str, count: usize, value: &dyn Fn(usize) -> String| {
            let values: Vec<_> = (0..count).map(|number| format!("\"{}\"", value(number))).collect();
            let condition = format!(r#"{{"{operator}": {{"a:k": [{}]}}}}"#, values.join(","));
            let [document, _] = documents(&format!(
                r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}}}"#
            ));
            compile(&[document]).unwrap().conditions[0].lookup
        };
        let text = |number| format!("v{number}");
        let network = |number: usize| format!("10.{}.0.0/16", number * 2);
        for operator in ["StringEquals", "StringNotEquals", "StringLike"] {
            assert!(matches!(lookup(operator, WALKED + 1, &text), Lookup::Heads(_)), "{operator}");
            assert!(matches!(lookup(operator, WALKED, &text), Lookup::Each), "{operator}");
        }
        assert!(matches!(lookup("StringEqualsIgnoreCase", WALKED + 1, &text), Lookup::Each));
        assert!(matches!(lookup("IpAddress", WALKED + 1, &network), Lookup::Networks(_)));
        assert!(matches!(lookup("IpAddress", WALKED, &network), Lookup::Each));
    }

    fn full<T>(list: &Vec<T>) -> bool {
        !list.is_empty() && list.capacity() == list.len()
    }

    /// Of what lists grew by, nothing is left: the form holds as much as its parts.
    #[test]
    fn no_room_is_left_over() {
        let many = |count: usize, one: &dyn Fn(usize) -> String| {
            (0..count).map(|number| format!("\"{}\"", one(number))).collect::<Vec<_>>().join(",")
        };
        let [document, _] = documents(&format!(
            r#"{{"Effect": "Allow", "Action": [{}], "Resource": [{}], "Condition": {{
                "StringLike": {{"a:k": [{}]}}, "IpAddress": {{"aws:SourceIp": [{}]}}}}}}"#,
            many(11, &|number| format!("s{number}:Get*")),
            many(11, &|number| format!("arn:aws:s3:::b{number}/${{aws:username}}/?*")),
            many(11, &|number| format!("v{number}*")),
            many(11, &|number| format!("10.{}.0.0/16", number * 2)),
        ));
        let form = compile(&[document]).unwrap();
        assert!(full(&form.statements) && full(&form.actions) && full(&form.globs) && full(&form.resources));
        assert!(full(&form.conditions) && full(&form.operands) && full(&form.networks));
        assert!(full(&form.index.numbers), "{}", form.index.numbers.capacity());
    }
}
