//! The ARNs of principals: `iam` users, roles and accounts, `sts` sessions.

use super::values::is_account;

/// Who an ARN names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Root,
    User,
    Role,
    Session,
    FederatedUser,
}

/// A principal's ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalArn {
    pub kind: Kind,
    pub text: String,
    pub partition: String,
    pub account: String,
    /// Path and name: `/team/R` of a role or a user, `/R/s` of a session, `/Name` of a federated user, nothing of root.
    pub path: String,
}

impl PrincipalArn {
    /// Reads an ARN that names exactly one principal: no wildcard, no variable.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains(['*', '?']) || text.contains("${") {
            return None;
        }
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let [arn, partition, service, region, account, resource] = fields.as_slice() else {
            return None;
        };
        let (kind, path) = named(service, resource)?;
        let well_formed = *arn == "arn" && !partition.is_empty() && region.is_empty() && is_account(account);
        well_formed.then(|| Self {
            kind,
            text: text.to_owned(),
            partition: (*partition).to_owned(),
            account: (*account).to_owned(),
            path: path.to_owned(),
        })
    }

    /// The last segment: the name of a user, a role or a federated user.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The role's name in the ARN of a session.
    pub fn session_role(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or_default()
    }

    /// Whether both belong to one account of one partition.
    pub fn same_account(&self, other: &Self) -> bool {
        self.partition == other.partition && self.account == other.account
    }
}

/// The kind and path of a resource part; no segment may be empty.
fn named<'a>(service: &str, resource: &'a str) -> Option<(Kind, &'a str)> {
    if service == "iam" && resource == "root" {
        return Some((Kind::Root, ""));
    }
    let (word, path) = resource.split_at(resource.find('/')?);
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let kind = match (service, word, segments.len()) {
        ("iam", "user", _) => Kind::User,
        ("iam", "role", _) => Kind::Role,
        ("sts", "assumed-role", 2) => Kind::Session,
        ("sts", "federated-user", 1) => Kind::FederatedUser,
        _ => return None,
    };
    segments.iter().all(|segment| !segment.is_empty()).then_some((kind, path))
}
