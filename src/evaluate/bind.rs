//! Binding: a session's constants, folded into one compiled policy ahead of its requests.

use std::sync::Arc;

use crate::compile::binding::{BOUND, Binding, BoundVariable};
use crate::compile::{CompiledCondition, CompiledPolicy, Form};
use crate::operator::operand::Operand;
use crate::request::SessionFacts;
use crate::request::session::Sealed;
use crate::text::truth::Truth;

use super::clause::Scope;
use super::condition;

impl CompiledPolicy {
    /// Binds the policy to a session: variables of sealed keys become texts, conditions that only sealed keys decide
    /// become constants. The form is shared, so this takes microseconds and little memory whatever the policy's size;
    /// of a large policy only the first variables and conditions are folded.
    ///
    /// A bound policy decides as the unbound one does, but for requests of this session alone
    /// ([`SessionFacts::request`]): in a set that holds it, any other request is denied. It carries the revision of
    /// the policy that it was made of; when that is replaced, bind the new one.
    ///
    /// ```
    /// use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, SessionFacts};
    /// let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::app/${cognito-identity.amazonaws.com:sub}/*"}}"#;
    /// let role = Document::parse(Kind::Identity, "auth-role", json, &Limits::default())?.document;
    /// let role = CompiledPolicy::compile(&[role])?;
    ///
    /// let user = Principal::parse("arn:aws:sts::111122223333:assumed-role/Auth/CognitoIdentityCredentials")?;
    /// let session = SessionFacts::builder(user)
    ///     .present("cognito-identity.amazonaws.com:sub", "us-east-1:alice")
    ///     .build()?;
    /// let set = PolicySet::builder().identity(role.bind(&session)).build()?;
    /// let owner = Owner::Account("111122223333");
    /// let own = session.request("s3:GetObject", "arn:aws:s3:::app/us-east-1:alice/photo.jpg", owner).build()?;
    /// assert!(set.decide(&own).is_allowed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn bind(&self, session: &SessionFacts) -> Arc<Self> {
        let form = &self.form;
        let slots = form.pool.variables.iter().take(BOUND);
        let variables: Vec<_> = slots
            .map(|slot| session.sealed(slot.key.hash, form.pool.text(slot.key.name)))
            .map(|sealed| match sealed {
                None => BoundVariable::Open,
                Some(Sealed::Absent) => BoundVariable::Absent,
                Some(Sealed::Many) => BoundVariable::Multivalued,
                Some(Sealed::One(number)) => BoundVariable::Text(number),
            })
            .collect();
        let conditions = fold(form, session, &variables);
        Arc::new(self.bound(Binding { session: session.clone(), variables, conditions }))
    }
}

/// The conditions that a session alone decides, and how.
fn fold(form: &Form, session: &SessionFacts, variables: &[BoundVariable]) -> Vec<Option<Truth>> {
    let context = session.context();
    let scope = Scope { context: &context, binding: None };
    let conditions = form.conditions.iter().take(BOUND);
    let truth = |condition: &CompiledCondition| {
        let key = condition.key;
        let is_sealed = session.sealed(key.hash, form.pool.text(key.name)).is_some();
        let is_closed = is_sealed && has_no_open(form, condition, variables);
        is_closed.then(|| condition::evaluate(form, condition, scope))
    };
    let folded: Vec<_> = conditions.map(truth).collect();
    // PERF: where requests decide every condition, statements are asked as without a binding.
    if folded.iter().all(Option::is_none) { Vec::new() } else { folded }
}

/// Whether every variable of a condition's operands is sealed.
fn has_no_open(form: &Form, condition: &CompiledCondition, variables: &[BoundVariable]) -> bool {
    let is_sealed = |variable: u32| {
        variables.get(variable as usize).is_some_and(|variable| *variable != BoundVariable::Open)
    };
    condition.operands.of(&form.operands).iter().all(|operand| match operand {
        Operand::Text(pattern) | Operand::BoolTemplate(pattern) => {
            form.pool.variables_of(*pattern).all(is_sealed)
        }
        Operand::Arn(pattern) => form.pool.variables_of_arn(*pattern).all(is_sealed),
        Operand::Decimal { .. }
        | Operand::Instant(_)
        | Operand::Bool(_)
        | Operand::Bytes(_)
        | Operand::Network(_)
        | Operand::Absence(_) => true,
    })
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]
mod tests {
    use crate::policy::{Document, Kind, Limits};
    use crate::request::Principal;
    use crate::request::context::Context;
    use crate::text::pool::{Resolved, Variables};

    use super::super::set::PolicySet;
    use super::*;

    /// What a session seals is answered once; what requests may state is left to them.
    #[test]
    fn what_a_session_seals_is_bound() {
        let condition = |body: &str| {
            format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{{body}}}}}"#)
        };
        let statements = [
            r#""StringEquals": {"aws:username": "u"}"#,
            r#""StringEquals": {"aws:username": "v"}"#,
            r#""StringEquals": {"a:open": "u"}"#,
            r#""StringEquals": {"aws:username": "${a:open}"}"#,
            r#""StringEquals": {"aws:username": "${a:gone, 'u'}"}"#,
            r#""StringEquals": {"a:open": "${aws:username}"}"#,
            r#""ArnLike": {"aws:username": "arn:aws:s3:::${a:open}"}"#,
            r#""NumericLessThan": {"aws:username": "5"}"#,
            r#""Null": {"a:gone": "true"}"#,
            r#""Bool": {"a:open": "true"}"#,
        ]
        .map(condition);
        let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","));
        let document = Document::parse(Kind::Identity, "p", &json, &Limits::default()).unwrap().document;
        let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
        let facts =
            SessionFacts::builder(user).present("aws:username", "u").absent("a:gone").build().unwrap();
        let bound = CompiledPolicy::compile(&[document]).unwrap().bind(&facts);
        let binding = bound.binding.as_ref().unwrap();
        let truths: Vec<_> = (0..10).map(|number| binding.condition(number)).collect();
        let (t, f) = (Some(Truth::True), Some(Truth::False));
        assert_eq!(truths[..7], [t, f, None, None, t, None, None]);
        assert!(matches!(truths[7], Some(Truth::Indeterminate(_))), "{:?}", truths[7]);
        assert_eq!(truths[8..], [t, None]);
        let slots = &bound.form.pool.variables;
        // Requests are not asked for it.
        let context = Context::default();
        let scope = Scope { context: &context, binding: Some(binding) };
        let variable = |name: &str| {
            let at = slots.iter().position(|slot| bound.form.pool.text(slot.key.name) == name).unwrap();
            scope.bound(u32::try_from(at).unwrap())
        };
        assert_eq!(variable("aws:username"), Some(Resolved::Text("u")));
        assert_eq!((variable("a:gone"), variable("a:open")), (Some(Resolved::Absent), None));
        let lists = slots.len() * size_of::<BoundVariable>() + 10 * size_of::<Option<Truth>>();
        assert_eq!(bound.memory(), size_of::<Binding>() + lists);
        assert!(binding.has_conditions());
    }

    /// A session that decides no condition has none; a set says whether any policy in it is bound.
    #[test]
    fn what_is_bound_is_told() {
        let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"Bool": {"a:open": "true"}}}}"#;
        let document = Document::parse(Kind::Identity, "p", json, &Limits::default()).unwrap().document;
        let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
        let facts = SessionFacts::builder(user).present("aws:username", "u").build().unwrap();
        let policy = CompiledPolicy::compile(&[document]).unwrap();
        let bound = policy.bind(&facts);
        assert!(!bound.binding.as_ref().unwrap().has_conditions());
        let has_bound = |policy: &Arc<CompiledPolicy>| {
            PolicySet::builder().identity(Arc::clone(policy)).build().unwrap().has_bound()
        };
        assert!(has_bound(&bound) && !has_bound(&policy) && !PolicySet::default().has_bound());
    }
}
