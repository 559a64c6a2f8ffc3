//! Who asks.

use serde_json::{Map, Value};

use super::arn::{Kind, PrincipalArn};
use super::principal::{is_label, is_provider, is_unique_id};

/// The kinds of caller.
#[derive(Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// A principal of an account.
    Arn(PrincipalArn),
    /// A service principal.
    Service(String),
    /// Someone whom an identity provider vouches for.
    WebIdentity(String),
    /// Nobody.
    Anonymous,
}

/// The caller, with the facts that its ARN does not say.
#[derive(Debug)]
pub struct Caller {
    pub kind: CallerKind,
    /// The path of a session's role.
    pub role_path: Option<String>,
    pub unique_id: Option<String>,
    /// The user behind a federated session.
    pub federating_user: Option<String>,
    pub management_account: bool,
    stated_service_linked: bool,
}

impl Caller {
    /// Reads a request's `principal`.
    pub fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Self::of(parse_kind(text)?, &Map::new()),
            Value::Object(facts) if facts.contains_key("kind") => Self::web_identity(facts),
            Value::Object(facts) => {
                let text = facts.get("arn").and_then(Value::as_str).ok_or("a principal without its `arn`")?;
                Self::of(parse_kind(text)?, facts)
            }
            _ => Err("a principal is a string or an object".to_owned()),
        }
    }

    fn web_identity(facts: &Map<String, Value>) -> Result<Self, String> {
        let provider = facts.get("provider").and_then(Value::as_str).filter(|provider| is_provider(provider));
        match (provider, facts.len()) {
            (Some(provider), 2) if facts["kind"] == "webIdentity" => {
                Self::of(CallerKind::WebIdentity(provider.to_owned()), &Map::new())
            }
            _ => Err("this principal is no web identity".to_owned()),
        }
    }

    fn of(kind: CallerKind, facts: &Map<String, Value>) -> Result<Self, String> {
        let known =
            ["arn", "role_path", "unique_id", "service_linked", "management_account", "federating_user"];
        if let Some(other) = facts.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(format!("a principal has no `{other}`"));
        }
        let caller = Self {
            kind,
            role_path: text_fact(facts, "role_path", is_path)?,
            unique_id: text_fact(facts, "unique_id", is_unique_id)?,
            federating_user: text_fact(facts, "federating_user", is_user)?,
            management_account: boolean_fact(facts, "management_account")?,
            stated_service_linked: boolean_fact(facts, "service_linked")?,
        };
        if caller.facts_fit() { Ok(caller) } else { Err("a fact that no such principal has".to_owned()) }
    }

    /// Whether each stated fact is one that this kind of caller can have.
    fn facts_fit(&self) -> bool {
        let is_role = self.is(Kind::Role) || self.is(Kind::Session);
        let path_fits = self.role_path.is_none() || self.is(Kind::Session);
        let id_fits = self.unique_id.as_ref().is_none_or(|id| match &id[..4] {
            "AIDA" => self.is(Kind::User),
            _ => is_role,
        });
        let user_fits = self.federating_user.as_ref().is_none_or(|user| {
            let same_account = |session: &PrincipalArn| {
                PrincipalArn::parse(user).is_some_and(|user| user.same_account(session))
            };
            self.is(Kind::FederatedUser) && self.arn().is_some_and(same_account)
        });
        path_fits && id_fits && user_fits && (is_role || !self.stated_service_linked)
    }

    /// The caller's ARN, if it is a principal of an account.
    pub fn arn(&self) -> Option<&PrincipalArn> {
        match &self.kind {
            CallerKind::Arn(arn) => Some(arn),
            _ => None,
        }
    }

    /// Whether the caller is of this kind.
    pub fn is(&self, kind: Kind) -> bool {
        self.arn().is_some_and(|arn| arn.kind == kind)
    }

    /// Whether identity policies, a boundary and session policies concern the caller.
    pub fn has_identity_policies(&self) -> bool {
        self.arn().is_some_and(|arn| arn.kind != Kind::Root)
    }

    /// A service-linked role, by its full ARN or by the caller's stated fact; a role's name alone never says so.
    pub fn is_service_linked(&self) -> bool {
        let under = |path: &str| path.starts_with("/aws-service-role/");
        match self.arn().map(|arn| (arn.kind, &arn.path)) {
            Some((Kind::Role, path)) => self.stated_service_linked || under(path),
            Some((Kind::Session, _)) => {
                self.stated_service_linked || self.role_path.as_deref().is_some_and(under)
            }
            _ => false,
        }
    }
}

fn parse_kind(text: &str) -> Result<CallerKind, String> {
    if text == "anonymous" {
        return Ok(CallerKind::Anonymous);
    }
    if text.starts_with("arn:") {
        let arn =
            PrincipalArn::parse(text).ok_or_else(|| format!("`{text}` is not the ARN of a principal"))?;
        return Ok(CallerKind::Arn(arn));
    }
    let host = text.contains('.') && text.split('.').all(is_label);
    if host { Ok(CallerKind::Service(text.to_owned())) } else { Err(format!("`{text}` is not a principal")) }
}

fn text_fact(
    facts: &Map<String, Value>,
    name: &str,
    valid: fn(&str) -> bool,
) -> Result<Option<String>, String> {
    match facts.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if valid(text) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{name}` cannot be read")),
    }
}

fn boolean_fact(facts: &Map<String, Value>, name: &str) -> Result<bool, String> {
    match facts.get(name) {
        None => Ok(false),
        Some(Value::Bool(fact)) => Ok(*fact),
        Some(_) => Err(format!("`{name}` cannot be read")),
    }
}

fn is_path(text: &str) -> bool {
    text == "/" || (text.len() > 2 && text.starts_with('/') && text.ends_with('/') && !text.contains("//"))
}

fn is_user(text: &str) -> bool {
    PrincipalArn::parse(text).is_some_and(|arn| arn.kind == Kind::User)
}
