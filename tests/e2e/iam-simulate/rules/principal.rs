//! `Principal` and `NotPrincipal`.

use super::Rule;
use crate::clause::{Principals, say_principals};
use crate::oracle::arn::{Kind, PrincipalArn};
use crate::oracle::caller::CallerKind;
use crate::oracle::principal::Named;

const PRINCIPAL: &str = "IAM User Guide, \"AWS JSON policy elements: Principal\"";

pub const ROLE_NAMES: Rule = Rule {
    name: "case of a role's name",
    peer: "A session is one of a role whose name differs in case or accents.",
    law: "Names of roles are compared with their case.",
    source: "IAM User Guide, \"Troubleshoot IAM roles\"",
    documented: false,
    rewrite: |case| {
        say_principals(case, |one| {
            one.arns().any(|(named, caller)| {
                named.kind == Kind::Role
                    && caller.kind == Kind::Session
                    && named.name() != caller.session_role()
                    && named.name().eq_ignore_ascii_case(caller.session_role())
            })
        });
    },
};

pub const FEDERATED_NAMES: Rule = Rule {
    name: "a federated session and a user of its name",
    peer: "The session is that user's, for Allow and Deny; a user with a path never is.",
    law: "The name is chosen by whoever calls GetFederationToken: an Allow needs the user to be stated, a Deny takes the \
          name for enough.",
    source: PRINCIPAL,
    documented: false,
    rewrite: |case| {
        say_principals(case, |one| {
            one.arns().any(|(named, caller)| {
                named.kind == Kind::User
                    && caller.kind == Kind::FederatedUser
                    && named.name() == caller.name()
            })
        });
    },
};

pub const NOT_PRINCIPAL: Rule = Rule {
    name: "NotPrincipal with a part of the caller's chain",
    peer: "Spares a caller of whom anything is listed, its account too.",
    law: "Spares a caller whose own ARN and every parent are listed.",
    source: "IAM User Guide, \"AWS JSON policy elements: NotPrincipal\"",
    documented: true,
    rewrite: |case| say_principals(case, |one| one.negated),
};

pub const PARTITION: Rule = Rule {
    name: "an account of another partition",
    peer: "Compares the twelve digits of a root ARN alone.",
    law: "The same digits in another partition are another account.",
    source: "IAM User Guide, \"Identify AWS resources with ARNs\"",
    documented: false,
    rewrite: |case| {
        say_principals(case, |one| {
            one.arns().any(|(named, caller)| {
                named.kind == Kind::Root
                    && named.account == caller.account
                    && named.partition != caller.partition
            })
        });
    },
};

pub const PROVIDER_ACCOUNT: Rule = Rule {
    name: "the account of an identity provider",
    peer: "Whoever bears a token of a provider belongs to the account in the provider's ARN.",
    law: "Belongs to no account: only the provider and everyone name it.",
    source: PRINCIPAL,
    documented: false,
    rewrite: |case| {
        say_principals(case, |one| {
            let is_account = |named: &Named| match named {
                Named::Account(_) => true,
                Named::Arn(arn) => arn.kind == Kind::Root,
                _ => false,
            };
            matches!(&one.asked.principal.kind, CallerKind::WebIdentity(provider) if provider.starts_with("arn:"))
                && one.named.iter().any(is_account)
        });
    },
};

pub const ENDPOINT: Rule = Rule {
    name: "the principals of an endpoint policy",
    peer: "Does not read them: every statement is about everyone.",
    law: "A statement is about the principals that it names.",
    source: "AWS PrivateLink guide, \"Control access to VPC endpoints using endpoint policies\"",
    documented: true,
    rewrite: |case| say_principals(case, |one| one.place.layer == "vpc_endpoint"),
};

impl Principals<'_> {
    /// The ARNs that are named, each with that of the caller.
    fn arns(&self) -> impl Iterator<Item = (&PrincipalArn, &PrincipalArn)> {
        let caller = self.asked.principal.arn();
        self.named.iter().filter_map(move |named| match named {
            Named::Arn(arn) => Some((arn, caller?)),
            _ => None,
        })
    }
}
