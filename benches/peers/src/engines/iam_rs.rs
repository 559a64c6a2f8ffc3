//! iam-rs reads the policies as they are. It has no layers: each is an evaluator of its own.

use iam_rs::{
    Arn, Context, ContextValue, Decision, EvaluationOptions, IAMPolicy, IAMRequest, PolicyEvaluator,
    Principal, PrincipalId,
};
use verdikt::Kind;

use crate::workload::{Asked, ContextKey, Form, Policy, Workload};

use super::layers::combine;
use super::{Answer, Decide, Loaded};

struct IamRs {
    layers: Vec<(Kind, PolicyEvaluator)>,
    requests: Vec<IAMRequest>,
}

pub(super) fn load(workload: &Workload) -> Loaded<'_> {
    let layers = workload.layers().into_iter().map(|(kind, policies)| Ok((kind, evaluator(&policies)?)));
    let layers = layers.collect::<Result<_, String>>()?;
    let requests = workload.asked.iter().map(request).collect::<Result<_, String>>()?;
    Ok(Box::new(IamRs { layers, requests }))
}

impl Decide for IamRs {
    fn decide(&mut self, request: usize) -> Answer {
        let Some(request) = self.requests.get(request) else { return Answer::Failed };
        let decide = |layer: &PolicyEvaluator| match layer.evaluate(request).map(|result| result.decision) {
            Ok(Decision::Allow) => Answer::Allowed,
            Ok(Decision::Deny) => Answer::ExplicitDeny,
            Ok(Decision::NotApplicable) => Answer::ImplicitDeny,
            Err(_) => Answer::Failed,
        };
        match self.layers.as_slice() {
            [(_, only)] => decide(only),
            layers => combine(layers, decide),
        }
    }
}

fn evaluator(policies: &[&Policy]) -> Result<PolicyEvaluator, String> {
    let policies = policies.iter().map(|policy| IAMPolicy::from_json(&policy.text));
    let policies = policies.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    // More than a thousand statements are refused unless it is told otherwise.
    let options = EvaluationOptions { max_statements: usize::MAX, ..EvaluationOptions::default() };
    Ok(PolicyEvaluator::with_policies(policies).with_options(options))
}

fn request(asked: &Asked) -> Result<IAMRequest, String> {
    let mut context = Context::new();
    for key in &asked.context {
        context.insert(key.name.clone(), value(key)?);
    }
    // A policy that names a role means its sessions too; iam-rs compares texts, so the role asks.
    let principal = Principal::Aws(PrincipalId::String(asked.role().to_owned()));
    let resource = Arn::parse(&asked.resource).map_err(|error| error.to_string())?;
    Ok(IAMRequest::new_with_context(principal, asked.action.clone(), resource, context))
}

fn value(key: &ContextKey) -> Result<ContextValue, String> {
    Ok(match key.form {
        Form::Many => ContextValue::StringList(key.texts.clone()),
        Form::Bool => ContextValue::Boolean(key.text() == "true"),
        Form::Number => ContextValue::Number(key.text().parse().map_err(|_| "not a number")?),
        Form::Date => ContextValue::DateTime(key.text().parse().map_err(|_| "not a date")?),
        Form::Text | Form::Address => ContextValue::String(key.text().to_owned()),
    })
}
