//! What a manifest may say: the one list of its tables and members. The reader checks by it, and the JSON Schema for
//! editors is made from it.

mod authzen;
mod word;

use serde_json::{Map, Value, json};

pub use word::Word;

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
    /// A table of context keys: any name, the key that it stands for.
    Keys,
    /// One table.
    Table(&'static Shape),
    /// Any number of tables.
    Tables(&'static Shape),
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
        may(
            "authzen",
            Form::Table(&authzen::AUTHZEN),
            "what subjects, actions and resources of AuthZEN are here; stated once in a store",
        ),
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
        Form::Keys => json!({"type": "object", "additionalProperties": text(Word::Key)}),
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
