//! What a manifest may say: the one list of its tables and members. The reader checks by it, and the JSON Schema for
//! editors is made from it.

use serde_json::{Map, Value, json};

use crate::text::arn::{Arn, is_account_id};

/// A table of a manifest.
#[derive(Debug)]
pub struct Shape {
    /// What one of it is called.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its members, all that it may have.
    pub members: &'static [Member],
}

/// A member of a table.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub form: Form,
    /// Whether it must stand.
    pub required: bool,
    /// What it means.
    pub about: &'static str,
}

/// What a member holds.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// One text.
    Text(Word),
    /// A list of texts.
    Texts(Word),
    /// `true` or `false`.
    Flag,
    /// A table of tags: any name, text values.
    Tags,
    /// One table.
    Table(&'static Shape),
    /// Any number of tables.
    Tables(&'static Shape),
}

/// What a text must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Anything but nothing.
    Any,
    /// Twelve digits.
    Account,
    /// Six fields.
    Arn,
    /// The type of a key attribute.
    KeyType,
    /// A file below the store's folder.
    File,
    /// A glob of files below the store's folder.
    Glob,
    /// `aws`, `aws-cn`, …
    Partition,
    /// `us-east-1`
    Region,
    /// The name of a role, user or group.
    Name,
    /// `/` or `/…/`
    Path,
    /// A bucket's name.
    Bucket,
    /// `AIDA…` or `AROA…`
    UniqueId,
    /// `o-…`
    Organization,
    /// `r-…`
    Root,
    /// `ou-…`
    Unit,
    /// `r-…` or `ou-…`
    Parent,
    /// `vpc-…`
    Vpc,
    /// `vpce-…`
    Endpoint,
    /// `REGION:GUID`
    Pool,
}

impl Word {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Any,
        Self::Account,
        Self::Arn,
        Self::KeyType,
        Self::File,
        Self::Glob,
        Self::Partition,
        Self::Region,
        Self::Name,
        Self::Path,
        Self::Bucket,
        Self::UniqueId,
        Self::Organization,
        Self::Root,
        Self::Unit,
        Self::Parent,
        Self::Vpc,
        Self::Endpoint,
        Self::Pool,
    ];

    /// What it must be, as a message says it.
    pub fn about(self) -> &'static str {
        match self {
            Self::Any => "a text that is not empty",
            Self::Account => "an account id of twelve digits",
            Self::Arn => "an ARN of six fields, without wildcards",
            Self::KeyType => "`S`, `N` or `B`: text, number or binary",
            Self::File => "the path of a file below the store's folder, with `/`, without `..`",
            Self::Glob => "a glob such as `roles/**/*.toml`, without `..`",
            Self::Partition => "a partition such as `aws`",
            Self::Region => "a Region such as `us-east-1`",
            Self::Name => "a name of letters, digits and `_+=,.@-`",
            Self::Path => "`/`, or a path that begins and ends with `/`",
            Self::Bucket => "the name of a bucket",
            Self::UniqueId => "the `AIDA…` of a user or the `AROA…` of a role",
            Self::Organization => "the id of an organization, `o-…`",
            Self::Root => "the id of a root, `r-…`",
            Self::Unit => "the id of an organizational unit, `ou-…`",
            Self::Parent => "the id of the root or of an organizational unit, `r-…` or `ou-…`",
            Self::Vpc => "the id of a VPC, `vpc-…`",
            Self::Endpoint => "the id of a VPC endpoint, `vpce-…`",
            Self::Pool => "the id of an identity pool, `REGION:GUID`",
        }
    }

    /// The same as a regular expression, for the schema.
    pub fn regex(self) -> &'static str {
        match self {
            Self::Any => "^[\\s\\S]+$",
            Self::Account => "^[0-9]{12}$",
            Self::Arn => "^arn:[^:*?]+:[^:*?]+:[^:*?]*:[^:*?]*:[^*?]+$",
            Self::KeyType => "^[SNB]$",
            Self::File | Self::Glob => "^(?!\\.{1,2}(/|$))[^/\\\\]+(/(?!\\.{1,2}(/|$))[^/\\\\]+)*$",
            Self::Partition | Self::Region => "^[a-z0-9-]+$",
            Self::Name => "^[A-Za-z0-9_+=,.@-]+$",
            Self::Path => "^/([A-Za-z0-9_+=,.@-]+/)*$",
            Self::Bucket => "^[A-Za-z0-9._-]{3,255}$",
            Self::UniqueId => "^(AIDA|AROA)[A-Z0-9]+$",
            Self::Organization => "^o-[a-z0-9]+$",
            Self::Root => "^r-[a-z0-9]+$",
            Self::Unit => "^ou-[a-z0-9-]*[a-z0-9]$",
            Self::Parent => "^(r-[a-z0-9]+|ou-[a-z0-9-]*[a-z0-9])$",
            Self::Vpc => "^vpc-[a-z0-9]+$",
            Self::Endpoint => "^vpce-[a-z0-9]+$",
            Self::Pool => "^[a-z0-9-]+:[0-9a-f-]+$",
        }
    }

    /// Whether a text is one.
    pub fn holds(self, text: &str) -> bool {
        match self {
            Self::Any => !text.is_empty(),
            Self::Account => is_account_id(text),
            Self::Arn => is_one_arn(text),
            Self::KeyType => ["S", "N", "B"].contains(&text),
            Self::File | Self::Glob => is_inside(text),
            Self::Partition | Self::Region => is_of(text, |byte| byte == b'-' || is_lower(byte)),
            Self::Name => is_name(text),
            Self::Path => text == "/" || inner_path(text).is_some_and(|path| path.split('/').all(is_name)),
            Self::Bucket => {
                let is_short = (3..=255).contains(&text.len());
                is_short && is_of(text, |byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            }
            Self::UniqueId => crate::request::principal::is_unique_id(text),
            Self::Organization => follows(text, "o-"),
            Self::Root => follows(text, "r-"),
            Self::Unit => is_unit(text),
            Self::Parent => follows(text, "r-") || is_unit(text),
            Self::Vpc => follows(text, "vpc-"),
            Self::Endpoint => follows(text, "vpce-"),
            Self::Pool => text.split_once(':').is_some_and(|(region, guid)| {
                Self::Region.holds(region)
                    && is_of(guid, |byte| byte == b'-' || matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            }),
        }
    }
}

fn is_of(text: &str, of: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(of)
}

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_name(text: &str) -> bool {
    is_of(text, |byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

fn inner_path(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.strip_suffix('/')
}

fn follows(text: &str, beginning: &str) -> bool {
    text.strip_prefix(beginning).is_some_and(|rest| is_of(rest, is_lower))
}

fn is_unit(text: &str) -> bool {
    let rest = text.strip_prefix("ou-");
    rest.is_some_and(|rest| is_of(rest, |byte| byte == b'-' || is_lower(byte)) && !rest.ends_with('-'))
}

fn is_one_arn(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| {
        let named = [arn.partition(), arn.service(), arn.resource()];
        !text.contains(['*', '?']) && named.iter().all(|field| !field.is_empty())
    })
}

fn is_inside(text: &str) -> bool {
    !text.contains('\\') && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// A member that need not stand.
const fn may(name: &'static str, form: Form, about: &'static str) -> Member {
    Member { name, form, required: false, about }
}

/// A member that must stand.
const fn must(name: &'static str, form: Form, about: &'static str) -> Member {
    Member { name, form, required: true, about }
}

const FILES: Form = Form::Texts(Word::File);
const FILE: Form = Form::Text(Word::File);
const SCPS: Member = may("scps", FILES, "service control policies attached here");
const RCPS: Member = may("rcps", FILES, "resource control policies attached here");
const TAGS: Member = may("tags", Form::Tags, "tags, by their keys");
const ARN: Member = may("arn", Form::Text(Word::Arn), "its ARN, in place of account, path and name");
const ACCOUNT: Member = may("account", Form::Text(Word::Account), "the account that it is in");
const OWNER: Member = must("account", Form::Text(Word::Account), "the account that owns it");
const NAME: Member = may("name", Form::Text(Word::Name), "its name, without the path");
const PATH: Member = may("path", Form::Text(Word::Path), "its path; `/` without it");
const UNIQUE_ID: Member =
    may("unique_id", Form::Text(Word::UniqueId), "its unique id; aws:userid is made of it");
const POLICIES: Member =
    may("policies", FILES, "identity-based policies; none: it is allowed nothing by itself");
const BOUNDARY: Member = may("boundary", FILE, "the permissions boundary");
const POLICY: Member = may("policy", FILE, "the resource-based policy");

/// A whole manifest.
pub static MANIFEST: Shape = Shape {
    name: "manifest",
    about: "A folder of policies: who and what there is, and which policies are attached to it",
    members: &[
        may("include", Form::Texts(Word::Glob), "further manifests; in `verdikt.toml` alone"),
        may("organization", Form::Table(&ORGANIZATION), "the organization; stated once in a store"),
        may("account", Form::Tables(&ACCOUNTS), "the accounts"),
        may("role", Form::Tables(&ROLE), "the roles"),
        may("user", Form::Tables(&USER), "the users"),
        may("group", Form::Tables(&GROUP), "the groups of users"),
        may("bucket", Form::Tables(&BUCKET), "the S3 buckets"),
        may("table", Form::Tables(&TABLE), "the DynamoDB tables"),
        may("resource", Form::Tables(&RESOURCE), "resources of other services"),
        may("vpc_endpoint", Form::Tables(&ENDPOINT), "the VPC endpoints"),
        may("identity_pool", Form::Tables(&POOL), "the identity pools"),
    ],
};

static ORGANIZATION: Shape = Shape {
    name: "organization",
    about: "An organization of accounts",
    members: &[
        must("id", Form::Text(Word::Organization), "its id"),
        must("root", Form::Text(Word::Root), "the id of its root"),
        must("management_account", Form::Text(Word::Account), "the account that no SCP and no RCP binds"),
        may("scps", FILES, "service control policies at the root; without the member SCPs are not in use"),
        may("rcps", FILES, "resource control policies at the root; without the member RCPs are not in use"),
        may("unit", Form::Tables(&UNIT), "the organizational units"),
    ],
};

static UNIT: Shape = Shape {
    name: "unit",
    about: "An organizational unit",
    members: &[
        must("id", Form::Text(Word::Unit), "its id"),
        must("parent", Form::Text(Word::Parent), "the root or the unit that it is in"),
        SCPS,
        RCPS,
    ],
};

static ACCOUNTS: Shape = Shape {
    name: "account",
    about: "An account",
    members: &[
        must("id", Form::Text(Word::Account), "its id"),
        may("partition", Form::Text(Word::Partition), "its partition; `aws` without it"),
        may(
            "parent",
            Form::Text(Word::Parent),
            "the root or the unit that it is in; without it, in no organization",
        ),
        SCPS,
        RCPS,
    ],
};

static ROLE: Shape = Shape {
    name: "role",
    about: "A role",
    members: &[
        ARN,
        ACCOUNT,
        PATH,
        NAME,
        UNIQUE_ID,
        must("trust", FILE, "the trust policy"),
        POLICIES,
        BOUNDARY,
        TAGS,
        may(
            "service_linked",
            Form::Flag,
            "whether it is a service-linked role, which no SCP and no RCP binds",
        ),
    ],
};

static USER: Shape = Shape {
    name: "user",
    about: "A user",
    members: &[
        ARN,
        ACCOUNT,
        PATH,
        NAME,
        UNIQUE_ID,
        may(
            "groups",
            Form::Texts(Word::Name),
            "names of groups of the same account, whose policies are the user's too",
        ),
        POLICIES,
        BOUNDARY,
        TAGS,
    ],
};

static GROUP: Shape =
    Shape { name: "group", about: "A group of users", members: &[ARN, ACCOUNT, PATH, NAME, POLICIES] };

static BUCKET: Shape = Shape {
    name: "bucket",
    about: "An S3 bucket and its objects",
    members: &[must("name", Form::Text(Word::Bucket), "its name"), OWNER, POLICY, TAGS],
};

static TABLE: Shape = Shape {
    name: "table",
    about: "A DynamoDB table, its indexes and streams",
    members: &[
        must("name", Form::Text(Word::Name), "its name"),
        OWNER,
        must("region", Form::Text(Word::Region), "the Region that it is in"),
        POLICY,
        must("partition_key", Form::Text(Word::Any), "the attribute that is the partition key"),
        may("partition_key_type", Form::Text(Word::KeyType), "the type of the partition key; `S` without it"),
        may("sort_key", Form::Text(Word::Any), "the attribute that is the sort key"),
        may("sort_key_type", Form::Text(Word::KeyType), "the type of the sort key; `S` without it"),
        may("index", Form::Tables(&INDEX), "the secondary indexes"),
        TAGS,
    ],
};

static INDEX: Shape = Shape {
    name: "index",
    about: "A secondary index of a table",
    members: &[
        must("name", Form::Text(Word::Name), "its name"),
        must("partition_key", Form::Text(Word::Any), "the attribute that is the partition key"),
        may("partition_key_type", Form::Text(Word::KeyType), "the type of the partition key; `S` without it"),
        may("sort_key", Form::Text(Word::Any), "the attribute that is the sort key"),
        may("sort_key_type", Form::Text(Word::KeyType), "the type of the sort key; `S` without it"),
    ],
};

static RESOURCE: Shape = Shape {
    name: "resource",
    about: "A resource of another service, by its whole ARN",
    members: &[
        must("arn", Form::Text(Word::Arn), "its ARN"),
        may("account", Form::Text(Word::Account), "the account that owns it, where the ARN does not tell"),
        POLICY,
        TAGS,
    ],
};

static ENDPOINT: Shape = Shape {
    name: "vpc_endpoint",
    about: "A VPC endpoint",
    members: &[
        must("id", Form::Text(Word::Endpoint), "its id"),
        OWNER,
        may("vpc", Form::Text(Word::Vpc), "the VPC that it is in"),
        may("policy", FILE, "its policy; without it everything may pass"),
    ],
};

static POOL: Shape = Shape {
    name: "identity_pool",
    about: "An identity pool",
    members: &[
        must("id", Form::Text(Word::Pool), "its id"),
        OWNER,
        must("config", FILE, "the file of its configuration"),
    ],
};

/// The JSON Schema of a manifest, for editors.
pub fn json_schema() -> Value {
    let mut schema = object(&MANIFEST);
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("verdikt.toml"));
    schema.into()
}

fn object(shape: &Shape) -> Map<String, Value> {
    let required: Vec<_> = shape.members.iter().filter(|one| one.required).map(|one| one.name).collect();
    let members = shape.members.iter().map(|one| (one.name.to_owned(), member(one)));
    let mut schema = Map::new();
    let mut put = |name: &str, value: Value| drop(schema.insert(name.to_owned(), value));
    put("type", json!("object"));
    put("description", json!(shape.about));
    put("properties", members.collect::<Map<_, _>>().into());
    put("additionalProperties", json!(false));
    if !required.is_empty() {
        put("required", json!(required));
    }
    if shape.members.iter().any(|one| one.name == "arn" && !one.required) {
        let parts = ["account", "path", "name"].map(|name| json!({"required": [name]}));
        let by_arn = json!({"required": ["arn"], "not": {"anyOf": parts}});
        let by_name = json!({"required": ["account", "name"], "not": {"required": ["arn"]}});
        put("oneOf", json!([by_arn, by_name]));
    }
    schema
}

fn member(member: &Member) -> Value {
    let text = |word: Word| json!({"type": "string", "pattern": word.regex()});
    let schema = match member.form {
        Form::Text(word) => text(word),
        Form::Texts(word) => json!({"type": "array", "items": text(word)}),
        Form::Flag => json!({"type": "boolean"}),
        Form::Tags => json!({"type": "object", "additionalProperties": {"type": "string", "minLength": 1}}),
        Form::Table(shape) => object(shape).into(),
        Form::Tables(shape) => json!({"type": "array", "items": object(shape)}),
    };
    let mut schema = match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    schema.insert("description".to_owned(), json!(member.about));
    schema.into()
}
