//! A statement: which elements it must, may and cannot have.

use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::json::{Member, Node, Value};

use super::super::kind::Presence;
use super::super::{Effect, Kind, PrincipalElement, PrincipalValue, Spanned, Statement, TextElement};
use super::{Parser, error_or_warning, find, open};

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Parser<'_> {
    /// Reads a statement; `only` says that the document has no other.
    pub(super) fn statement(&mut self, node: &Node<'_>, only: bool) -> Option<Statement> {
        let Value::Object(members) = &node.value else {
            self.mismatch(node, "a statement", "an object");
            return None;
        };
        self.unknown_elements(members, "statement", &ELEMENTS);
        for (element, negation) in
            [("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")]
        {
            self.exclusive(members, element, negation);
        }
        let sid = self.sid(members);
        let effect = self.effect(members, node);
        let principal = self.principal(members, node, effect);
        let action = self.action(members, node);
        let resource = self.resource(members, node);
        let conditions = find(members, "Condition").map(|node| self.conditions(node)).unwrap_or_default();
        let (effect, action) = (effect?, action?);
        let statement = Statement { span: node.span, sid, effect, principal, action, resource, conditions };
        if self.kind == Kind::Rcp {
            self.rcp(members, &statement, only);
        }
        Some(statement)
    }

    fn exclusive(&mut self, members: &[Member<'_>], element: &str, negation: &str) {
        let both = super::member(members, element).zip(super::member(members, negation));
        if let Some((first, second)) = both {
            let message = format!("`{element}` and `{negation}` exclude each other");
            let problem = Diagnostic::error(codes::UNSUPPORTED_ELEMENT_COMBINATION, second.key_span, message);
            self.problems.push(problem.with_label(first.key_span, "the other").with_help("keep one of them"));
        }
    }

    fn sid(&mut self, members: &[Member<'_>]) -> Option<Spanned<String>> {
        let sid = self.string(find(members, "Sid")?, "`Sid`")?;
        if self.kind.has_strict_sids() && !sid.value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = format!("the Sid {} holds more than letters and digits", excerpt(&sid.value));
            let problem = Diagnostic::error(codes::UNSUPPORTED_SID, sid.span, message);
            self.problems.push(problem.with_help("a Sid is made of A-Z, a-z and 0-9"));
        }
        Some(sid)
    }

    fn effect(&mut self, members: &[Member<'_>], statement: &Node<'_>) -> Option<Effect> {
        let Some(node) = find(members, "Effect") else {
            let problem = Diagnostic::error(
                codes::MISSING_EFFECT,
                open(statement.span),
                "a statement without `Effect`",
            );
            self.problems.push(problem.with_help("add `\"Effect\": \"Allow\"` or `\"Effect\": \"Deny\"`"));
            return None;
        };
        let text = self.string(node, "`Effect`")?;
        match text.value.as_str() {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            other => {
                let message = format!("{} is no effect", excerpt(other));
                let problem = Diagnostic::error(codes::INVALID_EFFECT, text.span, message);
                self.problems.push(problem.with_help("write exactly `Allow` or `Deny`"));
                None
            }
        }
    }

    fn action(&mut self, members: &[Member<'_>], statement: &Node<'_>) -> Option<TextElement> {
        let (negated, node) = match (find(members, "Action"), find(members, "NotAction")) {
            (Some(node), _) => (false, node),
            (None, Some(node)) => (true, node),
            (None, None) => {
                let message = "a statement with neither `Action` nor `NotAction`";
                let problem = Diagnostic::error(codes::MISSING_ACTION, open(statement.span), message);
                self.problems.push(problem.with_help("name the actions: `\"Action\": \"s3:GetObject\"`"));
                return None;
            }
        };
        // Both together are refused; the second one's own problems are told all the same.
        if let Some(second) = find(members, "NotAction").filter(|_| !negated) {
            self.actions(second, true);
        }
        Some(self.actions(node, negated))
    }

    fn actions(&mut self, node: &Node<'_>, negated: bool) -> TextElement {
        let values = self.strings(node, if negated { "`NotAction`" } else { "`Action`" });
        self.empty_list(node, negated, codes::EMPTY_ARRAY_ACTION);
        for value in &values {
            self.check_action(value);
        }
        TextElement { negated, values }
    }

    fn resource(&mut self, members: &[Member<'_>], statement: &Node<'_>) -> Option<TextElement> {
        let presence = self.kind.resource();
        let (negated, member) =
            match (super::member(members, "Resource"), super::member(members, "NotResource")) {
                (Some(member), _) => (false, member),
                (None, Some(member)) => (true, member),
                (None, None) => {
                    if presence == Presence::Required {
                        let message = "a statement with neither `Resource` nor `NotResource`";
                        let problem =
                            Diagnostic::error(codes::MISSING_RESOURCE, open(statement.span), message);
                        self.problems
                            .push(problem.with_help("name the resources, or `\"Resource\": \"*\"` for all"));
                    }
                    return None;
                }
            };
        if presence == Presence::Forbidden {
            let help = "a trust policy is about its own role; leave the element out";
            self.forbidden(member, codes::ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE, help);
        }
        if let Some(second) = find(members, "NotResource").filter(|_| !negated) {
            self.resources(second, true);
        }
        Some(self.resources(&member.value, negated))
    }

    fn resources(&mut self, node: &Node<'_>, negated: bool) -> TextElement {
        let values = self.strings(node, if negated { "`NotResource`" } else { "`Resource`" });
        self.empty_list(node, negated, codes::EMPTY_ARRAY_RESOURCE);
        for value in &values {
            self.check_resource(value);
        }
        TextElement { negated, values }
    }

    /// An empty list matches nothing; negated it would match everything.
    fn empty_list(&mut self, node: &Node<'_>, negated: bool, code: &'static str) {
        if matches!(&node.value, Value::Array(items) if items.is_empty()) {
            let refused = negated || self.kind.refuses_empty_lists();
            let problem = error_or_warning(
                refused,
                code,
                node.span,
                "an empty list, so that the statement matches nothing",
            );
            self.problems.push(problem.with_help("name at least one, or remove the statement"));
        }
    }

    /// An RCP denies everyone something named; the one exception is AWS's own `RCPFullAWSAccess`.
    fn rcp(&mut self, members: &[Member<'_>], statement: &Statement, only: bool) {
        if only && is_full_access(statement) {
            return;
        }
        if statement.effect == Effect::Allow {
            let span = find(members, "Effect").map_or(statement.span, |node| node.span);
            let message = "a resource control policy cannot allow";
            let problem = Diagnostic::error(codes::RCP_SYNTAX_ERROR_ALLOW, span, message);
            self.problems
                .push(problem.with_help("write `Deny`; RCPFullAWSAccess stands beside it at every level"));
        }
        if statement.action.negated {
            let span = super::member(members, "NotAction").map_or(statement.span, |member| member.key_span);
            let message = "a resource control policy cannot have `NotAction`";
            let problem = Diagnostic::error(codes::RCP_SYNTAX_ERROR_NOTACTION, span, message);
            self.problems.push(problem.with_help("name the actions with `Action`"));
        }
        for action in statement.action.values.iter().filter(|action| action.value == "*") {
            let message = "a resource control policy cannot name the action `*`";
            let problem = Diagnostic::error(codes::RCP_SYNTAX_ERROR_ACTION, action.span, message);
            self.problems.push(problem.with_help("name a service: `s3:*`"));
        }
    }
}

/// `RCPFullAWSAccess`: `*` may do `*` on `*`.
fn is_full_access(statement: &Statement) -> bool {
    let everything = |element: &TextElement| {
        !element.negated && matches!(element.values.as_slice(), [one] if one.value == "*")
    };
    statement.effect == Effect::Allow
        && everything(&statement.action)
        && statement.resource.as_ref().is_some_and(everything)
        && statement.conditions.is_empty()
        && statement.principal == Some(PrincipalElement { negated: false, value: PrincipalValue::Everyone })
}
