//! The policies that authors start from: those of the folder `policies/`, in the program, with what is to be replaced in
//! them. Each passes its own cases, before and after its names are filled in.

use crate::policy::Kind;

/// A policy to start from.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Its name, and that of its folder.
    pub name: &'static str,
    /// What kind of policy it is.
    pub kind: Kind,
    /// What it does.
    pub summary: &'static str,
    /// Its files, by name.
    pub files: &'static [(&'static str, &'static str)],
}

/// A name that stands in examples for one of the author's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// The account, twelve digits.
    Account,
    /// The bucket.
    Bucket,
    /// The table.
    Table,
    /// The identity pool's id.
    Pool,
    /// The organization's id.
    Organization,
}

/// A value that cannot stand for a placeholder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    /// It is of another form.
    #[error("`{value}` is no {what}: {form}")]
    Form {
        /// The value.
        value: String,
        /// What it should be.
        what: &'static str,
        /// What that looks like.
        form: &'static str,
    },
    /// The example names nothing of the kind.
    #[error("the example names no {0}: leave the option out")]
    Unused(&'static str),
}

macro_rules! example {
    ($name:literal, $kind:ident, $summary:literal $(, $file:literal)*) => {
        Example {
            name: $name,
            kind: Kind::$kind,
            summary: $summary,
            files: &[
                ("README.md", text!($name, "README.md")),
                ("policy.json", text!($name, "policy.json")),
                ("policy.test.yaml", text!($name, "policy.test.yaml")),
                $(($file, text!($name, $file)),)*
            ],
        }
    };
}

macro_rules! text {
    ($name:literal, $file:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/", $name, "/", $file))
    };
}

/// All examples, in the order of `policies/README.md`.
pub static EXAMPLES: &[Example] = &[
    example!(
        "s3-per-identity-prefix",
        Identity,
        "each identity lists, reads and writes its own folder of a bucket",
        "calls.test.yaml"
    ),
    example!(
        "s3-own-versions",
        Identity,
        "each identity lists and reads older versions in its own folder",
        "calls.test.yaml"
    ),
    example!(
        "s3-read-all-write-own",
        Identity,
        "everybody reads every user's folder, each writes in its own",
        "calls.test.yaml"
    ),
    example!(
        "s3-shared-folders",
        Identity,
        "a folder that all read, in which each writes below its own id, and a private folder for each",
        "calls.test.yaml"
    ),
    example!(
        "s3-group-folders",
        Identity,
        "teams by tags of the session: one folder a team, deletes for its editors",
        "calls.test.yaml"
    ),
    example!(
        "s3-upload-drop-box",
        Identity,
        "each identity puts new objects into its inbox, and can do nothing else with them",
        "calls.test.yaml"
    ),
    example!(
        "dynamodb-per-identity-items",
        Identity,
        "each identity reads and writes the items whose partition key is its identity id",
        "calls.test.yaml"
    ),
    example!(
        "dynamodb-columns",
        Identity,
        "each identity reads and updates named attributes of its own item",
        "calls.test.yaml"
    ),
    example!(
        "dynamodb-own-index-columns",
        Identity,
        "each identity queries named attributes of its own items through one index",
        "calls.test.yaml"
    ),
    example!(
        "dynamodb-protected-columns",
        Identity,
        "each identity updates its own item, but not the attributes that others rely on",
        "calls.test.yaml"
    ),
    example!(
        "dynamodb-deny-columns",
        Identity,
        "attributes that nobody reads, whatever else is allowed",
        "calls.test.yaml"
    ),
    example!(
        "dynamodb-tenant-items",
        Identity,
        "many tenants in one table, by partition keys of the form `<tenant>#<what>`",
        "calls.test.yaml"
    ),
    example!(
        "dynamodb-transactions-only",
        Identity,
        "own items, inside a transaction only",
        "calls.test.yaml"
    ),
    example!(
        "dynamodb-partiql-without-scans",
        Identity,
        "PartiQL on one table, without statements that read all of it",
        "calls.test.yaml"
    ),
    example!(
        "guest-read-only",
        Identity,
        "guests read what is published, and nothing else",
        "session-policy.json",
        "calls.test.yaml"
    ),
    example!(
        "guest-scope-down",
        Session,
        "the session policies that an identity pool passes for guests, as presets",
        "managed.json"
    ),
    example!(
        "attribute-based-access",
        Identity,
        "session tags decide which department and which clearance a session reaches",
        "calls.test.yaml"
    ),
    example!(
        "identity-pool-trust-authenticated",
        Trust,
        "signed-in identities of one pool may assume the role and set two session tags"
    ),
    example!("identity-pool-trust-guest", Trust, "guests of one pool may assume the role"),
    example!("bucket-deny-plaintext-transport", Resource, "no plain HTTP and no TLS before 1.2"),
    example!(
        "tls-version-floor",
        Resource,
        "TLS 1.3 or later only, and no caller of whom the version is not known"
    ),
    example!("time-boxed-access", Identity, "an auditor reads one folder from one date to another"),
    example!("ip-fenced-admin", Identity, "administrators work from the offices only"),
    example!(
        "mfa-gated-delete",
        Identity,
        "deleting needs a second factor, given in the last quarter of an hour"
    ),
    example!(
        "permissions-boundary",
        PermissionsBoundary,
        "the most that developers, and the roles that they create, can do",
        "identity-policy.json"
    ),
    example!("scp-region-fence", Scp, "accounts stay in two Regions"),
    example!("rcp-perimeter", Rcp, "resources are for the organization alone"),
];

impl Example {
    /// The example of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        EXAMPLES.iter().find(|example| example.name == name)
    }

    /// What is to be replaced in it, and the text that stands for it.
    pub fn placeholders(&self) -> Vec<(Placeholder, &'static str)> {
        let found =
            Placeholder::ALL.into_iter().flat_map(|one| one.texts().iter().map(move |text| (one, *text)));
        found.filter(|(_, text)| self.files.iter().any(|(_, file)| file.contains(text))).collect()
    }

    /// Its files with the author's own names.
    ///
    /// # Errors
    /// A value is of another form than its placeholder's, or the example has no such placeholder.
    ///
    /// ```
    /// use verdikt::suite::library::{Example, Placeholder};
    /// let example = Example::find("s3-per-identity-prefix").unwrap();
    /// let files = example.filled(&[(Placeholder::Bucket, "photos")])?;
    /// assert!(files.iter().any(|(name, text)| *name == "policy.json" && text.contains("arn:aws:s3:::photos/users/")));
    /// # Ok::<(), verdikt::suite::library::FillError>(())
    /// ```
    pub fn filled(&self, values: &[(Placeholder, &str)]) -> Result<Vec<(&'static str, String)>, FillError> {
        let known = self.placeholders();
        let mut changes: Vec<(&str, String)> = Vec::new();
        for (placeholder, value) in values {
            placeholder.check(value)?;
            let own = known.iter().filter(|(one, _)| one == placeholder);
            let before = changes.len();
            changes.extend(own.map(|(_, text)| (*text, placeholder.written(value))));
            if changes.len() == before {
                return Err(FillError::Unused(placeholder.what()));
            }
        }
        Ok(self.files.iter().map(|(name, text)| (*name, replaced(text, &changes))).collect())
    }
}

/// In one pass, so that no value is taken for a placeholder.
fn replaced(text: &str, changes: &[(&str, String)]) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((at, (old, new))) =
        changes.iter().filter_map(|change| Some((rest.find(change.0)?, change))).min_by_key(|(at, _)| *at)
    {
        let (before, after) = rest.split_at(at);
        out += before;
        out += new;
        rest = after.strip_prefix(old).unwrap_or_default();
    }
    out + rest
}

impl Placeholder {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Account, Self::Bucket, Self::Table, Self::Pool, Self::Organization];

    /// The option's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Bucket => "bucket",
            Self::Table => "table",
            Self::Pool => "pool",
            Self::Organization => "organization",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Bucket => "bucket",
            Self::Table => "table",
            Self::Pool => "identity pool",
            Self::Organization => "organization",
        }
    }

    /// The texts that stand for it.
    fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Account => &["111122223333"],
            Self::Bucket => &["app-data"],
            Self::Table => &[
                "table/notes",
                "table/profiles",
                "table/catalogue",
                "table/orders",
                "table/scores",
                "table/people",
                "table/accounts",
            ],
            Self::Pool => &["us-east-1:3f8a1c52-6d0e-4b97-a2c4-5e1b7d90f6a8"],
            Self::Organization => &["o-a1b2c3d4e5"],
        }
    }

    /// What is written in its place.
    fn written(self, value: &str) -> String {
        if self == Self::Table { format!("table/{value}") } else { value.to_owned() }
    }

    fn check(self, value: &str) -> Result<(), FillError> {
        let are = |text: &str, more: &str| {
            text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c))
        };
        let (form, holds) = match self {
            Self::Account => ("twelve digits", crate::text::arn::is_account_id(value)),
            Self::Bucket => (
                "3 to 63 lower-case letters, digits, dots and hyphens",
                (3..=63).contains(&value.len()) && are(value, ".-"),
            ),
            Self::Table => (
                "3 to 255 letters, digits, dots, hyphens and underscores",
                (3..=255).contains(&value.len()) && are(&value.to_ascii_lowercase(), "._-"),
            ),
            Self::Pool => (
                "a Region, a colon and a GUID",
                value.split_once(':').is_some_and(|(region, id)| {
                    !region.is_empty() && are(region, "-") && id.len() == 36 && are(id, "-")
                }),
            ),
            Self::Organization => (
                "`o-` and 10 to 32 lower-case letters and digits",
                value.strip_prefix("o-").is_some_and(|id| (10..=32).contains(&id.len()) && are(id, "")),
            ),
        };
        if holds {
            return Ok(());
        }
        Err(FillError::Form { value: crate::text::diagnostic::bounded(value), what: self.what(), form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_one_pass() {
        let changes =
            [("app-data", "111122223333-x".to_owned()), ("111122223333", "444455556666".to_owned())];
        assert_eq!(replaced("app-data of 111122223333", &changes), "111122223333-x of 444455556666");
    }

    #[test]
    fn values_of_another_form_are_refused() {
        let example = Example::find("s3-per-identity-prefix").unwrap();
        for (placeholder, value) in [
            (Placeholder::Bucket, "Photos"),
            (Placeholder::Bucket, "a\"b"),
            (Placeholder::Bucket, "*"),
            (Placeholder::Account, "123"),
            (Placeholder::Pool, "x"),
            (Placeholder::Organization, "o-1"),
            (Placeholder::Table, "notes"),
        ] {
            assert!(example.filled(&[(placeholder, value)]).is_err(), "{value}");
        }
    }
}
