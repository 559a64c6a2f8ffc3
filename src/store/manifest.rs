//! A manifest as written: what it states, each with its place. Nothing is looked up here: whether an account, a group or
//! a file exists is the store's business.

use crate::policy::Spanned;
use crate::request::PrincipalKind;
use crate::request::principal::named;
use crate::text::arn::{Arn, is_account_id};
use crate::text::diagnostic::{Diagnostic, codes, excerpt};
use crate::text::problems::Problems;
use crate::text::source::Source;
use crate::text::span::Span;

use super::authzen::{self, Authzen};
use super::read::{Table, Text, with_manifest};
use super::rejected::Refused;

/// What a manifest states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    pub(super) include: Vec<Text>,
    pub(super) organization: Option<Spanned<Organization>>,
    pub(super) accounts: Vec<Account>,
    pub(super) roles: Vec<Role>,
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    pub(super) buckets: Vec<Bucket>,
    pub(super) tables: Vec<TableEntry>,
    pub(super) resources: Vec<Resource>,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) pools: Vec<Pool>,
    pub(super) authzen: Option<Spanned<Authzen>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Organization {
    pub(super) id: String,
    pub(super) root: String,
    pub(super) management_account: Text,
    pub(super) controls: Controls,
    pub(super) units: Vec<Unit>,
}

/// The policies of one level; `None`: not stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Controls {
    pub(super) scps: Option<Vec<Text>>,
    pub(super) rcps: Option<Vec<Text>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) id: Text,
    pub(super) parent: Text,
    pub(super) controls: Controls,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) id: Text,
    pub(super) partition: Option<String>,
    pub(super) parent: Option<Text>,
    pub(super) controls: Controls,
}

/// What names a role, user or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// As the ARN says it, if it was given.
    pub(super) partition: Option<String>,
    pub(super) account: Text,
    /// `/` or `/…/`
    pub(super) path: String,
    pub(super) name: String,
}

/// What roles and users have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) named: Named,
    pub(super) unique_id: Option<Text>,
    pub(super) policies: Vec<Text>,
    pub(super) boundary: Option<Text>,
    pub(super) tags: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) identity: Identity,
    pub(super) trust: Text,
    pub(super) service_linked: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) identity: Identity,
    pub(super) groups: Vec<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) named: Named,
    pub(super) policies: Vec<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) name: Text,
    pub(super) held: Held,
}

/// What every resource has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) account: Text,
    pub(super) policy: Option<Text>,
    pub(super) tags: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableEntry {
    pub(super) name: Text,
    pub(super) region: String,
    pub(super) schema: TableSchema,
    pub(super) held: Held,
}

/// The attributes that are the key of a table or of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySchema {
    /// The partition key.
    pub partition_key: String,
    /// Its type.
    pub partition_key_type: KeyType,
    /// The sort key.
    pub sort_key: Option<String>,
    /// Its type.
    pub sort_key_type: KeyType,
}

/// The types that a key attribute can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// Text.
    #[default]
    S,
    /// A number.
    N,
    /// Binary.
    B,
}

/// The keys of a table and of its indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSchema {
    /// The table's.
    pub key: KeySchema,
    /// The indexes, by name, in the order of the manifest.
    pub indexes: Vec<(String, KeySchema)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) arn: Text,
    pub(super) held: Held,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) id: Text,
    pub(super) account: Text,
    pub(super) vpc: Option<String>,
    pub(super) policy: Option<Text>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pool {
    pub(super) id: Text,
    pub(super) account: Text,
    pub(super) config: Text,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// ```
    /// use verdikt::store::Manifest;
    /// use verdikt::text::source::Source;
    /// let text = "[[account]]\nid = \"111122223333\"\n";
    /// assert!(Manifest::parse(Source::new("verdikt.toml", text)).is_ok());
    ///
    /// let refused = Manifest::parse(Source::new("verdikt.toml", "[[account]]\nid = 5\nname = \"a\"\n")).unwrap_err();
    /// assert_eq!(refused.problems.len(), 2);
    /// ```
    ///
    /// # Errors
    /// Every problem with its place.
    pub fn parse(source: Source) -> Result<Self, Refused> {
        let (manifest, problems) = Self::read(&source);
        if problems.has_error() {
            return Err(Refused { source, problems: problems.into_told() });
        }
        Ok(manifest)
    }

    /// What could be read of a manifest, and all its problems.
    pub(super) fn read(source: &Source) -> (Self, Problems) {
        let mut problems = Problems::default();
        let manifest = with_manifest(source, &mut problems, |root, problems| Self {
            include: root.texts("include"),
            organization: root.table("organization").and_then(organization),
            accounts: root.tables("account").filter_map(account).collect(),
            roles: root.tables("role").filter_map(|table| role(table, problems)).collect(),
            users: root.tables("user").filter_map(|table| user(table, problems)).collect(),
            groups: root.tables("group").filter_map(|table| group(table, problems)).collect(),
            buckets: root.tables("bucket").filter_map(bucket).collect(),
            tables: root.tables("table").filter_map(dynamodb_table).collect(),
            resources: root.tables("resource").filter_map(|table| resource(table, problems)).collect(),
            endpoints: root.tables("vpc_endpoint").filter_map(endpoint).collect(),
            pools: root.tables("identity_pool").filter_map(pool).collect(),
            authzen: root.table("authzen").map(authzen::read),
        });
        (manifest, problems)
    }
}

fn organization(table: Table<'_>) -> Option<Spanned<Organization>> {
    let unit = |table: Table<'_>| {
        Some(Unit { id: table.text("id")?, parent: table.text("parent")?, controls: controls(table) })
    };
    let value = Organization {
        id: table.text("id")?.value,
        root: table.text("root")?.value,
        management_account: table.text("management_account")?,
        controls: controls(table),
        units: table.tables("unit").filter_map(unit).collect(),
    };
    Some(Spanned { value, span: table.place("id") })
}

fn controls(table: Table<'_>) -> Controls {
    Controls { scps: table.some_texts("scps"), rcps: table.some_texts("rcps") }
}

fn account(table: Table<'_>) -> Option<Account> {
    Some(Account {
        id: table.text("id")?,
        partition: table.text("partition").map(|text| text.value),
        parent: table.text("parent"),
        controls: controls(table),
    })
}

fn role(table: Table<'_>, problems: &mut Problems) -> Option<Role> {
    let identity = identity(table, "role", problems);
    let service_linked = table.flag("service_linked").unwrap_or_default();
    Some(Role { identity: identity?, trust: table.text("trust")?, service_linked })
}

fn user(table: Table<'_>, problems: &mut Problems) -> Option<User> {
    Some(User { identity: identity(table, "user", problems)?, groups: table.texts("groups") })
}

fn group(table: Table<'_>, problems: &mut Problems) -> Option<Group> {
    Some(Group { named: name(table, "group", problems)?, policies: table.texts("policies") })
}

fn identity(table: Table<'_>, what: &str, problems: &mut Problems) -> Option<Identity> {
    let unique_id = table.text("unique_id");
    let beginning = if what == "user" { "AIDA" } else { "AROA" };
    if let Some(id) = unique_id.as_ref().filter(|id| !id.value.starts_with(beginning)) {
        let message = format!("the unique id of a {what} begins with `{beginning}`");
        problems.push(Diagnostic::error(codes::INVALID_MANIFEST, id.span, message));
    }
    Some(Identity {
        named: name(table, what, problems)?,
        unique_id,
        policies: table.texts("policies"),
        boundary: table.text("boundary"),
        tags: table.tags("tags"),
    })
}

/// The name of a role, user or group: its ARN, or account, path and name.
fn name(table: Table<'_>, what: &str, problems: &mut Problems) -> Option<Named> {
    let (account, path, name) = (table.text("account"), table.text("path"), table.text("name"));
    let Some(arn) = table.text("arn") else {
        if let (Some(account), Some(name)) = (&account, &name) {
            let (account, name) = (account.clone(), name.value.clone());
            let path = path.map_or_else(|| "/".to_owned(), |path| path.value);
            return Some(Named { partition: None, account, path, name });
        }
        let message = format!("a {what} without a name");
        let problem = Diagnostic::error(codes::INVALID_MANIFEST, table.span, message);
        problems.push(problem.with_help("add `arn`, or `account` and `name`"));
        return None;
    };
    if let Some(beside) = account.or(path).or(name) {
        let problem = Diagnostic::error(codes::INVALID_MANIFEST, beside.span, "the ARN says this already");
        problems.push(problem.with_help("leave out `account`, `path` and `name`, or the `arn`"));
    }
    named_by(&arn, what).or_else(|| {
        let message = format!("{} is not the ARN of a {what}", excerpt(&arn.value));
        let help = format!("write `arn:aws:iam::ACCOUNT:{what}/NAME`");
        problems.push(Diagnostic::error(codes::INVALID_MANIFEST, arn.span, message).with_help(help));
        None
    })
}

fn named_by(text: &Text, what: &str) -> Option<Named> {
    let arn = Arn::parse(&text.value)?;
    let name = match (what, named(&arn)) {
        ("role", Ok((PrincipalKind::Role, name))) | ("user", Ok((PrincipalKind::User, name))) => name,
        ("group", _) if arn.service() == "iam" && arn.region().is_empty() => {
            arn.resource().strip_prefix("group/").filter(|name| name.split('/').all(|one| !one.is_empty()))?
        }
        _ => return None,
    };
    if !is_account_id(arn.account()) {
        return None;
    }
    let (path, name) =
        name.rsplit_once('/').map_or(("/".to_owned(), name), |(path, name)| (format!("/{path}/"), name));
    let account = Spanned { value: arn.account().to_owned(), span: text.span };
    Some(Named { partition: Some(arn.partition().to_owned()), account, path, name: name.to_owned() })
}

fn held(table: Table<'_>) -> Option<Held> {
    Some(Held { account: table.text("account")?, policy: table.text("policy"), tags: table.tags("tags") })
}

fn bucket(table: Table<'_>) -> Option<Bucket> {
    Some(Bucket { name: table.text("name")?, held: held(table)? })
}

fn key_schema(table: Table<'_>) -> Option<KeySchema> {
    let partition_key = table.text("partition_key")?.value;
    let kind = |member| match table.text(member).map(|kind| kind.value).as_deref() {
        Some("N") => KeyType::N,
        Some("B") => KeyType::B,
        _ => KeyType::S,
    };
    Some(KeySchema {
        partition_key,
        partition_key_type: kind("partition_key_type"),
        sort_key: table.text("sort_key").map(|key| key.value),
        sort_key_type: kind("sort_key_type"),
    })
}

fn dynamodb_table(table: Table<'_>) -> Option<TableEntry> {
    let indexes = table.tables("index");
    let indexes = indexes.filter_map(|index| Some((index.text("name")?.value, key_schema(index)?))).collect();
    Some(TableEntry {
        name: table.text("name")?,
        region: table.text("region")?.value,
        schema: TableSchema { key: key_schema(table)?, indexes },
        held: held(table)?,
    })
}

/// A resource by its ARN, which must agree with the account that is stated.
fn resource(table: Table<'_>, problems: &mut Problems) -> Option<Resource> {
    let text = table.text("arn")?;
    let arn = Arn::parse(&text.value)?;
    if let Some(table) = table_of(&arn) {
        let problem = Diagnostic::error(codes::INVALID_MANIFEST, text.span, "this has a table of its own");
        problems.push(problem.with_help(format!("state it as {table}")));
        return None;
    }
    let told = is_account_id(arn.account()).then(|| arn.account());
    let account = match (table.text("account"), told) {
        (Some(stated), Some(told)) if stated.value != told => {
            problems.push(Diagnostic::error(
                codes::INVALID_MANIFEST,
                stated.span,
                "the ARN names another account",
            ));
            return None;
        }
        (Some(stated), _) => stated,
        (None, Some(told)) => Spanned { value: told.to_owned(), span: text.span },
        (None, None) => {
            let problem =
                Diagnostic::error(codes::INVALID_MANIFEST, text.span, "this ARN does not tell the owner");
            problems.push(problem.with_help("add `account`: the account that owns it"));
            return None;
        }
    };
    let held = Held { account, policy: table.text("policy"), tags: table.tags("tags") };
    Some(Resource { arn: text, held })
}

/// How a resource is stated that is not stated by its ARN.
fn table_of(arn: &Arn<'_>) -> Option<&'static str> {
    let path = arn.resource();
    match arn.service() {
        "s3" if arn.region().is_empty() && arn.account().is_empty() => Some("`[[bucket]]`"),
        "dynamodb" if path.starts_with("table/") && path.split('/').count() < 3 => Some("`[[table]]`"),
        "iam" if path.starts_with("role/") => Some("`[[role]]`"),
        "iam" if path.starts_with("user/") => Some("`[[user]]`"),
        _ => None,
    }
}

fn endpoint(table: Table<'_>) -> Option<Endpoint> {
    Some(Endpoint {
        id: table.text("id")?,
        account: table.text("account")?,
        vpc: table.text("vpc").map(|vpc| vpc.value),
        policy: table.text("policy"),
    })
}

fn pool(table: Table<'_>) -> Option<Pool> {
    Some(Pool { id: table.text("id")?, account: table.text("account")?, config: table.text("config")? })
}

/// Where something stands: the number of the manifest, and the place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) manifest: usize,
    pub(super) span: Span,
}
