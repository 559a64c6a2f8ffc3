//! The values of a principal map.

use crate::request::principal::{
    PrincipalKind, is_built_in_provider, is_provider_arn, is_service_name, is_unique_id, named,
};
use crate::text::arn::{Arn, is_account_id};
use crate::text::diagnostic::codes;

/// The keys of a principal map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalMapKey {
    /// Accounts, users, roles and their sessions.
    Aws,
    /// Identity providers; trust policies only.
    Federated,
    /// AWS services.
    Service,
    /// S3's account aliases.
    CanonicalUser,
}

/// A value of a principal map, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalEntry<'a> {
    /// `*`
    Everyone,
    /// An account, by id or by the ARN of its root.
    Account {
        /// Of an ARN, its partition.
        partition: Option<&'a str>,
        /// Twelve digits.
        id: &'a str,
    },
    /// An IAM user, by ARN.
    User(Arn<'a>),
    /// A role, by ARN with its path.
    Role(Arn<'a>),
    /// A role session, by ARN.
    Session(Arn<'a>),
    /// A federated user, by ARN.
    FederatedUser(Arn<'a>),
    /// The unique id of a user or role.
    UniqueId(&'a str),
    /// An identity provider.
    Provider(&'a str),
    /// An AWS service.
    Service(&'a str),
    /// An S3 account alias; no caller is known by one.
    CanonicalUser(&'a str),
}

/// Why a value of a principal map is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrincipalProblem {
    /// The diagnostic's code.
    pub code: &'static str,
    /// What is wrong, to follow the value.
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
}

impl PrincipalMapKey {
    /// Reads a key, case-sensitively.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "AWS" => Some(Self::Aws),
            "Federated" => Some(Self::Federated),
            "Service" => Some(Self::Service),
            "CanonicalUser" => Some(Self::CanonicalUser),
            _ => None,
        }
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Federated => "Federated",
            Self::Service => "Service",
            Self::CanonicalUser => "CanonicalUser",
        }
    }
}

impl<'a> PrincipalEntry<'a> {
    /// Reads a value under a key.
    pub fn parse(key: PrincipalMapKey, text: &'a str) -> Result<Self, PrincipalProblem> {
        if text == "*" && key == PrincipalMapKey::Aws {
            return Ok(Self::Everyone);
        }
        if text.contains("${") {
            return Err(PrincipalProblem {
                code: codes::VARIABLE_UNSUPPORTED_IN_ELEMENT,
                message: "holds a variable, which a principal cannot",
                help: "name the principal, or test `aws:PrincipalArn` in a Condition",
            });
        }
        if text.contains(['*', '?']) {
            return Err(PrincipalProblem {
                code: codes::UNSUPPORTED_WILDCARD_IN_PRINCIPAL,
                message: "holds a wildcard, which matches no part of a principal",
                help: "name the account and narrow it by `aws:PrincipalArn` with ArnLike in a Condition",
            });
        }
        let read = match key {
            PrincipalMapKey::Aws => aws(text),
            PrincipalMapKey::Federated => {
                (is_built_in_provider(text) || is_provider_arn(text)).then_some(Self::Provider(text))
            }
            PrincipalMapKey::Service => is_service(text).then_some(Self::Service(text)),
            PrincipalMapKey::CanonicalUser => is_canonical_user(text).then_some(Self::CanonicalUser(text)),
        };
        read.ok_or(PrincipalProblem {
            code: codes::INVALID_PRINCIPAL_VALUE,
            message: "is no principal of this kind",
            help: match key {
                PrincipalMapKey::Aws => {
                    "write a twelve-digit account id, or the ARN of a root, user, role, role session or federated user"
                }
                PrincipalMapKey::Federated => "write a built-in provider's host name or the ARN of an OIDC or SAML provider",
                PrincipalMapKey::Service => "write a service principal such as `lambda.amazonaws.com`",
                PrincipalMapKey::CanonicalUser => "write the 64 hexadecimal digits of a canonical user id",
            },
        })
    }
}

fn aws(text: &str) -> Option<PrincipalEntry<'_>> {
    if is_account_id(text) {
        return Some(PrincipalEntry::Account { partition: None, id: text });
    }
    if is_unique_id(text) {
        return Some(PrincipalEntry::UniqueId(text));
    }
    let arn = Arn::parse(text)?;
    let (kind, _) = named(&arn).ok()?;
    // CloudFront's origin access identities are users of an account named `cloudfront`.
    if !is_account_id(arn.account()) && (arn.account(), kind) != ("cloudfront", PrincipalKind::User) {
        return None;
    }
    match kind {
        PrincipalKind::Root => {
            Some(PrincipalEntry::Account { partition: Some(arn.partition()), id: arn.account() })
        }
        PrincipalKind::User => Some(PrincipalEntry::User(arn)),
        PrincipalKind::Role => Some(PrincipalEntry::Role(arn)),
        PrincipalKind::RoleSession => Some(PrincipalEntry::Session(arn)),
        PrincipalKind::FederatedUser => Some(PrincipalEntry::FederatedUser(arn)),
        PrincipalKind::Service | PrincipalKind::WebIdentity | PrincipalKind::Anonymous => None,
    }
}

/// A service principal is a host name; a word without a dot is none that calls, but no error either.
fn is_service(text: &str) -> bool {
    is_service_name(text) || is_service_name(&format!("{text}.x"))
}

fn is_canonical_user(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let aws = |text: &'static str| PrincipalEntry::parse(PrincipalMapKey::Aws, text);
        assert_eq!(aws("*"), Ok(PrincipalEntry::Everyone));
        assert_eq!(aws("111122223333"), Ok(PrincipalEntry::Account { partition: None, id: "111122223333" }));
        assert!(matches!(
            aws("arn:aws:iam::111122223333:root"),
            Ok(PrincipalEntry::Account { partition: Some("aws"), .. })
        ));
        assert!(matches!(aws("arn:aws:iam::111122223333:role/a/R"), Ok(PrincipalEntry::Role(_))));
        assert!(matches!(aws("arn:aws:sts::111122223333:assumed-role/R/s"), Ok(PrincipalEntry::Session(_))));
        assert!(matches!(aws("AROAEXAMPLE"), Ok(PrincipalEntry::UniqueId(_))));
        for (text, code) in [
            ("arn:aws:iam::111122223333:role/*", codes::UNSUPPORTED_WILDCARD_IN_PRINCIPAL),
            ("arn:aws:iam::${aws:PrincipalAccount}:root", codes::VARIABLE_UNSUPPORTED_IN_ELEMENT),
            ("arn:aws:iam::111122223333:group/g", codes::INVALID_PRINCIPAL_VALUE),
            ("arn:aws:sts::111122223333:assumed-role/R", codes::INVALID_PRINCIPAL_VALUE),
            ("alice", codes::INVALID_PRINCIPAL_VALUE),
        ] {
            assert_eq!(aws(text).unwrap_err().code, code, "{text}");
        }
        let service = PrincipalEntry::parse(PrincipalMapKey::Service, "*").unwrap_err();
        assert_eq!(service.code, codes::UNSUPPORTED_WILDCARD_IN_PRINCIPAL);
    }
}
