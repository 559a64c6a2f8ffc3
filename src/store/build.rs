//! From a folder to a snapshot: every reference is looked up, every name is once there, and every problem is told.

use std::collections::HashMap;
use std::path::Path;

use crate::policy::Kind;
use crate::request::Principal;
use crate::text::diagnostic::{Diagnostic, Severity, codes, excerpt};
use crate::text::source::Source;
use crate::text::span::{Span, to_u32};

use super::authzen;
use super::folder::Folder;
use super::levels::Tree;
use super::manifest::{self, At, Held, Named};
use super::manifests::{self, Read};
use super::names::Names;
use super::read::Text;
use super::rejected::{Refused, Rejected};
use super::revision::Revision;
use super::shape::Word;
use super::snapshot::{Account, Endpoint, Group, Identity, IdentityPool, Resource, Snapshot};
use super::uses::{Attachment, Loaded, Uses};
use super::{LoadOptions, MANIFEST};

/// The most policy files whose problems are told.
const TOLD: usize = 1_000;

/// Loads the store in a folder.
pub(super) fn load(path: &Path, options: &LoadOptions<'_>, now: i64) -> Result<Snapshot, Rejected> {
    let unreadable = |reason: String| {
        let source = Source::new(path.join(MANIFEST).display().to_string(), "");
        let message = format!("the folder of the store {reason}");
        let problem = Diagnostic::error(codes::UNREADABLE_FILE, Span::default(), message);
        Rejected { files: vec![Refused { source, problems: vec![problem] }] }
    };
    let folder = Folder::open(path).map_err(unreadable)?;
    let manifests = manifests::read(&folder, options).map_err(|refused| Rejected { files: vec![refused] })?;
    let mut builder = Builder::new(&manifests);
    builder.organization();
    builder.accounts();
    builder.identities();
    builder.resources();
    builder.authzen();
    let pools = builder.name_pools();
    let mut loaded = builder.uses.load(&folder, options);
    builder.pools(&pools, &folder, &mut loaded);
    let Builder { mut snapshot, problems, .. } = builder;
    snapshot.loaded_at = now;
    snapshot.shrink();
    finish(snapshot, problems, manifests, loaded)
}

/// The snapshot, if nothing is wrong.
fn finish(
    mut snapshot: Snapshot,
    problems: Vec<(At, Diagnostic)>,
    mut manifests: Vec<Read>,
    loaded: Loaded,
) -> Result<Snapshot, Rejected> {
    for (at, problem) in problems.into_iter().chain(loaded.problems) {
        if let Some(read) = manifests.get_mut(at.manifest) {
            read.problems.push(problem);
        }
    }
    let own = manifests.iter().map(|read| (read.path.clone(), read.digest));
    snapshot.revision = Revision::of(own.chain(loaded.digests).collect());
    let of_manifest = |read: Read| Refused { source: read.source, problems: read.problems.into_told() };
    let mut files: Vec<Refused> = manifests.into_iter().map(of_manifest).collect();
    files.retain(|file| !file.problems.is_empty());
    let mut policies = loaded.policies;
    policies.sort_by(|a, b| a.source.name().cmp(b.source.name()));
    if files.iter().chain(&policies).all(|file| !file.has_error()) {
        files.append(&mut policies);
        snapshot.warnings = files;
        snapshot.attachments = loaded.attachments;
        return Ok(snapshot);
    }
    // Warnings of policies would only hide what is wrong.
    policies.retain(Refused::has_error);
    policies.truncate(TOLD);
    for file in files.iter_mut().chain(&mut policies) {
        file.problems.retain(|problem| problem.severity == Severity::Error);
    }
    files.retain(Refused::has_error);
    files.append(&mut policies);
    Err(Rejected { files })
}

struct Builder<'m> {
    manifests: &'m [Read],
    tree: Option<Tree<'m>>,
    uses: Uses,
    snapshot: Snapshot,
    problems: Vec<(At, Diagnostic)>,
    /// Names that are there once, each by what it is of.
    seen: HashMap<(&'static str, String), At>,
    groups: HashMap<(String, String), (usize, &'m manifest::Group)>,
}

impl<'m> Builder<'m> {
    fn new(manifests: &'m [Read]) -> Self {
        let snapshot = Snapshot {
            revision: Revision::of(Vec::new()),
            loaded_at: 0,
            organization: None,
            accounts: Vec::new(),
            account_numbers: Names::default(),
            identities: Vec::new(),
            resources: Vec::new(),
            resource_numbers: Names::default(),
            groups: HashMap::new(),
            endpoints: HashMap::new(),
            pools: Vec::new(),
            authzen: None,
            attachments: Vec::new(),
            warnings: Vec::new(),
        };
        Self {
            manifests,
            tree: None,
            uses: Uses::default(),
            snapshot,
            problems: Vec::new(),
            seen: HashMap::new(),
            groups: HashMap::new(),
        }
    }

    /// Each entry of one table of all manifests, with the number of its manifest.
    fn entries<T>(&self, of: impl Fn(&'m manifest::Manifest) -> &'m [T]) -> Vec<(usize, &'m T)> {
        let manifests: &'m [Read] = self.manifests;
        let all = manifests.iter().enumerate();
        all.flat_map(|(number, read)| of(&read.manifest).iter().map(move |entry| (number, entry))).collect()
    }

    fn tell(&mut self, manifest: usize, code: &'static str, span: Span, message: String, help: &str) {
        let problem = Diagnostic::error(code, span, message);
        let problem = if help.is_empty() { problem } else { problem.with_help(help) };
        self.problems.push((At { manifest, span }, problem));
    }

    /// Whether a name is new; else the second one is told.
    fn once(&mut self, what: &'static str, name: String, at: At) -> bool {
        let message = format!("the {what} {} stands twice", excerpt(&name));
        let Some(first) = self.seen.get(&(what, name.clone())).copied() else {
            self.seen.insert((what, name), at);
            return true;
        };
        let problem = Diagnostic::error(codes::DUPLICATE_ENTRY, at.span, message);
        let problem = if first.manifest == at.manifest {
            problem.with_label(first.span, "the first")
        } else {
            problem.with_help(format!("the first is in {}", manifests::told(self.manifests, first)))
        };
        self.problems.push((at, problem));
        false
    }

    fn organization(&mut self) {
        let manifests: &'m [Read] = self.manifests;
        for (manifest, read) in manifests.iter().enumerate() {
            let Some(organization) = &read.manifest.organization else { continue };
            if self.once("table", "organization".to_owned(), At { manifest, span: organization.span }) {
                let organization = &organization.value;
                self.snapshot.organization = Some(organization.id.as_str().into());
                self.tree = Some(Tree::new(organization, manifest, &mut self.uses, &mut self.problems));
            }
        }
    }

    fn accounts(&mut self) {
        for (manifest, account) in self.entries(|manifest| &manifest.accounts) {
            let at = At { manifest, span: account.id.span };
            if !self.once("account", account.id.value.clone(), at) {
                continue;
            }
            let level = match (&self.tree, &account.parent) {
                (Some(tree), Some(parent)) => {
                    tree.place(account, parent, manifest, &mut self.uses, &mut self.problems)
                }
                (None, Some(parent)) => {
                    let message = format!("{} is in no organization", excerpt(&parent.value));
                    self.tell(
                        manifest,
                        codes::UNKNOWN_REFERENCE,
                        parent.span,
                        message,
                        "add `[organization]`",
                    );
                    None
                }
                (_, None) => {
                    if account.controls.scps.is_some() || account.controls.rcps.is_some() {
                        let message = "SCPs and RCPs bind accounts of an organization only".to_owned();
                        self.tell(manifest, codes::INVALID_MANIFEST, at.span, message, "add `parent`");
                    }
                    None
                }
            };
            let number = to_u32(self.snapshot.accounts.len());
            self.snapshot.account_numbers.insert(&account.id.value, number);
            let (path, scps, rcps) = level.map_or((None, None, None), |level| {
                (Some(level.path.into()), level.scps.map(Into::into), level.rcps.map(Into::into))
            });
            let management = self.tree.as_ref().map(Tree::management_account);
            self.snapshot.accounts.push(Account {
                id: account.id.value.as_str().into(),
                partition: account.partition.as_deref().unwrap_or("aws").into(),
                path,
                is_management: management.is_some_and(|(id, _)| id.value == account.id.value),
                scps,
                rcps,
                roles: Names::default(),
                users: Names::default(),
            });
        }
        self.management_account();
    }

    fn management_account(&mut self) {
        let Some((id, manifest)) = self.tree.as_ref().map(Tree::management_account) else { return };
        let account = self.snapshot.account_by_id(&id.value);
        if account.is_none_or(|account| account.path.is_none()) {
            let message = format!("the management account {} is not in the organization", excerpt(&id.value));
            let help = "state it as an `[[account]]` with a `parent`";
            self.tell(manifest, codes::UNKNOWN_REFERENCE, id.span, message, help);
        }
    }

    /// The number of an account that something names.
    fn account(&mut self, manifest: usize, account: &Text, partition: Option<&str>) -> Option<u32> {
        let Some(number) = self.snapshot.account_numbers.get(&account.value) else {
            let message = format!("the account {} is not stated", excerpt(&account.value));
            let help = format!("add `[[account]]` with `id = \"{}\"`", account.value);
            self.tell(manifest, codes::UNKNOWN_REFERENCE, account.span, message, &help);
            return None;
        };
        let own = self.snapshot.account(number).map(|account| account.partition.clone()).unwrap_or_default();
        if partition.is_some_and(|partition| *partition != *own) {
            let message = format!("the account is in the partition `{own}`");
            self.tell(manifest, codes::INVALID_MANIFEST, account.span, message, "write the ARN with it");
            return None;
        }
        Some(number)
    }

    fn identities(&mut self) {
        for (manifest, group) in self.entries(|manifest| &manifest.groups) {
            // What is no path was told where the manifest was read.
            let files = group.policies.iter().filter(|file| Word::File.holds(&file.value));
            let policies = self.uses.attach(Kind::Identity, files.map(|file| (manifest, file)));
            if let Some(account) = self.named("group", manifest, &group.named) {
                let Named { path, name, account: owner, .. } = &group.named;
                let arn = format!("arn:{}:iam::{}:group{path}{name}", self.partition(account), owner.value);
                self.snapshot.groups.insert(arn.into(), Group { account, policies });
                let key = (group.named.account.value.clone(), group.named.name.clone());
                self.groups.insert(key, (manifest, group));
            }
        }
        for (manifest, role) in self.entries(|manifest| &manifest.roles) {
            let is_service_linked =
                role.service_linked || role.identity.named.path.starts_with("/aws-service-role/");
            let policies: Vec<_> = role.identity.policies.iter().map(|file| (manifest, file)).collect();
            let trust = Some(self.uses.attach(Kind::Trust, [(manifest, &role.trust)]));
            self.identity(("role", manifest), &role.identity, policies, trust, is_service_linked);
        }
        for (manifest, user) in self.entries(|manifest| &manifest.users) {
            let mut policies: Vec<_> = user.identity.policies.iter().map(|file| (manifest, file)).collect();
            for name in &user.groups {
                policies.extend(self.group(manifest, user, name));
            }
            self.identity(("user", manifest), &user.identity, policies, None, false);
        }
    }

    /// The policies of a user's group.
    fn group(&mut self, manifest: usize, user: &manifest::User, name: &Text) -> Vec<(usize, &'m Text)> {
        let account = user.identity.named.account.value.clone();
        if let Some((manifest, group)) = self.groups.get(&(account, name.value.clone())) {
            return group.policies.iter().map(|file| (*manifest, file)).collect();
        }
        let message = format!("the group {} is not stated in the user's account", excerpt(&name.value));
        self.tell(manifest, codes::UNKNOWN_REFERENCE, name.span, message, "add it as a `[[group]]`");
        Vec::new()
    }

    fn identity(
        &mut self,
        (what, manifest): (&'static str, usize),
        identity: &'m manifest::Identity,
        policies: Vec<(usize, &'m Text)>,
        trust: Option<Attachment>,
        is_service_linked: bool,
    ) {
        let policies = self.uses.attach(Kind::Identity, policies);
        let boundary = identity.boundary.as_ref();
        let boundary = boundary.map(|file| self.uses.attach(Kind::PermissionsBoundary, [(manifest, file)]));
        if let Some(id) = &identity.unique_id {
            self.once("unique id", id.value.clone(), At { manifest, span: id.span });
        }
        let Some(account) = self.named(what, manifest, &identity.named) else { return };
        let number = to_u32(self.snapshot.identities.len());
        self.snapshot.identities.push(Identity {
            path: identity.named.path.as_str().into(),
            unique_id: identity.unique_id.as_ref().map(|id| id.value.as_str().into()),
            is_service_linked,
            policies,
            boundary,
            trust,
            tags: identity.tags.clone().into(),
        });
        if let Some(account) = self.snapshot.accounts.get_mut(account as usize) {
            let names = if what == "role" { &mut account.roles } else { &mut account.users };
            names.insert(&identity.named.name, number);
        }
    }

    /// The account of a role, user or group whose name is new in it; IAM tells names apart by more than their case.
    fn named(&mut self, what: &'static str, manifest: usize, named: &Named) -> Option<u32> {
        let account = self.account(manifest, &named.account, named.partition.as_deref())?;
        let name = format!("{}/{}", named.account.value, named.name.to_ascii_lowercase());
        self.once(what, name, At { manifest, span: named.account.span }).then_some(account)
    }

    fn resources(&mut self) {
        for (manifest, bucket) in self.entries(|manifest| &manifest.buckets) {
            let Some(account) = self.account(manifest, &bucket.held.account, None) else { continue };
            let arn = format!("arn:{}:s3:::{}", self.partition(account), bucket.name.value);
            self.resource(&arn, At { manifest, span: bucket.name.span }, account, &bucket.held, None);
        }
        for (manifest, table) in self.entries(|manifest| &manifest.tables) {
            let Some(account) = self.account(manifest, &table.held.account, None) else { continue };
            let (partition, region) = (self.partition(account), &table.region);
            let (owner, name) = (&table.held.account.value, &table.name.value);
            let arn = format!("arn:{partition}:dynamodb:{region}:{owner}:table/{name}");
            let schema = Some(Box::new(table.schema.clone()));
            self.resource(&arn, At { manifest, span: table.name.span }, account, &table.held, schema);
        }
        for (manifest, resource) in self.entries(|manifest| &manifest.resources) {
            let arn = &resource.arn;
            let partition = arn.value.split(':').nth(1);
            let Some(account) = self.account(manifest, &resource.held.account, partition) else { continue };
            self.resource(&arn.value, At { manifest, span: arn.span }, account, &resource.held, None);
        }
        for (manifest, endpoint) in self.entries(|manifest| &manifest.endpoints) {
            self.endpoint(manifest, endpoint);
        }
    }

    fn partition(&self, account: u32) -> Box<str> {
        self.snapshot.account(account).map(|account| account.partition.clone()).unwrap_or_default()
    }

    fn resource(
        &mut self,
        arn: &str,
        at: At,
        account: u32,
        held: &'m Held,
        table: Option<Box<manifest::TableSchema>>,
    ) {
        let manifest = at.manifest;
        let policy = held.policy.as_ref().map(|file| self.uses.attach(Kind::Resource, [(manifest, file)]));
        if self.once("resource", arn.to_owned(), at) {
            let tags = held.tags.clone().into();
            let number = to_u32(self.snapshot.resources.len());
            self.snapshot.resource_numbers.insert(arn, number);
            self.snapshot.resources.push(Resource { account, policy, tags, table });
        }
    }

    fn endpoint(&mut self, manifest: usize, endpoint: &'m manifest::Endpoint) {
        let policy = endpoint.policy.as_ref();
        let policy = policy.map(|file| self.uses.attach(Kind::VpcEndpoint, [(manifest, file)]));
        let Some(account) = self.account(manifest, &endpoint.account, None) else { return };
        let id = &endpoint.id;
        if self.once("VPC endpoint", id.value.clone(), At { manifest, span: id.span }) {
            let vpc = endpoint.vpc.as_deref().map(Into::into);
            let entry = Endpoint { id: id.value.as_str().into(), account, vpc, policy };
            self.snapshot.endpoints.insert(id.value.as_str().into(), entry);
        }
    }

    /// What is asked by `AuthZEN`: once in a store, each type once, principals of accounts that are stated.
    fn authzen(&mut self) {
        let manifests: &'m [Read] = self.manifests;
        for (manifest, read) in manifests.iter().enumerate() {
            let Some(authzen) = &read.manifest.authzen else { continue };
            if !self.once("table", "authzen".to_owned(), At { manifest, span: authzen.span }) {
                continue;
            }
            for (what, name) in authzen.value.names() {
                self.once(what, name.value, At { manifest, span: name.span });
            }
            for principal in authzen.value.principals() {
                self.authzen_principal(manifest, &principal);
            }
            self.snapshot.authzen = Some(authzen.value.clone());
        }
    }

    fn authzen_principal(&mut self, manifest: usize, principal: &Text) {
        if let Err(error) = Principal::parse(&principal.value) {
            self.tell(manifest, codes::INVALID_MANIFEST, principal.span, error.to_string(), "");
        } else if let Some((account, partition)) = authzen::home(principal) {
            self.account(manifest, &account, Some(&partition));
        }
    }

    /// The identity pools that are there once, in an account that is stated.
    fn name_pools(&mut self) -> Vec<&'m manifest::Pool> {
        let mut pools = Vec::new();
        for (manifest, pool) in self.entries(|manifest| &manifest.pools) {
            self.uses.text(&pool.config.value, At { manifest, span: pool.config.span });
            let is_new =
                self.once("identity pool", pool.id.value.clone(), At { manifest, span: pool.id.span });
            if self.account(manifest, &pool.account, None).is_some() && is_new {
                pools.push(pool);
            }
        }
        pools
    }

    /// Adds the pools whose configuration was read; what is wrong with the others.
    fn pools(&mut self, pools: &[&manifest::Pool], folder: &Folder, loaded: &mut Loaded) {
        for pool in pools {
            let Some(config) = loaded.texts.get(&pool.config.value) else { continue };
            let read = super::pools::read(pool, config, folder, &self.snapshot);
            loaded.policies.extend(read.refused);
            loaded.digests.extend(read.digests);
            self.snapshot.pools.push(IdentityPool {
                id: pool.id.value.clone(),
                account: pool.account.value.clone(),
                config: config.clone(),
                key_sets: read.key_sets,
            });
        }
    }
}
