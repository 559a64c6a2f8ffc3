//! The part about S3 in `docs/requests.md` is made from the table of operations:
//! `UPDATE_DOCS=1 cargo test --test integration s3_docs` writes it anew. Other parts of the file are left as they are.

use std::fmt::Write;
use std::path::Path;

use verdikt::service::s3::{BodyKind, Keys, Need, OPERATIONS, OperationInfo, Place, Subject, When};

const BEGIN: &str =
    "<!-- S3: made by `UPDATE_DOCS=1 cargo test --test integration s3_docs`; do not edit -->\n";
const END: &str = "<!-- end of S3 -->\n";
const INTRO: &str = "## Amazon S3

An action before and after `/` is the one without and with a `versionId`. A check without a mark is on what the path
names. Every check carries, where the request or the caller's facts tell them, `aws:SecureTransport`, `aws:UserAgent`,
`aws:referer`, `aws:RequestedRegion`, `aws:ResourceAccount`, `aws:ResourceTag/*`, `s3:BucketTag/*`, `s3:ResourceAccount`,
`s3:TlsVersion`, `s3:authType`, `s3:signatureversion`, `s3:signatureAge` and `s3:x-amz-content-sha256`; the versioned
action `s3:versionid` too. What is not told is absent. Parameters and `x-amz-` headers that an operation does not have are
refused by name, as are unknown operations.

| operation | request | checks | own condition keys |
|---|---|---|---|
";

const NOT_MODELLED: &str = "
The upload of a browser's form makes the checks of `PutObject` (`Operation::post_object`, which takes the fields; the
multipart body itself is refused). A copy takes over the tags of its source, so it is checked for
`s3:GetObjectTagging` there unless it replaces them (`x-amz-tagging-directive: REPLACE`), or names no directive and the
caller tells that the source has no tags (`--no-object-tags`, `ResourceFacts::has_no_object_tags`): S3 itself looks at the
object, and what is not told may be tagged.

Not modelled:

- Access points, Object Lambda, Outposts, Multi-Region Access Points, directory buckets (`CreateSession`, `RenameObject`)
  and table buckets: refused by name. Of S3 Control only the account's public access block.
- `OPTIONS`, which no policy governs; websites' endpoints.
- Access control lists, object ownership and Block Public Access as reasons to allow or deny: here are policies only.
- Checks on KMS keys (`kms:Decrypt`, `kms:GenerateDataKey`), `iam:PassRole` of replication, and `s3:GetObjectAcl` for the
  owners in a listing.
- Condition keys that none of these operations carries, which are absent: those of access points, jobs and access grants
  (`s3:DataAccessPointArn`, `s3:AccessPointNetworkOrigin`, `s3:JobSuspendedCause`, `s3:AccessGrantScope`, …),
  `s3:destinationRegion`, `s3:logType`, `s3:deliverySourceArn`, `s3:resourceArnBeingAuthorized`.
- `s3:x-amz-copy-source` is `bucket/key` decoded, without a leading slash, with `?versionId=` where one is named.
- Signatures are not verified: the caller does that before.

Refused though S3 may take it, because two readers could read it in two ways: a parameter or header that stands twice; a
`+` in a query or in `x-amz-copy-source` and `x-amz-tagging` (write `%2B` or `%20`); invalid escapes; names that are not
UTF-8; a NUL in a key; `x-amz-` parameters outside of presigned URLs.
";

fn checks(need: &Need) -> String {
    let mut text = format!("`{}`", need.action.name);
    if let Some(versioned) = need.action.versioned {
        write!(text, " / `{versioned}`").unwrap();
    }
    text += match need.on {
        Subject::Named => "",
        Subject::Source => " on the source",
        Subject::EachKey => " on each key",
        Subject::Any => " on `*`",
    };
    text += match need.when {
        When::Always => "",
        When::Acl => " if `x-amz-acl` or `x-amz-grant-*`",
        When::WiderAcl => " if `x-amz-acl` is not `private`, or `x-amz-grant-*`",
        When::Tagging => " if `x-amz-tagging`",
        When::CopiedTags => " unless tags are replaced or there are none",
        When::Retention => " if `x-amz-object-lock-mode` or `-retain-until-date` or `-event-hold*`",
        When::LegalHold => " if `x-amz-object-lock-legal-hold`",
        When::Bypass => " if `x-amz-bypass-governance-retention: true`",
        When::LockEnabled => " if `x-amz-bucket-object-lock-enabled: true`",
        When::Ownership => " if `x-amz-object-ownership`",
        When::BodyTags => " if the body has tags",
    };
    text
}

fn key(keys: Keys) -> &'static str {
    match keys {
        Keys::Listing => "`s3:prefix`, `s3:delimiter`, `s3:max-keys`",
        Keys::Acl => "`s3:x-amz-acl`, `s3:x-amz-grant-*`",
        Keys::Write => {
            "`s3:x-amz-server-side-encryption*`, `s3:x-amz-storage-class`, `s3:x-amz-website-redirect-location`, \
             `s3:x-amz-copy-source`, `s3:x-amz-metadata-directive`, `s3:x-amz-object-annotation-directive`"
        }
        Keys::StorageClass => "`s3:x-amz-storage-class`",
        Keys::Encryption => {
            "`s3:x-amz-server-side-encryption`, `s3:x-amz-server-side-encryption-aws-kms-key-id`"
        }
        Keys::ObjectTags => "`s3:RequestObjectTag/*`, `s3:RequestObjectTagKeys`",
        Keys::ExistingTags => "`s3:ExistingObjectTag/*`",
        Keys::RequestTags => "`aws:RequestTag/*`, `aws:TagKeys`",
        Keys::Retention => {
            "`s3:object-lock-mode`, `s3:object-lock-retain-until-date`, `s3:object-lock-remaining-retention-days`, \
             `s3:object-lock-event-hold`, `s3:object-lock-event-hold-duration-days`"
        }
        Keys::LegalHold => "`s3:object-lock-legal-hold`",
        Keys::IfMatch | Keys::IfMatchUnversioned => "`s3:if-match`",
        Keys::IfNoneMatch => "`s3:if-none-match`",
        Keys::Creation => "`s3:ObjectCreationOperation`",
        Keys::NewBucket => {
            "`s3:locationconstraint`, `s3:x-amz-object-ownership`, `s3:x-amz-bucket-namespace`"
        }
        Keys::AnnotationMatch => "`s3:x-amz-object-if-match`",
        Keys::AnnotationListing => "`s3:annotation-prefix`, `s3:max-annotation-results`",
        Keys::Inventory => "`s3:InventoryAccessibleOptionalFields`",
        Keys::ReplicationPause => "`s3:isReplicationPauseRequest`",
        Keys::Grants => "`s3:AccessGrantsInstanceArn`",
    }
}

fn row(info: &OperationInfo) -> String {
    let place = match info.place {
        Place::Service => "/",
        Place::Bucket => "bucket",
        Place::Object => "key",
        Place::Account => "account",
    };
    let query = if info.select.is_empty() { String::new() } else { format!("?{}", info.select.join("&")) };
    let with = if info.copies { " with `x-amz-copy-source`" } else { "" };
    let body = if info.body == BodyKind::Unread { "" } else { ", its body" };
    let needs: Vec<String> = info.needs.iter().map(checks).collect();
    let mut keys: Vec<&str> = Vec::new();
    for name in info.needs.iter().flat_map(|need| need.action.keys).map(|keys| key(*keys)) {
        if !keys.contains(&name) {
            keys.push(name);
        }
    }
    let (needs, keys) = (needs.join("; "), keys.join(", "));
    format!("| {} | `{} {place}{query}`{with}{body} | {needs} | {keys} |\n", info.name, info.method)
}

#[test]
fn the_part_about_s3_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/requests.md");
    let rows: String = OPERATIONS.iter().map(row).collect();
    let part = [BEGIN, "\n", INTRO, &rows, NOT_MODELLED, "\n", END].concat();
    let written = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = written.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let rendered = [before, &part, after].concat();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &rendered).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == rendered,
        "docs/requests.md is stale: UPDATE_DOCS=1 cargo test --test integration s3_docs"
    );
}
