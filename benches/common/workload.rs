//! A workload: policies, requests, and the decision that each request must get.
//!
//! Every workload is decided once and compared before anything is timed: a bench of wrong answers is void.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use verdikt::evaluate::PolicySetBuilder;
use verdikt::request::RequestBuilder;
use verdikt::{CompiledPolicy, Document, Kind, Limits, Outcome, Owner, PolicySet, Principal, Request};

/// Every resource of every workload is in this account.
const ACCOUNT: &str = "123456789012";

/// A workload read from its file.
pub(crate) struct Workload {
    pub(crate) name: String,
    pub(crate) policies: Vec<Policy>,
    pub(crate) asked: Vec<Asked>,
}

/// One policy as text.
pub(crate) struct Policy {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) text: String,
}

/// One request in typed parts.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) principal: Principal,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: Vec<(String, Values)>,
    pub(crate) expect: Outcome,
}

/// The value of a context key: a string is single-valued, an array is multivalued.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Values {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct WorkloadFile {
    name: String,
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
    id: String,
    principal: String,
    action: String,
    resource: String,
    context: BTreeMap<String, Values>,
    expect: String,
}

impl Workload {
    /// Reads `benches/workloads/NAME.json`.
    pub(crate) fn load(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/workloads").join(name).with_extension("json");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file: WorkloadFile = serde_json::from_str(&text).unwrap();
        assert_eq!(file.name, name);
        let policies = file.policies.into_iter().map(PolicyEntry::policy).collect();
        Self {
            name: file.name,
            policies,
            asked: file.requests.into_iter().map(RequestEntry::asked).collect(),
        }
    }

    /// The documents, parsed.
    pub(crate) fn documents(&self) -> Vec<Document> {
        self.policies.iter().map(Policy::parse).collect()
    }

    /// How many statements the policies have together.
    pub(crate) fn statements(&self) -> usize {
        self.documents().iter().map(|document| document.statements().len()).sum()
    }

    /// The policy set.
    pub(crate) fn set(&self) -> PolicySet {
        compile(&self.documents())
    }

    /// The requests, built.
    pub(crate) fn requests(&self) -> Vec<Request<'_>> {
        self.asked.iter().map(Asked::build).collect()
    }

    /// The requests as JSON.
    pub(crate) fn request_texts(&self) -> Vec<String> {
        self.asked.iter().map(|asked| asked.json().to_string()).collect()
    }

    /// The workload as lines of the batch form, each with all policies.
    pub(crate) fn case_lines(&self) -> Vec<String> {
        let policies = self.case_policies();
        let line = |asked: &Asked| {
            let (id, request) = (Value::from(asked.id.as_str()), asked.json());
            format!("{{\"id\":{id},\"request\":{request},\"policies\":{policies}}}")
        };
        self.asked.iter().map(line).collect()
    }

    /// The policies in the batch form; every workload has identity-based ones.
    fn case_policies(&self) -> String {
        let document = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let identity = self.policies.iter().inspect(|policy| assert_eq!(policy.kind, Kind::Identity));
        let identity: Vec<_> =
            identity.map(|policy| json!({"name": policy.name, "policy": document(&policy.text)})).collect();
        json!({ "identity": identity }).to_string()
    }

    /// Asserts every expected decision, by index and by the exhaustive walk.
    pub(crate) fn assert_decisions(&self, set: &PolicySet) {
        for (asked, request) in self.asked.iter().zip(self.requests()) {
            let name = format!("{} {}", self.name, asked.id);
            let decision = set.decide(&request);
            assert_eq!(decision.outcome, asked.expect, "{name}");
            assert_eq!(set.explain(&request).decision, decision, "{name}");
        }
    }
}

impl Policy {
    /// Reads the document.
    pub(crate) fn parse(&self) -> Document {
        let parsed = Document::parse(self.kind, &self.name, &self.text, &Limits::default());
        parsed.unwrap_or_else(|rejected| panic!("{rejected}")).document
    }
}

impl Asked {
    /// Starts the request from typed parts.
    pub(crate) fn builder(&self) -> RequestBuilder<'_> {
        let builder =
            Request::builder(&self.principal, &self.action, &self.resource, Owner::Account(ACCOUNT));
        self.context.iter().fold(builder, |builder, (key, value)| match value {
            Values::One(text) => builder.one(key, text),
            Values::Many(texts) => builder.many(key, texts),
        })
    }

    /// Builds the request.
    pub(crate) fn build(&self) -> Request<'_> {
        self.builder().build().unwrap()
    }

    fn json(&self) -> Value {
        let context = self.context.iter().map(|(key, value)| {
            let value = match value {
                Values::One(text) => json!(text),
                Values::Many(texts) => json!(texts),
            };
            (key.clone(), value)
        });
        json!({
            "principal": self.principal.text(),
            "action": self.action,
            "resource": self.resource,
            "resource_account": ACCOUNT,
            "context": context.collect::<serde_json::Map<_, _>>(),
        })
    }
}

impl PolicyEntry {
    fn policy(self) -> Policy {
        let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == self.kind).unwrap();
        Policy { kind, name: self.name, text: self.doc.get().to_owned() }
    }
}

impl RequestEntry {
    fn asked(self) -> Asked {
        let expect = match self.expect.as_str() {
            "allow" => Outcome::Allowed,
            "implicit_deny" => Outcome::ImplicitDeny,
            "explicit_deny" => Outcome::ExplicitDeny,
            other => panic!("`{other}` is no expectation"),
        };
        Asked {
            id: self.id,
            principal: Principal::parse(&self.principal).unwrap(),
            action: self.action,
            resource: self.resource,
            context: self.context.into_iter().collect(),
            expect,
        }
    }
}

/// Compiles each layer's documents.
pub(crate) fn compile(documents: &[Document]) -> PolicySet {
    let mut builder = PolicySet::builder();
    for kind in Kind::ALL {
        let own: Vec<_> = documents.iter().filter(|document| document.kind() == kind).cloned().collect();
        if !own.is_empty() {
            builder = attach(builder, kind, &own);
        }
    }
    builder.build().unwrap()
}

fn attach(builder: PolicySetBuilder, kind: Kind, documents: &[Document]) -> PolicySetBuilder {
    let compiled = CompiledPolicy::compile(documents).unwrap();
    match kind {
        Kind::Identity => builder.identity(compiled),
        Kind::PermissionsBoundary => builder.permissions_boundary(compiled),
        Kind::Session => builder.session(compiled),
        Kind::Resource | Kind::Trust | Kind::TrustInUse => builder.resource(compiled),
        Kind::VpcEndpoint => builder.vpc_endpoint(compiled),
        Kind::Scp => builder.scps(vec![compiled]),
        Kind::Rcp => builder.rcps(vec![compiled]),
    }
}
