//! The actions that operations need, and the condition keys that each carries besides those that all do.
//!
//! Follows the service authorization reference, "Actions, resources, and condition keys for Amazon S3". An action without
//! a key has it absent, whatever the request says.

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its name.
    pub name: &'static str,
    /// Its name where a version is named.
    pub versioned: Option<&'static str>,
    /// Its own keys; `s3:versionid` is one of the versioned action's.
    pub keys: &'static [Keys],
}

/// Condition keys that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// `s3:prefix`, `s3:delimiter`, `s3:max-keys`.
    Listing,
    /// `s3:x-amz-acl`, `s3:x-amz-grant-*`.
    Acl,
    /// The headers of a new object: encryption, storage class, redirect, copy source and directives.
    Write,
    /// `s3:x-amz-storage-class`.
    StorageClass,
    /// `s3:x-amz-server-side-encryption` and its key.
    Encryption,
    /// `s3:RequestObjectTag/*`, `s3:RequestObjectTagKeys`.
    ObjectTags,
    /// `s3:ExistingObjectTag/*`.
    ExistingTags,
    /// `aws:RequestTag/*`, `aws:TagKeys`.
    RequestTags,
    /// `s3:object-lock-mode`, `s3:object-lock-retain-until-date`, `s3:object-lock-remaining-retention-days`,
    /// `s3:object-lock-event-hold`, `s3:object-lock-event-hold-duration-days`.
    Retention,
    /// `s3:object-lock-legal-hold`.
    LegalHold,
    /// `s3:if-match`.
    IfMatch,
    /// `s3:if-match`, unless a version is named.
    IfMatchUnversioned,
    /// `s3:if-none-match`.
    IfNoneMatch,
    /// `s3:ObjectCreationOperation`.
    Creation,
    /// `s3:locationconstraint`, `s3:x-amz-object-ownership`, `s3:x-amz-bucket-namespace`.
    NewBucket,
    /// `s3:x-amz-object-if-match`.
    AnnotationMatch,
    /// `s3:annotation-prefix`, `s3:max-annotation-results`.
    AnnotationListing,
    /// `s3:InventoryAccessibleOptionalFields`.
    Inventory,
    /// `s3:isReplicationPauseRequest`.
    ReplicationPause,
    /// `s3:AccessGrantsInstanceArn`.
    Grants,
}

const fn action(name: &'static str) -> Action {
    Action { name, versioned: None, keys: &[] }
}

impl Action {
    const fn versioned(mut self, name: &'static str) -> Self {
        self.versioned = Some(name);
        self
    }

    const fn with(mut self, keys: &'static [Keys]) -> Self {
        self.keys = keys;
        self
    }
}

pub(super) static LIST_ALL_MY_BUCKETS: Action = action("s3:ListAllMyBuckets");
pub(super) static LIST_BUCKET: Action = action("s3:ListBucket").with(&[Keys::Grants, Keys::Listing]);
pub(super) static LIST_BUCKET_VERSIONS: Action =
    action("s3:ListBucketVersions").with(&[Keys::Grants, Keys::Listing]);
pub(super) static LIST_BUCKET_MULTIPART_UPLOADS: Action =
    action("s3:ListBucketMultipartUploads").with(&[Keys::Grants]);
pub(super) static CREATE_BUCKET: Action =
    action("s3:CreateBucket").with(&[Keys::NewBucket, Keys::Acl, Keys::RequestTags]);
pub(super) static TAG_RESOURCE: Action = action("s3:TagResource").with(&[Keys::RequestTags]);
pub(super) static GET_OBJECT: Action =
    action("s3:GetObject").versioned("s3:GetObjectVersion").with(&[Keys::Grants, Keys::ExistingTags]);
pub(super) static GET_OBJECT_ATTRIBUTES: Action =
    action("s3:GetObjectAttributes").versioned("s3:GetObjectVersionAttributes").with(&[Keys::ExistingTags]);
pub(super) static PUT_OBJECT: Action = action("s3:PutObject").with(&[
    Keys::Grants,
    Keys::Write,
    Keys::Acl,
    Keys::ObjectTags,
    Keys::Retention,
    Keys::LegalHold,
    Keys::IfMatch,
    Keys::IfNoneMatch,
    Keys::Creation,
]);
pub(super) static PUT_OBJECT_ACL: Action = action("s3:PutObjectAcl")
    .versioned("s3:PutObjectVersionAcl")
    .with(&[Keys::Grants, Keys::ExistingTags, Keys::Acl, Keys::StorageClass]);
pub(super) static PUT_OBJECT_TAGGING: Action = action("s3:PutObjectTagging")
    .versioned("s3:PutObjectVersionTagging")
    .with(&[Keys::ExistingTags, Keys::ObjectTags]);
pub(super) static PUT_OBJECT_RETENTION: Action = action("s3:PutObjectRetention").with(&[Keys::Retention]);
pub(super) static PUT_OBJECT_LEGAL_HOLD: Action = action("s3:PutObjectLegalHold").with(&[Keys::LegalHold]);
pub(super) static BYPASS_GOVERNANCE_RETENTION: Action =
    action("s3:BypassGovernanceRetention").with(&[Keys::Write, Keys::Acl, Keys::ObjectTags]);
pub(super) static DELETE_OBJECT: Action = action("s3:DeleteObject")
    .versioned("s3:DeleteObjectVersion")
    .with(&[Keys::Grants, Keys::IfMatchUnversioned]);
pub(super) static ABORT_MULTIPART_UPLOAD: Action = action("s3:AbortMultipartUpload").with(&[Keys::Grants]);
pub(super) static LIST_MULTIPART_UPLOAD_PARTS: Action =
    action("s3:ListMultipartUploadParts").with(&[Keys::Grants]);
pub(super) static GET_OBJECT_TAGGING: Action =
    action("s3:GetObjectTagging").versioned("s3:GetObjectVersionTagging").with(&[Keys::ExistingTags]);
pub(super) static DELETE_OBJECT_TAGGING: Action =
    action("s3:DeleteObjectTagging").versioned("s3:DeleteObjectVersionTagging").with(&[Keys::ExistingTags]);
pub(super) static GET_OBJECT_ACL: Action =
    action("s3:GetObjectAcl").versioned("s3:GetObjectVersionAcl").with(&[Keys::Grants, Keys::ExistingTags]);
pub(super) static GET_OBJECT_RETENTION: Action = action("s3:GetObjectRetention");
pub(super) static GET_OBJECT_LEGAL_HOLD: Action = action("s3:GetObjectLegalHold");
pub(super) static RESTORE_OBJECT: Action = action("s3:RestoreObject");
pub(super) static UPDATE_OBJECT_ENCRYPTION: Action =
    action("s3:UpdateObjectEncryption").with(&[Keys::ExistingTags, Keys::Encryption]);
pub(super) static PUT_OBJECT_ANNOTATION: Action = action("s3:PutObjectAnnotation")
    .versioned("s3:PutObjectVersionAnnotation")
    .with(&[Keys::ExistingTags, Keys::AnnotationMatch]);
pub(super) static GET_OBJECT_ANNOTATION: Action =
    action("s3:GetObjectAnnotation").versioned("s3:GetObjectVersionAnnotation").with(&[Keys::ExistingTags]);
pub(super) static DELETE_OBJECT_ANNOTATION: Action = action("s3:DeleteObjectAnnotation")
    .versioned("s3:DeleteObjectVersionAnnotation")
    .with(&[Keys::ExistingTags, Keys::AnnotationMatch]);
pub(super) static LIST_OBJECT_ANNOTATIONS: Action = action("s3:ListObjectAnnotations")
    .versioned("s3:ListObjectVersionAnnotations")
    .with(&[Keys::ExistingTags, Keys::AnnotationListing]);
pub(super) static GET_ACCOUNT_PUBLIC_ACCESS_BLOCK: Action = action("s3:GetAccountPublicAccessBlock");
pub(super) static PUT_ACCOUNT_PUBLIC_ACCESS_BLOCK: Action = action("s3:PutAccountPublicAccessBlock");
pub(super) static CREATE_BUCKET_METADATA_TABLE_CONFIGURATION: Action =
    action("s3:CreateBucketMetadataTableConfiguration");
pub(super) static DELETE_BUCKET: Action = action("s3:DeleteBucket");
pub(super) static DELETE_BUCKET_METADATA_TABLE_CONFIGURATION: Action =
    action("s3:DeleteBucketMetadataTableConfiguration");
pub(super) static DELETE_BUCKET_POLICY: Action = action("s3:DeleteBucketPolicy");
pub(super) static DELETE_BUCKET_WEBSITE: Action = action("s3:DeleteBucketWebsite");
pub(super) static GET_ACCELERATE_CONFIGURATION: Action = action("s3:GetAccelerateConfiguration");
pub(super) static GET_ANALYTICS_CONFIGURATION: Action = action("s3:GetAnalyticsConfiguration");
pub(super) static GET_BUCKET_ABAC: Action = action("s3:GetBucketAbac");
pub(super) static GET_BUCKET_ACL: Action = action("s3:GetBucketAcl");
pub(super) static GET_BUCKET_CORS: Action = action("s3:GetBucketCORS");
pub(super) static GET_BUCKET_LOCATION: Action = action("s3:GetBucketLocation");
pub(super) static GET_BUCKET_LOGGING: Action = action("s3:GetBucketLogging");
pub(super) static GET_BUCKET_METADATA_TABLE_CONFIGURATION: Action =
    action("s3:GetBucketMetadataTableConfiguration");
pub(super) static GET_BUCKET_NOTIFICATION: Action = action("s3:GetBucketNotification");
pub(super) static GET_BUCKET_OBJECT_LOCK_CONFIGURATION: Action =
    action("s3:GetBucketObjectLockConfiguration");
pub(super) static GET_BUCKET_OWNERSHIP_CONTROLS: Action = action("s3:GetBucketOwnershipControls");
pub(super) static GET_BUCKET_POLICY: Action = action("s3:GetBucketPolicy");
pub(super) static GET_BUCKET_POLICY_STATUS: Action = action("s3:GetBucketPolicyStatus");
pub(super) static GET_BUCKET_PUBLIC_ACCESS_BLOCK: Action = action("s3:GetBucketPublicAccessBlock");
pub(super) static GET_BUCKET_REQUEST_PAYMENT: Action = action("s3:GetBucketRequestPayment");
pub(super) static GET_BUCKET_TAGGING: Action = action("s3:GetBucketTagging");
pub(super) static GET_BUCKET_VERSIONING: Action = action("s3:GetBucketVersioning");
pub(super) static GET_BUCKET_WEBSITE: Action = action("s3:GetBucketWebsite");
pub(super) static GET_ENCRYPTION_CONFIGURATION: Action = action("s3:GetEncryptionConfiguration");
pub(super) static GET_INTELLIGENT_TIERING_CONFIGURATION: Action =
    action("s3:GetIntelligentTieringConfiguration");
pub(super) static GET_INVENTORY_CONFIGURATION: Action = action("s3:GetInventoryConfiguration");
pub(super) static GET_LIFECYCLE_CONFIGURATION: Action = action("s3:GetLifecycleConfiguration");
pub(super) static GET_METRICS_CONFIGURATION: Action = action("s3:GetMetricsConfiguration");
pub(super) static GET_REPLICATION_CONFIGURATION: Action = action("s3:GetReplicationConfiguration");
pub(super) static PUT_ACCELERATE_CONFIGURATION: Action = action("s3:PutAccelerateConfiguration");
pub(super) static PUT_ANALYTICS_CONFIGURATION: Action = action("s3:PutAnalyticsConfiguration");
pub(super) static PUT_BUCKET_ABAC: Action = action("s3:PutBucketAbac");
pub(super) static PUT_BUCKET_ACL: Action = action("s3:PutBucketAcl").with(&[Keys::Acl]);
pub(super) static PUT_BUCKET_CORS: Action = action("s3:PutBucketCORS");
pub(super) static PUT_BUCKET_LOGGING: Action = action("s3:PutBucketLogging");
pub(super) static PUT_BUCKET_NOTIFICATION: Action = action("s3:PutBucketNotification");
pub(super) static PUT_BUCKET_OBJECT_LOCK_CONFIGURATION: Action =
    action("s3:PutBucketObjectLockConfiguration");
pub(super) static PUT_BUCKET_OWNERSHIP_CONTROLS: Action = action("s3:PutBucketOwnershipControls");
pub(super) static PUT_BUCKET_POLICY: Action = action("s3:PutBucketPolicy");
pub(super) static PUT_BUCKET_PUBLIC_ACCESS_BLOCK: Action = action("s3:PutBucketPublicAccessBlock");
pub(super) static PUT_BUCKET_REQUEST_PAYMENT: Action = action("s3:PutBucketRequestPayment");
pub(super) static PUT_BUCKET_TAGGING: Action = action("s3:PutBucketTagging");
pub(super) static PUT_BUCKET_VERSIONING: Action = action("s3:PutBucketVersioning");
pub(super) static PUT_BUCKET_WEBSITE: Action = action("s3:PutBucketWebsite");
pub(super) static PUT_ENCRYPTION_CONFIGURATION: Action = action("s3:PutEncryptionConfiguration");
pub(super) static PUT_INTELLIGENT_TIERING_CONFIGURATION: Action =
    action("s3:PutIntelligentTieringConfiguration");
pub(super) static PUT_INVENTORY_CONFIGURATION: Action =
    action("s3:PutInventoryConfiguration").with(&[Keys::Inventory]);
pub(super) static PUT_LIFECYCLE_CONFIGURATION: Action = action("s3:PutLifecycleConfiguration");
pub(super) static PUT_METRICS_CONFIGURATION: Action = action("s3:PutMetricsConfiguration");
pub(super) static PUT_REPLICATION_CONFIGURATION: Action =
    action("s3:PutReplicationConfiguration").with(&[Keys::ReplicationPause]);
pub(super) static UPDATE_BUCKET_METADATA_ANNOTATION_TABLE_CONFIGURATION: Action =
    action("s3:UpdateBucketMetadataAnnotationTableConfiguration");
pub(super) static UPDATE_BUCKET_METADATA_INVENTORY_TABLE_CONFIGURATION: Action =
    action("s3:UpdateBucketMetadataInventoryTableConfiguration");
pub(super) static UPDATE_BUCKET_METADATA_JOURNAL_TABLE_CONFIGURATION: Action =
    action("s3:UpdateBucketMetadataJournalTableConfiguration");
