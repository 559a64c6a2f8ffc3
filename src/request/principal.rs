//! Who asks: parsed once, with the facts that no ARN tells beside it.

use crate::text::arn::{Arn, is_account_id};

use super::error::RequestError;

/// The kinds of principal.
///
/// See the IAM User Guide, "AWS JSON policy elements: Principal".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// An IAM user.
    User,
    /// A bare role ARN, as a simulator asks: like a session of that role.
    Role,
    /// A role session.
    RoleSession,
    /// A `GetFederationToken` session.
    FederatedUser,
    /// An account's root user.
    Root,
    /// An AWS service.
    Service,
    /// The bearer of a token of an identity provider, before any role is assumed.
    WebIdentity,
    /// Nobody in particular: an unsigned request.
    Anonymous,
}

/// A principal.
///
/// ```
/// use verdikt::request::{Principal, PrincipalKind};
/// let session = Principal::parse("arn:aws:sts::111122223333:assumed-role/CognitoAuth/CognitoIdentityCredentials")?;
/// assert_eq!(session.kind(), PrincipalKind::RoleSession);
/// assert_eq!((session.name(), session.account()), ("CognitoAuth", Some("111122223333")));
/// # Ok::<(), verdikt::request::RequestError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    kind: PrincipalKind,
    text: String,
    partition: String,
    account: String,
    name: String,
    session: String,
    facts: Facts,
}

/// What is known of a principal beside its ARN.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Facts {
    role_path: Option<String>,
    unique_id: Option<String>,
    service_linked: bool,
    management_account: bool,
    federating_user: Option<String>,
}

impl Principal {
    /// Reads a principal: an ARN of a user, role, role session, federated user or root; a service principal such as
    /// `lambda.amazonaws.com`; or `anonymous`.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        let refuse = |problem| RequestError::Principal { text: text.to_owned(), problem };
        if text == "anonymous" {
            return Ok(Self::new(PrincipalKind::Anonymous, text));
        }
        let Some(arn) = Arn::parse(text) else {
            return if is_service_name(text) {
                Ok(Self::new(PrincipalKind::Service, text))
            } else {
                Err(refuse("is neither an ARN, nor a service principal, nor `anonymous`"))
            };
        };
        if !is_account_id(arn.account()) {
            return Err(refuse("has no account of twelve digits"));
        }
        let (kind, name) = named(&arn).map_err(refuse)?;
        let mut principal = Self::new(kind, text);
        arn.partition().clone_into(&mut principal.partition);
        arn.account().clone_into(&mut principal.account);
        let (name, session) = match kind {
            PrincipalKind::RoleSession => name.split_once('/').unwrap_or((name, "")),
            _ => (name, ""),
        };
        name.clone_into(&mut principal.name);
        session.clone_into(&mut principal.session);
        Ok(principal)
    }

    /// The bearer of a token of an identity provider: `cognito-identity.amazonaws.com`, another built-in provider, or
    /// the ARN of an OIDC or SAML provider.
    pub fn web_identity(provider: &str) -> Result<Self, RequestError> {
        if !is_built_in_provider(provider) && !is_provider_arn(provider) {
            let problem = "is neither a built-in identity provider nor the ARN of one";
            return Err(RequestError::Principal { text: provider.to_owned(), problem });
        }
        Ok(Self::new(PrincipalKind::WebIdentity, provider))
    }

    /// States the path of a role session's role, `/` or `/…/`; an assumed-role ARN does not tell it.
    pub fn with_role_path(mut self, path: &str) -> Result<Self, RequestError> {
        if self.kind != PrincipalKind::RoleSession {
            return Err(RequestError::Fact { fact: "role path", problem: "is for role sessions" });
        }
        let is_path = path.len() > 2 && path.starts_with('/') && path.ends_with('/') && !path.contains("//");
        if path != "/" && !is_path {
            let problem = "must begin and end with `/`, and have no two together";
            return Err(RequestError::Fact { fact: "role path", problem });
        }
        self.facts.role_path = Some(path.to_owned());
        Ok(self)
    }

    /// States the unique id of the user or role, `AIDA…` or `AROA…`.
    pub fn with_unique_id(mut self, id: &str) -> Result<Self, RequestError> {
        let fits = match self.kind {
            PrincipalKind::User => id.starts_with("AIDA"),
            PrincipalKind::Role | PrincipalKind::RoleSession => id.starts_with("AROA"),
            _ => false,
        };
        if !fits || !is_unique_id(id) {
            let problem = "must be the `AIDA…` of a user or the `AROA…` of a role";
            return Err(RequestError::Fact { fact: "unique id", problem });
        }
        self.facts.unique_id = Some(id.to_owned());
        Ok(self)
    }

    /// States that the role is service-linked: SCPs and RCPs do not bind it.
    pub fn with_service_linked(mut self, service_linked: bool) -> Result<Self, RequestError> {
        if service_linked && !matches!(self.kind, PrincipalKind::Role | PrincipalKind::RoleSession) {
            return Err(RequestError::Fact { fact: "service-linked mark", problem: "is for roles" });
        }
        self.facts.service_linked = service_linked;
        Ok(self)
    }

    /// States that the principal is in the organization's management account: SCPs do not bind it.
    #[must_use]
    pub fn with_management_account(mut self, management_account: bool) -> Self {
        self.facts.management_account = management_account;
        self
    }

    /// States the user whose `GetFederationToken` made the session; its name alone proves nothing.
    pub fn with_federating_user(mut self, arn: &str) -> Result<Self, RequestError> {
        if self.kind != PrincipalKind::FederatedUser {
            return Err(RequestError::Fact { fact: "federating user", problem: "is for federated users" });
        }
        let user = Self::parse(arn)?;
        if user.kind != PrincipalKind::User
            || user.account != self.account
            || user.partition != self.partition
        {
            return Err(RequestError::Fact {
                fact: "federating user",
                problem: "must be a user of the same account",
            });
        }
        self.facts.federating_user = Some(user.text);
        Ok(self)
    }

    /// What kind of principal it is.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The ARN, service name or provider; `anonymous`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The partition of its ARN, else empty.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The account that it belongs to.
    pub fn account(&self) -> Option<&str> {
        (!self.account.is_empty()).then_some(&*self.account)
    }

    /// Path and name of a user or bare role, the role's name of a session, the name of a federated user.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name without its path.
    pub fn friendly_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// The session's name, of a role session.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// The path of a session's role, if stated.
    pub fn role_path(&self) -> Option<&str> {
        self.facts.role_path.as_deref()
    }

    /// The unique id of the user or role, if stated.
    pub fn unique_id(&self) -> Option<&str> {
        self.facts.unique_id.as_deref()
    }

    /// The user behind a federated session, if stated.
    pub fn federating_user(&self) -> Option<&str> {
        self.facts.federating_user.as_deref()
    }

    /// Whether it is in the organization's management account.
    pub fn is_in_management_account(&self) -> bool {
        self.facts.management_account
    }

    /// Whether it is a service-linked role: stated, or by the role's path; never by a role's name.
    pub fn is_service_linked(&self) -> bool {
        let path = match self.kind {
            PrincipalKind::Role => self.name.starts_with("aws-service-role/"),
            PrincipalKind::RoleSession => {
                self.role_path().is_some_and(|path| path.starts_with("/aws-service-role/"))
            }
            _ => false,
        };
        self.facts.service_linked || path
    }

    /// The role's ARN: of a bare role, or of a session whose role path is stated.
    pub fn role_arn(&self) -> Option<String> {
        match self.kind {
            PrincipalKind::Role => Some(self.text.clone()),
            PrincipalKind::RoleSession => {
                let path = self.role_path()?;
                Some(format!("arn:{}:iam::{}:role{path}{}", self.partition, self.account, self.name))
            }
            _ => None,
        }
    }

    fn new(kind: PrincipalKind, text: &str) -> Self {
        Self {
            kind,
            text: text.to_owned(),
            partition: String::new(),
            account: String::new(),
            name: String::new(),
            session: String::new(),
            facts: Facts::default(),
        }
    }
}

/// Whether a text has the form of a service principal: a host name.
pub fn is_service_name(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

/// Whether a text names one of the identity providers that IAM knows without an ARN.
pub fn is_built_in_provider(text: &str) -> bool {
    matches!(
        text,
        "cognito-identity.amazonaws.com" | "www.amazon.com" | "graph.facebook.com" | "accounts.google.com"
    )
}

/// Whom an ARN of `iam` or `sts` names, whatever its account: the kind of principal, and its name with its path; of a
/// role session the role's name, `/` and the session's. What is wrong with it, as a predicate, if it names nobody, or
/// not exactly one.
pub(crate) fn named<'a>(arn: &Arn<'a>) -> Result<(PrincipalKind, &'a str), &'static str> {
    is_of_one(arn)?;
    if arn.service() == "iam" && arn.resource() == "root" {
        return Ok((PrincipalKind::Root, ""));
    }
    let (kind, name) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    let segments = name.split('/').count();
    let kind = match (arn.service(), kind) {
        ("iam", "user") => PrincipalKind::User,
        ("iam", "role") => PrincipalKind::Role,
        ("sts", "federated-user") if segments == 1 => PrincipalKind::FederatedUser,
        ("sts", "federated-user") => return Err("is not `federated-user/NAME`"),
        ("sts", "assumed-role") if segments == 2 => PrincipalKind::RoleSession,
        ("sts", "assumed-role") => return Err("is not `assumed-role/ROLE/SESSION`"),
        _ => return Err("is not an ARN of a user, role, role session, federated user or root"),
    };
    if name.split('/').any(str::is_empty) {
        return Err("has no name, or an empty part in its path");
    }
    Ok((kind, name))
}

/// Refuses an ARN that is not whole, or that could stand for many.
fn is_of_one(arn: &Arn<'_>) -> Result<(), &'static str> {
    if arn.text().contains(['*', '?']) || arn.text().contains("${") {
        return Err("holds a wildcard or a variable: name exactly one");
    }
    if arn.partition().is_empty() || !arn.region().is_empty() {
        return Err("has no partition, or a Region");
    }
    Ok(())
}

/// Whether a text is the ARN of an OIDC or SAML provider.
pub fn is_provider_arn(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| {
        let name =
            arn.resource().strip_prefix("oidc-provider/").or(arn.resource().strip_prefix("saml-provider/"));
        let is_one = arn.service() == "iam" && is_account_id(arn.account()) && is_of_one(&arn).is_ok();
        is_one && name.is_some_and(|name| !name.is_empty())
    })
}

/// Whether a text has the form of a user's or role's unique id.
pub fn is_unique_id(text: &str) -> bool {
    let known = text.starts_with("AIDA") || text.starts_with("AROA");
    known && text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        for (text, kind, name) in [
            ("arn:aws:iam::111122223333:user/a/b/alice", PrincipalKind::User, "a/b/alice"),
            ("arn:aws-cn:iam::111122223333:role/team/R", PrincipalKind::Role, "team/R"),
            ("arn:aws:sts::111122223333:assumed-role/R/s", PrincipalKind::RoleSession, "R"),
            ("arn:aws:sts::111122223333:federated-user/bob", PrincipalKind::FederatedUser, "bob"),
            ("arn:aws:iam::111122223333:root", PrincipalKind::Root, ""),
            ("lambda.amazonaws.com", PrincipalKind::Service, ""),
            ("anonymous", PrincipalKind::Anonymous, ""),
        ] {
            let principal = Principal::parse(text).unwrap();
            assert_eq!((principal.kind(), principal.name()), (kind, name), "{text}");
        }
    }

    #[test]
    fn malformed_forms_are_refused() {
        for text in [
            "",
            "alice",
            "arn:aws:iam::1:user/a",
            "arn:aws:iam::111122223333:user/",
            "arn:aws:iam::111122223333:group/g",
            "arn:aws:sts::111122223333:assumed-role/R",
            "arn:aws:sts::111122223333:assumed-role//s",
            "arn:aws:sts::111122223333:assumed-role/R/s/t",
            "arn:aws:iam:us-east-1:111122223333:user/a",
            "arn::iam::111122223333:user/a",
            "arn:aws:iam::111122223333:user//a",
            "arn:aws:iam::111122223333:role/a//b",
            "arn:aws:iam::111122223333:user/a*",
            "arn:aws:iam::111122223333:user/${aws:username}",
            "arn:aws:sts::111122223333:federated-user/a/b",
            "arn:aws:s3:::bucket",
        ] {
            assert_eq!(Principal::parse(text).unwrap_err().code(), "INVALID_PRINCIPAL", "{text}");
        }
    }

    #[test]
    fn the_role_of_a_caller() {
        let role = |text: &str| Principal::parse(text).unwrap().role_arn();
        let bare = "arn:aws:iam::111122223333:role/team/R";
        assert_eq!(role(bare).as_deref(), Some(bare));
        let session = "arn:aws:sts::111122223333:assumed-role/R/s";
        assert_eq!(role(session), None, "the path of the role is not in a session's ARN");
        let session = Principal::parse(session).unwrap().with_role_path("/team/").unwrap();
        assert_eq!(session.role_arn().as_deref(), Some(bare));
        assert_eq!(role("arn:aws:iam::111122223333:user/alice"), None);
    }

    #[test]
    fn facts_must_fit_the_kind() {
        let session = Principal::parse("arn:aws:sts::111122223333:assumed-role/R/s").unwrap();
        assert_eq!(session.clone().with_role_path("team").unwrap_err().code(), "INVALID_PRINCIPAL_FACT");
        assert!(session.clone().with_unique_id("AIDAX").is_err());
        let session = session.with_role_path("/aws-service-role/x/").unwrap();
        assert!(session.is_service_linked());
        assert_eq!(session.role_arn().unwrap(), "arn:aws:iam::111122223333:role/aws-service-role/x/R");
        let federated = Principal::parse("arn:aws:sts::111122223333:federated-user/bob").unwrap();
        assert!(federated.clone().with_federating_user("arn:aws:iam::999922223333:user/bob").is_err());
        assert!(federated.with_federating_user("arn:aws:iam::111122223333:user/bob").is_ok());
    }
}
