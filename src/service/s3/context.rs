//! The condition keys of a check: those that every action carries, and the action's own.

use std::borrow::Cow;

use crate::service::{Check, Value};

use super::action::{Action, Keys};
use super::body::{Content, ObjectId};
use super::call::Call;
use super::error::S3Error;
use super::facts::{Facts, ResourceFacts, Touched};

type Name = Cow<'static, str>;
type Mirror = (&'static str, &'static str);

/// Grants by header.
pub(super) const GRANTS: [Mirror; 5] = [
    ("x-amz-grant-full-control", "s3:x-amz-grant-full-control"),
    ("x-amz-grant-read", "s3:x-amz-grant-read"),
    ("x-amz-grant-read-acp", "s3:x-amz-grant-read-acp"),
    ("x-amz-grant-write", "s3:x-amz-grant-write"),
    ("x-amz-grant-write-acp", "s3:x-amz-grant-write-acp"),
];

/// Retention by header.
pub(super) const RETENTION: [Mirror; 4] = [
    ("x-amz-object-lock-mode", "s3:object-lock-mode"),
    ("x-amz-object-lock-retain-until-date", "s3:object-lock-retain-until-date"),
    ("x-amz-object-lock-event-hold", "s3:object-lock-event-hold"),
    ("x-amz-object-lock-event-hold-duration-days", "s3:object-lock-event-hold-duration-days"),
];

const STORAGE_CLASS: Mirror = ("x-amz-storage-class", "s3:x-amz-storage-class");
const ENCRYPTION: Mirror = ("x-amz-server-side-encryption", "s3:x-amz-server-side-encryption");
const KMS_KEY: Mirror =
    ("x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption-aws-kms-key-id");

/// What a new object's headers say; the source of a copy is told decoded.
const WRITE: [Mirror; 7] = [
    ENCRYPTION,
    KMS_KEY,
    ("x-amz-server-side-encryption-customer-algorithm", "s3:x-amz-server-side-encryption-customer-algorithm"),
    STORAGE_CLASS,
    ("x-amz-website-redirect-location", "s3:x-amz-website-redirect-location"),
    ("x-amz-metadata-directive", "s3:x-amz-metadata-directive"),
    ("x-amz-object-annotation-directive", "s3:x-amz-object-annotation-directive"),
];

const DAY: i64 = 86_400_000;

/// The tags that a call gives an object.
#[derive(Clone, Debug)]
pub(super) enum Tags {
    /// None.
    None,
    /// With a new object.
    Given(Vec<(String, String)>),
    /// In a body of tags.
    InBody(Vec<(String, String)>),
}

/// What the keys of a call's checks are made from.
pub(super) struct ContextKeys<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) facts: &'a Facts<'a>,
    pub(super) content: &'a Content,
    pub(super) tags: Tags,
}

/// The keys of one check, as they are collected.
#[derive(Default)]
struct Collected(Vec<(Name, Value)>);

impl ContextKeys<'_> {
    /// What the caller knows of a resource.
    pub(super) fn known(&self, touched: &Touched<'_>) -> ResourceFacts {
        self.facts.resources.map_or_else(ResourceFacts::default, |known| known(touched))
    }

    /// The check of an action on what is touched, which a key of the body may have named; on `*` if nothing is.
    pub(super) fn check(
        &self,
        action: &'static Action,
        touched: Option<&Touched<'_>>,
        known: &ResourceFacts,
        object: Option<(u32, &ObjectId)>,
    ) -> Result<Check, S3Error> {
        let version = touched.and_then(|touched| touched.version);
        let versioned = action.versioned.filter(|_| version.is_some());
        let mut keys = Collected(Vec::with_capacity(8));
        self.common(&mut keys, known);
        if versioned.is_some() {
            keys.some("s3:versionid", version);
        }
        for group in action.keys {
            match (group, object) {
                // The header `If-Match` says nothing to an operation whose body names keys: each has its own.
                (Keys::IfMatchUnversioned, Some((_, object))) => {
                    keys.some("s3:if-match", object.etag.as_deref().filter(|_| version.is_none()));
                }
                _ => self.own(*group, &mut keys, version, known)?,
            }
        }
        let resource = self.resource(touched);
        let part = object.map(|(part, _)| part);
        Ok(Check { action: Cow::Borrowed(versioned.unwrap_or(action.name)), resource, context: keys.0, part })
    }

    /// The ARN.
    fn resource(&self, touched: Option<&Touched<'_>>) -> String {
        let Some(Touched { bucket, key, .. }) = touched else { return "*".to_owned() };
        let partition = self.call.address.partition;
        let parts = ["arn:", partition, ":s3:::", bucket];
        match key {
            None => parts.concat(),
            Some(key) => {
                let [arn, partition, service, bucket] = parts;
                [arn, partition, service, bucket, "/", key].concat()
            }
        }
    }

    /// What every action carries.
    fn common(&self, keys: &mut Collected, known: &ResourceFacts) {
        let (call, facts) = (self.call, self.facts);
        if let Some(secure) = call.secure {
            keys.one("aws:SecureTransport", if secure { "true" } else { "false" });
        }
        keys.some("aws:UserAgent", call.inputs.header("user-agent"));
        keys.some("aws:referer", call.inputs.header("referer"));
        keys.some("aws:RequestedRegion", call.address.region.as_deref().or(facts.region));
        keys.some("s3:TlsVersion", facts.tls_version);
        if let Some(signature) = &call.signature {
            keys.one("s3:authType", signature.auth_type.as_str());
            keys.one("s3:signatureversion", &signature.version);
            keys.number("s3:signatureAge", signature.age(facts.now));
        }
        keys.some("s3:x-amz-content-sha256", call.inputs.header("x-amz-content-sha256"));
        keys.some("s3:ResourceAccount", known.account.as_deref());
        keys.some("aws:ResourceAccount", known.account.as_deref());
        for (name, value) in &known.bucket_tags {
            keys.tag("s3:BucketTag/", name, value);
            keys.tag("aws:ResourceTag/", name, value);
        }
    }

    /// What an action carries of its own.
    fn own(
        &self,
        group: Keys,
        keys: &mut Collected,
        version: Option<&str>,
        known: &ResourceFacts,
    ) -> Result<(), S3Error> {
        let inputs = &self.call.inputs;
        match group {
            Keys::Listing => {
                for (name, key) in
                    [("prefix", "s3:prefix"), ("delimiter", "s3:delimiter"), ("max-keys", "s3:max-keys")]
                {
                    keys.some(key, inputs.parameter(name));
                }
            }
            Keys::Acl => {
                self.mirror(keys, &[("x-amz-acl", "s3:x-amz-acl")]);
                self.mirror(keys, &GRANTS);
            }
            Keys::Write => self.write(keys)?,
            Keys::StorageClass => self.mirror(keys, &[STORAGE_CLASS]),
            Keys::Encryption => self.encryption(keys),
            Keys::ObjectTags => {
                keys.tags("s3:RequestObjectTag/", "s3:RequestObjectTagKeys", self.tags.list());
            }
            Keys::ExistingTags => {
                known
                    .object_tags
                    .iter()
                    .for_each(|(name, value)| keys.tag("s3:ExistingObjectTag/", name, value));
            }
            Keys::RequestTags => {
                let tags = self.content.tags.as_deref().unwrap_or_default();
                keys.tags("aws:RequestTag/", "aws:TagKeys", tags);
            }
            Keys::Retention => self.retention(keys)?,
            Keys::LegalHold => {
                let header = inputs.header("x-amz-object-lock-legal-hold");
                keys.some("s3:object-lock-legal-hold", header.or(self.content.legal_hold.as_deref()));
            }
            Keys::IfMatchUnversioned if version.is_some() => {}
            Keys::IfMatch | Keys::IfMatchUnversioned => keys.some("s3:if-match", inputs.header("if-match")),
            Keys::IfNoneMatch => keys.some("s3:if-none-match", inputs.header("if-none-match")),
            Keys::Creation => {
                let creates = self.call.info.creates.map(|creates| if creates { "true" } else { "false" });
                keys.some("s3:ObjectCreationOperation", creates);
            }
            Keys::NewBucket => {
                keys.some("s3:locationconstraint", self.content.location_constraint.as_deref());
                self.mirror(
                    keys,
                    &[
                        ("x-amz-object-ownership", "s3:x-amz-object-ownership"),
                        ("x-amz-bucket-namespace", "s3:x-amz-bucket-namespace"),
                    ],
                );
            }
            Keys::AnnotationMatch => {
                self.mirror(keys, &[("x-amz-object-if-match", "s3:x-amz-object-if-match")]);
            }
            Keys::AnnotationListing => {
                keys.some("s3:annotation-prefix", inputs.parameter("annotation-prefix"));
                keys.some("s3:max-annotation-results", inputs.parameter("max-annotation-results"));
            }
            Keys::Inventory => {
                if let Some(fields) = &self.content.inventory_fields {
                    keys.many("s3:InventoryAccessibleOptionalFields", fields.clone());
                }
            }
            Keys::ReplicationPause => {
                let pause = self.facts.replication_pause.map(|pause| if pause { "true" } else { "false" });
                keys.some("s3:isReplicationPauseRequest", pause);
            }
            Keys::Grants => keys.some("s3:AccessGrantsInstanceArn", self.facts.access_grants_instance),
        }
        Ok(())
    }

    /// Headers as they stand.
    fn mirror(&self, keys: &mut Collected, mirrors: &[Mirror]) {
        for (header, key) in mirrors {
            keys.some(key, self.call.inputs.header(header));
        }
    }

    fn write(&self, keys: &mut Collected) -> Result<(), S3Error> {
        self.encryption(keys);
        let rest = WRITE.iter().filter(|(header, _)| ![ENCRYPTION.0, KMS_KEY.0].contains(header));
        rest.for_each(|(header, key)| keys.some(key, self.call.inputs.header(header)));
        if let Some(source) = self.call.copy_source()? {
            let version = source.version.as_deref().map(|version| ["?versionId=", version].concat());
            let text = [&*source.bucket, "/", &*source.key, version.as_deref().unwrap_or_default()].concat();
            keys.one("s3:x-amz-copy-source", &text);
        }
        Ok(())
    }

    /// Encryption by header, or by the body of `UpdateObjectEncryption`, which always names a KMS key.
    fn encryption(&self, keys: &mut Collected) {
        self.mirror(keys, &[ENCRYPTION, KMS_KEY]);
        if let Some(key) = &self.content.kms_key {
            keys.one(ENCRYPTION.1, "aws:kms");
            keys.one(KMS_KEY.1, key);
        }
    }

    /// Retention by header or body, and how many days it has left when it begins, a part of a day for a whole one.
    fn retention(&self, keys: &mut Collected) -> Result<(), S3Error> {
        let [mode, until, hold, days] = match &self.content.retention {
            Some(body) => {
                [&body.mode, &body.until, &body.event_hold, &body.event_hold_days].map(Option::as_deref)
            }
            None => RETENTION.map(|(header, _)| self.call.inputs.header(header)),
        };
        for ((_, key), value) in RETENTION.into_iter().zip([mode, until, hold, days]) {
            keys.some(key, value);
        }
        let Some(until) = until else { return Ok(()) };
        let time = until.parse::<jiff::Timestamp>().map_err(|_| S3Error::Value {
            name: "the retain-until date",
            value: until.to_owned(),
            problem: "is not a time such as `2026-11-23T23:45:00Z`",
        })?;
        let left = self.facts.now.map(|now| time.as_millisecond().saturating_sub(now).max(0));
        let whole = left.map(|left| left.saturating_add(DAY - 1) / DAY);
        keys.number("s3:object-lock-remaining-retention-days", whole);
        Ok(())
    }
}

impl Tags {
    fn list(&self) -> &[(String, String)] {
        match self {
            Self::None => &[],
            Self::Given(tags) | Self::InBody(tags) => tags,
        }
    }
}

impl Collected {
    fn one(&mut self, name: &'static str, value: &str) {
        self.0.push((Cow::Borrowed(name), Value::One(value.to_owned())));
    }

    fn some(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.one(name, value);
        }
    }

    fn number(&mut self, name: &'static str, value: Option<i64>) {
        if let Some(value) = value {
            self.0.push((Cow::Borrowed(name), Value::One(value.to_string())));
        }
    }

    fn many(&mut self, name: &'static str, values: Vec<String>) {
        if !values.is_empty() {
            self.0.push((Cow::Borrowed(name), Value::Many(values)));
        }
    }

    fn tag(&mut self, family: &str, name: &str, value: &str) {
        self.0.push((Cow::Owned([family, name].concat()), Value::One(value.to_owned())));
    }

    /// Tags, and the list of their names.
    fn tags(&mut self, family: &str, names: &'static str, tags: &[(String, String)]) {
        for (name, value) in tags {
            self.tag(family, name, value);
        }
        self.many(names, tags.iter().map(|(name, _)| name.clone()).collect());
    }
}
