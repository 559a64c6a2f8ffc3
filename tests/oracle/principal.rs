//! `Principal` and `NotPrincipal`: the forms a document may hold, and whom each of them names.

use serde_json::Value;

use super::arn::{Kind, PrincipalArn};
use super::caller::{Caller, CallerKind};
use super::values::is_account;

/// Identity providers that are named without an ARN.
const WEB_PROVIDERS: [&str; 4] =
    ["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"];

/// One value of a principal element.
#[derive(Debug)]
pub enum Named {
    Everyone,
    /// A bare account number: any partition.
    Account(String),
    Arn(PrincipalArn),
    UniqueId(String),
    Service(String),
    Provider(String),
    /// A canonical user, an origin access identity: no fact of a request says that its caller is one.
    Unknowable,
}

/// How directly a resource policy names its caller; the strongest is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// Through its account, which delegates to identity policies.
    Account,
    /// Through the role of a session, or the user behind a federated session.
    Role,
    /// By itself, or as everyone.
    Direct,
}

/// Reads a principal element: `"*"`, or a map of values or lists of values.
pub fn parse(element: &Value) -> Result<Vec<Named>, String> {
    if element == "*" {
        return Ok(vec![Named::Everyone]);
    }
    let map = element.as_object().ok_or("a principal is `*` or an object")?;
    let mut named = Vec::new();
    for (key, values) in map {
        let values = match values {
            Value::Array(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        for value in values {
            let text = value.as_str().ok_or_else(|| format!("a value of `{key}` is no string"))?;
            named.push(parse_named(key, text)?);
        }
        if !["AWS", "CanonicalUser", "Federated", "Service"].contains(&key.as_str()) {
            return Err(format!("`{key}` is no kind of principal"));
        }
    }
    Ok(named)
}

/// Whether the element names nobody somewhere: an empty map, or an empty list in it.
pub fn has_empty_part(element: &Value) -> bool {
    element
        .as_object()
        .is_some_and(|map| map.is_empty() || map.values().any(|value| value == &Value::Array(Vec::new())))
}

fn parse_named(key: &str, text: &str) -> Result<Named, String> {
    let named = match key {
        "AWS" => aws(text),
        "Service" => is_service(text).then(|| Named::Service(text.to_owned())),
        "Federated" => is_provider(text).then(|| Named::Provider(text.to_owned())),
        "CanonicalUser" => {
            let hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            hex.then_some(Named::Unknowable)
        }
        _ => None,
    };
    named.ok_or_else(|| format!("`{text}` is not a principal under `{key}`"))
}

fn aws(text: &str) -> Option<Named> {
    if text == "*" {
        return Some(Named::Everyone);
    }
    if is_account(text) {
        return Some(Named::Account(text.to_owned()));
    }
    if is_unique_id(text) {
        return Some(Named::UniqueId(text.to_owned()));
    }
    if is_origin_access_identity(text) {
        return Some(Named::Unknowable);
    }
    PrincipalArn::parse(text).map(Named::Arn)
}

/// CloudFront's origin access identities are users of an account named `cloudfront`.
fn is_origin_access_identity(text: &str) -> bool {
    let numbered = text.replacen(":iam::cloudfront:user/", ":iam::000000000000:user/", 1);
    numbered != text && PrincipalArn::parse(&numbered).is_some()
}

/// Whether the text is the unique ID of a user or a role.
pub fn is_unique_id(text: &str) -> bool {
    let rest = text.strip_prefix("AIDA").or_else(|| text.strip_prefix("AROA"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    })
}

fn is_service(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// One word of a host name.
pub fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Whether the text names an identity provider: one of the well known, or the ARN of one.
pub fn is_provider(text: &str) -> bool {
    if WEB_PROVIDERS.contains(&text) {
        return true;
    }
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = fields.as_slice() else {
        return false;
    };
    let name = resource.strip_prefix("oidc-provider/").or_else(|| resource.strip_prefix("saml-provider/"));
    let exact = !text.contains(['*', '?']) && !text.contains("${");
    exact && !partition.is_empty() && is_account(account) && name.is_some_and(|name| !name.is_empty())
}

/// How the value names the caller of an Allow; `None`: not at all.
pub fn grant(named: &Named, caller: &Caller) -> Option<Grant> {
    match named {
        Named::Everyone => Some(Grant::Direct),
        Named::Account(account) => caller.arn().filter(|arn| arn.account == *account).map(|_| Grant::Account),
        Named::Arn(arn) => grant_by_arn(arn, caller),
        Named::UniqueId(id) => own_grant(caller).filter(|_| caller.unique_id.as_ref() == Some(id)),
        Named::Service(name) => (caller.kind == CallerKind::Service(name.clone())).then_some(Grant::Direct),
        Named::Provider(name) => {
            (caller.kind == CallerKind::WebIdentity(name.clone())).then_some(Grant::Direct)
        }
        Named::Unknowable => None,
    }
}

/// What the unique ID of a user or a role is worth: a role is named for all of its sessions.
fn own_grant(caller: &Caller) -> Option<Grant> {
    match caller.arn()?.kind {
        Kind::User => Some(Grant::Direct),
        Kind::Role | Kind::Session => Some(Grant::Role),
        Kind::Root | Kind::FederatedUser => None,
    }
}

fn grant_by_arn(named: &PrincipalArn, caller: &Caller) -> Option<Grant> {
    let arn = caller.arn()?;
    match (named.kind, arn.kind) {
        (Kind::Root, _) => named.same_account(arn).then_some(Grant::Account),
        (Kind::Role, Kind::Session) => names_role_of_session(named, caller, arn).then_some(Grant::Role),
        (Kind::Role, Kind::Role) => (named.text == arn.text).then_some(Grant::Role),
        (Kind::User, Kind::FederatedUser) => {
            (caller.federating_user.as_ref() == Some(&named.text)).then_some(Grant::Role)
        }
        (Kind::User | Kind::Session | Kind::FederatedUser, _) => {
            (named.text == arn.text).then_some(Grant::Direct)
        }
        (Kind::Role, _) => None,
    }
}

/// By the role's full ARN where the caller's path is known, otherwise by account, partition and name.
fn names_role_of_session(role: &PrincipalArn, caller: &Caller, session: &PrincipalArn) -> bool {
    let same_role = match &caller.role_path {
        Some(path) => role.path == format!("{path}{}", session.session_role()),
        None => role.name() == session.session_role(),
    };
    role.same_account(session) && same_role
}

/// Whether the value names the caller of a Deny: as for an Allow, and a user also by the name that the caller of a
/// federated session chose.
pub fn denies(named: &Named, caller: &Caller) -> bool {
    let same_name = match (named, caller.arn()) {
        (Named::Arn(user), Some(session)) => {
            user.kind == Kind::User
                && session.kind == Kind::FederatedUser
                && user.same_account(session)
                && user.name() == session.name()
        }
        _ => false,
    };
    same_name || grant(named, caller).is_some()
}

/// Whether a `NotPrincipal` list exempts the caller: it must hold the caller itself and everything above it, and the
/// caller must not be bounded.
pub fn exempts(list: &[Named], caller: &Caller, bounded: bool) -> bool {
    let chain: &[Grant] = match (&caller.kind, caller.federating_user.is_some()) {
        (CallerKind::Anonymous, _) => return false,
        (CallerKind::Service(_) | CallerKind::WebIdentity(_), _) => &[Grant::Direct],
        (CallerKind::Arn(arn), federating_user_known) => match arn.kind {
            Kind::Root => &[Grant::Account],
            Kind::Role => &[Grant::Role, Grant::Account],
            Kind::Session => &[Grant::Direct, Grant::Role, Grant::Account],
            Kind::FederatedUser if federating_user_known => &[Grant::Direct, Grant::Role, Grant::Account],
            Kind::User | Kind::FederatedUser => &[Grant::Direct, Grant::Account],
        },
    };
    let listed = |link: &Grant| list.iter().any(|named| grant(named, caller) == Some(*link));
    !bounded && chain.iter().all(listed)
}
