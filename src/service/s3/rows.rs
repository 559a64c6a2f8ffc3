//! The table of operations: an operation is added here, as one row.

use super::action;
use super::table::Place::{Account, Bucket, Service};
use super::table::{
    BodyKind, HeaderGroup, Need, OperationInfo, When, need, object, of_any, of_each, of_source, op, sub, when,
};

const VERSION: &[&str] = &["versionId"];
const PART: &[&str] = &["uploadId", "partNumber"];
const LISTING: &[&str] = &["prefix", "delimiter", "max-keys", "encoding-type", "marker"];
const LISTING_V2: &[&str] =
    &["prefix", "delimiter", "max-keys", "encoding-type", "continuation-token", "fetch-owner", "start-after"];
const LISTING_VERSIONS: &[&str] =
    &["prefix", "delimiter", "max-keys", "encoding-type", "key-marker", "version-id-marker"];
const LISTING_UPLOADS: &[&str] =
    &["prefix", "delimiter", "max-uploads", "encoding-type", "key-marker", "upload-id-marker"];
const READING: &[&str] = &[
    "versionId",
    "partNumber",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
];

/// What a new object takes: `s3:PutObject`, and what its headers ask for besides.
const NEW_OBJECT: &[Need] = &[
    need(&action::PUT_OBJECT),
    when(When::Acl, &action::PUT_OBJECT_ACL),
    when(When::Tagging, &action::PUT_OBJECT_TAGGING),
    when(When::Retention, &action::PUT_OBJECT_RETENTION),
    when(When::LegalHold, &action::PUT_OBJECT_LEGAL_HOLD),
];
const COPIED_OBJECT: &[Need] = &[
    of_source(When::Always, &action::GET_OBJECT),
    of_source(When::CopiedTags, &action::GET_OBJECT_TAGGING),
    need(&action::PUT_OBJECT),
    when(When::Acl, &action::PUT_OBJECT_ACL),
    when(When::Tagging, &action::PUT_OBJECT_TAGGING),
    when(When::Retention, &action::PUT_OBJECT_RETENTION),
    when(When::LegalHold, &action::PUT_OBJECT_LEGAL_HOLD),
];
const NEW_OBJECT_HEADERS: &[HeaderGroup] = &[
    HeaderGroup::Acl,
    HeaderGroup::Tagging,
    HeaderGroup::Lock,
    HeaderGroup::Write,
    HeaderGroup::CustomerKey,
];
const COPIED_OBJECT_HEADERS: &[HeaderGroup] = &[
    HeaderGroup::Acl,
    HeaderGroup::Tagging,
    HeaderGroup::Lock,
    HeaderGroup::Write,
    HeaderGroup::CustomerKey,
    HeaderGroup::CopySource,
    HeaderGroup::Directives,
];
const KEYED: &[HeaderGroup] = &[HeaderGroup::CustomerKey];
const BYPASS: &[HeaderGroup] = &[HeaderGroup::Bypass];

/// Every operation. Where two names share a wire form, the newer one stands.
pub static OPERATIONS: &[OperationInfo] = &[
    op("GET", Service, "ListBuckets", &[of_any(&action::LIST_ALL_MY_BUCKETS)]).takes(&[
        "max-buckets",
        "continuation-token",
        "prefix",
        "bucket-region",
    ]),
    op("HEAD", Bucket, "HeadBucket", &[need(&action::LIST_BUCKET)]),
    op(
        "PUT",
        Bucket,
        "CreateBucket",
        &[
            need(&action::CREATE_BUCKET),
            when(When::WiderAcl, &action::PUT_BUCKET_ACL),
            when(When::LockEnabled, &action::PUT_BUCKET_OBJECT_LOCK_CONFIGURATION),
            when(When::LockEnabled, &action::PUT_BUCKET_VERSIONING),
            when(When::Ownership, &action::PUT_BUCKET_OWNERSHIP_CONTROLS),
            when(When::BodyTags, &action::TAG_RESOURCE),
        ],
    )
    .reads(BodyKind::CreateBucket)
    .headers(&[HeaderGroup::Acl, HeaderGroup::NewBucket]),
    op("DELETE", Bucket, "DeleteBucket", &[need(&action::DELETE_BUCKET)]),
    op("GET", Bucket, "ListObjects", &[need(&action::LIST_BUCKET)]).takes(LISTING),
    sub("GET", &["list-type"], "ListObjectsV2", &[need(&action::LIST_BUCKET)]).takes(LISTING_V2),
    sub("GET", &["versions"], "ListObjectVersions", &[need(&action::LIST_BUCKET_VERSIONS)])
        .takes(LISTING_VERSIONS),
    sub("GET", &["uploads"], "ListMultipartUploads", &[need(&action::LIST_BUCKET_MULTIPART_UPLOADS)])
        .takes(LISTING_UPLOADS),
    object("GET", &[], "GetObject", &[need(&action::GET_OBJECT)]).takes(READING).headers(KEYED),
    object("HEAD", &[], "HeadObject", &[need(&action::GET_OBJECT)]).takes(READING).headers(KEYED),
    // AWS's pages differ: the API reference asks for both, which is the stricter reading.
    object(
        "GET",
        &["attributes"],
        "GetObjectAttributes",
        &[need(&action::GET_OBJECT), need(&action::GET_OBJECT_ATTRIBUTES)],
    )
    .takes(VERSION)
    .headers(KEYED),
    object("POST", &["select", "select-type"], "SelectObjectContent", &[need(&action::GET_OBJECT)])
        .headers(KEYED),
    object("GET", &["torrent"], "GetObjectTorrent", &[need(&action::GET_OBJECT)]),
    object("PUT", &[], "PutObject", NEW_OBJECT).headers(NEW_OBJECT_HEADERS).creates(true),
    object("PUT", &[], "CopyObject", COPIED_OBJECT).headers(COPIED_OBJECT_HEADERS).copies().creates(true),
    object(
        "DELETE",
        &[],
        "DeleteObject",
        &[need(&action::DELETE_OBJECT), when(When::Bypass, &action::BYPASS_GOVERNANCE_RETENTION)],
    )
    .takes(VERSION)
    .headers(BYPASS),
    sub(
        "POST",
        &["delete"],
        "DeleteObjects",
        &[
            of_each(When::Always, &action::DELETE_OBJECT),
            of_each(When::Bypass, &action::BYPASS_GOVERNANCE_RETENTION),
        ],
    )
    .reads(BodyKind::Delete)
    .headers(BYPASS),
    object("POST", &["uploads"], "CreateMultipartUpload", NEW_OBJECT)
        .headers(NEW_OBJECT_HEADERS)
        .creates(false),
    object("PUT", PART, "UploadPart", &[need(&action::PUT_OBJECT)]).headers(KEYED).creates(false),
    object(
        "PUT",
        PART,
        "UploadPartCopy",
        &[of_source(When::Always, &action::GET_OBJECT), need(&action::PUT_OBJECT)],
    )
    .headers(&[HeaderGroup::CustomerKey, HeaderGroup::CopySource])
    .copies()
    .creates(false),
    object("POST", &["uploadId"], "CompleteMultipartUpload", &[need(&action::PUT_OBJECT)])
        .headers(KEYED)
        .creates(true),
    object("DELETE", &["uploadId"], "AbortMultipartUpload", &[need(&action::ABORT_MULTIPART_UPLOAD)]),
    object("GET", &["uploadId"], "ListParts", &[need(&action::LIST_MULTIPART_UPLOAD_PARTS)])
        .takes(&["max-parts", "part-number-marker", "encoding-type"])
        .headers(KEYED),
    object("GET", &["tagging"], "GetObjectTagging", &[need(&action::GET_OBJECT_TAGGING)]).takes(VERSION),
    object("PUT", &["tagging"], "PutObjectTagging", &[need(&action::PUT_OBJECT_TAGGING)])
        .takes(VERSION)
        .reads(BodyKind::Tagging),
    object("DELETE", &["tagging"], "DeleteObjectTagging", &[need(&action::DELETE_OBJECT_TAGGING)])
        .takes(VERSION),
    object("GET", &["acl"], "GetObjectAcl", &[need(&action::GET_OBJECT_ACL)]).takes(VERSION),
    object("PUT", &["acl"], "PutObjectAcl", &[need(&action::PUT_OBJECT_ACL)])
        .takes(VERSION)
        .headers(&[HeaderGroup::Acl]),
    object("GET", &["retention"], "GetObjectRetention", &[need(&action::GET_OBJECT_RETENTION)])
        .takes(VERSION),
    object(
        "PUT",
        &["retention"],
        "PutObjectRetention",
        &[need(&action::PUT_OBJECT_RETENTION), when(When::Bypass, &action::BYPASS_GOVERNANCE_RETENTION)],
    )
    .takes(VERSION)
    .headers(BYPASS)
    .reads(BodyKind::Retention),
    object("GET", &["legal-hold"], "GetObjectLegalHold", &[need(&action::GET_OBJECT_LEGAL_HOLD)])
        .takes(VERSION),
    object("PUT", &["legal-hold"], "PutObjectLegalHold", &[need(&action::PUT_OBJECT_LEGAL_HOLD)])
        .takes(VERSION)
        .reads(BodyKind::LegalHold),
    object("POST", &["restore"], "RestoreObject", &[need(&action::RESTORE_OBJECT)]).takes(VERSION),
    object(
        "PUT",
        &["encryption"],
        "UpdateObjectEncryption",
        &[need(&action::UPDATE_OBJECT_ENCRYPTION), need(&action::PUT_OBJECT)],
    )
    .takes(VERSION)
    .reads(BodyKind::Encryption),
    object(
        "PUT",
        &["annotation", "annotationName"],
        "PutObjectAnnotation",
        &[need(&action::PUT_OBJECT_ANNOTATION)],
    )
    .takes(VERSION)
    .headers(&[HeaderGroup::AnnotationMatch]),
    object(
        "GET",
        &["annotation", "annotationName"],
        "GetObjectAnnotation",
        &[need(&action::GET_OBJECT_ANNOTATION)],
    )
    .takes(VERSION),
    object(
        "DELETE",
        &["annotation", "annotationName"],
        "DeleteObjectAnnotation",
        &[need(&action::DELETE_OBJECT_ANNOTATION)],
    )
    .takes(VERSION)
    .headers(&[HeaderGroup::AnnotationMatch]),
    object("GET", &["annotation"], "ListObjectAnnotations", &[need(&action::LIST_OBJECT_ANNOTATIONS)])
        .takes(&["versionId", "max-annotation-results", "annotation-prefix", "continuation-token"]),
    sub(
        "POST",
        &["metadataConfiguration"],
        "CreateBucketMetadataConfiguration",
        &[need(&action::CREATE_BUCKET_METADATA_TABLE_CONFIGURATION)],
    ),
    sub(
        "POST",
        &["metadataTable"],
        "CreateBucketMetadataTableConfiguration",
        &[need(&action::CREATE_BUCKET_METADATA_TABLE_CONFIGURATION)],
    ),
    sub(
        "DELETE",
        &["analytics", "id"],
        "DeleteBucketAnalyticsConfiguration",
        &[need(&action::PUT_ANALYTICS_CONFIGURATION)],
    ),
    sub("DELETE", &["cors"], "DeleteBucketCors", &[need(&action::PUT_BUCKET_CORS)]),
    sub("DELETE", &["encryption"], "DeleteBucketEncryption", &[need(&action::PUT_ENCRYPTION_CONFIGURATION)]),
    sub(
        "DELETE",
        &["intelligent-tiering", "id"],
        "DeleteBucketIntelligentTieringConfiguration",
        &[need(&action::PUT_INTELLIGENT_TIERING_CONFIGURATION)],
    ),
    sub(
        "DELETE",
        &["inventory", "id"],
        "DeleteBucketInventoryConfiguration",
        &[need(&action::PUT_INVENTORY_CONFIGURATION)],
    ),
    sub("DELETE", &["lifecycle"], "DeleteBucketLifecycle", &[need(&action::PUT_LIFECYCLE_CONFIGURATION)]),
    sub(
        "DELETE",
        &["metadataConfiguration"],
        "DeleteBucketMetadataConfiguration",
        &[need(&action::DELETE_BUCKET_METADATA_TABLE_CONFIGURATION)],
    ),
    sub(
        "DELETE",
        &["metadataTable"],
        "DeleteBucketMetadataTableConfiguration",
        &[need(&action::DELETE_BUCKET_METADATA_TABLE_CONFIGURATION)],
    ),
    sub(
        "DELETE",
        &["metrics", "id"],
        "DeleteBucketMetricsConfiguration",
        &[need(&action::PUT_METRICS_CONFIGURATION)],
    ),
    sub(
        "DELETE",
        &["ownershipControls"],
        "DeleteBucketOwnershipControls",
        &[need(&action::PUT_BUCKET_OWNERSHIP_CONTROLS)],
    ),
    sub("DELETE", &["policy"], "DeleteBucketPolicy", &[need(&action::DELETE_BUCKET_POLICY)]),
    sub(
        "DELETE",
        &["replication"],
        "DeleteBucketReplication",
        &[need(&action::PUT_REPLICATION_CONFIGURATION)],
    ),
    sub("DELETE", &["tagging"], "DeleteBucketTagging", &[need(&action::PUT_BUCKET_TAGGING)]),
    sub("DELETE", &["website"], "DeleteBucketWebsite", &[need(&action::DELETE_BUCKET_WEBSITE)]),
    sub(
        "DELETE",
        &["publicAccessBlock"],
        "DeletePublicAccessBlock",
        &[need(&action::PUT_BUCKET_PUBLIC_ACCESS_BLOCK)],
    ),
    sub("GET", &["abac"], "GetBucketAbac", &[need(&action::GET_BUCKET_ABAC)]),
    sub(
        "GET",
        &["accelerate"],
        "GetBucketAccelerateConfiguration",
        &[need(&action::GET_ACCELERATE_CONFIGURATION)],
    ),
    sub("GET", &["acl"], "GetBucketAcl", &[need(&action::GET_BUCKET_ACL)]),
    sub(
        "GET",
        &["analytics", "id"],
        "GetBucketAnalyticsConfiguration",
        &[need(&action::GET_ANALYTICS_CONFIGURATION)],
    ),
    sub("GET", &["cors"], "GetBucketCors", &[need(&action::GET_BUCKET_CORS)]),
    sub("GET", &["encryption"], "GetBucketEncryption", &[need(&action::GET_ENCRYPTION_CONFIGURATION)]),
    sub(
        "GET",
        &["intelligent-tiering", "id"],
        "GetBucketIntelligentTieringConfiguration",
        &[need(&action::GET_INTELLIGENT_TIERING_CONFIGURATION)],
    ),
    sub(
        "GET",
        &["inventory", "id"],
        "GetBucketInventoryConfiguration",
        &[need(&action::GET_INVENTORY_CONFIGURATION)],
    ),
    sub(
        "GET",
        &["lifecycle"],
        "GetBucketLifecycleConfiguration",
        &[need(&action::GET_LIFECYCLE_CONFIGURATION)],
    ),
    sub("GET", &["location"], "GetBucketLocation", &[need(&action::GET_BUCKET_LOCATION)]),
    sub("GET", &["logging"], "GetBucketLogging", &[need(&action::GET_BUCKET_LOGGING)]),
    sub(
        "GET",
        &["metadataConfiguration"],
        "GetBucketMetadataConfiguration",
        &[need(&action::GET_BUCKET_METADATA_TABLE_CONFIGURATION)],
    ),
    sub(
        "GET",
        &["metadataTable"],
        "GetBucketMetadataTableConfiguration",
        &[need(&action::GET_BUCKET_METADATA_TABLE_CONFIGURATION)],
    ),
    sub(
        "GET",
        &["metrics", "id"],
        "GetBucketMetricsConfiguration",
        &[need(&action::GET_METRICS_CONFIGURATION)],
    ),
    sub(
        "GET",
        &["notification"],
        "GetBucketNotificationConfiguration",
        &[need(&action::GET_BUCKET_NOTIFICATION)],
    ),
    sub(
        "GET",
        &["ownershipControls"],
        "GetBucketOwnershipControls",
        &[need(&action::GET_BUCKET_OWNERSHIP_CONTROLS)],
    ),
    sub("GET", &["policy"], "GetBucketPolicy", &[need(&action::GET_BUCKET_POLICY)]),
    sub("GET", &["policyStatus"], "GetBucketPolicyStatus", &[need(&action::GET_BUCKET_POLICY_STATUS)]),
    sub("GET", &["replication"], "GetBucketReplication", &[need(&action::GET_REPLICATION_CONFIGURATION)]),
    sub("GET", &["requestPayment"], "GetBucketRequestPayment", &[need(&action::GET_BUCKET_REQUEST_PAYMENT)]),
    sub("GET", &["tagging"], "GetBucketTagging", &[need(&action::GET_BUCKET_TAGGING)]),
    sub("GET", &["versioning"], "GetBucketVersioning", &[need(&action::GET_BUCKET_VERSIONING)]),
    sub("GET", &["website"], "GetBucketWebsite", &[need(&action::GET_BUCKET_WEBSITE)]),
    sub(
        "GET",
        &["object-lock"],
        "GetObjectLockConfiguration",
        &[need(&action::GET_BUCKET_OBJECT_LOCK_CONFIGURATION)],
    ),
    sub(
        "GET",
        &["publicAccessBlock"],
        "GetPublicAccessBlock",
        &[need(&action::GET_BUCKET_PUBLIC_ACCESS_BLOCK)],
    ),
    sub(
        "GET",
        &["analytics"],
        "ListBucketAnalyticsConfigurations",
        &[need(&action::GET_ANALYTICS_CONFIGURATION)],
    )
    .takes(&["continuation-token"]),
    sub(
        "GET",
        &["intelligent-tiering"],
        "ListBucketIntelligentTieringConfigurations",
        &[need(&action::GET_INTELLIGENT_TIERING_CONFIGURATION)],
    )
    .takes(&["continuation-token"]),
    sub(
        "GET",
        &["inventory"],
        "ListBucketInventoryConfigurations",
        &[need(&action::GET_INVENTORY_CONFIGURATION)],
    )
    .takes(&["continuation-token"]),
    sub("GET", &["metrics"], "ListBucketMetricsConfigurations", &[need(&action::GET_METRICS_CONFIGURATION)])
        .takes(&["continuation-token"]),
    sub("PUT", &["abac"], "PutBucketAbac", &[need(&action::PUT_BUCKET_ABAC)]),
    sub(
        "PUT",
        &["accelerate"],
        "PutBucketAccelerateConfiguration",
        &[need(&action::PUT_ACCELERATE_CONFIGURATION)],
    ),
    sub("PUT", &["acl"], "PutBucketAcl", &[need(&action::PUT_BUCKET_ACL)]).headers(&[HeaderGroup::Acl]),
    sub(
        "PUT",
        &["analytics", "id"],
        "PutBucketAnalyticsConfiguration",
        &[need(&action::PUT_ANALYTICS_CONFIGURATION)],
    ),
    sub("PUT", &["cors"], "PutBucketCors", &[need(&action::PUT_BUCKET_CORS)]),
    sub("PUT", &["encryption"], "PutBucketEncryption", &[need(&action::PUT_ENCRYPTION_CONFIGURATION)]),
    sub(
        "PUT",
        &["intelligent-tiering", "id"],
        "PutBucketIntelligentTieringConfiguration",
        &[need(&action::PUT_INTELLIGENT_TIERING_CONFIGURATION)],
    ),
    sub(
        "PUT",
        &["inventory", "id"],
        "PutBucketInventoryConfiguration",
        &[need(&action::PUT_INVENTORY_CONFIGURATION)],
    )
    .reads(BodyKind::Inventory),
    sub(
        "PUT",
        &["lifecycle"],
        "PutBucketLifecycleConfiguration",
        &[need(&action::PUT_LIFECYCLE_CONFIGURATION)],
    ),
    sub("PUT", &["logging"], "PutBucketLogging", &[need(&action::PUT_BUCKET_LOGGING)]),
    sub(
        "PUT",
        &["metrics", "id"],
        "PutBucketMetricsConfiguration",
        &[need(&action::PUT_METRICS_CONFIGURATION)],
    ),
    sub(
        "PUT",
        &["notification"],
        "PutBucketNotificationConfiguration",
        &[need(&action::PUT_BUCKET_NOTIFICATION)],
    ),
    sub(
        "PUT",
        &["ownershipControls"],
        "PutBucketOwnershipControls",
        &[need(&action::PUT_BUCKET_OWNERSHIP_CONTROLS)],
    ),
    sub("PUT", &["policy"], "PutBucketPolicy", &[need(&action::PUT_BUCKET_POLICY)]),
    sub("PUT", &["replication"], "PutBucketReplication", &[need(&action::PUT_REPLICATION_CONFIGURATION)]),
    sub("PUT", &["requestPayment"], "PutBucketRequestPayment", &[need(&action::PUT_BUCKET_REQUEST_PAYMENT)]),
    sub("PUT", &["tagging"], "PutBucketTagging", &[need(&action::PUT_BUCKET_TAGGING)]),
    sub("PUT", &["versioning"], "PutBucketVersioning", &[need(&action::PUT_BUCKET_VERSIONING)]),
    sub("PUT", &["website"], "PutBucketWebsite", &[need(&action::PUT_BUCKET_WEBSITE)]),
    sub(
        "PUT",
        &["object-lock"],
        "PutObjectLockConfiguration",
        &[need(&action::PUT_BUCKET_OBJECT_LOCK_CONFIGURATION)],
    ),
    sub(
        "PUT",
        &["publicAccessBlock"],
        "PutPublicAccessBlock",
        &[need(&action::PUT_BUCKET_PUBLIC_ACCESS_BLOCK)],
    ),
    sub(
        "PUT",
        &["metadataAnnotationTable"],
        "UpdateBucketMetadataAnnotationTableConfiguration",
        &[need(&action::UPDATE_BUCKET_METADATA_ANNOTATION_TABLE_CONFIGURATION)],
    ),
    sub(
        "PUT",
        &["metadataInventoryTable"],
        "UpdateBucketMetadataInventoryTableConfiguration",
        &[need(&action::UPDATE_BUCKET_METADATA_INVENTORY_TABLE_CONFIGURATION)],
    ),
    sub(
        "PUT",
        &["metadataJournalTable"],
        "UpdateBucketMetadataJournalTableConfiguration",
        &[need(&action::UPDATE_BUCKET_METADATA_JOURNAL_TABLE_CONFIGURATION)],
    ),
    op("GET", Account, "GetAccountPublicAccessBlock", &[of_any(&action::GET_ACCOUNT_PUBLIC_ACCESS_BLOCK)]),
    op("PUT", Account, "PutAccountPublicAccessBlock", &[of_any(&action::PUT_ACCOUNT_PUBLIC_ACCESS_BLOCK)]),
    op(
        "DELETE",
        Account,
        "DeleteAccountPublicAccessBlock",
        &[of_any(&action::PUT_ACCOUNT_PUBLIC_ACCESS_BLOCK)],
    ),
];

/// The upload of a browser's form: its fields are given typed, since its body is not read.
pub(super) static POST_OBJECT: OperationInfo = op("POST", Bucket, "PostObject", NEW_OBJECT)
    .headers(NEW_OBJECT_HEADERS)
    .reads(BodyKind::Form)
    .creates(true);

/// Operations on other kinds of buckets, by the sub-resource that selects them.
pub(super) const OTHER_KINDS: [(&str, &str, &str); 2] =
    [("PUT", "renameObject", "RenameObject"), ("GET", "session", "CreateSession")];
