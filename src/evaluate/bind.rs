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
