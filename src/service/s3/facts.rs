//! What only the service can know. What is not given is absent from the checks.

use std::fmt;

/// Facts about the call and what it touches. Every one may be missing; its condition keys are then absent.
#[derive(Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The version of TLS: `s3:TlsVersion`, such as `1.3`.
    pub tls_version: Option<&'a str>,
    /// The time in milliseconds since 1970: `s3:signatureAge`, `s3:object-lock-remaining-retention-days`. No clock is read.
    pub now: Option<i64>,
    /// The Region, where the host does not tell it: `aws:RequestedRegion`.
    pub region: Option<&'a str>,
    /// The instance of S3 Access Grants that gave the credentials: `s3:AccessGrantsInstanceArn`.
    pub access_grants_instance: Option<&'a str>,
    /// Whether a change of replication is a pause: `s3:isReplicationPauseRequest`.
    pub replication_pause: Option<bool>,
    /// What is known of a resource; asked once for each check.
    pub resources: Option<&'a dyn Fn(&Touched<'_>) -> ResourceFacts>,
}

/// What a check is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// The key, if it is an object.
    pub key: Option<&'a str>,
    /// The version, if one is named.
    pub version: Option<&'a str>,
}

/// What is known of a bucket or object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceFacts {
    /// The account that owns the bucket: `s3:ResourceAccount`, `aws:ResourceAccount`.
    pub account: Option<String>,
    /// The bucket's tags: `s3:BucketTag/*`, `aws:ResourceTag/*`.
    pub bucket_tags: Vec<(String, String)>,
    /// The object's tags: `s3:ExistingObjectTag/*`.
    pub object_tags: Vec<(String, String)>,
    /// Whether the object is known to have no tags. A copy takes over the tags of its source, so without this it needs
    /// `s3:GetObjectTagging` there, unless it replaces them.
    pub has_no_object_tags: bool,
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("tls_version", &self.tls_version)
            .field("now", &self.now)
            .field("region", &self.region)
            .field("access_grants_instance", &self.access_grants_instance)
            .field("replication_pause", &self.replication_pause)
            .field("resources", &self.resources.is_some())
            .finish()
    }
}
