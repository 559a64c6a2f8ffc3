//! Reading a document: every element is read even after a problem, so that one run tells them all.

mod action;
mod condition;
mod principal;
mod resource;
mod statement;

use std::collections::HashMap;
use std::sync::Arc;

use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::json::{self, Member, Node, Value, span_within};
use crate::text::pool::Pool;
use crate::text::problems::Problems;
use crate::text::source::Source;
use crate::text::span::Span;
use crate::text::template::{
    SEGMENT_WILDCARDS, TemplateError, TemplateErrorKind, Token, mentions_variable, segment_wildcards,
};

use super::{
    Document, Effect, Inner, Kind, Limits, Parsed, Rejected, Spanned, Statement, Text, Version, quota,
};

pub(super) fn parse(kind: Kind, source: Source, limits: &Limits) -> Result<Parsed, Rejected> {
    let (root, unread) = json::parse(source.text(), &limits.json());
    let mut parser = Parser {
        kind,
        text: source.text(),
        source: source.shared(),
        limits: *limits,
        // A string that could not be read is empty to the parser, whose complaints of it would only puzzle.
        problems: Problems::beside(unread),
        variables: false,
        scratch: Pool::new(),
    };
    let read = root.and_then(|root| parser.document(&root));
    let found = std::mem::take(&mut parser.problems);
    let refused = found.has_error();
    let problems = found.into_told();
    match read {
        Some((version, id, statements)) if !refused => {
            let document = Document(Arc::new(Inner { kind, source, version, id, statements }));
            Ok(Parsed { document, warnings: problems })
        }
        _ => Err(Rejected { source, problems }),
    }
}

/// The state of one reading.
struct Parser<'s> {
    kind: Kind,
    text: &'s str,
    source: &'s Arc<str>,
    limits: Limits,
    problems: Problems,
    /// Whether the document's Version has variables.
    variables: bool,
    /// Operands are read into it to be checked, then forgotten.
    scratch: Pool,
}

/// Names that are compared each with each; more are hashed.
const FEW: usize = 16;

type Parts = (Option<Version>, Option<String>, Vec<Statement>);

impl Parser<'_> {
    fn document(&mut self, root: &Node<'_>) -> Option<Parts> {
        let Value::Object(members) = &root.value else {
            self.mismatch(root, "a policy", "an object");
            return None;
        };
        self.unknown_elements(members, "policy", &["Version", "Id", "Statement"]);
        let version = self.version(members, root.span);
        // An unreadable Version is refused anyway; what it most likely means finds the most problems.
        let is_old = version == Some(Version::V2008) || find(members, "Version").is_none();
        self.variables = !is_old;
        let id = self.id(members);
        let statements = match find(members, "Statement") {
            Some(node) => self.statements(node),
            None => {
                let problem = Diagnostic::error(
                    codes::MISSING_STATEMENT,
                    open(root.span),
                    "a policy without `Statement`",
                );
                self.problems.push(problem.with_help("add `\"Statement\": [ … ]`"));
                Vec::new()
            }
        };
        self.problems.extend(quota::check(self.kind, self.text));
        self.characters();
        Some((version, id, statements))
    }

    fn version(&mut self, members: &[Member<'_>], root: Span) -> Option<Version> {
        let Some(node) = find(members, "Version") else {
            self.missing_version(root);
            return None;
        };
        let text = self.string(node, "`Version`")?;
        let version = match text.value.as_str() {
            "2012-10-17" => Version::V2012,
            "2008-10-17" => {
                if self.kind == Kind::Rcp || self.kind == Kind::Scp {
                    self.missing_version(text.span);
                }
                Version::V2008
            }
            other => {
                let message = format!("{} is no version of the policy language", excerpt(other));
                let problem = Diagnostic::error(codes::INVALID_VERSION, text.span, message);
                self.problems.push(problem.with_help("write `2012-10-17`"));
                return None;
            }
        };
        Some(version)
    }

    /// An RCP must have the current version; of the others it is good practice.
    fn missing_version(&mut self, span: Span) {
        let help = "add `\"Version\": \"2012-10-17\"`; without it policy variables are plain text";
        let problem = if self.kind == Kind::Rcp {
            Diagnostic::error(
                codes::INVALID_VERSION,
                open(span),
                "a resource control policy needs Version `2012-10-17`",
            )
        } else {
            Diagnostic::warning(codes::MISSING_VERSION, open(span), "no Version `2012-10-17`")
        };
        self.problems.push(problem.with_help(help));
    }

    fn id(&mut self, members: &[Member<'_>]) -> Option<String> {
        let text = self.string(find(members, "Id")?, "`Id`")?;
        if self.kind.has_unexpected_id() {
            let message = format!("`Id` is not documented for {}", plural(self.kind));
            let problem = Diagnostic::warning(codes::ID_NOT_EXPECTED, text.span, message);
            self.problems.push(problem.with_help("leave it out"));
        }
        Some(text.value)
    }

    fn statements(&mut self, node: &Node<'_>) -> Vec<Statement> {
        let items = match &node.value {
            Value::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if items.is_empty() {
            let message = "an empty list of statements";
            let problem = error_or_warning(
                self.kind.refuses_empty_lists(),
                codes::EMPTY_ARRAY_STATEMENT,
                node.span,
                message,
            );
            self.problems.push(problem.with_help("add a statement, or remove the policy"));
        }
        if items.len() > self.limits.statements {
            self.over_limit(node.span, "statements", items.len(), self.limits.statements);
            return Vec::new();
        }
        let only = items.len() == 1;
        let mut statements = Vec::with_capacity(items.len());
        statements.extend(items.iter().filter_map(|item| self.statement(item, only)));
        self.sids(&statements);
        statements
    }

    fn sids(&mut self, statements: &[Statement]) {
        let sids = statements.iter().filter_map(|statement| statement.sid.as_ref());
        let sids: Vec<_> = sids.filter(|sid| !sid.value.is_empty()).collect();
        if sids.len() <= FEW {
            for (index, sid) in sids.iter().enumerate() {
                if let Some(first) = sids.iter().take(index).find(|first| first.value == sid.value) {
                    self.repeated_sid(sid, first.span);
                }
            }
            return;
        }
        let mut seen: HashMap<&str, Span> = HashMap::with_capacity(sids.len());
        for sid in sids {
            let first = *seen.entry(&sid.value).or_insert(sid.span);
            if first != sid.span {
                self.repeated_sid(sid, first);
            }
        }
    }

    fn repeated_sid(&mut self, sid: &Spanned<String>, first: Span) {
        let strict = self.kind.has_strict_sids();
        let code = if strict { codes::UNIQUE_SIDS_REQUIRED } else { codes::UNIQUE_SIDS_RECOMMENDED };
        let message = format!("the Sid {} stands twice", excerpt(&sid.value));
        let problem = error_or_warning(strict, code, sid.span, &message);
        self.problems
            .push(problem.with_label(first, "first here").with_help("give each statement its own Sid"));
    }

    /// IAM stores tab, line feed, carriage return and U+0020 to U+00FF.
    fn characters(&mut self) {
        let stored = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        if !self.text.is_ascii()
            && let Some((at, c)) = self.text.char_indices().find(|(_, c)| !stored(*c))
        {
            let span = Span::new(at, at.saturating_add(c.len_utf8()));
            let message = format!("`{}` is a character that IAM does not store", c.escape_default());
            let problem = Diagnostic::warning(codes::UNSUPPORTED_CHARACTER, span, message);
            self.problems.push(problem.with_help("IAM policies hold U+0020 to U+00FF, tab and line ends"));
        }
    }

    /// Reports keys that are none of the known elements.
    fn unknown_elements(&mut self, members: &[Member<'_>], owner: &str, known: &[&str]) {
        for member in members.iter().filter(|member| !known.contains(&&*member.key)) {
            let message = format!("a {owner} has no element {}", excerpt(&member.key));
            let similar = known.iter().find(|name| name.eq_ignore_ascii_case(&member.key));
            let help = match similar {
                Some(name) => format!("did you mean `{name}`? element names are case-sensitive"),
                None => format!("its elements are {}", known.join(", ")),
            };
            let problem = Diagnostic::error(codes::INVALID_POLICY_ELEMENT, member.key_span, message);
            self.problems.push(problem.with_help(help));
        }
    }

    fn string(&mut self, node: &Node<'_>, what: &str) -> Option<Spanned<String>> {
        if let Value::String(text) = &node.value {
            return Some(Spanned { value: String::from(&**text), span: node.span });
        }
        self.mismatch(node, what, "a string");
        None
    }

    /// A string or an array of strings, each made from its text and place.
    fn strings<T>(
        &mut self,
        node: &Node<'_>,
        what: &str,
        make: impl Fn(&Self, &str, Span) -> T,
    ) -> Vec<Spanned<T>> {
        let Value::Array(items) = &node.value else {
            if let Value::String(text) = &node.value {
                return vec![Spanned { value: make(self, text, node.span), span: node.span }];
            }
            self.mismatch(node, what, "a string or an array of strings");
            return Vec::new();
        };
        if items.len() > self.limits.values {
            self.over_limit(node.span, "values", items.len(), self.limits.values);
            return Vec::new();
        }
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match &item.value {
                Value::String(text) => {
                    values.push(Spanned { value: make(self, text, item.span), span: item.span });
                }
                _ => self.mismatch(item, what, "a string"),
            }
        }
        values
    }

    /// The text of the string at `span`: what stands between its quotes, unless that holds escapes.
    fn written(&self, text: &str, span: Span) -> Text {
        let quoted = span.range();
        let part = Text::part(self.source, quoted.start.saturating_add(1)..quoted.end.saturating_sub(1));
        part.filter(|part| part == text).unwrap_or_else(|| Text::from(text))
    }

    fn mismatch(&mut self, node: &Node<'_>, what: &str, expected: &str) {
        let message = format!("{what} is {expected}, not {}", node.value.kind());
        let problem = Diagnostic::error(codes::DATA_TYPE_MISMATCH, open(node.span), message);
        self.problems.push(problem.with_help(format!("write {expected} here")));
    }

    fn over_limit(&mut self, span: Span, what: &str, count: usize, limit: usize) {
        let message = format!("{count} {what}, over the limit of {limit}");
        let problem = Diagnostic::error(codes::LIMIT_EXCEEDED, open(span), message);
        self.problems.push(problem.with_help("split it, or raise the limit where the policy is trusted"));
    }

    /// Reports a malformed variable of the string at `span`.
    fn template_error(&mut self, span: Span, error: &TemplateError) {
        let (code, help) = match error.kind {
            TemplateErrorKind::MissingBrace => {
                (codes::MISSING_BRACE_IN_VARIABLE, "close it: `${key}`; a plain `${` is written `${$}{`")
            }
            TemplateErrorKind::Empty => (codes::EMPTY_VARIABLE, "name a context key: `${aws:username}`"),
            TemplateErrorKind::Space => (codes::UNSUPPORTED_SPACE_IN_VARIABLE, "remove the space"),
            TemplateErrorKind::BadDefault => (
                codes::MISSING_QUOTE_IN_VARIABLE,
                "a default is written `${key, 'text'}`: comma, space, single quotes",
            ),
        };
        let place = span_within(self.text, span, error.range.clone());
        self.problems.push(Diagnostic::error(code, place, error.to_string()).with_help(help));
    }

    /// Refuses a pattern that could take long to match.
    fn check_work(&mut self, span: Span, tokens: &[Token<'_>]) {
        let count = segment_wildcards(tokens);
        if count > SEGMENT_WILDCARDS {
            let message =
                format!("{count} `?` and variables between two stars, over the limit of {SEGMENT_WILDCARDS}");
            let problem = Diagnostic::error(codes::LIMIT_EXCEEDED, span, message);
            self.problems.push(problem.with_help("write a `*` in place of some `?`"));
        }
    }

    /// Warns of a `${` that the document's Version reads as plain text.
    fn inert_variable(&mut self, text: &str, span: Span) {
        if !self.variables && mentions_variable(text) {
            let message = format!("the variable in {} is plain text under this Version", excerpt(text));
            let problem = Diagnostic::warning(codes::VARIABLE_UNSUPPORTED_IN_VERSION, span, message);
            self.problems.push(problem.with_help("set Version to `2012-10-17`"));
        }
    }

    fn forbidden(&mut self, member: &Member<'_>, code: &'static str, help: &str) {
        let message = format!("{} cannot have `{}`", plural(self.kind), member.key);
        self.problems.push(Diagnostic::error(code, member.key_span, message).with_help(help));
    }
}

fn error_or_warning(is_error: bool, code: &'static str, span: Span, message: &str) -> Diagnostic {
    if is_error { Diagnostic::error(code, span, message) } else { Diagnostic::warning(code, span, message) }
}

/// The first member with a key.
fn find<'n, 'a>(members: &'n [Member<'a>], key: &str) -> Option<&'n Node<'a>> {
    member(members, key).map(|member| &member.value)
}

fn member<'n, 'a>(members: &'n [Member<'a>], key: &str) -> Option<&'n Member<'a>> {
    members.iter().find(|member| member.key == key)
}

/// The opening of a long value: carets under a whole object help nobody.
fn open(span: Span) -> Span {
    Span { start: span.start, end: span.start.saturating_add(1).min(span.end) }
}

fn plural(kind: Kind) -> String {
    match kind.title().strip_suffix("policy") {
        Some(stem) => format!("{stem}policies"),
        None => "permissions boundaries".to_owned(),
    }
}

/// Whether the effect is Deny; unreadable effects count as Deny, the stricter reading.
fn is_deny(effect: Option<Effect>) -> bool {
    effect != Some(Effect::Allow)
}
