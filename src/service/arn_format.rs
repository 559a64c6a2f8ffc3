//! The format of the ARNs that an action is checked on, as the service authorization reference writes it.

use super::{dynamodb, s3};

const BUCKET: &str = "arn:${Partition}:s3:::${BucketName}";
const OBJECT: &str = "arn:${Partition}:s3:::${BucketName}/${KeyName}";
const TABLE: &str = "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}";

/// The format of an action's resource; `None` if it is checked on `*` alone, on resources of several types, or if the
/// tables of operations do not have it.
///
/// ```
/// use verdikt::service::arn_format;
/// assert_eq!(arn_format("s3:GetObject"), Some("arn:${Partition}:s3:::${BucketName}/${KeyName}"));
/// assert_eq!(arn_format("s3:listbucket"), Some("arn:${Partition}:s3:::${BucketName}"));
/// assert_eq!(arn_format("s3:ListAllMyBuckets"), None);
/// ```
pub fn arn_format(action: &str) -> Option<&'static str> {
    let (service, name) = action.split_once(':')?;
    if service.eq_ignore_ascii_case("s3") {
        of_s3(action)
    } else if service.eq_ignore_ascii_case("dynamodb") {
        of_dynamodb(name)
    } else {
        None
    }
}

fn of_s3(action: &str) -> Option<&'static str> {
    let is = |name: &str| name.eq_ignore_ascii_case(action);
    let needs = s3::OPERATIONS
        .iter()
        .flat_map(|operation| operation.needs.iter().map(|need| (operation.place, need.on, need.action)));
    let formats = needs.filter(|(_, _, action)| is(action.name) || action.versioned.is_some_and(is)).map(
        |(place, on, _)| match (on, place) {
            (s3::Subject::Any, _) | (s3::Subject::Named, s3::Place::Service | s3::Place::Account) => None,
            (s3::Subject::Source | s3::Subject::EachKey, _) | (_, s3::Place::Object) => Some(OBJECT),
            (s3::Subject::Named, s3::Place::Bucket) => Some(BUCKET),
        },
    );
    only(formats)
}

fn of_dynamodb(action: &str) -> Option<&'static str> {
    let described = dynamodb::OPERATIONS.iter().filter_map(dynamodb::Operation::description);
    let own = described.filter(|one| one.actions.split(", ").any(|name| name.eq_ignore_ascii_case(action)));
    let is_table = |on: &str| ["table", "each table", "the table"].iter().any(|table| on.starts_with(table));
    only(own.map(|one| is_table(&one.resources).then_some(TABLE)))
}

/// What all of them are, if they are all one.
fn only(mut formats: impl Iterator<Item = Option<&'static str>>) -> Option<&'static str> {
    let first = formats.next()??;
    formats.all(|other| other == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_follow_the_tables() {
        for (action, format) in [
            ("s3:PutObject", Some(OBJECT)),
            ("s3:GetObjectVersion", Some(OBJECT)),
            ("s3:DeleteObject", Some(OBJECT)),
            ("s3:GetBucketPolicy", Some(BUCKET)),
            ("S3:CREATEBUCKET", Some(BUCKET)),
            ("dynamodb:GetItem", Some(TABLE)),
            ("dynamodb:BatchGetItem", Some(TABLE)),
            ("dynamodb:PutItem", Some(TABLE)),
            ("dynamodb:ListTables", None),
            ("ec2:RunInstances", None),
            ("s3:", None),
            ("s3", None),
        ] {
            assert_eq!(arn_format(action), format, "{action}");
        }
    }
}
