//! A statement: which elements it must, may and cannot have.

use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::fold::eq_folded;
use crate::text::json::{Member, Node, Value};

use super::super::kind::Presence;
use super::super::{
    Effect, Kind, PrincipalElement, PrincipalMapKey, PrincipalValue, Spanned, Statement, TextElement,
};
use super::{Parser, error_or_warning, open};

/// What a statement may hold, in the order of [`ELEMENTS`].
#[derive(Clone, Copy)]
pub(super) enum Element {
    Sid,
    Effect,
    Principal,
    NotPrincipal,
    Action,
    NotAction,
    Resource,
    NotResource,
    Condition,
}

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

impl Element {
    fn of(key: &str) -> Option<Self> {
        Some(match key {
            "Sid" => Self::Sid,
            "Effect" => Self::Effect,
            "Principal" => Self::Principal,
            "NotPrincipal" => Self::NotPrincipal,
            "Action" => Self::Action,
            "NotAction" => Self::NotAction,
            "Resource" => Self::Resource,
            "NotResource" => Self::NotResource,
            "Condition" => Self::Condition,
            _ => return None,
        })
    }
}

/// The members of a statement by their keys; of equal ones the first.
#[derive(Clone, Copy, Default)]
pub(super) struct Elements<'n, 'a> {
    found: [Option<&'n Member<'a>>; ELEMENTS.len()],
    has_unknown: bool,
}

impl<'n, 'a> Elements<'n, 'a> {
    fn of(members: &'n [Member<'a>]) -> Self {
        let mut elements = Self::default();
        for member in members {
            let place = Element::of(&member.key).and_then(|one| elements.found.get_mut(one as usize));
            match place {
                Some(place) => *place = place.or(Some(member)),
                None => elements.has_unknown = true,
            }
        }
        elements
    }

    pub(super) fn member(&self, element: Element) -> Option<&'n Member<'a>> {
        self.found.get(element as usize).copied().flatten()
    }

    fn find(&self, element: Element) -> Option<&'n Node<'a>> {
        self.member(element).map(|member| &member.value)
    }
}

impl Parser<'_> {
    /// Reads a statement; `only` says that the document has no other.
    pub(super) fn statement(&mut self, node: &Node<'_>, only: bool) -> Option<Statement> {
        let Value::Object(members) = &node.value else {
            self.mismatch(node, "a statement", "an object");
            return None;
        };
        let elements = Elements::of(members);
        if elements.has_unknown {
            self.unknown_elements(members, "statement", &ELEMENTS);
        }
        for (element, negation) in [
            (Element::Principal, Element::NotPrincipal),
            (Element::Action, Element::NotAction),
            (Element::Resource, Element::NotResource),
        ] {
            self.exclusive(elements.member(element), elements.member(negation));
        }
        let sid = self.sid(&elements);
        let effect = self.effect(&elements, node);
        let principal = self.principal(&elements, node, effect);
        let action = self.action(&elements, node);
        let resource = self.resource(&elements, node);
        let conditions =
            elements.find(Element::Condition).map(|node| self.conditions(node)).unwrap_or_default();
        let (effect, action) = (effect?, action?);
        let statement = Statement { span: node.span, sid, effect, principal, action, resource, conditions };
        if self.kind == Kind::Rcp {
            self.rcp(&elements, &statement, only);
        }
        self.any_identity_pool(&elements, &statement);
        Some(statement)
    }

    /// A role that trusts the identities of every pool, in every account: IAM takes no such trust policy any more.
    fn any_identity_pool(&mut self, elements: &Elements<'_, '_>, statement: &Statement) {
        const POOLS: &str = "cognito-identity.amazonaws.com";
        const AUDIENCE: &str = "cognito-identity.amazonaws.com:aud";
        let Some(PrincipalElement { value: PrincipalValue::Map(entries), negated: false }) =
            &statement.principal
        else {
            return;
        };
        let mut federated = entries.iter().filter(|(key, _)| *key == PrincipalMapKey::Federated);
        let trusts_pools = federated.any(|(_, values)| values.iter().any(|value| value.value == POOLS));
        let names_pools = statement.conditions.iter().any(|condition| {
            let operation = condition.operation;
            let asks =
                !operation.operator.negated && !operation.if_exists && operation.operator.name != "Null";
            asks && eq_folded(condition.key.value.as_str(), AUDIENCE)
        });
        let is_allow = self.kind.is_trust() && statement.effect == Effect::Allow;
        if is_allow && trusts_pools && !names_pools {
            let span = elements.member(Element::Principal).map_or(statement.span, |member| member.value.span);
            let message = "the identities of every identity pool satisfy this trust policy, in every account";
            let problem = Diagnostic::warning(codes::ROLE_TRUST_POLICY_ANY_IDENTITY_POOL, span, message);
            let help = format!("name the pool: `StringEquals` of `{AUDIENCE}`");
            self.problems.push(problem.with_help(help));
        }
    }

    fn exclusive(&mut self, element: Option<&Member<'_>>, negation: Option<&Member<'_>>) {
        if let Some((first, second)) = element.zip(negation) {
            let message = format!("`{}` and `{}` exclude each other", first.key, second.key);
            let problem = Diagnostic::error(codes::UNSUPPORTED_ELEMENT_COMBINATION, second.key_span, message);
            self.problems.push(problem.with_label(first.key_span, "the other").with_help("keep one of them"));
        }
    }

    fn sid(&mut self, elements: &Elements<'_, '_>) -> Option<Spanned<String>> {
        let sid = self.string(elements.find(Element::Sid)?, "`Sid`")?;
        if self.kind.has_strict_sids() && !sid.value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = format!("the Sid {} holds more than letters and digits", excerpt(&sid.value));
            let problem = Diagnostic::error(codes::UNSUPPORTED_SID, sid.span, message);
            self.problems.push(problem.with_help("a Sid is made of A-Z, a-z and 0-9"));
        }
        Some(sid)
    }

    fn effect(&mut self, elements: &Elements<'_, '_>, statement: &Node<'_>) -> Option<Effect> {
        let Some(node) = elements.find(Element::Effect) else {
            let problem = Diagnostic::error(
                codes::MISSING_EFFECT,
                open(statement.span),
                "a statement without `Effect`",
            );
            self.problems.push(problem.with_help("add `\"Effect\": \"Allow\"` or `\"Effect\": \"Deny\"`"));
            return None;
        };
        let Value::String(text) = &node.value else {
            self.mismatch(node, "`Effect`", "a string");
            return None;
        };
        match &**text {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            other => {
                let message = format!("{} is no effect", excerpt(other));
                let problem = Diagnostic::error(codes::INVALID_EFFECT, node.span, message);
                self.problems.push(problem.with_help("write exactly `Allow` or `Deny`"));
                None
            }
        }
    }

    fn action(&mut self, elements: &Elements<'_, '_>, statement: &Node<'_>) -> Option<TextElement> {
        let (negated, node) = match (elements.find(Element::Action), elements.find(Element::NotAction)) {
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
        if let Some(second) = elements.find(Element::NotAction).filter(|_| !negated) {
            self.actions(second, true);
        }
        Some(self.actions(node, negated))
    }

    fn actions(&mut self, node: &Node<'_>, negated: bool) -> TextElement {
        let values = self.strings(node, if negated { "`NotAction`" } else { "`Action`" }, Self::written);
        self.empty_list(node, negated, codes::EMPTY_ARRAY_ACTION);
        for value in &values {
            self.check_action(value);
        }
        TextElement { negated, values }
    }

    fn resource(&mut self, elements: &Elements<'_, '_>, statement: &Node<'_>) -> Option<TextElement> {
        let presence = self.kind.resource();
        let (negated, member) =
            match (elements.member(Element::Resource), elements.member(Element::NotResource)) {
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
        if let Some(second) = elements.find(Element::NotResource).filter(|_| !negated) {
            self.resources(second, true);
        }
        Some(self.resources(&member.value, negated))
    }

    fn resources(&mut self, node: &Node<'_>, negated: bool) -> TextElement {
        let values = self.strings(node, if negated { "`NotResource`" } else { "`Resource`" }, Self::written);
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
    fn rcp(&mut self, elements: &Elements<'_, '_>, statement: &Statement, only: bool) {
        if only && is_full_access(statement) {
            return;
        }
        if statement.effect == Effect::Allow {
            let span = elements.find(Element::Effect).map_or(statement.span, |node| node.span);
            let message = "a resource control policy cannot allow";
            let problem = Diagnostic::error(codes::RCP_SYNTAX_ERROR_ALLOW, span, message);
            self.problems
                .push(problem.with_help("write `Deny`; RCPFullAWSAccess stands beside it at every level"));
        }
        if statement.action.negated {
            let span = elements.member(Element::NotAction).map_or(statement.span, |member| member.key_span);
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
