//! Lowering: statements, patterns and conditions into the flat arrays.

use ipnet::IpNet;

use crate::operator::operand::Operand;
use crate::operator::table::{Comparison, Family, Operator};
use crate::policy::principal::PrincipalEntry;
use crate::policy::{Condition, Document, PrincipalElement, PrincipalValue, Statement, TextElement};
use crate::text::arn_pattern::FieldTokens;
use crate::text::pool::Pool;
use crate::text::span::to_u32;
use crate::text::template::{Syntax, tokenize};

use super::index::WALKED;
use super::principal::PrincipalMatcher;
use super::{
    ActionGlob, ActionPattern, Clause, CompileError, CompiledCondition, CompiledStatement, Form, Heads,
    Index, Lookup, Slice, filing, revision,
};

/// The literal that the sixth field of a resource entry begins with: what the index files the entry under.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) text: String,
    pub(super) is_whole: bool,
    /// Whether a star of an earlier field may run past a colon.
    pub(super) may_cross: bool,
}

impl Head {
    fn of(fields: &FieldTokens<'_>) -> Option<Self> {
        let (text, is_whole) = fields.sixth_head()?;
        Some(Self { text, is_whole, may_cross: fields.may_cross() })
    }
}

pub(super) fn compile(documents: &[Document]) -> Result<Form, CompileError> {
    let mut policy = Form {
        documents: documents.to_vec(),
        pool: Pool::new(),
        statements: Vec::new(),
        actions: Vec::new(),
        globs: Vec::new(),
        resources: Vec::new(),
        principals: Vec::new(),
        conditions: Vec::new(),
        operands: Vec::new(),
        heads: Heads::default(),
        networks: Vec::new(),
        index: Index::default(),
        revision: revision(documents),
    };
    let mut heads = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        for (position, statement) in document.statements().iter().enumerate() {
            let compiled =
                policy.statement(document, statement, (to_u32(number), to_u32(position)), &mut heads)?;
            policy.statements.push(compiled);
        }
    }
    policy.index = filing::build(&mut policy, &heads);
    policy.shrink();
    Ok(policy)
}

impl Form {
    fn statement(
        &mut self,
        document: &Document,
        statement: &Statement,
        (number, position): (u32, u32),
        heads: &mut Vec<Option<Head>>,
    ) -> Result<CompiledStatement, CompileError> {
        let failed = |error| CompileError::Operand { name: document.name().to_owned(), error };
        let variables = document.has_variables();
        let resources = match &statement.resource {
            Some(element) => {
                Some(self.resources(element, variables, heads).map_err(|error| failed(error.into()))?)
            }
            None => None,
        };
        let start = self.conditions.len();
        for (written, condition) in (0u32..).zip(&statement.conditions) {
            let compiled = self.condition(condition, written, variables).map_err(failed)?;
            self.conditions.push(compiled);
        }
        // PERF: the first that is false ends the statement.
        self.conditions.get_mut(start..).unwrap_or_default().sort_by_key(|one| cost(one.operation.operator));
        Ok(CompiledStatement {
            effect: statement.effect,
            document: number,
            position,
            actions: self.actions(&statement.action),
            resources,
            principals: statement.principal.as_ref().map(|element| self.principals(element)),
            conditions: Slice::new(start, self.conditions.len()),
        })
    }

    fn actions(&mut self, element: &TextElement) -> Clause {
        let start = self.actions.len();
        for value in &element.values {
            let pattern = self.action(&value.value);
            self.actions.push(pattern);
        }
        Clause { negated: element.negated, entries: Slice::new(start, self.actions.len()) }
    }

    /// Actions compare case-insensitively: everything is lower case from here on.
    fn action(&mut self, text: &str) -> ActionPattern {
        if text == "*" {
            return ActionPattern::Any;
        }
        let folded = text.to_ascii_lowercase();
        if !folded.contains(['*', '?']) {
            return ActionPattern::Exact(self.pool.add(&folded));
        }
        let (service, name) = folded.split_once(':').unwrap_or((&folded, ""));
        let glob =
            ActionGlob { service: wildcards(&mut self.pool, service), name: wildcards(&mut self.pool, name) };
        self.globs.push(glob);
        ActionPattern::Glob(to_u32(self.globs.len().saturating_sub(1)))
    }

    fn resources(
        &mut self,
        element: &TextElement,
        variables: bool,
        heads: &mut Vec<Option<Head>>,
    ) -> Result<Clause, crate::text::template::TemplateError> {
        let start = self.resources.len();
        for value in &element.values {
            let tokens = tokenize(&value.value, Syntax { wildcards: true, variables })?;
            let fields = FieldTokens::split(&tokens);
            let pattern = self.pool.resource_pattern_of(&tokens, &fields);
            self.resources.push(pattern);
            heads.push(Head::of(&fields));
        }
        Ok(Clause { negated: element.negated, entries: Slice::new(start, self.resources.len()) })
    }

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

fn wildcards(pool: &mut Pool, text: &str) -> crate::text::pattern::Pattern {
    // Without variables in the syntax no text is malformed.
    let tokens = tokenize(text, Syntax { wildcards: true, variables: false }).unwrap_or_default();
    pool.pattern(&tokens)
}
