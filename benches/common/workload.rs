//! A workload: policies, requests, and the decision that each request must get.
//!
//! Every workload is decided once and compared before anything is timed: a bench of wrong answers is void.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use verdikt::request::{RequestBuffers, RequestBuilder};
use verdikt::{CompiledPolicy, Document, Kind, Limits, Outcome, Owner, PolicySet, Principal, Request};

/// Every resource of every workload is in this account.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The largest workload is made here, not sent by a stranger.
const LIMITS: Limits =
    Limits { bytes: 64 << 20, statements: 200_000, depth: 32, values: 10_000, string: 8 << 10 };
/// Larger policies are not explained in full for every request.
const EXPLAINED: usize = 1_000;

/// A workload read from its file.
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
    pub(crate) id: String,
    pub(crate) principal: Principal,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: Vec<(String, Values)>,
    pub(crate) expect: Outcome,
}

/// The value of a context key: a string is single-valued, an array is multivalued.
#[derive(Clone, PartialEq, Deserialize)]
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
        attach(compile(&self.documents()))
    }

    /// Of a workload that is hard on an index: the requests that are allowed, and those that nothing allows. The
    /// awkward mix has its Denies in two forms, one for each.
    pub(crate) fn hits_and_misses(&self) -> [Self; 2] {
        let parts =
            [("hit", "denies by head", Outcome::Allowed), ("miss", "denies inside", Outcome::ImplicitDeny)];
        parts.map(|(name, without, expect)| {
            let policies = self.policies.iter().filter(|policy| policy.name != without);
            let asked = self.asked.iter().filter(|asked| asked.expect == expect);
            let name = format!("{} {name}", self.name);
            Self { name, policies: policies.cloned().collect(), asked: asked.cloned().collect() }
        })
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

    /// Asserts every expected decision: by the index, by the exhaustive walk and, of policies that are not large, in
    /// the explanation.
    pub(crate) fn assert_decisions(&self, set: &PolicySet) {
        let is_explained = self.statements() <= EXPLAINED;
        for (asked, request) in self.asked.iter().zip(self.requests()) {
            let name = format!("{} {}", self.name, asked.id);
            let decision = set.decide(&request);
            assert_eq!(decision.outcome, asked.expect, "{name}");
            assert_eq!(set.decide_exhaustively(&request), decision, "{name}");
            assert!(!is_explained || set.explain_decision(&request).decision == decision, "{name}");
        }
    }
}

impl Policy {
    /// Reads the document.
    pub(crate) fn parse(&self) -> Document {
        let parsed = Document::parse(self.kind, &self.name, &self.text, &LIMITS);
        parsed.unwrap_or_else(|rejected| panic!("{rejected}")).document
    }
}

impl Asked {
    /// Starts the request from typed parts.
    pub(crate) fn builder(&self) -> RequestBuilder<'_> {
        self.builder_in(RequestBuffers::default())
    }

    /// Starts it in memory that an earlier one used.
    pub(crate) fn builder_in(&self, buffers: RequestBuffers) -> RequestBuilder<'_> {
        let owner = Owner::Account(ACCOUNT);
        let mut builder = Request::builder_in(buffers, &self.principal, &self.action, &self.resource, owner);
        self.add_keys(&mut builder);
        builder
    }

    /// Gives a request the context keys.
    pub(crate) fn add_keys<'a>(&'a self, builder: &mut RequestBuilder<'a>) {
        for (key, value) in &self.context {
            match value {
                Values::One(text) => builder.add_one(key, text),
                Values::Many(texts) => builder.add_many(key, texts),
            }
        }
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
pub(crate) fn compile(documents: &[Document]) -> Vec<Arc<CompiledPolicy>> {
    let own = |kind| documents.iter().filter(move |document| document.kind() == kind).cloned().collect();
    let layers = Kind::ALL.into_iter().map(own).filter(|own: &Vec<_>| !own.is_empty());
    layers.map(|own| CompiledPolicy::compile(&own).unwrap()).collect()
}

/// Attaches compiled policies, one a layer.
pub(crate) fn attach(policies: impl IntoIterator<Item = Arc<CompiledPolicy>>) -> PolicySet {
    let builder =
        policies.into_iter().fold(PolicySet::builder(), |builder, policy| match policy.kind().unwrap() {
            Kind::Identity => builder.identity(policy),
            Kind::PermissionsBoundary => builder.permissions_boundary(policy),
            Kind::Session => builder.session(policy),
            Kind::Resource | Kind::Trust | Kind::TrustInUse => builder.resource(policy),
            Kind::VpcEndpoint => builder.vpc_endpoint(policy),
            Kind::Scp => builder.scps(vec![policy]),
            Kind::Rcp => builder.rcps(vec![policy]),
        });
    builder.build().unwrap()
}
