//! scratchstack-aspen reads the policies as they are and has layers. It rejects a whole policy for a `ForAllValues:`,
//! so the prefix is dropped for it; its values are single, so it sees the first of several.

use std::str::FromStr;

use scratchstack_arn::Arn;
use scratchstack_aspen::{Context, Decision, Policy as AspenPolicy, PolicySet, PolicySource};
use scratchstack_aws_principal::{AssumedRole, Principal, PrincipalIdentity, SessionData, SessionValue};
use verdikt::Kind;

use crate::workload::{Asked, ContextKey, Form, Policy, Workload};

use super::{Answer, Decide, Loaded};

struct Aspen {
    set: PolicySet,
    requests: Vec<Context>,
}

pub(super) fn load(workload: &Workload) -> Loaded<'_> {
    let mut set = PolicySet::new();
    for policy in &workload.policies {
        let text = policy.text.replace("ForAllValues:", "");
        let parsed = AspenPolicy::from_str(&text).map_err(|error| error.to_string())?;
        set.add_policy(source(policy), parsed);
    }
    let requests = workload.asked.iter().map(request).collect::<Result<_, String>>()?;
    Ok(Box::new(Aspen { set, requests }))
}

impl Decide for Aspen {
    fn decide(&mut self, request: usize) -> Answer {
        let Some(request) = self.requests.get(request) else { return Answer::Failed };
        match self.set.evaluate(request).map(|(decision, _)| decision) {
            Ok(Decision::Allow) => Answer::Allowed,
            Ok(Decision::Deny) => Answer::ExplicitDeny,
            Ok(Decision::DefaultDeny) => Answer::ImplicitDeny,
            Err(_) => Answer::Failed,
        }
    }
}

fn source(policy: &Policy) -> PolicySource {
    let name = policy.name.as_str();
    match policy.kind {
        Kind::PermissionsBoundary => PolicySource::new_permission_boundary(name, name, "1"),
        Kind::Session => PolicySource::new_session(),
        Kind::Scp => PolicySource::new_org_service_control(name, name, name),
        Kind::Resource => PolicySource::new_resource(name, None::<String>),
        _ => PolicySource::new_entity_inline(name, name, name),
    }
}

fn request(asked: &Asked) -> Result<Context, String> {
    let (service, name) = asked.action.split_once(':').ok_or("an action without its service")?;
    let session = AssumedRole::from_str(asked.principal.text()).map_err(|error| error.to_string())?;
    let mut keys = SessionData::new();
    for key in &asked.context {
        keys.insert(&key.name, value(key)?);
    }
    Context::builder()
        .service(service)
        .api(name)
        .actor(Principal::from(vec![PrincipalIdentity::from(session)]))
        .resources(vec![Arn::from_str(&asked.resource).map_err(|error| error.to_string())?])
        .session_data(keys)
        .build()
        .map_err(|error| error.to_string())
}

fn value(key: &ContextKey) -> Result<SessionValue, String> {
    let text = key.text();
    Ok(match key.form {
        Form::Bool => SessionValue::Bool(text == "true"),
        Form::Number => SessionValue::Integer(text.parse().map_err(|_| "not an integer")?),
        Form::Address => SessionValue::IpAddr(text.parse().map_err(|_| "not an address")?),
        Form::Date => SessionValue::Timestamp(text.parse().map_err(|_| "not a date")?),
        Form::Text | Form::Many => SessionValue::String(text.to_owned()),
    })
}
