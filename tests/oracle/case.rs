//! A case: the request and the policies that govern it, read and accepted.

use serde_json::{Map, Value};

use super::caller::Caller;
use super::context::Context;
use super::document::{self, Kind};
use super::values::is_account;
use super::{action, resource};

/// Who owns the resource.
#[derive(Debug, PartialEq, Eq)]
pub enum Owner {
    /// The request is on `*`.
    Nobody,
    Account(String),
    Unknown,
}

/// What is asked.
#[derive(Debug)]
pub struct Request {
    pub caller: Caller,
    pub action: String,
    pub resource: String,
    pub owner: Owner,
    pub context: Context,
    /// Whether the resource's policy itself must allow.
    pub resource_policy_must_allow: bool,
}

impl Request {
    /// Reads a case's `request`.
    pub fn read(value: Option<&Value>) -> Result<Self, String> {
        let request = value.and_then(Value::as_object).ok_or("a case has a request")?;
        let known =
            ["principal", "action", "resource", "resource_account", "resource_policy_mode", "context"];
        known_keys(request, &known)?;
        let caller = Caller::read(request.get("principal").ok_or("a request has a principal")?)?;
        let action = text(request, "action")?;
        action::check_request(&action)?;
        let resource = text(request, "resource")?;
        resource::check_request(&resource)?;
        let owner = owner(&resource, request.get("resource_account"))?;
        let context = match request.get("context") {
            None => Context::read(&Map::new())?,
            Some(context) => Context::read(context.as_object().ok_or("a context is an object")?)?,
        };
        let stated = must_allow(request.get("resource_policy_mode"))?;
        let by_action = is_role_check(&action, &resource) || is_key_check(&action, &resource);
        Ok(Self { caller, action, resource, owner, context, resource_policy_must_allow: stated || by_action })
    }

    /// Whether the action is this one; case does not count.
    pub fn is_for(&self, action: &str) -> bool {
        self.action.eq_ignore_ascii_case(action)
    }
}

fn text(request: &Map<String, Value>, name: &str) -> Result<String, String> {
    request
        .get(name)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("`{name}` is a string"))
}

fn known_keys(object: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("`{key}` is unknown")),
        None => Ok(()),
    }
}

fn owner(resource: &str, stated: Option<&Value>) -> Result<Owner, String> {
    let stated = match stated {
        None | Some(Value::Null) => None,
        Some(Value::String(account)) if is_account(account) => Some(account.as_str()),
        Some(_) => return Err("an account is twelve digits".to_owned()),
    };
    if resource == "*" {
        return Ok(Owner::Nobody);
    }
    let in_arn = resource.split(':').nth(4).filter(|account| !account.is_empty());
    Ok(stated.or(in_arn).map_or(Owner::Unknown, |account| Owner::Account(account.to_owned())))
}

fn must_allow(mode: Option<&Value>) -> Result<bool, String> {
    match mode {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(mode)) if mode == "mustAllow" => Ok(true),
        Some(_) => Err("this resource_policy_mode is unknown".to_owned()),
    }
}

/// Assuming a role, or passing tags or a source identity along: the role's trust policy must allow.
fn is_role_check(action: &str, resource: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let assumes = action.starts_with("sts:assumerole");
    (assumes || action == "sts:tagsession" || action == "sts:setsourceidentity")
        && is_a(resource, "iam", "role/")
}

/// Using an encryption key: the key's policy must allow.
fn is_key_check(action: &str, resource: &str) -> bool {
    action.to_ascii_lowercase().starts_with("kms:") && is_a(resource, "kms", "key/")
}

fn is_a(resource: &str, service: &str, start: &str) -> bool {
    let fields: Vec<&str> = resource.splitn(6, ':').collect();
    fields.len() == 6 && fields[2] == service && fields[5].starts_with(start)
}

/// The documents of a case; what is absent is not in use.
#[derive(Debug)]
pub struct Policies<'a> {
    pub identity: Vec<&'a Value>,
    pub boundary: Option<Vec<&'a Value>>,
    pub session: Option<Vec<&'a Value>>,
    pub resource: Option<&'a Value>,
    pub vpc_endpoint: Option<Vec<&'a Value>>,
    pub scps: Option<Vec<Vec<&'a Value>>>,
    pub rcps: Option<Vec<Vec<&'a Value>>>,
}

impl<'a> Policies<'a> {
    /// Reads a case's `policies`; every document must be accepted, whether it will matter or not.
    pub fn read(value: Option<&'a Value>, request: &Request) -> Result<Self, String> {
        let policies = value.and_then(Value::as_object).ok_or("a case has policies")?;
        let known =
            ["identity", "resource", "permissions_boundary", "session", "scps", "rcps", "vpc_endpoint"];
        known_keys(policies, &known)?;
        let layer = |name: &str| policies.get(name).filter(|value| !value.is_null());
        let trust = is_role_check(&request.action, &request.resource);
        let resource_kind = if trust { Kind::TrustInUse } else { Kind::Resource };
        if let Some(policy) = layer("resource") {
            document::check(policy, resource_kind)?;
        }
        Ok(Self {
            identity: list(layer("identity"), Kind::Identity)?.unwrap_or_default(),
            boundary: list(layer("permissions_boundary"), Kind::Boundary)?,
            session: list(layer("session"), Kind::Session)?,
            resource: layer("resource"),
            vpc_endpoint: list(layer("vpc_endpoint"), Kind::VpcEndpoint)?,
            scps: levels(layer("scps"), Kind::Scp)?,
            rcps: levels(layer("rcps"), Kind::Rcp)?,
        })
    }
}

fn list(layer: Option<&Value>, kind: Kind) -> Result<Option<Vec<&Value>>, String> {
    let Some(layer) = layer else {
        return Ok(None);
    };
    let entries = layer.as_array().ok_or("policies come in an array")?;
    entries.iter().map(|entry| named_policy(entry, kind)).collect::<Result<_, _>>().map(Some)
}

fn levels(layer: Option<&Value>, kind: Kind) -> Result<Option<Vec<Vec<&Value>>>, String> {
    let Some(layer) = layer else {
        return Ok(None);
    };
    let levels = layer
        .as_array()
        .filter(|levels| !levels.is_empty())
        .ok_or("levels come in an array of at least one")?;
    levels
        .iter()
        .map(|level| Ok(list(Some(level), kind)?.unwrap_or_default()))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn named_policy(entry: &Value, kind: Kind) -> Result<&Value, String> {
    let entry = entry.as_object().ok_or("a policy comes with its name")?;
    known_keys(entry, &["name", "policy"])?;
    if !entry.get("name").is_some_and(Value::is_string) {
        return Err("a policy comes with its name".to_owned());
    }
    let policy = entry.get("policy").ok_or("a name without its policy")?;
    document::check(policy, kind)?;
    Ok(policy)
}
