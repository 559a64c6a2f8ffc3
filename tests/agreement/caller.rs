//! Who asks, and the names that policies have for such a caller.

use serde_json::{Map, Value, json};

use crate::dice::Dice;

/// The account of most callers, and another one.
pub const HOME: &str = "111122223333";
pub const ABROAD: &str = "999988887777";

/// The kinds of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerKind {
    RoleSession,
    User,
    Role,
    FederatedUser,
    Root,
    Service,
    WebIdentity,
    Anonymous,
}

pub const KINDS: [CallerKind; 8] = [
    CallerKind::RoleSession,
    CallerKind::User,
    CallerKind::Role,
    CallerKind::FederatedUser,
    CallerKind::Root,
    CallerKind::Service,
    CallerKind::WebIdentity,
    CallerKind::Anonymous,
];

/// A caller.
#[derive(Clone, Debug)]
pub struct Caller {
    pub kind: CallerKind,
    /// The request's `principal`.
    pub json: Value,
    pub account: Option<&'static str>,
    /// Entries of a principal map that name it, or nearly do.
    names: Vec<(&'static str, String)>,
}

const PATHS: [&str; 4] = ["/", "/team/", "/a/b/", "/aws-service-role/x.amazonaws.com/"];

const SERVICES: [&str; 3] = ["lambda.amazonaws.com", "s3.us-east-1.amazonaws.com", "s3.amazonaws.com"];

const PROVIDERS: [&str; 4] = [
    "cognito-identity.amazonaws.com",
    "accounts.google.com",
    "arn:aws:iam::111122223333:oidc-provider/idp.example.com/x",
    "arn:aws:iam::111122223333:saml-provider/Idp",
];

/// Whom policies name beside the caller.
const STRANGERS: [(&str, &str); 14] = [
    ("AWS", HOME),
    ("AWS", ABROAD),
    ("AWS", "arn:aws:iam::111122223333:root"),
    ("AWS", "arn:aws-cn:iam::111122223333:root"),
    ("AWS", "arn:aws:iam::999988887777:root"),
    ("AWS", "arn:aws:iam::111122223333:user/alice"),
    ("AWS", "arn:aws:iam::111122223333:user/team/Alice"),
    ("AWS", "arn:aws:iam::111122223333:role/Other"),
    ("AWS", "arn:aws:sts::111122223333:assumed-role/R/other"),
    ("AWS", "arn:aws:sts::111122223333:federated-user/alice"),
    ("AWS", "AROAOTHER"),
    ("AWS", "AIDAOTHER"),
    ("Service", "ec2.amazonaws.com"),
    ("CanonicalUser", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"),
];

impl Caller {
    pub fn any(dice: &mut Dice) -> Self {
        let kind = KINDS[dice.weighted(&[30, 18, 8, 12, 8, 8, 7, 9])];
        match kind {
            CallerKind::Service => {
                let name = dice.pick(&SERVICES);
                let names = SERVICES.map(|name| ("Service", name.to_owned())).to_vec();
                Self { kind, json: fact(dice, name), account: None, names: first(names, name) }
            }
            CallerKind::WebIdentity => {
                let provider = dice.pick(&PROVIDERS);
                let names = PROVIDERS.map(|name| ("Federated", name.to_owned())).to_vec();
                let json = json!({"kind": "webIdentity", "provider": provider});
                Self { kind, json, account: None, names: first(names, provider) }
            }
            CallerKind::Anonymous => {
                Self { kind, json: json!("anonymous"), account: None, names: Vec::new() }
            }
            _ => Self::of_account(dice, kind),
        }
    }

    fn of_account(dice: &mut Dice, kind: CallerKind) -> Self {
        let partition = if dice.chance(6) { "aws-cn" } else { "aws" };
        let account = if dice.chance(85) { HOME } else { ABROAD };
        let mut names = Names { partition, account, list: Vec::new() };
        let mut facts = Map::new();
        let name = dice.pick(&["alice", "Alice", "R", "a.b@c=d"]);
        let path = dice.pick(&PATHS);
        let other = dice.pick(&PATHS);
        match kind {
            CallerKind::User => {
                names.iam(&format!("user{path}{name}"));
                names.iam(&format!("user{other}{name}"));
                names.sts(&format!("federated-user/{name}"));
                names.unique_id(dice, &mut facts, "AIDACALLER");
            }
            CallerKind::Role => {
                names.iam(&format!("role{path}{name}"));
                names.iam(&format!("role{other}{name}"));
                names.unique_id(dice, &mut facts, "AROACALLER");
                service_linked(dice, &mut facts);
            }
            CallerKind::RoleSession => {
                names.sts(&format!("assumed-role/{name}/s"));
                names.iam(&format!("role{path}{name}"));
                names.iam(&format!("role{other}{name}"));
                names.sts(&format!("assumed-role/{name}/t"));
                names.unique_id(dice, &mut facts, "AROACALLER");
                service_linked(dice, &mut facts);
                if dice.chance(35) {
                    facts.insert("role_path".to_owned(), json!(path));
                }
            }
            CallerKind::FederatedUser => {
                names.sts(&format!("federated-user/{name}"));
                names.iam(&format!("user{path}{name}"));
                names.iam(&format!("user{other}alice"));
                if dice.chance(50) {
                    let user = names.list[1 + dice.below(2)].1.clone();
                    facts.insert("federating_user".to_owned(), json!(user));
                }
            }
            _ => names.iam("root"),
        }
        if dice.chance(12) {
            facts.insert("management_account".to_owned(), json!(dice.chance(70)));
        }
        let arn = names.list[0].1.clone();
        names.list.push(("AWS", account.to_owned()));
        names.iam("root");
        Self { kind, json: with_facts(dice, &arn, facts), account: Some(account), names: names.list }
    }

    /// Whether identity policies, a boundary and session policies can concern it.
    pub fn has_identity(&self) -> bool {
        self.account.is_some() && self.kind != CallerKind::Root
    }

    /// A `Principal` element; `aimed` at the caller, or at anyone.
    pub fn principal(&self, dice: &mut Dice, trust: bool, aimed: bool) -> Value {
        let everyone = if aimed { 30 } else { 12 };
        match dice.weighted(&[everyone, 8, 62]) {
            0 => json!("*"),
            1 => json!({"AWS": "*"}),
            _ => {
                let mut entries = self.entries(dice, if aimed { 90 } else { 35 });
                entries.retain(|(key, _)| trust || *key != "Federated");
                if entries.is_empty() { json!("*") } else { principal_map(dice, entries) }
            }
        }
    }

    /// A `Principal` element that surely names the caller.
    pub fn sure_principal(&self, dice: &mut Dice, trust: bool) -> Value {
        match self.names.first() {
            Some((key, name)) if (trust || *key != "Federated") && dice.chance(50) => json!({*key: name}),
            _ => json!("*"),
        }
    }

    /// A `NotPrincipal` element: the whole chain of the caller, or a part of it, or others.
    pub fn not_principal(&self, dice: &mut Dice) -> Value {
        let mut entries = if dice.chance(55) { self.names.clone() } else { self.entries(dice, 60) };
        entries.retain(|(key, _)| *key != "Federated");
        if entries.is_empty() {
            entries.push(("AWS", HOME.to_owned()));
        }
        principal_map(dice, entries)
    }

    fn entries(&self, dice: &mut Dice, own: u32) -> Vec<(&'static str, String)> {
        let count = 1 + dice.weighted(&[6, 3, 1]);
        let mut entries = Vec::new();
        for _ in 0..count {
            if !self.names.is_empty() && dice.chance(own) {
                // The first name is the caller's own.
                let most = if dice.chance(50) { 1 } else { self.names.len() };
                entries.push(self.names[dice.below(most)].clone());
            } else {
                let (key, text) = dice.pick(&STRANGERS);
                entries.push((key, text.to_owned()));
            }
        }
        entries
    }
}

/// Names of a caller in one account.
struct Names {
    partition: &'static str,
    account: &'static str,
    list: Vec<(&'static str, String)>,
}

impl Names {
    fn iam(&mut self, resource: &str) {
        self.list.push(("AWS", format!("arn:{}:iam::{}:{resource}", self.partition, self.account)));
    }

    fn sts(&mut self, resource: &str) {
        self.list.push(("AWS", format!("arn:{}:sts::{}:{resource}", self.partition, self.account)));
    }

    fn unique_id(&mut self, dice: &mut Dice, facts: &mut Map<String, Value>, id: &str) {
        self.list.push(("AWS", id.to_owned()));
        if dice.chance(40) {
            facts.insert("unique_id".to_owned(), json!(id));
        }
    }
}

fn service_linked(dice: &mut Dice, facts: &mut Map<String, Value>) {
    if dice.chance(8) {
        facts.insert("service_linked".to_owned(), json!(dice.chance(70)));
    }
}

/// A plain text, or an object that says no more.
fn fact(dice: &mut Dice, text: &str) -> Value {
    with_facts(dice, text, Map::new())
}

fn with_facts(dice: &mut Dice, arn: &str, mut facts: Map<String, Value>) -> Value {
    if facts.is_empty() && dice.chance(80) {
        return json!(arn);
    }
    facts.insert("arn".to_owned(), json!(arn));
    Value::Object(facts)
}

/// The caller's own name first.
fn first(mut names: Vec<(&'static str, String)>, own: &str) -> Vec<(&'static str, String)> {
    names.sort_by_key(|(_, name)| name != own);
    names
}

/// A map of principals; one value stands with or without brackets.
fn principal_map(dice: &mut Dice, entries: Vec<(&'static str, String)>) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (key, text) in entries {
        let list = map.entry(key).or_insert_with(|| json!([]));
        if let Value::Array(values) = list {
            values.push(json!(text));
        }
    }
    for list in map.values_mut() {
        if let Value::Array(values) = list
            && values.len() == 1
            && dice.chance(60)
        {
            *list = values[0].clone();
        }
    }
    Value::Object(map)
}
