//! aws-iam's offline evaluation reads the policies as they are. It has no layers: all policies are one list. It tells
//! only allowed or not, and it panics on many patterns; a panic is caught and counts as a wrong decision.

use std::str::FromStr;

use aws_iam::io;
use aws_iam::model::{ConditionValue, Policy, QString};
use aws_iam::offline::{Environment, EvaluationResult, Request, evaluate_all};

use crate::workload::{Asked, ContextKey, Form, Workload};

use super::panics::caught;
use super::{Answer, Decide, Loaded};

struct AwsIam {
    policies: Vec<Policy>,
    requests: Vec<Request>,
}

pub(super) fn load(workload: &Workload) -> Loaded<'_> {
    let policies = workload.policies.iter().map(|policy| io::read_from_string(&policy.text));
    let policies = policies.collect::<Result<_, _>>().map_err(|error| format!("{error:?}"))?;
    let requests = workload.asked.iter().map(request).collect::<Result<_, String>>()?;
    Ok(Box::new(AwsIam { policies, requests }))
}

impl Decide for AwsIam {
    fn decide(&mut self, request: usize) -> Answer {
        let Some(request) = self.requests.get(request) else { return Answer::Failed };
        let policies: Vec<&Policy> = self.policies.iter().collect();
        match caught(|| evaluate_all(request, &policies)) {
            Some(Ok(EvaluationResult::Allow)) => Answer::Allowed,
            Some(Ok(EvaluationResult::Deny(..))) => Answer::Denied,
            Some(Err(_)) | None => Answer::Failed,
        }
    }
}

/// A key whose name it cannot represent is left out.
fn request(asked: &Asked) -> Result<Request, String> {
    let mut environment = Environment::new();
    for key in &asked.context {
        if let Ok(name) = QString::from_str(&key.name) {
            environment.insert(name, value(key));
        }
    }
    Ok(Request {
        request_id: None,
        principal: None,
        action: QString::from_str(&asked.action).map_err(|_| "an action that it cannot represent")?,
        resource: asked.resource.clone(),
        environment,
    })
}

fn value(key: &ContextKey) -> ConditionValue {
    match key.form {
        Form::Bool => ConditionValue::Bool(key.text() == "true"),
        _ => ConditionValue::String(key.text().to_owned()),
    }
}
