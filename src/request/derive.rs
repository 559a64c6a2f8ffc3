//! Context keys that follow from the principal or the clock: each step is asked for, and refused where the principal
//! lacks what it needs.
//!
//! Follows the table "Principal key values" of the IAM User Guide, "IAM policy elements: Variables and tags".

use jiff::Timestamp;

use super::builder::RequestBuilder;
use super::error::RequestError;
use super::principal::{Principal, PrincipalKind};

/// A key that a principal determines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKey {
    /// `aws:PrincipalArn`; of a role session the role's ARN, which needs the role path.
    Arn,
    /// `aws:PrincipalAccount`
    Account,
    /// `aws:PrincipalType`
    Type,
    /// `aws:userid`; of users and roles it needs the unique id.
    UserId,
    /// `aws:username`, of users only.
    Username,
}

impl PrincipalKey {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Arn, Self::Account, Self::Type, Self::UserId, Self::Username];

    /// The context key's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arn => "aws:PrincipalArn",
            Self::Account => "aws:PrincipalAccount",
            Self::Type => "aws:PrincipalType",
            Self::UserId => "aws:userid",
            Self::Username => "aws:username",
        }
    }

    /// The key's value for a principal; `None` where the key is absent for such a principal.
    ///
    /// # Errors
    /// The principal has the key, but what it is made of was not stated.
    pub fn value(self, principal: &Principal) -> Result<Option<String>, RequestError> {
        match self {
            Self::Arn => self.arn(principal),
            Self::Account => Ok(account(principal)),
            Self::Type => Ok(principal_type(principal).map(str::to_owned)),
            Self::UserId => self.user_id(principal),
            Self::Username => {
                let is_user = principal.kind() == PrincipalKind::User;
                Ok(is_user.then(|| principal.friendly_name().to_owned()))
            }
        }
    }

    fn arn(self, principal: &Principal) -> Result<Option<String>, RequestError> {
        match principal.kind() {
            PrincipalKind::RoleSession => {
                let reason = "an assumed-role ARN does not tell the role's path; state it, or give the key";
                principal.role_arn().map(Some).ok_or(RequestError::Underivable { key: self.name(), reason })
            }
            PrincipalKind::Service | PrincipalKind::WebIdentity | PrincipalKind::Anonymous => Ok(None),
            PrincipalKind::User
            | PrincipalKind::Role
            | PrincipalKind::FederatedUser
            | PrincipalKind::Root => Ok(Some(principal.text().to_owned())),
        }
    }

    fn user_id(self, principal: &Principal) -> Result<Option<String>, RequestError> {
        let unknown = |reason| RequestError::Underivable { key: self.name(), reason };
        let id =
            || principal.unique_id().ok_or(unknown("the unique id is not stated; state it, or give the key"));
        match principal.kind() {
            PrincipalKind::User => Ok(Some(id()?.to_owned())),
            PrincipalKind::RoleSession => Ok(Some(format!("{}:{}", id()?, principal.session()))),
            PrincipalKind::Role => Err(unknown("a bare role has no session name")),
            PrincipalKind::FederatedUser => {
                Ok(principal.account().map(|account| format!("{account}:{}", principal.name())))
            }
            PrincipalKind::Root => Ok(principal.account().map(str::to_owned)),
            PrincipalKind::Anonymous => Ok(Some("anonymous".to_owned())),
            PrincipalKind::Service | PrincipalKind::WebIdentity => Ok(None),
        }
    }
}

fn account(principal: &Principal) -> Option<String> {
    match principal.kind() {
        PrincipalKind::Anonymous => Some("anonymous".to_owned()),
        _ => principal.account().map(str::to_owned),
    }
}

fn principal_type(principal: &Principal) -> Option<&'static str> {
    match principal.kind() {
        PrincipalKind::User => Some("User"),
        PrincipalKind::Role | PrincipalKind::RoleSession => Some("AssumedRole"),
        PrincipalKind::FederatedUser => Some("FederatedUser"),
        PrincipalKind::Root => Some("Account"),
        PrincipalKind::Anonymous => Some("Anonymous"),
        PrincipalKind::Service | PrincipalKind::WebIdentity => None,
    }
}

impl RequestBuilder<'_> {
    /// Adds one key that the principal determines; nothing where such a principal does not have it.
    #[must_use]
    pub fn derive_principal_key(mut self, key: PrincipalKey) -> Self {
        match key.value(self.principal) {
            Ok(Some(value)) => self.one(key.name(), value),
            Ok(None) => self,
            Err(error) => {
                self.fail(error);
                self
            }
        }
    }

    /// Adds every key that the principal determines.
    #[must_use]
    pub fn derive_principal_keys(self) -> Self {
        PrincipalKey::ALL.into_iter().fold(self, Self::derive_principal_key)
    }

    /// Adds `aws:CurrentTime` and `aws:EpochTime` from the seconds since 1970 that the caller's clock shows.
    #[must_use]
    pub fn derive_time(mut self, unix_seconds: i64) -> Self {
        match Timestamp::from_second(unix_seconds) {
            Ok(instant) => self
                .one("aws:CurrentTime", instant.to_string())
                .one("aws:EpochTime", unix_seconds.to_string()),
            Err(_) => {
                self.fail(RequestError::Underivable {
                    key: "aws:CurrentTime",
                    reason: "the clock is out of range",
                });
                self
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::context::ContextValue;
    use super::super::{Owner, Request};
    use super::*;

    fn keys(principal: &Principal) -> Result<Vec<(String, String)>, RequestError> {
        let request = Request::builder(principal, "s3:GetObject", "*", Owner::Unknown)
            .derive_principal_keys()
            .build()?;
        let pairs = request.context().entries().map(|(name, value)| match value {
            ContextValue::One(value) => (name.to_owned(), value.to_owned()),
            ContextValue::Many(_) => panic!("derived keys are single-valued"),
        });
        Ok(pairs.collect())
    }

    #[test]
    fn a_role_session_needs_its_facts() {
        let session = Principal::parse("arn:aws:sts::111122223333:assumed-role/R/s").unwrap();
        assert_eq!(keys(&session).unwrap_err().code(), "UNDERIVABLE_CONTEXT_KEY");
        let session = session.with_role_path("/t/").unwrap().with_unique_id("AROAX").unwrap();
        let expected = [
            ("aws:PrincipalArn", "arn:aws:iam::111122223333:role/t/R"),
            ("aws:PrincipalAccount", "111122223333"),
            ("aws:PrincipalType", "AssumedRole"),
            ("aws:userid", "AROAX:s"),
        ];
        assert_eq!(keys(&session).unwrap(), expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn the_others_follow_the_table() {
        let value = |text: &str, key: PrincipalKey| key.value(&Principal::parse(text).unwrap()).unwrap();
        let user = "arn:aws:iam::111122223333:user/a/alice";
        assert_eq!(value(user, PrincipalKey::Username).as_deref(), Some("alice"));
        assert_eq!(
            value("arn:aws:iam::111122223333:root", PrincipalKey::UserId).as_deref(),
            Some("111122223333")
        );
        assert_eq!(value("anonymous", PrincipalKey::Account).as_deref(), Some("anonymous"));
        assert_eq!(value("anonymous", PrincipalKey::Arn), None);
        assert_eq!(value("lambda.amazonaws.com", PrincipalKey::Type), None);
        let federated = "arn:aws:sts::111122223333:federated-user/bob";
        assert_eq!(value(federated, PrincipalKey::UserId).as_deref(), Some("111122223333:bob"));
    }

    /// The values that the page of global condition keys lists for `aws:PrincipalType`.
    #[test]
    fn types_of_principals() {
        for (text, expected) in [
            ("arn:aws:iam::111122223333:root", Some("Account")),
            ("arn:aws:iam::111122223333:user/alice", Some("User")),
            ("arn:aws:sts::111122223333:federated-user/bob", Some("FederatedUser")),
            ("arn:aws:sts::111122223333:assumed-role/R/s", Some("AssumedRole")),
            ("arn:aws:iam::111122223333:role/R", Some("AssumedRole")),
            ("anonymous", Some("Anonymous")),
            ("lambda.amazonaws.com", None),
        ] {
            let principal = Principal::parse(text).unwrap();
            assert_eq!(PrincipalKey::Type.value(&principal).unwrap().as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_clock_out_of_range_is_refused() {
        let root = Principal::parse("arn:aws:iam::111122223333:root").unwrap();
        for clock in [i64::MAX, i64::MIN] {
            let builder = Request::builder(&root, "s3:GetObject", "*", Owner::Unknown).derive_time(clock);
            assert_eq!(builder.build().unwrap_err().code(), "UNDERIVABLE_CONTEXT_KEY", "{clock}");
        }
    }

    #[test]
    fn time_is_given_not_read() {
        let root = Principal::parse("arn:aws:iam::111122223333:root").unwrap();
        let request =
            Request::builder(&root, "s3:GetObject", "*", Owner::Unknown).derive_time(0).build().unwrap();
        let value = request.context().get("aws:currenttime");
        assert_eq!(value, Some(ContextValue::One("1970-01-01T00:00:00Z")));
    }
}
