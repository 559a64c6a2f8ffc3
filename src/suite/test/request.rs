//! The request of a case while it is put together: defaults below, the case above. In the end it is the one JSON form
//! of a request.

use serde_json::{Map, Value as Json, json};

use crate::request::derive::PrincipalKey;
use crate::text::fold::eq_folded;

use super::yaml::{Node, Problem, Value, quoted};

/// The members of a request, none of them required yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestParts {
    /// A text, or an object of facts as JSON.
    pub principal: Option<String>,
    /// The action.
    pub action: Option<String>,
    /// The resource.
    pub resource: Option<String>,
    /// The account that owns the resource.
    pub resource_account: Option<String>,
    /// `mustAllow`, if it is stated.
    pub resource_policy_mode: Option<String>,
    /// Whether the keys that follow from the principal are added, if it is stated.
    pub derive: Option<bool>,
    /// The context keys; `None` is a key taken back.
    pub context: Vec<(String, Option<Given>)>,
}

/// A context key's value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Given {
    /// Single-valued.
    One(String),
    /// Multivalued.
    Many(Vec<String>),
}

/// The members that a request has in a case file.
pub(super) const MEMBERS: [&str; 7] =
    ["principal", "action", "resource", "resource_account", "resource_policy_mode", "derive", "context"];

impl RequestParts {
    /// Takes over a member; whether there is one of that name.
    pub(super) fn take(&mut self, name: &str, node: &Node) -> Result<bool, Problem> {
        match name {
            "principal" => self.principal = Some(principal(node)?.unwrap_or_default()),
            "action" => self.action = taken(name, node)?,
            "resource" => self.resource = taken(name, node)?,
            "resource_account" => self.resource_account = taken(name, node)?,
            "resource_policy_mode" => self.resource_policy_mode = taken(name, node)?,
            "derive" => self.derive = Some(flag(name, node)?),
            "context" => {
                let members =
                    node.mapping().ok_or_else(|| node.problem("`context` is a mapping of context keys"))?;
                for (key, value) in members {
                    self.add(key.text().unwrap_or_default(), given(value)?);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What is stated above goes before what stands here.
    #[must_use]
    pub(super) fn overlaid(&self, above: &Self) -> Self {
        let or = |above: &Option<String>, below: &Option<String>| above.clone().or_else(|| below.clone());
        let mut parts = Self {
            principal: or(&above.principal, &self.principal),
            action: or(&above.action, &self.action),
            resource: or(&above.resource, &self.resource),
            resource_account: or(&above.resource_account, &self.resource_account),
            resource_policy_mode: or(&above.resource_policy_mode, &self.resource_policy_mode),
            derive: above.derive.or(self.derive),
            context: self.context.clone(),
        };
        for (key, value) in &above.context {
            parts.add(key, value.clone());
        }
        parts
    }

    /// States a context key, or takes it back; the one of an equal name goes.
    pub fn add(&mut self, key: &str, value: Option<Given>) {
        self.context.retain(|(other, _)| !eq_folded(other, key));
        self.context.push((key.to_owned(), value));
    }

    /// The value of a context key.
    pub fn get(&self, key: &str) -> Option<&Given> {
        self.context.iter().find(|(other, _)| eq_folded(other, key)).and_then(|(_, value)| value.as_ref())
    }

    /// The keys that are added because they follow from the principal: those that are not stated.
    pub(super) fn derived(&self) -> impl Iterator<Item = PrincipalKey> {
        let is_free = |key: &PrincipalKey| self.get(key.name()).is_none();
        let all = self.derive.unwrap_or_default().then_some(PrincipalKey::ALL);
        all.into_iter().flatten().filter(is_free)
    }

    /// The JSON form of the request.
    pub fn json(&self) -> String {
        let mut map = Map::new();
        let texts = [
            ("action", &self.action),
            ("resource", &self.resource),
            ("resource_account", &self.resource_account),
            ("resource_policy_mode", &self.resource_policy_mode),
        ];
        if let Some(principal) = self.principal.as_deref().filter(|text| !text.is_empty()) {
            map.insert("principal".to_owned(), serde_json::from_str(principal).unwrap_or_default());
        }
        for (name, value) in texts {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                map.insert(name.to_owned(), value.into());
            }
        }
        let context = self.context.iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
        let context: Map<String, Json> = context
            .map(|(key, value)| match value {
                Given::One(text) => (key.clone(), json!(text)),
                Given::Many(texts) => (key.clone(), json!(texts)),
            })
            .collect();
        map.insert("context".to_owned(), Json::Object(context));
        Json::Object(map).to_string()
    }

    /// The principal as people read it.
    pub fn principal_text(&self) -> String {
        let json: Json =
            self.principal.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let text =
            json.as_str().or_else(|| json.get("arn")?.as_str()).or_else(|| json.get("provider")?.as_str());
        text.unwrap_or_default().to_owned()
    }
}

/// A member of a request; `null` takes a default back, which the empty text stands for until the request is written.
fn taken(name: &str, node: &Node) -> Result<Option<String>, Problem> {
    Ok(Some(text(name, node)?.unwrap_or_default()))
}

/// A text; `null` is none.
pub(super) fn text(name: &str, node: &Node) -> Result<Option<String>, Problem> {
    match &node.value {
        Value::Null => Ok(None),
        Value::Scalar { text, .. } => Ok(Some(text.clone())),
        Value::Sequence(_) | Value::Mapping(_) => {
            Err(node.problem(format!("`{name}` is a text, not {}", node.kind())))
        }
    }
}

/// A flag; `null` takes a default back.
pub(super) fn flag(name: &str, node: &Node) -> Result<bool, Problem> {
    if node.is_null() {
        return Ok(false);
    }
    match node.text() {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err(node.problem(format!("`{name}` is `true` or `false`"))),
    }
}

fn principal(node: &Node) -> Result<Option<String>, Problem> {
    match &node.value {
        Value::Null => Ok(None),
        Value::Scalar { text, .. } => Ok(Some(quoted(text))),
        Value::Mapping(_) => Ok(Some(node.lined_json().trim_start().to_owned())),
        Value::Sequence(_) => {
            Err(node.problem("a principal is a text, or a mapping of facts with its `arn`"))
        }
    }
}

/// A context value; `null` takes a default back.
pub(super) fn given(node: &Node) -> Result<Option<Given>, Problem> {
    let scalar = |node: &Node| {
        let refuse = || {
            node.problem("a context value is a text, number or boolean, or a list of them")
                .help("leave the key out if it is absent")
        };
        node.text().map(str::to_owned).ok_or_else(refuse)
    };
    match &node.value {
        Value::Null => Ok(None),
        Value::Sequence(items) => Ok(Some(Given::Many(items.iter().map(scalar).collect::<Result<_, _>>()?))),
        Value::Scalar { .. } | Value::Mapping(_) => Ok(Some(Given::One(scalar(node)?))),
    }
}
