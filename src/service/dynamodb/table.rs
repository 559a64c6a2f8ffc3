//! Which table a call is about: a name in the caller's account and Region, or an ARN.

use super::error::CallError;
use crate::text::arn::{Arn, is_account_id};
use crate::text::diagnostic::excerpt;

/// Where a name without ARN belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) partition: String,
    pub(super) region: String,
    pub(super) account: String,
}

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableRef<'a> {
    /// `aws`, `aws-cn`, …
    pub partition: &'a str,
    /// The Region.
    pub region: &'a str,
    /// The account that owns it.
    pub account: &'a str,
    /// The name.
    pub name: &'a str,
}

impl TableRef<'_> {
    /// The table's ARN.
    pub fn arn(&self) -> String {
        let Self { partition, region, account, name } = self;
        format!("arn:{partition}:dynamodb:{region}:{account}:table/{name}")
    }

    /// The ARN of one of its indexes.
    pub fn index_arn(&self, index: &str) -> String {
        format!("{}/index/{index}", self.arn())
    }
}

impl Home {
    pub(super) fn new(partition: &str, region: &str, account: &str) -> Result<Self, CallError> {
        for (what, text, fits) in [
            ("partition", partition, is_label(partition)),
            ("Region", region, is_label(region)),
            ("account id", account, is_account_id(account)),
        ] {
            if !fits {
                return Err(CallError::Home { what, text: text.to_owned() });
            }
        }
        Ok(Self { partition: partition.to_owned(), region: region.to_owned(), account: account.to_owned() })
    }

    /// Reads a member that holds a table's name or ARN.
    pub(super) fn table<'a>(
        &'a self,
        member: &'static str,
        text: &'a str,
    ) -> Result<TableRef<'a>, CallError> {
        let refused =
            || CallError::member(member, format!("{} is neither a table's name nor its ARN", excerpt(text)));
        if !text.starts_with("arn:") {
            let here = TableRef {
                partition: &self.partition,
                region: &self.region,
                account: &self.account,
                name: text,
            };
            return if is_name(text) { Ok(here) } else { Err(refused()) };
        }
        let arn = checked(text).ok_or_else(refused)?;
        let name = arn.resource().strip_prefix("table/").filter(|name| is_name(name)).ok_or_else(refused)?;
        Ok(TableRef { partition: arn.partition(), region: arn.region(), account: arn.account(), name })
    }

    /// The same table in another Region.
    pub(super) fn elsewhere<'a>(&'a self, region: &'a str, name: &'a str) -> Result<TableRef<'a>, CallError> {
        if !is_label(region) {
            return Err(CallError::member("RegionName", format!("{} is no Region", excerpt(region))));
        }
        if !is_name(name) {
            return Err(CallError::member(
                "GlobalTableName",
                format!("{} is no name of a table", excerpt(name)),
            ));
        }
        Ok(TableRef { partition: &self.partition, region, account: &self.account, name })
    }
}

/// An ARN of something below a table (`stream`, `backup`, `export`, `import`), whole.
pub(super) fn below_table(text: &str, kind: &str) -> bool {
    let Some(arn) = checked(text) else { return false };
    let parts: Vec<_> = arn.resource().split('/').collect();
    match parts.as_slice() {
        ["table", table, found, label] => is_name(table) && *found == kind && is_label_of(label),
        _ => false,
    }
}

/// An ARN of DynamoDB whose partition, Region and account can stand in one.
fn checked(text: &str) -> Option<Arn<'_>> {
    let arn = Arn::parse(text)?;
    let fits = arn.service() == "dynamodb"
        && is_label(arn.partition())
        && is_label(arn.region())
        && is_account_id(arn.account());
    fits.then_some(arn)
}

/// Three to 255 of `a-z A-Z 0-9 _ . -`, the rule for tables and indexes.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (3..=255).contains(&text.len()) && text.bytes().all(fits)
}

/// A partition or a Region.
fn is_label(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
}

/// The label of a stream (a time), of a backup, of an export.
fn is_label_of(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b':');
    !text.is_empty() && text.bytes().all(fits)
}
