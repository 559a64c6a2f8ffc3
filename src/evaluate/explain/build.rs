//! Building the tree: each clause by the function that a decision asks, each entry by the same function over a clause
//! of that entry alone.

use crate::compile::{Clause, CompiledStatement, Form, ResourceClause, ResourceEntries};
use crate::policy::{Document, Effect, PrincipalElement, PrincipalValue, Spanned, Statement, TextElement};
use crate::request::Request;
use crate::text::source::{Position, Positions};
use crate::text::span::Span;
use crate::text::truth::Truth;

use super::super::clause::{self, Asked};
use super::super::combine::{Account, Caller, Facts};
use super::super::decision::StatementId;
use super::super::layer::{Concern, Layer};
use super::super::set::{Attachment, PolicySet};
use super::super::{decide, principal};
use super::{
    ClauseExplanation, EntryExplanation, Explanation, Given, LayerExplanation, LayerState,
    StatementExplanation, applies, keys, variable, why,
};

impl PolicySet {
    /// Explains a request: the whole tree and, for a deny, the nearest allow. Slower than [`decide`](Self::decide) and
    /// free to allocate, with the same decision.
    ///
    /// ```
    /// use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request};
    /// let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::app/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}"#;
    /// let role = Document::parse(Kind::Identity, "readers", json, &Limits::default())?.document;
    /// let set = PolicySet::builder().identity(CompiledPolicy::compile(&[role])?).build()?;
    /// let alice = Principal::parse("arn:aws:iam::111122223333:user/alice")?;
    /// let owner = Owner::Account("111122223333");
    /// let request = Request::builder(&alice, "s3:GetObject", "arn:aws:s3:::app/cat.jpg", owner).build()?;
    ///
    /// let explanation = set.explain(&request);
    /// assert_eq!(explanation.decision, set.decide(&request));
    /// let fault = explanation.statements().next().and_then(|statement| statement.fault()).unwrap();
    /// assert_eq!(fault.why, "the request has no aws:SecureTransport");
    /// let nearest = explanation.nearest.unwrap();
    /// assert_eq!(nearest.suggestions[0].to_string(), "give aws:SecureTransport = `true`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self, request: &Request<'_>) -> Explanation {
        let mut explanation = self.explain_decision(request);
        explanation.nearest = self.nearest_allow(request);
        explanation
    }

    /// The tree without the nearest allow, which takes many more decisions.
    pub fn explain_decision(&self, request: &Request<'_>) -> Explanation {
        let asked = self.asked(request);
        let layers: Vec<_> =
            Layer::ALL.into_iter().flat_map(|layer| self.explain_layer(layer, &asked)).collect();
        let texts = [request.principal().text(), request.action().text(), request.resource().text()];
        Explanation {
            decision: self.decide_exhaustively(request),
            request: texts.map(str::to_owned),
            notes: self.notes(request),
            keys: keys::explain(&layers, request),
            layers,
            nearest: None,
        }
    }

    fn notes(&self, request: &Request<'_>) -> Vec<&'static str> {
        let foreign = "a policy is bound to another session: it decides no request but those of its own";
        self.foreign(request).map(|_| foreign).into_iter().chain(notes(request)).collect()
    }

    fn explain_layer(&self, layer: Layer, asked: &Asked<'_, '_>) -> Vec<LayerExplanation> {
        let state = |level, state| LayerExplanation { layer, level, state };
        let Some(policies) = self.layer(layer) else { return vec![state(0, LayerState::NotInUse)] };
        if let Concern::Exempt(reason) = layer.concern(asked.request) {
            return vec![state(0, LayerState::Exempt(reason))];
        }
        let levels = policies.iter().map(|Attachment { level, policy, .. }| {
            let level = *level;
            let texts = policy.documents().iter().map(|document| Positions::new(document.source().text()));
            let explainer =
                Explainer { layer, level, form: &policy.form, positions: texts.collect(), asked: *asked };
            let statements =
                policy.form.statements.iter().filter_map(|statement| explainer.statement(statement));
            state(level, LayerState::Evaluated(statements.collect()))
        });
        levels.collect()
    }
}

/// Until the text is at hand.
pub(super) const NOWHERE: Position = Position { line: 1, column: 1 };

/// Explains the statements of one attachment.
struct Explainer<'p, 'r, 'a> {
    layer: Layer,
    level: u32,
    form: &'p Form,
    /// The line ends of each document.
    positions: Vec<Positions<'p>>,
    asked: Asked<'r, 'a>,
}

impl Explainer<'_, '_, '_> {
    fn statement(&self, compiled: &CompiledStatement) -> Option<StatementExplanation> {
        let number = compiled.document as usize;
        let document = self.form.documents.get(number)?;
        let written = document.statements().get(compiled.position as usize)?;
        let matched = clause::statement(self.form, compiled, &self.asked);
        let mut clauses = self.clauses(compiled, written, document);
        if !applies(compiled.effect, matched.truth) {
            for clause in &mut clauses {
                clause.at_fault = !applies(compiled.effect, clause.truth);
            }
        }
        let positions = self.positions.get(number)?;
        for clause in &mut clauses {
            clause.position = positions.at(clause.span.start);
        }
        let id = StatementId {
            layer: self.layer,
            level: self.level,
            policy: compiled.document,
            statement: compiled.position,
        };
        Some(StatementExplanation {
            id,
            policy: document.name().to_owned(),
            sid: written.sid.as_ref().map(|sid| sid.value.clone()),
            line: positions.at(written.span.start).line,
            effect: compiled.effect,
            truth: matched.truth,
            grade: matched.grade,
            clauses,
            document: document.clone(),
            span: written.span,
        })
    }

    fn clauses(
        &self,
        compiled: &CompiledStatement,
        written: &Statement,
        document: &Document,
    ) -> Vec<ClauseExplanation> {
        let mut clauses = vec![self.action(compiled, written)];
        clauses.extend(self.resource(compiled, written, document));
        clauses.extend(self.principal(compiled, written));
        let mut conditions: Vec<_> = compiled.conditions.of(&self.form.conditions).iter().collect();
        conditions.sort_unstable_by_key(|condition| condition.written);
        let conditions = conditions.into_iter().zip(&written.conditions);
        clauses.extend(conditions.map(|(compiled, written)| {
            super::condition::explain(self.form, compiled, written, document, self.asked.scope())
        }));
        clauses
    }

    fn action(&self, compiled: &CompiledStatement, written: &Statement) -> ClauseExplanation {
        let asked = self.asked.request.action();
        let holds = |entries| {
            let actions = Clause { negated: false, entries };
            self.form.action_holds(&compiled.with_actions(actions), asked).into()
        };
        let Clause { negated, entries: slots } = compiled.actions();
        let entry = |(slot, written): (_, &Spanned<crate::policy::Text>)| EntryExplanation {
            truth: holds(slot),
            ..plain(&written.value, written.span)
        };
        let entries: Vec<_> = slots.each().zip(&written.action.values).map(entry).collect();
        let truth = self.form.action_holds(compiled, asked).into();
        let element = if negated { "NotAction" } else { "Action" };
        let why = why::listed(asked.text(), negated, truth, &entries);
        let span = span_of(&written.action).unwrap_or(written.span);
        clause_of(element, truth, asked.text(), entries, why, span)
    }

    fn resource(
        &self,
        compiled: &CompiledStatement,
        written: &Statement,
        document: &Document,
    ) -> Option<ClauseExplanation> {
        let (clause, list) = compiled.resources().zip(written.resource.as_ref())?;
        let request = self.asked.request;
        let entry = |(slot, written): (_, &Spanned<crate::policy::Text>)| {
            let slot: ResourceEntries = slot;
            let alone = compiled.with_resources(ResourceClause { negated: clause.negated, entries: slot });
            let truth = clause::resource(self.form, &alone, &self.asked).negate_if(clause.negated);
            let pattern = slot.of(self.form).first();
            let variables = variable::explain(&written.value, document, request.context());
            let substituted =
                pattern.and_then(|pattern| self.form.pool.substituted_arn(*pattern, request.context()));
            let substituted = substituted.filter(|_| !variables.is_empty());
            EntryExplanation {
                written: written.value.to_string(),
                substituted,
                truth,
                variables,
                has_plain_variables: variable::are_plain(&written.value, document),
                span: written.span,
            }
        };
        let entries: Vec<_> = clause.entries.each(self.form).zip(&list.values).map(entry).collect();
        let truth = clause::resource(self.form, compiled, &self.asked);
        let asked = request.resource().text();
        let element = if clause.negated { "NotResource" } else { "Resource" };
        let why = why::listed(asked, clause.negated, truth, &entries);
        Some(clause_of(element, truth, asked, entries, why, span_of(list).unwrap_or(written.span)))
    }

    fn principal(&self, compiled: &CompiledStatement, written: &Statement) -> Option<ClauseExplanation> {
        let clause = compiled.principals()?;
        let names = principal_names(written.principal.as_ref()?);
        let entry = |(slot, (name, span)): (_, (&str, Option<Span>))| {
            let alone = Clause { negated: false, entries: slot };
            // Who is spared is read strictly: a Deny's wider reading of a federated user's name is not for it.
            let effect = if clause.negated { Effect::Allow } else { compiled.effect };
            let mut alone = compiled.with_principals(alone);
            alone.effect = effect;
            let truth = principal::clause(self.form, &alone, &self.asked).matches.into();
            EntryExplanation { truth, ..plain(name, span.unwrap_or_default()) }
        };
        let spans = names.iter().filter_map(|(_, span)| *span).collect::<Vec<_>>();
        let span = spans.first().copied().unwrap_or(written.span);
        let entries: Vec<_> = clause.entries.each().zip(names).map(entry).collect();
        let truth: Truth = principal::clause(self.form, compiled, &self.asked).matches.into();
        let asked = self.asked.request.principal().text();
        let element = if clause.negated { "NotPrincipal" } else { "Principal" };
        let why = why::principal(asked, clause.negated, truth, self.asked.bounded, &entries);
        Some(clause_of(element, truth, asked, entries, why, span))
    }
}

fn clause_of(
    element: &'static str,
    truth: Truth,
    asked: &str,
    entries: Vec<EntryExplanation>,
    why: String,
    span: Span,
) -> ClauseExplanation {
    let given = Given::One(asked.to_owned());
    let values = Vec::new();
    ClauseExplanation {
        element,
        truth,
        at_fault: false,
        condition: None,
        given,
        values,
        entries,
        why,
        span,
        position: NOWHERE,
    }
}

/// An entry without variables, before it is asked.
fn plain(written: &str, span: Span) -> EntryExplanation {
    EntryExplanation {
        written: written.to_owned(),
        substituted: None,
        truth: Truth::False,
        variables: Vec::new(),
        has_plain_variables: false,
        span,
    }
}

/// Where the values of an element stand.
fn span_of(element: &TextElement) -> Option<Span> {
    let (first, last) = element.values.first().zip(element.values.last())?;
    Some(Span { start: first.span.start, end: last.span.end })
}

/// The names of a principal element in the order in which they are compiled.
fn principal_names(element: &PrincipalElement) -> Vec<(&str, Option<Span>)> {
    match &element.value {
        PrincipalValue::Everyone => vec![("*", None)],
        PrincipalValue::Map(entries) => {
            let names = entries.iter().flat_map(|(_, values)| values);
            names.map(|name| (name.value.as_str(), Some(name.span))).collect()
        }
    }
}

/// The facts of a request that the truth table reads, where they are not the common ones.
fn notes(request: &Request<'_>) -> Vec<&'static str> {
    if decide::is_always_allowed(request) {
        return vec!["everyone may call sts:GetCallerIdentity, whatever a policy says"];
    }
    let facts = Facts::of(request);
    let mut notes = Vec::new();
    match facts.caller {
        Caller::Root => notes.push("the root user needs no identity-based policy"),
        Caller::WithoutIdentity => notes.push("such a caller is allowed by the resource-based policy alone"),
        Caller::Iam | Caller::Federated => match facts.account {
            Account::Same => {}
            Account::Cross => notes.push(
                "the resource is in another account: its policy and the caller's own policies must both allow",
            ),
            Account::Unknown => notes.push(
                "the account that owns the resource is not stated: both the rules for one account and those across \
                 accounts must allow; state it if it is known",
            ),
        },
    }
    if facts.must_allow {
        notes.push("the resource-based policy must allow, whatever the caller's own policies say");
    }
    if facts.mismatched_provider {
        notes.push(
            "such a caller cannot make this call: it takes the token of an identity provider, or takes none",
        );
    }
    notes
}
