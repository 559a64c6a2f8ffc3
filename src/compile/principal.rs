//! Principals of a policy, lowered.

use crate::policy::principal::PrincipalEntry;
use crate::text::arn::Arn;
use crate::text::pool::{Literal, Pool};

/// A principal entry; its texts are in the policy's pool.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PrincipalMatcher {
    Everyone,
    Account {
        partition: Option<Literal>,
        id: Literal,
    },
    User(NamedArn),
    Role(NamedArn),
    Session(Literal),
    FederatedUser(Literal),
    UniqueId(Literal),
    Provider(Literal),
    Service(Literal),
    /// An S3 account alias: no caller is known by one.
    Nobody,
}

/// An ARN of a user or role, in the parts that are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedArn {
    pub(crate) text: Literal,
    pub(crate) partition: Literal,
    pub(crate) account: Literal,
    /// Path and name.
    pub(crate) name: Literal,
}

impl PrincipalMatcher {
    pub(super) fn new(entry: &PrincipalEntry<'_>, pool: &mut Pool) -> Self {
        match entry {
            PrincipalEntry::Everyone => Self::Everyone,
            PrincipalEntry::Account { partition, id } => {
                Self::Account { partition: partition.map(|partition| pool.add(partition)), id: pool.add(id) }
            }
            PrincipalEntry::User(arn) => Self::User(NamedArn::new(arn, pool)),
            PrincipalEntry::Role(arn) => Self::Role(NamedArn::new(arn, pool)),
            PrincipalEntry::Session(arn) => Self::Session(pool.add(arn.text())),
            PrincipalEntry::FederatedUser(arn) => Self::FederatedUser(pool.add(arn.text())),
            PrincipalEntry::UniqueId(id) => Self::UniqueId(pool.add(id)),
            PrincipalEntry::Provider(provider) => Self::Provider(pool.add(provider)),
            PrincipalEntry::Service(service) => Self::Service(pool.add(service)),
            PrincipalEntry::CanonicalUser(_) => Self::Nobody,
        }
    }
}

impl NamedArn {
    fn new(arn: &Arn<'_>, pool: &mut Pool) -> Self {
        let name = arn.resource().split_once('/').map_or("", |(_, name)| name);
        Self {
            text: pool.add(arn.text()),
            partition: pool.add(arn.partition()),
            account: pool.add(arn.account()),
            name: pool.add(name),
        }
    }
}
