//! What a text of a manifest must be: for the reader, and as a pattern for the schema.

use crate::text::arn::{Arn, is_account_id};

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
    /// `service:Name`
    Action,
    /// `prefix:name`
    Key,
    /// An ARN with `{id}` or `{path}`.
    Template,
}

impl Word {
    /// All of them.
    pub const ALL: [Self; 22] = [
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
        Self::Action,
        Self::Key,
        Self::Template,
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
            Self::Action => "an action such as `s3:GetObject`, without wildcards",
            Self::Key => "a context key such as `app:Status`",
            Self::Template => {
                "an ARN without wildcards, in whose sixth field `{id}` may stand once, or `{path}` at its end"
            }
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
            Self::Action => "^[a-z0-9-]+:[A-Za-z0-9]+$",
            Self::Key => "^[A-Za-z0-9._/-]+:[\\s\\S]+$",
            Self::Template => {
                "^arn:[^:*?{}]+:[^:*?{}]+:[^:*?{}]*:[^:*?{}]*:([^*?{}]+|[^*?{}]*\\{id\\}[^*?{}]*|[^*?{}]*\\{path\\})$"
            }
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
            Self::Action => text.split_once(':').is_some_and(|(service, name)| {
                Self::Region.holds(service) && is_of(name, |byte| byte.is_ascii_alphanumeric())
            }),
            Self::Key => text.split_once(':').is_some_and(|(prefix, name)| {
                let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte);
                is_of(prefix, is_part) && !name.is_empty()
            }),
            Self::Template => is_template(text),
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

fn is_template(text: &str) -> bool {
    let Some((head, resource)) =
        text.match_indices(':').nth(4).and_then(|(place, _)| text.split_at_checked(place))
    else {
        return false;
    };
    let filled = match resource.strip_suffix("{path}") {
        Some(before) => format!("{head}{before}x"),
        None => format!("{head}{}", resource.replacen("{id}", "x", 1)),
    };
    !head.contains(['{', '}']) && !filled.contains(['{', '}']) && is_one_arn(&filled)
}

fn is_inside(text: &str) -> bool {
    !text.contains('\\') && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
