//! casbin matches (resource, action) pairs listed in an access-control list: a favourable translation of policies that
//! only allow, without conditions, for the one user that the workload knows. Others are refused.

use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

use crate::workload::{Policy, Workload};

use super::statement::{Statement, statements};
use super::{Answer, Decide, Loaded};

const MODEL: &str = r#"
[request_definition]
r = obj, act
[policy_definition]
p = obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = globMatch(r.obj, p.obj) && (p.act == r.act || p.act == "s3:*")
"#;

struct Casbin {
    enforcer: Enforcer,
    requests: Vec<(String, String)>,
}

pub(super) fn load(workload: &Workload) -> Loaded<'_> {
    let mut rules = Vec::new();
    for policy in &workload.policies {
        rules.extend(rules_of(policy)?);
    }
    let enforcer = pollster::block_on(enforcer(rules)).map_err(|error| error.to_string())?;
    let requests = workload.asked.iter().map(|asked| (asked.resource.clone(), asked.action.clone()));
    Ok(Box::new(Casbin { enforcer, requests: requests.collect() }))
}

impl Decide for Casbin {
    fn decide(&mut self, request: usize) -> Answer {
        let Some((resource, action)) = self.requests.get(request) else { return Answer::Failed };
        match self.enforcer.enforce((resource.as_str(), action.as_str())) {
            Ok(true) => Answer::Allowed,
            Ok(false) => Answer::Denied,
            Err(_) => Answer::Failed,
        }
    }
}

async fn enforcer(rules: Vec<Vec<String>>) -> casbin::Result<Enforcer> {
    let model = DefaultModel::from_str(MODEL).await?;
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
    enforcer.add_policies(rules).await?;
    Ok(enforcer)
}

fn rules_of(policy: &Policy) -> Result<Vec<Vec<String>>, String> {
    let mut rules = Vec::new();
    for statement in statements(policy)? {
        if !statement.allows() || statement.conditions().next().is_some() {
            return Err("not translated: a list without conditions and denials cannot say it".to_owned());
        }
        rules.extend(pairs(&statement));
    }
    Ok(rules)
}

fn pairs(statement: &Statement) -> impl Iterator<Item = Vec<String>> {
    statement.resources().iter().flat_map(|resource| {
        let glob = glob(resource);
        statement.actions().iter().map(move |action| vec![glob.clone(), action.clone()])
    })
}

/// The pattern for one user; a final star matches across slashes only when it is doubled.
fn glob(resource: &str) -> String {
    let resource = resource.replace("${aws:username}", "alice");
    if resource.ends_with("/*") { resource + "*" } else { resource }
}
