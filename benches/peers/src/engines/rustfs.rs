//! rustfs-policy reads the policies as they are, if they keep to the actions and keys that it knows. It has no layers:
//! a layer allows if one of its policies does, and the layers are put together here. It tells only allowed or not.

use std::collections::HashMap;

use rustfs_policy::policy::action::Action;
use rustfs_policy::policy::{Args, BucketPolicy, BucketPolicyArgs, Policy as IdentityPolicy};
use serde_json::Value;
use verdikt::Kind;

use crate::workload::{Asked, Policy, Workload};

use super::{Answer, Decide, Loaded};

struct Rustfs {
    layers: Vec<(Kind, Vec<Layer>)>,
    requests: Vec<Request>,
}

enum Layer {
    Identity(IdentityPolicy),
    Bucket(BucketPolicy),
}

struct Request {
    account: String,
    role: String,
    groups: Option<Vec<String>>,
    action: Action,
    bucket: String,
    object: String,
    conditions: HashMap<String, Vec<String>>,
    claims: HashMap<String, Value>,
}

pub(super) fn load(workload: &Workload) -> Loaded<'_> {
    if workload.name.starts_with("W6_") {
        return Err("skipped: its matcher takes twice as long for each further character of W6".to_owned());
    }
    let layers = workload.layers().into_iter().map(|(kind, policies)| {
        let policies = policies.into_iter().map(Layer::parse).collect::<Result<_, _>>()?;
        Ok((kind, policies))
    });
    let layers = layers.collect::<Result<_, String>>()?;
    let requests = workload.asked.iter().map(Request::new).collect::<Result<_, String>>()?;
    Ok(Box::new(Rustfs { layers, requests }))
}

impl Decide for Rustfs {
    fn decide(&mut self, request: usize) -> Answer {
        let Some(request) = self.requests.get(request) else { return Answer::Failed };
        let (mut granted, mut within_limits) = (false, true);
        for (kind, policies) in &self.layers {
            let allowed = policies.iter().any(|policy| policy.allows(request));
            match kind {
                Kind::Identity | Kind::Resource => granted |= allowed,
                _ => within_limits &= allowed,
            }
        }
        if granted && within_limits { Answer::Allowed } else { Answer::Denied }
    }
}

impl Layer {
    fn parse(policy: &Policy) -> Result<Self, String> {
        if policy.kind == Kind::Resource {
            return serde_json::from_str(&policy.text).map(Self::Bucket).map_err(|error| error.to_string());
        }
        let parsed = IdentityPolicy::parse_config(policy.text.as_bytes());
        parsed.map(Self::Identity).map_err(|error| error.to_string())
    }

    fn allows(&self, request: &Request) -> bool {
        match self {
            Self::Identity(policy) => pollster::block_on(policy.is_allowed(&request.args())),
            Self::Bucket(policy) => pollster::block_on(policy.is_allowed(&request.bucket_args())),
        }
    }
}

impl Request {
    fn new(asked: &Asked) -> Result<Self, String> {
        let path = asked.resource.strip_prefix("arn:aws:s3:::").ok_or("it knows resources of S3 only")?;
        let (bucket, object) = path.split_once('/').unwrap_or((path, ""));
        // Keys stand without their service.
        let conditions = asked.context.iter().filter_map(|key| match key.name.split_once(':') {
            Some(("s3" | "aws", name)) => Some((name.to_owned(), key.texts.clone())),
            _ => None,
        });
        let user = asked.context.iter().find(|key| key.name == "aws:username");
        Ok(Self {
            account: user.map_or("", |key| key.text()).to_owned(),
            role: asked.role().to_owned(),
            groups: None,
            action: Action::try_from(asked.action.as_str()).map_err(|error| error.to_string())?,
            bucket: bucket.to_owned(),
            object: object.to_owned(),
            conditions: conditions.collect(),
            claims: HashMap::new(),
        })
    }

    fn args(&self) -> Args<'_> {
        Args {
            account: &self.account,
            groups: &self.groups,
            action: self.action,
            bucket: &self.bucket,
            conditions: &self.conditions,
            is_owner: false,
            object: &self.object,
            claims: &self.claims,
            deny_only: false,
        }
    }

    fn bucket_args(&self) -> BucketPolicyArgs<'_> {
        BucketPolicyArgs {
            account: &self.role,
            groups: &self.groups,
            action: self.action,
            bucket: &self.bucket,
            conditions: &self.conditions,
            is_owner: false,
            object: &self.object,
        }
    }
}
