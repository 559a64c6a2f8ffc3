//! `Principal` and `NotPrincipal`.

use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::json::{Member, Node, Value};

use super::super::kind::Presence;
use super::super::principal::{PrincipalEntry, PrincipalMapKey};
use super::super::{Effect, Kind, PrincipalElement, PrincipalValue, Spanned};
use super::statement::{Element, Elements};
use super::{Parser, error_or_warning, is_deny, open, plural};

impl Parser<'_> {
    pub(super) fn principal(
        &mut self,
        elements: &Elements<'_, '_>,
        statement: &Node<'_>,
        effect: Option<Effect>,
    ) -> Option<PrincipalElement> {
        let both = (elements.member(Element::Principal), elements.member(Element::NotPrincipal));
        let (negated, found) = match both {
            (Some(found), _) => (false, found),
            (None, Some(found)) => (true, found),
            (None, None) => {
                if self.kind.principal() == Presence::Required {
                    let message =
                        format!("{} name their principals; this statement has none", plural(self.kind));
                    let problem = Diagnostic::error(codes::MISSING_PRINCIPAL, open(statement.span), message);
                    self.problems.push(
                        problem.with_help("add `\"Principal\": {\"AWS\": \"…\"}`, or `\"*\"` for everyone"),
                    );
                }
                return None;
            }
        };
        if self.kind.principal() == Presence::Forbidden {
            let help = "whoever the policy is attached to is the principal; leave the element out";
            self.forbidden(found, codes::UNSUPPORTED_PRINCIPAL, help);
        }
        if negated {
            self.not_principal(found, effect);
        }
        let value = self.principal_value(&found.value, effect)?;
        let element = PrincipalElement { negated, value };
        self.everyone(found, &element);
        Some(element)
    }

    fn not_principal(&mut self, found: &Member<'_>, effect: Option<Effect>) {
        if self.kind.is_trust() {
            let help = "name who may assume the role with `Principal`";
            self.forbidden(found, codes::ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL, help);
        } else if self.kind == Kind::Rcp {
            let help = "write `\"Principal\": \"*\"` and narrow it by conditions";
            self.forbidden(found, codes::RCP_SYNTAX_ERROR_PRINCIPAL, help);
        } else if !is_deny(effect) {
            let message = "`NotPrincipal` with `Allow` would allow everyone else, anonymous callers too";
            let problem = Diagnostic::error(codes::ALLOW_WITH_NOTPRINCIPAL, found.key_span, message);
            self.problems.push(problem.with_help("name who is allowed with `Principal`"));
        }
    }

    fn principal_value(&mut self, node: &Node<'_>, effect: Option<Effect>) -> Option<PrincipalValue> {
        match &node.value {
            Value::String(text) if text == "*" => Some(PrincipalValue::Everyone),
            Value::Object(members) => {
                let entries: Vec<_> =
                    members.iter().filter_map(|member| self.principal_entries(member)).collect();
                if members.is_empty() || members.iter().any(|member| has_no_items(&member.value)) {
                    let refused = is_deny(effect);
                    let message = "an empty principal, which matches nobody";
                    let problem = error_or_warning(refused, codes::EMPTY_PRINCIPAL, node.span, message);
                    self.problems.push(problem.with_help("name a principal, or remove the statement"));
                }
                Some(PrincipalValue::Map(entries))
            }
            Value::String(text) => {
                let message = format!("the principal {} is neither `\"*\"` nor a map", excerpt(text));
                let problem = Diagnostic::error(codes::INVALID_PRINCIPAL_FORMAT, node.span, message);
                self.problems.push(problem.with_help("write `{\"AWS\": \"…\"}`"));
                None
            }
            _ => {
                self.mismatch(node, "a principal", "`\"*\"` or an object");
                None
            }
        }
    }

    fn principal_entries(&mut self, member: &Member<'_>) -> Option<(PrincipalMapKey, Vec<Spanned<String>>)> {
        let Some(key) = PrincipalMapKey::parse(&member.key) else {
            let message = format!("{} is no kind of principal", excerpt(&member.key));
            let problem = Diagnostic::error(codes::INVALID_PRINCIPAL_KEY, member.key_span, message);
            self.problems.push(problem.with_help("the kinds are AWS, Federated, Service and CanonicalUser"));
            return None;
        };
        if key == PrincipalMapKey::Federated && !self.kind.is_trust() {
            let message = format!("{} cannot name a federated principal", plural(self.kind));
            let problem =
                Diagnostic::error(codes::FEDERATED_PRINCIPAL_NOT_SUPPORTED, member.key_span, message);
            self.problems.push(problem.with_help("only a role's trust policy names identity providers"));
        }
        let values = self.strings(&member.value, "a principal", |_, text, _| text.to_owned());
        for value in &values {
            if let Err(found) = PrincipalEntry::parse(key, &value.value) {
                let message = format!("{} {}", excerpt(&value.value), found.message);
                self.problems.push(Diagnostic::error(found.code, value.span, message).with_help(found.help));
            }
        }
        Some((key, values))
    }

    /// Where everyone may stand, and where nobody else may.
    fn everyone(&mut self, found: &Member<'_>, element: &PrincipalElement) {
        let named = names_everyone(&element.value);
        let span = found.value.span;
        if element.negated && named {
            let message = "`NotPrincipal` cannot hold `*`";
            let problem = Diagnostic::error(codes::UNSUPPORTED_WILDCARD_IN_PRINCIPAL, span, message);
            self.problems
                .push(problem.with_help("list the principals that the Deny spares, each with its account"));
        } else if self.kind == Kind::Rcp && element.value != PrincipalValue::Everyone && !element.negated {
            let message = "the principal of a resource control policy is exactly `\"*\"`";
            let problem = Diagnostic::error(codes::RCP_SYNTAX_ERROR_PRINCIPAL, span, message);
            self.problems.push(problem.with_help("narrow it by conditions on `aws:Principal…` keys"));
        } else if self.kind.is_trust() && named {
            let message = "everyone satisfies this trust policy, in every account";
            let problem = Diagnostic::warning(
                codes::ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL,
                span,
                message,
            );
            self.problems.push(problem.with_help("name the principals, or narrow them by conditions"));
        }
    }
}

fn names_everyone(value: &PrincipalValue) -> bool {
    match value {
        PrincipalValue::Everyone => true,
        PrincipalValue::Map(entries) => {
            entries.iter().flat_map(|(_, values)| values).any(|value| value.value == "*")
        }
    }
}

fn has_no_items(node: &Node<'_>) -> bool {
    matches!(&node.value, Value::Array(items) if items.is_empty())
}
