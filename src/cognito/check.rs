//! What is wrong with a pool's configuration: all of it at once, each with its path.

use std::fmt;

use crate::request::principal::is_provider_arn;
use crate::text::arn::{Arn, is_account_id};
use crate::text::diagnostic::excerpt;

use super::pool::{MappingKind, Pool, RoleMapping, TagMap};
use super::provider::{PUBLIC, Provider, ProviderKind};
use super::tags;
use super::web_identity::is_identity_id;

/// Rules that a provider may have.
const MAX_RULES: usize = 25;
/// Providers that may have a role mapping.
const MAX_MAPPINGS: usize = 10;
/// Seconds that clocks may differ.
const MAX_LEEWAY: u32 = 600;

/// Something wrong with a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolProblem {
    /// Where, as `providers[1].clients`.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// A pool that is refused, with everything that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identity pool is refused: {}", told(.0))]
pub struct InvalidPool(pub Vec<PoolProblem>);

impl fmt::Display for PoolProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, self.message)
    }
}

fn told(problems: &[PoolProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Pool {
    /// The pool, if nothing is wrong with it.
    ///
    /// # Errors
    /// Every problem.
    pub fn check(self) -> Result<Self, InvalidPool> {
        let problems = self.problems();
        if problems.is_empty() { Ok(self) } else { Err(InvalidPool(problems)) }
    }

    /// Everything that is wrong with it, in the order of its parts.
    pub fn problems(&self) -> Vec<PoolProblem> {
        let mut found = Found(Vec::new());
        found.require(is_identity_id(&self.id), "id", || {
            format!("{} is not `REGION:GUID`", excerpt(&self.id))
        });
        found.require(is_account_id(&self.account), "account", || "is not twelve digits".to_owned());
        let partition = &self.partition;
        let is_partition = partition == "aws" || partition.starts_with("aws-");
        found.require(is_partition, "partition", || "is not `aws`, `aws-cn` or another of AWS's".to_owned());
        let leeway = self.leeway_seconds <= MAX_LEEWAY;
        found.require(leeway, "leeway_seconds", || format!("is more than {MAX_LEEWAY}"));
        self.check_providers(&mut found);
        self.check_roles(&mut found);
        self.check_mappings(&mut found);
        self.check_tags(&mut found);
        found.0
    }

    fn check_providers(&self, found: &mut Found) {
        let mut names = Vec::new();
        for (number, provider) in self.providers.iter().enumerate() {
            let path = format!("providers[{number}]");
            let name = provider.name(&self.partition);
            found.require(!names.contains(&name), &path, || format!("{} stands twice", excerpt(&name)));
            names.push(name);
            check_provider(provider, &path, found);
        }
        let developers = self.providers.iter().filter(|one| one.kind == ProviderKind::Developer).count();
        found
            .require(developers <= 1, "providers", || "a pool has one developer provider at most".to_owned());
    }

    fn check_roles(&self, found: &mut Found) {
        let roles = &self.roles;
        for (name, role) in
            [("authenticated", &roles.authenticated), ("unauthenticated", &roles.unauthenticated)]
        {
            if let Some(role) = role {
                self.check_role(role, &format!("roles.{name}"), found);
            }
        }
    }

    /// The enhanced flow takes roles of the pool's own account only.
    fn check_role(&self, role: &str, path: &str, found: &mut Found) {
        let own = Arn::parse(role).is_some_and(|arn| {
            arn.service() == "iam"
                && arn.partition() == self.partition
                && arn.account() == self.account
                && arn.resource().strip_prefix("role/").is_some_and(|name| !name.is_empty())
        });
        found.require(own, path, || {
            format!("{} is not the ARN of a role of the pool's account, {}", excerpt(role), self.account)
        });
    }

    fn check_mappings(&self, found: &mut Found) {
        let few = self.role_mappings.len() <= MAX_MAPPINGS;
        found.require(few, "role_mappings", || format!("has more than {MAX_MAPPINGS} providers"));
        let keys: Vec<String> = self.providers.iter().flat_map(|one| self.mapping_keys(one)).collect();
        for (key, mapping) in &self.role_mappings {
            let path = format!("role_mappings.{}", excerpt(key));
            let known = keys.contains(key);
            found.require(known, &path, || {
                format!("names no provider; those of the pool are {}", keys.join(", "))
            });
            self.check_mapping(mapping, &path, found);
        }
    }

    fn mapping_keys(&self, provider: &Provider) -> Vec<String> {
        match provider.kind {
            ProviderKind::UserPool => {
                let key = |client: &String| provider.role_mapping_key(&self.partition, client);
                provider.clients.iter().map(key).collect()
            }
            // There is no claim by which to choose.
            ProviderKind::Developer => Vec::new(),
            ProviderKind::Oidc | ProviderKind::Public => vec![provider.role_mapping_key(&self.partition, "")],
        }
    }

    fn check_mapping(&self, mapping: &RoleMapping, path: &str, found: &mut Found) {
        let rules = &mapping.rules;
        let fits = (mapping.kind == MappingKind::Rules) != rules.is_empty();
        found.require(fits, &format!("{path}.rules"), || {
            "stand where `type` is `Rules`, at least one, and nowhere else".to_owned()
        });
        let few = rules.len() <= MAX_RULES;
        found.require(few, &format!("{path}.rules"), || format!("are more than {MAX_RULES}"));
        for (number, rule) in rules.iter().enumerate() {
            let path = format!("{path}.rules[{number}]");
            found.sized(&rule.claim, 64, &format!("{path}.claim"));
            found.sized(&rule.value, 128, &format!("{path}.value"));
            self.check_role(&rule.role_arn, &format!("{path}.role_arn"), found);
        }
    }

    fn check_tags(&self, found: &mut Found) {
        for (name, map) in &self.principal_tags {
            let path = format!("principal_tags.{}", excerpt(name));
            let provider = self.provider(name);
            found.require(provider.is_some(), &path, || "names no provider of the pool".to_owned());
            let is_developer = provider.is_some_and(|one| one.kind == ProviderKind::Developer);
            found.require(!is_developer, &path, || {
                "a developer provider has no claims: give the tags with the login".to_owned()
            });
            check_tag_map(map, &path, found);
        }
    }
}

fn check_provider(provider: &Provider, path: &str, found: &mut Found) {
    let id = &provider.id;
    let (is_id, what) = match provider.kind {
        ProviderKind::UserPool => (is_user_pool_id(id), "a user pool's id, `REGION_NAME`"),
        ProviderKind::Oidc => {
            (is_provider_arn(id) && id.contains(":oidc-provider/"), "the ARN of an OIDC provider")
        }
        ProviderKind::Public => (PUBLIC.iter().any(|(name, _)| name == id), "a public provider's domain"),
        ProviderKind::Developer => (is_developer_name(id), "1 to 128 letters, digits, `.`, `_` and `-`"),
    };
    found.require(is_id, &format!("{path}.id"), || format!("{} is not {what}", excerpt(id)));
    let is_developer = provider.kind == ProviderKind::Developer;
    found.require(is_developer == provider.clients.is_empty(), &format!("{path}.clients"), || {
        if is_developer { "a developer provider has none" } else { "name at least one client id" }.to_owned()
    });
    let fits = provider.clients.iter().all(|client| (1..=255).contains(&client.len()));
    found.require(fits, &format!("{path}.clients"), || "a client id has 1 to 255 bytes".to_owned());
    check_keys(provider, path, found);
}

fn check_keys(provider: &Provider, path: &str, found: &mut Found) {
    let (file, url) = (provider.jwks_file.is_some(), provider.jwks_url.is_some());
    if !provider.has_tokens() {
        let none = !file && !url && provider.issuer.is_none();
        found.require(none, path, || "has no signed tokens: leave out issuer and key set".to_owned());
        return;
    }
    found.require(!(file && url), path, || "has its key set in a file or at a URL, not both".to_owned());
    let needs = provider.kind == ProviderKind::Oidc && !file && !url;
    found.require(!needs, path, || "name its key set by `jwks_file` or `jwks_url`".to_owned());
    let empty = provider.issuer.as_ref().is_some_and(String::is_empty);
    found.require(!empty, &format!("{path}.issuer"), || "is empty".to_owned());
}

fn check_tag_map(map: &TagMap, path: &str, found: &mut Found) {
    let custom = !map.tags.is_empty();
    found.require(map.use_defaults != custom, path, || {
        "has either `use_defaults = true` or tags of its own".to_owned()
    });
    found
        .require(map.tags.len() <= tags::MAX_TAGS, path, || format!("has more than {} tags", tags::MAX_TAGS));
    for (key, claim) in &map.tags {
        if let Err(problem) = tags::check_key(key) {
            found.0.push(PoolProblem { path: format!("{path}.tags"), message: problem.to_string() });
        }
        found.sized(claim, 256, &format!("{path}.tags.{}", excerpt(key)));
    }
}

fn is_user_pool_id(id: &str) -> bool {
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    id.len() <= 55 && id.split_once('_').is_some_and(|(region, name)| is_word(region) && is_word(name))
}

fn is_developer_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=128).contains(&name.len()) && name.bytes().all(is_allowed)
}

struct Found(Vec<PoolProblem>);

impl Found {
    fn require(&mut self, holds: bool, path: &str, message: impl FnOnce() -> String) {
        if !holds {
            self.0.push(PoolProblem { path: path.to_owned(), message: message() });
        }
    }

    fn sized(&mut self, text: &str, most: usize, path: &str) {
        let fits = (1..=most).contains(&text.chars().count());
        self.require(fits, path, || format!("has not 1 to {most} characters"));
    }
}
