//! `Condition`: operators, keys and values. What could make a comparison unreadable is refused here.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::operator::date::DateError;
use crate::operator::ip::read_network;
use crate::operator::operand::{Operand, OperandError};
use crate::operator::table::{Family, Operation, OperationError, nearest};
use crate::request::keys::lacks_tag;
use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::fold::fold_text;
use crate::text::json::{Member, Node, Value};
use crate::text::template::{Syntax, may_be_slow, mentions_variable, tokenize};

use super::super::{Condition, Spanned};
use super::Parser;

impl Parser<'_> {
    pub(super) fn conditions(&mut self, node: &Node<'_>) -> Vec<Condition> {
        let Value::Object(operators) = &node.value else {
            self.mismatch(node, "`Condition`", "an object of operators");
            return Vec::new();
        };
        if operators.is_empty() {
            let problem = Diagnostic::warning(
                codes::EMPTY_OBJECT_CONDITION,
                node.span,
                "an empty `Condition` has no effect",
            );
            self.problems.push(problem.with_help("add a condition, or remove the element"));
        }
        let mut conditions = Vec::new();
        for member in operators {
            let operation = self.operation(member);
            let Value::Object(keys) = &member.value.value else {
                self.mismatch(&member.value, "what stands under an operator", "an object of condition keys");
                continue;
            };
            if keys.is_empty() {
                let message = format!("{} without a condition key has no effect", excerpt(&member.key));
                let problem = Diagnostic::warning(codes::EMPTY_OBJECT_CONDITION, member.value.span, message);
                self.problems.push(problem.with_help("name a key and its values, or remove the operator"));
            }
            self.keys_differing_in_case(keys);
            for key in keys {
                conditions.extend(self.condition(operation, key));
            }
        }
        conditions
    }

    fn operation(&mut self, member: &Member<'_>) -> Option<Operation> {
        let error = match Operation::parse(&member.key) {
            Ok(operation) => return Some(operation),
            Err(error) => error,
        };
        let code = match error {
            OperationError::NullIfExists => codes::NULL_WITH_IF_EXISTS,
            OperationError::QualifiedNull => codes::NULL_WITH_QUALIFIER,
            OperationError::Unknown | OperationError::UnknownQualifier => codes::INVALID_CONDITION_OPERATOR,
        };
        // Some microseconds each, which a document of nothing but unknown operators makes seconds.
        let near = if self.problems.are_many() { None } else { nearest(&member.key) };
        let help = match (error, near) {
            (OperationError::Unknown, Some(name)) => {
                format!("did you mean `{name}`? names are case-sensitive")
            }
            (OperationError::Unknown, None) => {
                "see the operators in the IAM User Guide, Condition operators".to_owned()
            }
            (OperationError::UnknownQualifier, _) => {
                "write `ForAllValues:` or `ForAnyValue:` before the operator".to_owned()
            }
            (OperationError::NullIfExists | OperationError::QualifiedNull, _) => {
                "write `Null` alone".to_owned()
            }
        };
        let problem = Diagnostic::error(code, member.key_span, format!("{}: {error}", excerpt(&member.key)));
        self.problems.push(problem.with_help(help));
        None
    }

    fn keys_differing_in_case(&mut self, keys: &[Member<'_>]) {
        // Most operators have one key.
        if keys.len() < 2 {
            return;
        }
        let mut seen: HashMap<Cow<'_, str>, &Member<'_>> = HashMap::with_capacity(keys.len());
        for key in keys {
            let first = *seen.entry(fold_text(&key.key)).or_insert(key);
            if first.key != key.key {
                let message = format!(
                    "the condition keys {} and {} differ only in case",
                    excerpt(&first.key),
                    excerpt(&key.key)
                );
                let problem =
                    Diagnostic::error(codes::DUPLICATE_KEYS_WITH_DIFFERENT_CASE, key.key_span, message);
                let problem = problem.with_label(first.key_span, "first here");
                self.problems.push(problem.with_help("merge their values into one list"));
            }
        }
    }

    fn condition(&mut self, operation: Option<Operation>, member: &Member<'_>) -> Option<Condition> {
        self.check_key(member);
        self.check_key_form(member);
        let values = self.values(&member.value);
        let operation = operation?;
        for value in &values {
            self.check_operand(&operation, value);
        }
        if operation.operator.family == Family::Bool && values.len() > 1 {
            let message = "several values under Bool: `true` and `false` together match anything present";
            let problem =
                Diagnostic::warning(codes::INVALID_CONDITION_MULTIPLE_BOOLEAN, member.value.span, message);
            self.problems.push(problem.with_help("keep one value"));
        }
        let key = Spanned { value: self.written(&member.key, member.key_span), span: member.key_span };
        Some(Condition { operation, key, values })
    }

    fn check_key(&mut self, member: &Member<'_>) {
        let key = &*member.key;
        let (code, message, help) = if key.contains("${") {
            let message = "a condition key cannot hold a variable";
            (codes::VARIABLE_UNSUPPORTED_IN_ELEMENT, message, "variables stand in the values, not in the key")
        } else if key.is_empty() {
            (
                codes::INVALID_CONDITION_KEY_FORMAT,
                "an empty condition key",
                "a key is `service:name`, such as `aws:SourceIp`",
            )
        } else if may_lack_tag(key) && lacks_tag(key) {
            (
                codes::MISSING_TAG_KEY_IN_CONDITION,
                "a tag key without its tag",
                "add the tag: `aws:RequestTag/team`",
            )
        } else {
            return;
        };
        let message = format!("{message}: {}", excerpt(key));
        self.problems.push(Diagnostic::error(code, member.key_span, message).with_help(help));
    }

    /// A key that is not `service:name` is one that no request has.
    fn check_key_form(&mut self, member: &Member<'_>) {
        let named =
            member.key.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !named && !member.key.is_empty() {
            let message = format!("the condition key {} is not `service:name`", excerpt(&member.key));
            let problem = Diagnostic::warning(codes::INVALID_CONDITION_KEY_FORMAT, member.key_span, message);
            self.problems.push(problem.with_help("no AWS request has such a key, so it is always absent"));
        }
    }

    /// A value or a list of values; numbers and booleans are the text that they spell.
    fn values(&mut self, node: &Node<'_>) -> Vec<Spanned<String>> {
        let items = match &node.value {
            Value::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if items.is_empty() {
            let problem = Diagnostic::error(
                codes::EMPTY_ARRAY_CONDITION,
                node.span,
                "an empty list of condition values",
            );
            self.problems.push(problem.with_help("give a value, or remove the condition"));
        }
        if items.len() > self.limits.values {
            self.over_limit(node.span, "values", items.len(), self.limits.values);
            return Vec::new();
        }
        let mut values = Vec::with_capacity(items.len());
        values.extend(items.iter().filter_map(|item| self.value(item)));
        values
    }

    fn value(&mut self, node: &Node<'_>) -> Option<Spanned<String>> {
        let value = match &node.value {
            Value::String(text) => String::from(&**text),
            Value::Bool(value) => value.to_string(),
            Value::Number(text) if text.contains(['e', 'E']) => {
                let message = format!("the number {} has an exponent", excerpt(text));
                let problem = Diagnostic::error(codes::TYPE_MISMATCH_NUMBER, node.span, message);
                self.problems.push(problem.with_help("write the digits out, or quote the text"));
                return None;
            }
            Value::Number(text) => (*text).to_owned(),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                self.mismatch(node, "a condition value", "a string, number or boolean");
                return None;
            }
        };
        Some(Spanned { value, span: node.span })
    }

    fn check_operand(&mut self, operation: &Operation, value: &Spanned<String>) {
        let operator = operation.operator;
        let has_variable = mentions_variable(&value.value);
        if has_variable {
            self.inert_variable(&value.value, value.span);
        }
        let syntax = Syntax { wildcards: true, variables: self.variables };
        if operator.wildcards
            && may_be_slow(&value.value)
            && let Ok(tokens) = tokenize(&value.value, syntax)
        {
            self.check_work(value.span, &tokens);
        }
        // A text without variables is an operand as it stands.
        if operator.family == Family::String && !has_variable {
            return;
        }
        match Operand::read(operator, &value.value, self.variables, &mut self.scratch) {
            Err(OperandError::Template(error)) => self.template_error(value.span, &error),
            Err(error) => self.operand_error(operation, value, &error),
            Ok(Operand::BoolTemplate(_)) => {
                let message = "a variable under Bool, where AWS's pages disagree on variables";
                let problem = Diagnostic::warning(codes::VARIABLE_IN_BOOLEAN, value.span, message);
                self.problems
                    .push(problem.with_help("compare with StringEquals, or write `true` or `false`"));
            }
            Ok(Operand::Network(network))
                if network.addr() != network.network() && read_network(&value.value).is_some() =>
            {
                let message =
                    format!("{} has bits beyond its prefix, which do not count", excerpt(&value.value));
                let problem = Diagnostic::warning(codes::IMPROVE_IP_RANGE, value.span, message);
                self.problems.push(problem.with_help(format!("write `{}`", network.trunc())));
            }
            Ok(_) => {}
        }
    }

    fn operand_error(&mut self, operation: &Operation, value: &Spanned<String>, error: &OperandError) {
        let (code, help) = match error {
            OperandError::Numeric => {
                (codes::TYPE_MISMATCH_NUMBER, "write an integer or decimal: `10`, `-1.5`")
            }
            OperandError::Date(DateError::Malformed) => {
                (codes::TYPE_MISMATCH_DATE, "write `2026-01-31`, `2026-01-31T12:00:00Z` or Unix seconds")
            }
            OperandError::Date(DateError::Ambiguous) => {
                (codes::INVALID_DATE_VALUE, "write the day: `2024-01-01`")
            }
            OperandError::Date(DateError::NoZone) => {
                (codes::INVALID_DATE_VALUE, "add `Z` or an offset such as `+01:00`")
            }
            OperandError::Bool => (codes::TYPE_MISMATCH_BOOLEAN, "write `true` or `false`"),
            OperandError::Binary => {
                (codes::TYPE_MISMATCH_BINARY, "write standard base64 with its `=` padding")
            }
            OperandError::Ip => (
                codes::TYPE_MISMATCH_IP_RANGE,
                "write an address or range: `203.0.113.0/24`, `2001:db8::/32`",
            ),
            OperandError::Arn(_) => (
                codes::MISSING_ARN_FIELD,
                "an ARN is arn:partition:service:region:account:resource; write `*` for a field",
            ),
            OperandError::Variable => {
                (codes::INVALID_VARIABLE_FOR_OPERATOR, "variables stand under string and ARN operators only")
            }
            OperandError::Template(_) => return,
        };
        let message = format!("under {operation}, {} is {error}", excerpt(&value.value));
        self.problems.push(Diagnostic::error(code, value.span, message).with_help(help));
    }
}

/// PERF: every family of tag keys ends in `Tag/`; the catalogue need not be asked of other names.
fn may_lack_tag(key: &str) -> bool {
    key.strip_suffix('/').unwrap_or(key).ends_with(['g', 'G'])
}

#[cfg(test)]
mod tests {
    use super::may_lack_tag;
    use crate::request::keys::KEYS;

    /// For each of a hundred thousand unknown operators the nearest name was looked for.
    #[test]
    fn help_for_unknown_operators_is_bounded() {
        use crate::policy::{Document, Kind, Limits};
        use crate::text::count;
        let steps = |operators: usize| {
            let conditions: Vec<_> =
                (0..operators).map(|number| format!(r#""StringEqualz{number}": {{}}"#)).collect();
            let json = format!(
                r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{{}}}}}}}"#,
                conditions.join(",")
            );
            count::during(|| Document::parse(Kind::Identity, "p", &json, &Limits::default()).is_err()).1
        };
        let (some, many) = (steps(1_000), steps(20_000));
        assert!(some > 0 && many < some * 3, "{some} steps, {many} steps");
    }

    #[test]
    fn families_of_tag_keys_end_alike() {
        for key in KEYS.iter().filter(|key| key.is_tag_family()) {
            assert!(may_lack_tag(key.name), "{}", key.name);
        }
    }
}
