//! A workload as every engine is given it: policies as text, requests in typed parts, and the decision that each
//! request must get. The files are those of `benches/workloads/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use verdikt::{Kind, Outcome, Principal};

/// Where the workloads' files are.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../workloads");

/// Policies, and what is asked of them.
#[derive(Clone)]
pub(crate) struct Workload {
    pub(crate) name: String,
    pub(crate) policies: Vec<Policy>,
    pub(crate) asked: Vec<Asked>,
}

/// One policy as text.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) text: String,
}

/// One request in typed parts.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) principal: Principal,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: Vec<ContextKey>,
    pub(crate) expect: Outcome,
}

/// One key of the context. A single-valued one has one text.
#[derive(Clone)]
pub(crate) struct ContextKey {
    pub(crate) name: String,
    pub(crate) texts: Vec<String>,
    pub(crate) form: Form,
}

/// What the texts of a context key are, for engines that want them typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Many,
    Bool,
    Number,
    Date,
    Address,
}

#[derive(Deserialize)]
struct WorkloadFile {
    name: String,
    context_types: BTreeMap<String, String>,
    policies: Vec<PolicyEntry>,
    requests: Vec<RequestEntry>,
}

#[derive(Deserialize)]
struct PolicyEntry {
    kind: String,
    name: String,
    doc: Box<RawValue>,
}

#[derive(Deserialize)]
struct RequestEntry {
    principal: String,
    action: String,
    resource: String,
    context: BTreeMap<String, Texts>,
    expect: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

impl Workload {
    /// Reads the file of that name. A file that cannot be read voids the run.
    pub(crate) fn load(name: &str) -> Self {
        let path = Path::new(FILES).join(name).with_extension("json");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file: WorkloadFile =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let asked = file.requests.into_iter().map(|entry| entry.asked(&file.context_types));
        Self {
            asked: asked.collect(),
            policies: file.policies.into_iter().map(PolicyEntry::policy).collect(),
            name: file.name,
        }
    }

    /// The same policies with nothing asked: loading it is loading the policies.
    pub(crate) fn without_requests(&self) -> Self {
        Self { asked: Vec::new(), ..self.clone() }
    }

    /// The policies by the place where they are attached, in the order of the file.
    pub(crate) fn layers(&self) -> Vec<(Kind, Vec<&Policy>)> {
        let mut layers: Vec<(Kind, Vec<&Policy>)> = Vec::new();
        for policy in &self.policies {
            match layers.iter_mut().find(|(kind, _)| *kind == policy.kind) {
                Some((_, layer)) => layer.push(policy),
                None => layers.push((policy.kind, vec![policy])),
            }
        }
        layers
    }
}

impl Asked {
    /// The ARN that a policy names the caller's role by; the session's own ARN for other callers.
    pub(crate) fn role(&self) -> &str {
        let role = self.context.iter().find(|key| key.name == "aws:PrincipalArn");
        role.map_or(self.principal.text(), ContextKey::text)
    }
}

impl ContextKey {
    /// The first text, the only one of a single-valued key.
    pub(crate) fn text(&self) -> &str {
        self.texts.first().map_or("", String::as_str)
    }
}

impl Form {
    fn named(name: Option<&String>) -> Self {
        match name.map(String::as_str) {
            None => Self::Text,
            Some("bool") => Self::Bool,
            Some("numeric") => Self::Number,
            Some("date") => Self::Date,
            Some("ip") => Self::Address,
            Some(other) => panic!("`{other}` is no type of a context key"),
        }
    }
}

impl PolicyEntry {
    fn policy(self) -> Policy {
        let kind = self.kind.parse().unwrap_or_else(|_| panic!("`{}` is no kind of policy", self.kind));
        Policy { kind, name: self.name, text: self.doc.get().to_owned() }
    }
}

impl RequestEntry {
    fn asked(self, types: &BTreeMap<String, String>) -> Asked {
        let context = self.context.into_iter().map(|(name, texts)| match texts {
            Texts::One(text) => ContextKey { form: Form::named(types.get(&name)), name, texts: vec![text] },
            Texts::Many(texts) => ContextKey { form: Form::Many, name, texts },
        });
        Asked {
            principal: Principal::parse(&self.principal).expect("a workload's principal is an ARN"),
            action: self.action,
            resource: self.resource,
            context: context.collect(),
            expect: match self.expect.as_str() {
                "allow" => Outcome::Allowed,
                "implicit_deny" => Outcome::ImplicitDeny,
                "explicit_deny" => Outcome::ExplicitDeny,
                other => panic!("`{other}` is no expectation"),
            },
        }
    }
}
